//! The `.xml` of an OpenVINO model: layers, their attributes, and who feeds whom.

use std::collections::HashMap;

use roxmltree::{Document, Node, ParsingOptions};

use super::ConvertError;

/// Longest file accepted; the largest in use has 240 kB.
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// Most XML nodes; the parser stops there.
const MAX_NODES: u32 = 400_000;
/// Most layers; the largest model in use has about 500.
const MAX_LAYERS: usize = 8192;
/// Most sides of a tensor.
const MAX_SIDES: usize = 8;

/// One operation of the network.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: String,
    /// Attributes of its `data` element.
    data: HashMap<String, String>,
    /// Ids of the layers that feed it, in the order of its ports.
    pub(super) inputs: Vec<String>,
    /// Shape of its output; empty for a scalar or where it has none.
    pub(super) shape: Vec<usize>,
}

impl Layer {
    /// The attribute, or an empty text.
    pub(super) fn text(&self, key: &str) -> &str {
        self.data.get(key).map_or("", String::as_str)
    }

    /// A list of numbers such as `1,1`; empty where it is not given.
    pub(super) fn numbers(&self, key: &str) -> Result<Vec<usize>, ConvertError> {
        let text = self.text(key);
        if text.is_empty() {
            return Ok(Vec::new());
        }
        let numbers = text.split(',').take(MAX_SIDES + 1);
        let numbers: Result<Vec<usize>, _> = numbers.map(|part| part.trim().parse()).collect();
        match numbers {
            Ok(numbers) if numbers.len() <= MAX_SIDES => Ok(numbers),
            _ => Err(broken(format!("layer {}: {key} is {text:?}", self.name))),
        }
    }

    /// One number.
    pub(super) fn number(&self, key: &str) -> Result<usize, ConvertError> {
        match self.numbers(key)?.as_slice() {
            [number] => Ok(*number),
            _ => Err(broken(format!("layer {}: no {key}", self.name))),
        }
    }
}

/// Reads the layers in the order of the file.
///
/// # Errors
/// When it is not such a file, or larger than the bounds.
pub(super) fn layers(bytes: &[u8]) -> Result<Vec<Layer>, ConvertError> {
    if bytes.len() > MAX_BYTES {
        return Err(ConvertError::TooLarge("the .xml file"));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| broken(error.to_string()))?;
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: MAX_NODES,
        ..ParsingOptions::default()
    };
    let document =
        Document::parse_with_options(text, options).map_err(|error| broken(error.to_string()))?;
    let net = document.root_element();
    let version = net.attribute("version").unwrap_or_default();
    if net.tag_name().name() != "net" || !matches!(version, "10" | "11") {
        return Err(broken(format!("net version {version:?}, not 10 or 11")));
    }
    let sources = sources(child(net, "edges")?)?;
    let mut layers = Vec::new();
    for element in elements(child(net, "layers")?, "layer") {
        if layers.len() >= MAX_LAYERS {
            return Err(ConvertError::TooLarge("the number of layers"));
        }
        layers.push(layer(element, &sources)?);
    }
    Ok(layers)
}

/// From which layer each port is fed: (layer, port) to layer.
type Sources<'a> = HashMap<(&'a str, &'a str), &'a str>;

fn sources<'a>(edges: Node<'a, '_>) -> Result<Sources<'a>, ConvertError> {
    let mut sources = HashMap::new();
    for edge in elements(edges, "edge") {
        let key = (attribute(edge, "to-layer")?, attribute(edge, "to-port")?);
        if sources
            .insert(key, attribute(edge, "from-layer")?)
            .is_some()
        {
            return Err(broken(format!("layer {} is fed twice at one port", key.0)));
        }
    }
    Ok(sources)
}

fn layer(element: Node<'_, '_>, sources: &Sources<'_>) -> Result<Layer, ConvertError> {
    let id = attribute(element, "id")?;
    let name = attribute(element, "name")?;
    let mut data = HashMap::new();
    if let Some(found) = elements(element, "data").next() {
        for attribute in found.attributes() {
            data.insert(attribute.name().to_owned(), attribute.value().to_owned());
        }
    }
    let mut inputs = Vec::new();
    for input in elements(element, "input").flat_map(|input| elements(input, "port")) {
        let source = sources.get(&(id, attribute(input, "id")?));
        let source = source.ok_or_else(|| broken(format!("layer {name} has an open input")))?;
        inputs.push((*source).to_owned());
    }
    let mut outputs = elements(element, "output").flat_map(|output| elements(output, "port"));
    let shape = outputs.next().map_or(Ok(Vec::new()), shape)?;
    if outputs.next().is_some() {
        let kind = attribute(element, "type")?;
        return Err(ConvertError::Unknown(format!(
            "{kind} with several outputs"
        )));
    }
    Ok(Layer {
        id: id.to_owned(),
        name: name.to_owned(),
        kind: attribute(element, "type")?.to_owned(),
        data,
        inputs,
        shape,
    })
}

fn shape(port: Node<'_, '_>) -> Result<Vec<usize>, ConvertError> {
    let sides: Result<Vec<usize>, _> = elements(port, "dim")
        .take(MAX_SIDES + 1)
        .map(|side| side.text().unwrap_or_default().trim().parse())
        .collect();
    match sides {
        Ok(sides) if sides.len() <= MAX_SIDES => {
            super::elements(&sides)?;
            Ok(sides)
        }
        _ => Err(broken("a shape is not made of numbers".to_owned())),
    }
}

fn elements<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children()
        .filter(move |child| child.has_tag_name(name))
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> Result<Node<'a, 'i>, ConvertError> {
    let found = elements(node, name).next();
    found.ok_or_else(|| broken(format!("no <{name}>")))
}

fn attribute<'a>(node: Node<'a, '_>, name: &str) -> Result<&'a str, ConvertError> {
    let value = node.attribute(name);
    value.ok_or_else(|| broken(format!("<{}> without {name}", node.tag_name().name())))
}

pub(super) fn broken(problem: String) -> ConvertError {
    ConvertError::Format {
        format: "an OpenVINO model",
        problem,
    }
}
