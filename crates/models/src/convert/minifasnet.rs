//! The network of the two liveness models, built around the weights of a checkpoint.
//!
//! Architecture: `src/model_lib/MiniFASNet.py` of minivision-ai/Silent-Face-Anti-Spoofing. Batch
//! normalisation goes into the convolution before it, the last three layers into one, and a softmax
//! is put at the end.

use std::collections::HashMap;

use super::ConvertError;
use super::checkpoint::Weights;
use super::onnx::{Constant, Data, Graph, Node};

/// Side of the input, in pixels.
const SIDE: usize = 80;
/// Added to a variance (PyTorch's default).
const EPSILON: f64 = 1e-5;
/// Channels of the last convolution.
const FEATURES: usize = 512;
/// Classes: an attack, a real face, another attack.
const CLASSES: usize = 3;

type Tensors = HashMap<String, Weights>;

/// The graph.
///
/// # Errors
/// [`ConvertError::Missing`] for a part that is absent or has another shape.
pub(super) fn graph(tensors: &Tensors, input: &str, output: &str) -> Result<Graph, ConvertError> {
    let mut net = Net {
        tensors,
        graph: Graph::default(),
        count: 0,
    };
    let mut x = net.block(input, "conv1", 2, 1, false)?;
    x = net.block(&x, "conv2_dw", 1, 1, true)?;
    x = net.depth_wise(&x, "conv_23", 2, false)?;
    for (residual, count, down) in [
        ("conv_3", 4, Some("conv_34")),
        ("conv_4", 6, Some("conv_45")),
        ("conv_5", 2, None),
    ] {
        for number in 0..count {
            x = net.depth_wise(&x, &format!("{residual}.model.{number}"), 1, true)?;
        }
        if let Some(down) = down {
            x = net.depth_wise(&x, down, 2, false)?;
        }
    }
    x = net.block(&x, "conv_6_sep", 1, 0, false)?;
    x = net.convolution(&x, "conv_6_dw.conv", "conv_6_dw.bn", 1, 0, true)?;
    net.head(&x, output)?;
    let side = vec![1, 3, SIDE, SIDE];
    net.graph.inputs.push((input.to_owned(), side));
    net.graph
        .outputs
        .push((output.to_owned(), vec![1, CLASSES]));
    Ok(net.graph)
}

struct Net<'a> {
    tensors: &'a Tensors,
    graph: Graph,
    count: usize,
}

impl Net<'_> {
    fn get(&self, name: &str) -> Result<&Weights, ConvertError> {
        let found = self.tensors.get(name);
        found.ok_or_else(|| ConvertError::Missing(name.to_owned()))
    }

    /// A vector of that length.
    fn vector(&self, name: &str, length: usize) -> Result<&[f32], ConvertError> {
        let values = &self.get(name)?.values;
        if values.len() == length {
            return Ok(values);
        }
        Err(ConvertError::Missing(format!(
            "{name} of {length} elements"
        )))
    }

    fn push(&mut self, make: impl FnOnce(&str) -> Node) -> String {
        self.count = self.count.saturating_add(1);
        let name = format!("t{}", self.count);
        self.graph.nodes.push(make(&name));
        name
    }

    fn constant(&mut self, shape: &[usize], values: Vec<f32>) -> String {
        let name = format!("w{}", self.graph.constants.len());
        self.graph.constants.push(Constant {
            name: name.clone(),
            shape: shape.to_vec(),
            data: Data::Floats(values),
        });
        name
    }

    /// Factor and summand of a batch normalisation, per channel.
    fn normalisation(&self, name: &str, channels: usize) -> Result<Vec<(f64, f64)>, ConvertError> {
        let part = |part: &str| self.vector(&format!("{name}.{part}"), channels);
        let (weight, bias) = (part("weight")?, part("bias")?);
        let (mean, variance) = (part("running_mean")?, part("running_var")?);
        let channels = weight.iter().zip(bias).zip(mean.iter().zip(variance));
        let fold = |((weight, bias), (mean, variance)): ((&f32, &f32), (&f32, &f32))| {
            let factor = f64::from(*weight) / (f64::from(*variance) + EPSILON).sqrt();
            (factor, f64::from(*bias) - f64::from(*mean) * factor)
        };
        Ok(channels.map(fold).collect())
    }

    fn convolution(
        &mut self,
        x: &str,
        convolution: &str,
        norm: &str,
        stride: usize,
        pad: usize,
        depth_wise: bool,
    ) -> Result<String, ConvertError> {
        let name = format!("{convolution}.weight");
        let weights = self.get(&name)?;
        let [channels, _, height, width] = *weights.shape.as_slice() else {
            return Err(ConvertError::Missing(format!("{name} with four sides")));
        };
        let norm = self.normalisation(norm, channels)?;
        let per_channel = weights
            .values
            .len()
            .checked_div(channels)
            .unwrap_or(0)
            .max(1);
        let scaled = weights.values.chunks(per_channel).zip(&norm);
        let scaled = scaled.flat_map(|(values, (factor, _))| {
            values
                .iter()
                .map(move |value| narrow(f64::from(*value) * factor))
        });
        let (scaled, shape) = (scaled.collect(), weights.shape.clone());
        let bias = norm.iter().map(|(_, summand)| narrow(*summand)).collect();
        let weights = self.constant(&shape, scaled);
        let bias = self.constant(&[channels], bias);
        let groups = if depth_wise { channels } else { 1 };
        Ok(self.push(|name| {
            Node::new("Conv", &[x, &weights, &bias], name)
                .int("group", groups)
                .ints("kernel_shape", vec![height, width])
                .ints("pads", vec![pad; 4])
                .ints("strides", vec![stride; 2])
        }))
    }

    /// Convolution, normalisation and PReLU.
    fn block(
        &mut self,
        x: &str,
        name: &str,
        stride: usize,
        pad: usize,
        depth_wise: bool,
    ) -> Result<String, ConvertError> {
        let (conv, norm) = (format!("{name}.conv"), format!("{name}.bn"));
        let x = self.convolution(x, &conv, &norm, stride, pad, depth_wise)?;
        let slope = self.get(&format!("{name}.prelu.weight"))?.values.clone();
        let slope = self.constant(&[slope.len(), 1, 1], slope);
        Ok(self.push(|name| Node::new("PRelu", &[&x, &slope], name)))
    }

    fn depth_wise(
        &mut self,
        x: &str,
        name: &str,
        stride: usize,
        residual: bool,
    ) -> Result<String, ConvertError> {
        let mut y = self.block(x, &format!("{name}.conv"), 1, 0, false)?;
        y = self.block(&y, &format!("{name}.conv_dw"), stride, 1, true)?;
        let project = format!("{name}.project");
        let (conv, norm) = (format!("{project}.conv"), format!("{project}.bn"));
        y = self.convolution(&y, &conv, &norm, 1, 0, false)?;
        if !residual {
            return Ok(y);
        }
        let squeeze = format!("{name}.se_module");
        if self.tensors.contains_key(&format!("{squeeze}.fc1.weight")) {
            y = self.squeeze(&y, &squeeze)?;
        }
        Ok(self.push(|name| Node::new("Add", &[x, &y], name)))
    }

    /// Each channel times a weight that comes from the averages of all.
    fn squeeze(&mut self, x: &str, name: &str) -> Result<String, ConvertError> {
        let part = |part: &str| format!("{name}.{part}");
        let mut y = self.push(|name| Node::new("GlobalAveragePool", &[x], name));
        y = self.convolution(&y, &part("fc1"), &part("bn1"), 1, 0, false)?;
        y = self.push(|name| Node::new("Relu", &[&y], name));
        y = self.convolution(&y, &part("fc2"), &part("bn2"), 1, 0, false)?;
        y = self.push(|name| Node::new("Sigmoid", &[&y], name));
        Ok(self.push(|name| Node::new("Mul", &[x, &y], name)))
    }

    /// Linear, normalisation and linear as one, then softmax.
    fn head(&mut self, x: &str, output: &str) -> Result<(), ConvertError> {
        let embedding = match *self.get("linear.weight")?.shape.as_slice() {
            [embedding, FEATURES] if embedding > 0 => embedding,
            _ => return Err(ConvertError::Missing("linear.weight".to_owned())),
        };
        let linear = &self.get("linear.weight")?.values;
        let norm = self.normalisation("bn", embedding)?;
        let prob = self.vector("prob.weight", CLASSES.saturating_mul(embedding))?;
        let mut weights = Vec::new();
        let mut bias = Vec::new();
        for class in prob.chunks_exact(embedding) {
            let mut row = vec![0.0_f64; FEATURES];
            let mut sum = 0.0_f64;
            let parts = class.iter().zip(&norm).zip(linear.chunks_exact(FEATURES));
            for ((weight, (factor, summand)), values) in parts {
                let weight = f64::from(*weight);
                for (all, value) in row.iter_mut().zip(values) {
                    *all += weight * factor * f64::from(*value);
                }
                sum += weight * summand;
            }
            weights.extend(row.into_iter().map(narrow));
            bias.push(narrow(sum));
        }
        let weights = self.constant(&[CLASSES, FEATURES], weights);
        let bias = self.constant(&[CLASSES], bias);
        let flat = self.push(|name| Node::new("Flatten", &[x], name).int("axis", 1));
        let logits =
            self.push(|name| Node::new("Gemm", &[&flat, &weights, &bias], name).int("transB", 1));
        let softmax = Node::new("Softmax", &[&logits], output).int("axis", 1);
        self.graph.nodes.push(softmax);
        Ok(())
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the network runs on 32 bits"
)]
fn narrow(value: f64) -> f32 {
    value as f32
}
