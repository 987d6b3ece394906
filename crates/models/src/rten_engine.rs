//! The engine in use: `rten`, pure Rust, nothing to install.

use std::sync::{Arc, Mutex, PoisonError};

use rten::{Model, NodeId, RunOptions, ThreadPool};
use rten_tensor::prelude::*;

use crate::engine::{Engine, EngineError, Session, Tensor};

/// Idle single-thread pools kept for later runs.
const MAX_IDLE_LANES: usize = 8;

/// Loads and runs ONNX files with `rten`.
#[derive(Default)]
pub struct RtenEngine {
    lanes: Arc<Lanes>,
}

/// Single-thread pools, one per run in flight. A pool shared by two runs would make one wait for
/// the other, and the library's own pool would take every core of the machine for one picture.
#[derive(Default)]
struct Lanes {
    idle: Mutex<Vec<Arc<ThreadPool>>>,
}

impl Lanes {
    fn take(&self) -> Arc<ThreadPool> {
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        idle.unwrap_or_else(|| Arc::new(ThreadPool::with_num_threads(1)))
    }

    fn give_back(&self, lane: Arc<ThreadPool>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MAX_IDLE_LANES {
            idle.push(lane);
        }
    }
}

struct RtenSession {
    model: Model,
    lanes: Arc<Lanes>,
}

impl Engine for RtenEngine {
    fn name(&self) -> &'static str {
        "rten"
    }

    fn load(&self, onnx: Vec<u8>) -> Result<Box<dyn Session>, EngineError> {
        let model = Model::load(onnx).map_err(|error| EngineError::Load(error.to_string()))?;
        Ok(Box::new(RtenSession {
            model,
            lanes: Arc::clone(&self.lanes),
        }))
    }
}

impl RtenSession {
    fn node(&self, name: &str) -> Result<NodeId, EngineError> {
        self.model
            .find_node(name)
            .ok_or_else(|| EngineError::NoSuchNode(name.to_owned()))
    }
}

impl Session for RtenSession {
    fn run(
        &self,
        inputs: &[(&str, &Tensor)],
        outputs: &[&str],
    ) -> Result<Vec<Tensor>, EngineError> {
        let output_ids = outputs
            .iter()
            .map(|name| self.node(name))
            .collect::<Result<Vec<_>, _>>()?;
        let mut values = Vec::with_capacity(inputs.len());
        for (name, tensor) in inputs {
            let view = rten_tensor::TensorView::from_data(tensor.shape(), tensor.data());
            values.push((self.node(name)?, view.into()));
        }
        let lane = self.lanes.take();
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&lane)));
        let ran = self.model.run(values, &output_ids, Some(options));
        self.lanes.give_back(lane);
        let ran = ran.map_err(|error| EngineError::Run(error.to_string()))?;
        ran.into_iter()
            .zip(outputs)
            .map(|(value, name)| {
                let tensor: rten_tensor::Tensor<f32> = value
                    .try_into()
                    .map_err(|_| EngineError::OutputType((*name).to_owned()))?;
                Tensor::new(tensor.shape(), tensor.to_vec())
            })
            .collect()
    }

    fn outputs(&self) -> Vec<String> {
        let ids = self.model.output_ids().iter();
        ids.filter_map(|id| Some(self.model.node_info(*id)?.name()?.to_owned()))
            .collect()
    }
}
