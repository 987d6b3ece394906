//! Writes OpenVINO models: version 11, 16-bit constants, as Open Model Zoo does.

use std::collections::HashMap;
use std::fmt::Write as _;

use half::f16;

use super::onnx::{Constant, Model, Node};

#[derive(Default)]
pub struct Ir {
    layers: String,
    edges: String,
    pub bin: Vec<u8>,
    count: usize,
}

fn ports(shape: &[usize], id: usize) -> String {
    let dims: String = shape
        .iter()
        .map(|side| format!("<dim>{side}</dim>"))
        .collect();
    format!("<port id=\"{id}\" precision=\"FP32\">{dims}</port>")
}

fn list(values: &[usize]) -> String {
    let values: Vec<String> = values.iter().map(ToString::to_string).collect();
    values.join(",")
}

impl Ir {
    pub fn op(&mut self, kind: &str, data: &str, inputs: &[usize], shape: &[usize]) -> usize {
        let name = format!("{kind}_{}", self.count);
        self.named(kind, &name, data, inputs, Some(shape))
    }

    pub fn named(
        &mut self,
        kind: &str,
        name: &str,
        data: &str,
        inputs: &[usize],
        shape: Option<&[usize]>,
    ) -> usize {
        let id = self.count;
        self.count += 1;
        write!(
            self.layers,
            "<layer id=\"{id}\" name=\"{name}\" type=\"{kind}\" version=\"opset1\"><data {data}/>"
        )
        .unwrap();
        let wires: String = (0..inputs.len()).map(|port| ports(&[], port)).collect();
        write!(self.layers, "<input>{wires}</input>").unwrap();
        if let Some(shape) = shape {
            let port = ports(shape, inputs.len());
            write!(self.layers, "<output>{port}</output>").unwrap();
        }
        self.layers.push_str("</layer>\n");
        for (port, source) in inputs.iter().enumerate() {
            writeln!(
                self.edges,
                "<edge from-layer=\"{source}\" from-port=\"9\" \
                 to-layer=\"{id}\" to-port=\"{port}\"/>"
            )
            .unwrap();
        }
        id
    }

    pub fn input(&mut self, shape: &[usize]) -> usize {
        self.named(
            "Parameter",
            "data",
            "element_type=\"f32\"",
            &[],
            Some(shape),
        )
    }

    fn constant(&mut self, kind: &str, shape: &[usize], raw: &[u8]) -> usize {
        let (offset, size) = (self.bin.len(), raw.len());
        self.bin.extend_from_slice(raw);
        let data = format!(
            "element_type=\"{kind}\" shape=\"{}\" offset=\"{offset}\" size=\"{size}\"",
            list(shape)
        );
        self.op("Const", &data, &[], shape)
    }

    /// A constant of 16 bits and the conversion after it.
    pub fn floats(&mut self, shape: &[usize], values: &[f32]) -> usize {
        let raw: Vec<u8> = values
            .iter()
            .flat_map(|value| f16::from_f32(*value).to_le_bytes())
            .collect();
        let id = self.constant("f16", shape, &raw);
        self.op("Convert", "destination_type=\"f32\"", &[id], shape)
    }

    pub fn integers(&mut self, values: &[i64]) -> usize {
        let raw: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        self.constant("i64", &[values.len()], &raw)
    }

    pub fn result(&mut self, source: usize) {
        self.named("Result", &format!("result_{source}"), "", &[source], None);
    }

    pub fn finish(&self) -> (Vec<u8>, Vec<u8>) {
        let xml = format!(
            "<?xml version=\"1.0\"?>\n<net name=\"made\" version=\"11\">\n<layers>\n{}</layers>\n\
             <edges>\n{}</edges>\n</net>\n",
            self.layers, self.edges
        );
        (xml.into_bytes(), self.bin.clone())
    }
}

fn numbers(node: &Node, key: &str) -> Vec<usize> {
    let values = node.attributes.get(key).cloned().unwrap_or_default();
    values.into_iter().map(|value| value as usize).collect()
}

fn window(node: &Node) -> String {
    let (pads, strides) = (numbers(node, "pads"), numbers(node, "strides"));
    format!(
        "strides=\"{}\" pads_begin=\"{}\" pads_end=\"{}\" auto_pad=\"explicit\"",
        list(&strides),
        list(&pads[..2]),
        list(&pads[2..])
    )
}

/// The OpenVINO model from which our ONNX file could have come.
pub fn from_onnx(model: &Model) -> (Vec<u8>, Vec<u8>) {
    let mut ir = Ir::default();
    let mut ids = HashMap::new();
    let mut shapes: HashMap<String, Vec<usize>> = HashMap::new();
    ids.insert(model.input.0.clone(), ir.input(&model.input.1));
    shapes.insert(model.input.0.clone(), model.input.1.clone());
    for node in &model.nodes {
        let x = shapes.get(&node.inputs[0]).cloned().unwrap_or_default();
        let constant = |place: usize| node.inputs.get(place).and_then(|n| model.constants.get(n));
        let name = if model.outputs.iter().any(|(name, _)| *name == node.output) {
            node.output.clone()
        } else {
            format!("l_{}", node.output)
        };
        let first = ids[&node.inputs[0]];
        let get = |key: &str| numbers(node, key);
        let slid = |kernel: &[usize], channels: usize| {
            let (pads, strides) = (get("pads"), get("strides"));
            let side = |s: usize| (x[2 + s] + pads[s] + pads[2 + s] - kernel[s]) / strides[s] + 1;
            vec![1, channels, side(0), side(1)]
        };
        let (id, shape) = match node.op.as_str() {
            "Conv" => {
                let (weights, groups) = (constant(1).unwrap(), get("group")[0]);
                let shape = slid(&weights.shape[2..], weights.shape[0]);
                let data = format!("{} dilations=\"{}\"", window(node), list(&get("dilations")));
                let mut sides = weights.shape.clone();
                if groups > 1 {
                    sides = [&[groups, sides[0] / groups], &sides[1..]].concat();
                }
                let kind = if groups > 1 {
                    "GroupConvolution"
                } else {
                    "Convolution"
                };
                let w = ir.floats(&sides, &weights.floats);
                let mut id = ir.named(kind, &name, &data, &[first, w], Some(&shape));
                if let Some(bias) = constant(2) {
                    let b = ir.floats(&[1, weights.shape[0], 1, 1], &bias.floats);
                    let name = format!("{name}_bias");
                    id = ir.named(
                        "Add",
                        &name,
                        "auto_broadcast=\"numpy\"",
                        &[id, b],
                        Some(&shape),
                    );
                }
                (id, shape)
            }
            "MaxPool" => {
                let kernel = get("kernel_shape");
                let rounding = if get("ceil_mode") == [1] {
                    "ceil"
                } else {
                    "floor"
                };
                let data = format!(
                    "{} kernel=\"{}\" rounding_type=\"{rounding}\"",
                    window(node),
                    list(&kernel)
                );
                let mut shape = slid(&kernel, x[1]);
                if rounding == "ceil" {
                    let strides = get("strides");
                    for side in 0..2 {
                        shape[2 + side] = (x[2 + side] - kernel[side]).div_ceil(strides[side]) + 1;
                    }
                }
                (
                    ir.named("MaxPool", &name, &data, &[first], Some(&shape)),
                    shape,
                )
            }
            "GlobalAveragePool" => {
                let data = format!("kernel=\"{}\"", list(&x[2..]));
                let shape = vec![1, x[1], 1, 1];
                (
                    ir.named("AvgPool", &name, &data, &[first], Some(&shape)),
                    shape,
                )
            }
            "PRelu" => {
                let slope = constant(1).unwrap();
                let s = ir.floats(&[slope.floats.len()], &slope.floats);
                (ir.named("PReLU", &name, "", &[first, s], Some(&x)), x)
            }
            "Relu" | "Sigmoid" => {
                let kind = node.op.replace("Relu", "ReLU");
                (ir.named(&kind, &name, "", &[first], Some(&x)), x)
            }
            "Add" | "Mul" | "Sub" => {
                let kind = node
                    .op
                    .replace("Mul", "Multiply")
                    .replace("Sub", "Subtract");
                let second = match constant(1) {
                    Some(Constant { shape, floats, .. }) => ir.floats(shape, floats),
                    None => ids[&node.inputs[1]],
                };
                (ir.named(&kind, &name, "", &[first, second], Some(&x)), x)
            }
            "Reshape" => {
                let target = ir.integers(&constant(1).unwrap().integers);
                let all = vec![1, x.iter().product()];
                (
                    ir.named("Reshape", &name, "", &[first, target], Some(&all)),
                    all,
                )
            }
            "MatMul" => {
                let matrix = constant(1).unwrap();
                let (rows, columns) = (matrix.shape[0], matrix.shape[1]);
                let turned: Vec<f32> = (0..columns)
                    .flat_map(|c| (0..rows).map(move |r| (r, c)))
                    .map(|(r, c)| matrix.floats[r * columns + c])
                    .collect();
                let m = ir.floats(&[columns, rows], &turned);
                let data = "transpose_a=\"false\" transpose_b=\"true\"";
                let shape = vec![1, columns];
                (
                    ir.named("MatMul", &name, data, &[first, m], Some(&shape)),
                    shape,
                )
            }
            other => panic!("no layer for {other}"),
        };
        ids.insert(node.output.clone(), id);
        shapes.insert(node.output.clone(), shape);
    }
    for (name, _) in &model.outputs {
        ir.result(ids[name]);
    }
    ir.finish()
}
