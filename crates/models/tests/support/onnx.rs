//! As much of an ONNX file as the round trips need.

use std::collections::HashMap;

#[derive(Default)]
pub struct Model {
    pub nodes: Vec<Node>,
    pub constants: HashMap<String, Constant>,
    pub input: (String, Vec<usize>),
    pub outputs: Vec<(String, Vec<usize>)>,
}

#[derive(Default)]
pub struct Node {
    pub op: String,
    pub inputs: Vec<String>,
    pub output: String,
    pub attributes: HashMap<String, Vec<i64>>,
}

#[derive(Default, Clone)]
pub struct Constant {
    pub shape: Vec<usize>,
    pub floats: Vec<f32>,
    pub integers: Vec<i64>,
}

pub enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    loop {
        let byte = bytes[0];
        *bytes = &bytes[1..];
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 {
            return value;
        }
    }
}

fn fields(mut bytes: &[u8]) -> Vec<(u64, Field<'_>)> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let field = match key & 7 {
            0 => Field::Number(varint(&mut bytes)),
            2 => {
                let length = varint(&mut bytes) as usize;
                let (field, rest) = bytes.split_at(length);
                bytes = rest;
                Field::Bytes(field)
            }
            other => panic!("wire type {other}"),
        };
        fields.push((key >> 3, field));
    }
    fields
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub fn read(bytes: &[u8]) -> Model {
    let mut model = Model::default();
    let graph = fields(bytes).into_iter().find_map(|field| match field {
        (7, Field::Bytes(graph)) => Some(graph),
        _ => None,
    });
    for (key, field) in fields(graph.unwrap()) {
        let Field::Bytes(bytes) = field else { continue };
        match key {
            1 => model.nodes.push(node(bytes)),
            5 => {
                let (name, constant) = constant(bytes);
                model.constants.insert(name, constant);
            }
            11 => model.input = value(bytes),
            12 => model.outputs.push(value(bytes)),
            _ => {}
        }
    }
    model
}

fn node(bytes: &[u8]) -> Node {
    let mut node = Node::default();
    for (key, field) in fields(bytes) {
        let Field::Bytes(bytes) = field else { continue };
        match key {
            1 => node.inputs.push(text(bytes)),
            2 => node.output = text(bytes),
            4 => node.op = text(bytes),
            5 => {
                let (mut name, mut values) = (String::new(), Vec::new());
                for (key, field) in fields(bytes) {
                    match (key, field) {
                        (1, Field::Bytes(bytes)) => name = text(bytes),
                        (3 | 8, Field::Number(value)) => values.push(value as i64),
                        _ => {}
                    }
                }
                node.attributes.insert(name, values);
            }
            _ => {}
        }
    }
    node
}

fn constant(bytes: &[u8]) -> (String, Constant) {
    let (mut name, mut constant, mut kind, mut raw) =
        (String::new(), Constant::default(), 0, vec![]);
    for (key, field) in fields(bytes) {
        match (key, field) {
            (1, Field::Number(side)) => constant.shape.push(side as usize),
            (2, Field::Number(number)) => kind = number,
            (8, Field::Bytes(bytes)) => name = text(bytes),
            (9, Field::Bytes(bytes)) => raw = bytes.to_vec(),
            _ => {}
        }
    }
    if kind == 1 {
        let four = raw.chunks_exact(4).map(|four| four.try_into().unwrap());
        constant.floats = four.map(f32::from_le_bytes).collect();
    } else {
        let eight = raw.chunks_exact(8).map(|eight| eight.try_into().unwrap());
        constant.integers = eight.map(i64::from_le_bytes).collect();
    }
    (name, constant)
}

fn value(bytes: &[u8]) -> (String, Vec<usize>) {
    let (mut name, mut shape) = (String::new(), Vec::new());
    for (key, field) in fields(bytes) {
        match (key, field) {
            (1, Field::Bytes(bytes)) => name = text(bytes),
            (2, Field::Bytes(kind)) => {
                let inner = |bytes, wanted| {
                    fields(bytes)
                        .into_iter()
                        .filter_map(move |field| match field {
                            (key, Field::Bytes(bytes)) if key == wanted => Some(bytes),
                            _ => None,
                        })
                };
                for side in inner(kind, 1)
                    .flat_map(|t| inner(t, 2))
                    .flat_map(|s| inner(s, 1))
                {
                    if let Some((1, Field::Number(side))) = fields(side).into_iter().next() {
                        shape.push(side as usize);
                    }
                }
            }
            _ => {}
        }
    }
    (name, shape)
}
