//! Writes an ONNX file: the few messages of its protobuf schema that a plain graph needs.

/// Version of the file format that goes with opset 13.
const IR_VERSION: u64 = 8;
/// Version of the operators.
const OPSET: u64 = 13;
/// Who wrote the file.
const PRODUCER: &str = "regain";

/// Element and attribute types as ONNX numbers them.
const FLOAT: u64 = 1;
const INT64: u64 = 7;
const ATTRIBUTE_INT: u64 = 2;
const ATTRIBUTE_INTS: u64 = 7;

/// A graph to write.
#[derive(Debug, Default)]
pub(super) struct Graph {
    /// Names and shapes of what goes in.
    pub(super) inputs: Vec<(String, Vec<usize>)>,
    /// Names and shapes of what comes out.
    pub(super) outputs: Vec<(String, Vec<usize>)>,
    /// The operators, each after those it depends on.
    pub(super) nodes: Vec<Node>,
    /// The constants.
    pub(super) constants: Vec<Constant>,
}

/// An operator with one output.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) op: &'static str,
    pub(super) inputs: Vec<String>,
    pub(super) output: String,
    pub(super) attributes: Vec<(&'static str, Attribute)>,
}

/// The value of an attribute.
#[derive(Debug, Clone)]
pub(super) enum Attribute {
    Int(usize),
    Ints(Vec<usize>),
}

/// A named tensor.
#[derive(Debug)]
pub(super) struct Constant {
    pub(super) name: String,
    pub(super) shape: Vec<usize>,
    pub(super) data: Data,
}

/// Elements of a constant.
#[derive(Debug, Clone)]
pub(super) enum Data {
    Floats(Vec<f32>),
    Integers(Vec<i64>),
}

impl Node {
    pub(super) fn new(op: &'static str, inputs: &[&str], output: &str) -> Self {
        Self {
            op,
            inputs: inputs.iter().map(|name| (*name).to_owned()).collect(),
            output: output.to_owned(),
            attributes: Vec::new(),
        }
    }

    pub(super) fn int(mut self, name: &'static str, value: usize) -> Self {
        self.attributes.push((name, Attribute::Int(value)));
        self
    }

    pub(super) fn ints(mut self, name: &'static str, values: Vec<usize>) -> Self {
        self.attributes.push((name, Attribute::Ints(values)));
        self
    }
}

/// The bytes of the file. The same graph gives the same bytes.
pub(super) fn encode(graph: &Graph) -> Vec<u8> {
    let mut opset = Message::default();
    opset.text(1, "");
    opset.number(2, OPSET);
    let mut model = Message::default();
    model.number(1, IR_VERSION);
    model.text(2, PRODUCER);
    model.message(7, &encode_graph(graph));
    model.message(8, &opset);
    model.0
}

fn encode_graph(graph: &Graph) -> Message {
    let mut message = Message::default();
    for node in &graph.nodes {
        message.message(1, &encode_node(node));
    }
    message.text(2, "model");
    for constant in &graph.constants {
        message.message(5, &encode_constant(constant));
    }
    for (name, shape) in &graph.inputs {
        message.message(11, &encode_value(name, shape));
    }
    for (name, shape) in &graph.outputs {
        message.message(12, &encode_value(name, shape));
    }
    message
}

fn encode_node(node: &Node) -> Message {
    let mut message = Message::default();
    for name in &node.inputs {
        message.text(1, name);
    }
    message.text(2, &node.output);
    message.text(4, node.op);
    for (name, value) in &node.attributes {
        let mut attribute = Message::default();
        attribute.text(1, name);
        match value {
            Attribute::Int(value) => {
                attribute.number(3, wide(*value));
                attribute.number(20, ATTRIBUTE_INT);
            }
            Attribute::Ints(values) => {
                for value in values {
                    attribute.number(8, wide(*value));
                }
                attribute.number(20, ATTRIBUTE_INTS);
            }
        }
        message.message(5, &attribute);
    }
    message
}

fn encode_constant(constant: &Constant) -> Message {
    let mut message = Message::default();
    for side in &constant.shape {
        message.number(1, wide(*side));
    }
    let (kind, raw): (u64, Vec<u8>) = match &constant.data {
        Data::Floats(values) => (FLOAT, values.iter().flat_map(|v| v.to_le_bytes()).collect()),
        Data::Integers(values) => (INT64, values.iter().flat_map(|v| v.to_le_bytes()).collect()),
    };
    message.number(2, kind);
    message.text(8, &constant.name);
    message.bytes(9, &raw);
    message
}

fn encode_value(name: &str, shape: &[usize]) -> Message {
    let mut sides = Message::default();
    for side in shape {
        let mut dimension = Message::default();
        dimension.number(1, wide(*side));
        sides.message(1, &dimension);
    }
    let mut tensor = Message::default();
    tensor.number(1, FLOAT);
    tensor.message(2, &sides);
    let mut kind = Message::default();
    kind.message(1, &tensor);
    let mut message = Message::default();
    message.text(1, name);
    message.message(2, &kind);
    message
}

fn wide(value: usize) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

/// A protobuf message in the making.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        loop {
            let low = u8::try_from(value & 0x7f).unwrap_or(0);
            value >>= 7;
            if value == 0 {
                self.0.push(low);
                return;
            }
            self.0.push(low | 0x80);
        }
    }

    fn number(&mut self, field: u64, value: u64) {
        self.varint(field << 3);
        self.varint(value);
    }

    fn bytes(&mut self, field: u64, value: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(wide(value.len()));
        self.0.extend_from_slice(value);
    }

    fn text(&mut self, field: u64, value: &str) {
        self.bytes(field, value.as_bytes());
    }

    fn message(&mut self, field: u64, value: &Self) {
        self.bytes(field, &value.0);
    }
}
