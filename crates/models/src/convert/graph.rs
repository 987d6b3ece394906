//! An OpenVINO model as an ONNX graph, operation by operation.

use std::collections::HashMap;

use super::ir::{self, Tensor};
use super::onnx::{Constant, Data, Graph, Node};
use super::xml::{self, Layer, broken};
use super::{ConvertError, MAX_TENSORS};

/// Longest `.bin` accepted; the largest in use has 4 MB.
const MAX_BIN: usize = 64 * 1024 * 1024;

/// Reads both files and maps every layer. `input` names the input of the result, `output` its
/// output where there is only one; several keep the names of their layers.
///
/// # Errors
/// As [`super::convert`].
pub(super) fn from_ir(
    xml: &[u8],
    bin: &[u8],
    input: &str,
    output: Option<&str>,
) -> Result<Graph, ConvertError> {
    if bin.len() > MAX_BIN {
        return Err(ConvertError::TooLarge("the .bin file"));
    }
    let layers = xml::layers(xml)?;
    let results: Vec<&Layer> = layers.iter().filter(|one| one.kind == "Result").collect();
    let mut builder = Builder::new(&layers, bin, input);
    if results.is_empty() {
        return Err(ConvertError::Missing("a result".to_owned()));
    }
    for result in &results {
        builder.name_output(result, output.filter(|_| results.len() == 1))?;
    }
    for layer in &layers {
        builder.layer(layer)?;
    }
    if builder.graph.inputs.len() != 1 {
        return Err(ConvertError::Unknown(
            "a model without one input".to_owned(),
        ));
    }
    builder.outputs(&results)?;
    Ok(builder.graph)
}

struct Builder<'a> {
    bin: &'a [u8],
    input: &'a str,
    layers: HashMap<&'a str, &'a Layer>,
    /// How many layers each layer feeds.
    uses: HashMap<&'a str, usize>,
    constants: HashMap<&'a str, Tensor>,
    /// Elements of all constants so far.
    elements: usize,
    /// Names that results ask for, by the id of the layer that feeds them.
    wanted: HashMap<&'a str, String>,
    /// The name of each layer's output in the graph.
    names: HashMap<&'a str, String>,
    /// Where each convolution without a bias stands among the nodes, with its output channels.
    open_convolutions: HashMap<&'a str, (usize, usize)>,
    graph: Graph,
}

impl<'a> Builder<'a> {
    fn new(layers: &'a [Layer], bin: &'a [u8], input: &'a str) -> Self {
        let mut uses = HashMap::new();
        for source in layers.iter().flat_map(|layer| &layer.inputs) {
            let count: &mut usize = uses.entry(source.as_str()).or_default();
            *count = count.saturating_add(1);
        }
        Self {
            bin,
            input,
            layers: layers.iter().map(|one| (one.id.as_str(), one)).collect(),
            uses,
            constants: HashMap::new(),
            elements: 0,
            wanted: HashMap::new(),
            names: HashMap::new(),
            open_convolutions: HashMap::new(),
            graph: Graph::default(),
        }
    }

    fn name_output(&mut self, result: &'a Layer, name: Option<&str>) -> Result<(), ConvertError> {
        let [source] = result.inputs.as_slice() else {
            return Err(broken("a result needs one input".to_owned()));
        };
        let layer = self.layers.get(source.as_str());
        let layer = layer.ok_or_else(|| broken(format!("no layer {source}")))?;
        let name = name.unwrap_or(&layer.name).to_owned();
        self.wanted.insert(source, name);
        Ok(())
    }

    fn outputs(&mut self, results: &[&'a Layer]) -> Result<(), ConvertError> {
        for source in results.iter().filter_map(|result| result.inputs.first()) {
            let name = self.name(source)?.to_owned();
            let layer = self.layers.get(source.as_str());
            let shape = layer.map(|layer| layer.shape.clone()).unwrap_or_default();
            self.graph.outputs.push((name, shape));
        }
        Ok(())
    }

    fn name(&self, id: &str) -> Result<&str, ConvertError> {
        let name = self.names.get(id).map(String::as_str);
        name.ok_or_else(|| broken(format!("layer {id} is used before it is made")))
    }

    fn layer(&mut self, layer: &'a Layer) -> Result<(), ConvertError> {
        match layer.kind.as_str() {
            "Parameter" => {
                self.names.insert(&layer.id, self.input.to_owned());
                let input = (self.input.to_owned(), layer.shape.clone());
                self.graph.inputs.push(input);
                return Ok(());
            }
            "Const" => {
                let tensor = ir::constant(layer, self.bin)?;
                let count = super::elements(&tensor.shape)?;
                self.elements = self.elements.saturating_add(count);
                if self.elements > MAX_TENSORS {
                    return Err(ConvertError::TooLarge("the sum of the constants"));
                }
                self.constants.insert(&layer.id, tensor);
                return Ok(());
            }
            // Constants of 16 bits are widened where they are read.
            "Convert" => {
                let tensor = self.constant(layer, 0)?.clone();
                self.constants.insert(&layer.id, tensor);
                return Ok(());
            }
            "Result" => return Ok(()),
            _ => {}
        }
        let wanted = self.wanted.get(layer.id.as_str()).cloned();
        let output = wanted.unwrap_or_else(|| format!("t{}", layer.id));
        if let Some(node) = self.node(layer, &output)? {
            self.graph.nodes.push(node);
        }
        self.names.insert(&layer.id, output);
        Ok(())
    }

    /// The node of a layer; none where it went into the node before it.
    fn node(&mut self, layer: &'a Layer, output: &str) -> Result<Option<Node>, ConvertError> {
        let one = |op| Ok(Some(op));
        match layer.kind.as_str() {
            "Convolution" | "GroupConvolution" => one(self.convolution(layer, output)?),
            "Add" if self.takes_bias(layer, output)? => Ok(None),
            "Add" => one(self.pair("Add", layer, output)?),
            "Multiply" => one(self.pair("Mul", layer, output)?),
            "Subtract" => one(self.pair("Sub", layer, output)?),
            "PReLU" => one(self.prelu(layer, output)?),
            "ReLU" => one(Node::new("Relu", &[&self.operand(layer, 0)?], output)),
            "Sigmoid" => one(Node::new("Sigmoid", &[&self.operand(layer, 0)?], output)),
            "AvgPool" => one(self.average(layer, output)?),
            "MaxPool" => one(self.maximum(layer, output)?),
            "MatMul" => one(self.product(layer, output)?),
            "Reshape" => one(self.reshape(layer, output)?),
            other => Err(ConvertError::Unknown(format!("operation {other:?}"))),
        }
    }

    fn source(&self, layer: &'a Layer, port: usize) -> Result<&'a str, ConvertError> {
        let source = layer.inputs.get(port).map(String::as_str);
        source.ok_or_else(|| broken(format!("layer {} has too few inputs", layer.name)))
    }

    fn constant(&self, layer: &'a Layer, port: usize) -> Result<&Tensor, ConvertError> {
        let tensor = self.constants.get(self.source(layer, port)?);
        tensor.ok_or_else(|| {
            let (kind, name) = (&layer.kind, &layer.name);
            ConvertError::Unknown(format!("{kind} {name} without a constant"))
        })
    }

    /// The name of what comes in at a port; a constant is written on its first use.
    fn operand(&mut self, layer: &'a Layer, port: usize) -> Result<String, ConvertError> {
        let source = self.source(layer, port)?;
        if self.names.contains_key(source) {
            return Ok(self.name(source)?.to_owned());
        }
        let Some(tensor) = self.constants.get(source).cloned() else {
            return Err(broken(format!("layer {source} is used before it is made")));
        };
        let name = format!("c{source}");
        self.names.insert(source, name.clone());
        self.add(name, tensor)
    }

    fn add(&mut self, name: String, tensor: Tensor) -> Result<String, ConvertError> {
        let count = super::elements(&tensor.shape)?;
        self.elements = self.elements.saturating_add(count);
        if self.elements > MAX_TENSORS.saturating_mul(2) {
            return Err(ConvertError::TooLarge("the sum of the constants"));
        }
        self.graph.constants.push(Constant {
            name: name.clone(),
            shape: tensor.shape,
            data: tensor.data,
        });
        Ok(name)
    }

    /// A constant that goes in with another shape than the file's, under a name of its own.
    fn adapted(&mut self, layer: &'a Layer, tensor: Tensor) -> Result<String, ConvertError> {
        self.add(format!("w{}", layer.id), tensor)
    }

    fn pair(
        &mut self,
        op: &'static str,
        layer: &'a Layer,
        output: &str,
    ) -> Result<Node, ConvertError> {
        let (left, right) = (self.operand(layer, 0)?, self.operand(layer, 1)?);
        Ok(Node::new(op, &[&left, &right], output))
    }
}

mod operations;
