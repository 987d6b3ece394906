//! The operations that need more than a new name.

use super::{Builder, ConvertError, Data, Layer, Node, Tensor, broken};

impl<'a> Builder<'a> {
    pub(super) fn convolution(
        &mut self,
        layer: &'a Layer,
        output: &str,
    ) -> Result<Node, ConvertError> {
        let weights = self.constant(layer, 1)?.clone();
        weights.floats()?;
        let grouped = layer.kind == "GroupConvolution";
        let (groups, shape) = match (grouped, weights.shape.as_slice()) {
            (true, [groups, out, rest @ ..]) if rest.len() == 3 => {
                let all = groups.checked_mul(*out);
                let all = all.ok_or(ConvertError::TooLarge("a convolution"))?;
                (*groups, [&[all], rest].concat())
            }
            (false, [_, _, _, _]) => (1, weights.shape.clone()),
            _ => {
                return Err(ConvertError::Unknown(
                    "a convolution of this shape".to_owned(),
                ));
            }
        };
        let (Some(channels), Some(kernel)) = (shape.first().copied(), shape.get(2..)) else {
            return Err(broken("a convolution without a kernel".to_owned()));
        };
        let kernel = kernel.to_vec();
        let input = self.operand(layer, 0)?;
        let weights = self.adapted(layer, weights.reshaped(shape))?;
        let node = Node::new("Conv", &[&input, &weights], output)
            .ints("dilations", window(layer, "dilations")?)
            .int("group", groups)
            .ints("kernel_shape", kernel)
            .ints("pads", pads(layer)?)
            .ints("strides", window(layer, "strides")?);
        let place = self.graph.nodes.len();
        self.open_convolutions.insert(&layer.id, (place, channels));
        Ok(node)
    }

    /// Whether this addition is the bias of the convolution before it, which nobody else uses; then
    /// the convolution takes it, and the name of the sum.
    pub(super) fn takes_bias(
        &mut self,
        layer: &'a Layer,
        output: &str,
    ) -> Result<bool, ConvertError> {
        let source = self.source(layer, 0)?;
        let (Some((place, channels)), Some(tensor)) = (
            self.open_convolutions.get(source).copied(),
            self.constants.get(self.source(layer, 1)?),
        ) else {
            return Ok(false);
        };
        let per_channel = tensor.shape.len() == 4
            && tensor.shape.get(1) == Some(&channels)
            && super::super::elements(&tensor.shape)? == channels;
        let alone = self.uses.get(source) == Some(&1);
        if !per_channel || !alone || tensor.floats().is_err() {
            return Ok(false);
        }
        let bias = tensor.reshaped(vec![channels]);
        let name = self.adapted(layer, bias)?;
        let Some(node) = self.graph.nodes.get_mut(place) else {
            return Err(broken("a convolution is lost".to_owned()));
        };
        node.inputs.push(name);
        output.clone_into(&mut node.output);
        Ok(true)
    }

    pub(super) fn prelu(&mut self, layer: &'a Layer, output: &str) -> Result<Node, ConvertError> {
        let slope = self.constant(layer, 1)?.clone();
        let count = slope.floats()?.len();
        // ONNX lines the slope up with the last sides, OpenVINO with the channels.
        let mut shape = vec![count];
        if count > 1 {
            shape.resize(layer.shape.len().saturating_sub(1).max(1), 1);
        }
        let input = self.operand(layer, 0)?;
        let slope = self.adapted(layer, slope.reshaped(shape))?;
        Ok(Node::new("PRelu", &[&input, &slope], output))
    }

    /// The average over the whole picture; no other is known.
    pub(super) fn average(&mut self, layer: &'a Layer, output: &str) -> Result<Node, ConvertError> {
        let source = self.source(layer, 0)?;
        let from = self.layers.get(source).map(|one| one.shape.as_slice());
        let kernel = layer.numbers("kernel")?;
        let whole = from.and_then(|shape| shape.get(2..)) == Some(kernel.as_slice());
        if !whole || layer.shape.get(2..) != Some(&[1, 1]) {
            return Err(ConvertError::Unknown("an average over a part".to_owned()));
        }
        Ok(Node::new(
            "GlobalAveragePool",
            &[&self.operand(layer, 0)?],
            output,
        ))
    }

    pub(super) fn maximum(&mut self, layer: &'a Layer, output: &str) -> Result<Node, ConvertError> {
        let input = self.operand(layer, 0)?;
        let ceil = usize::from(layer.text("rounding_type") == "ceil");
        Ok(Node::new("MaxPool", &[&input], output)
            .int("ceil_mode", ceil)
            .ints("kernel_shape", window(layer, "kernel")?)
            .ints("pads", pads(layer)?)
            .ints("strides", window(layer, "strides")?))
    }

    pub(super) fn product(&mut self, layer: &'a Layer, output: &str) -> Result<Node, ConvertError> {
        let is_true = |key| matches!(layer.text(key), "true" | "True" | "1");
        if is_true("transpose_a") {
            return Err(ConvertError::Unknown("a MatMul of this kind".to_owned()));
        }
        let matrix = self.constant(layer, 1)?;
        let matrix = if is_true("transpose_b") {
            matrix.transposed()?
        } else {
            matrix.clone()
        };
        let input = self.operand(layer, 0)?;
        let matrix = self.adapted(layer, matrix)?;
        Ok(Node::new("MatMul", &[&input, &matrix], output))
    }

    pub(super) fn reshape(&mut self, layer: &'a Layer, output: &str) -> Result<Node, ConvertError> {
        let shape = self.constant(layer, 1)?;
        let Tensor {
            data: Data::Integers(_),
            ..
        } = shape
        else {
            return Err(broken("a shape is not made of integers".to_owned()));
        };
        let shape = shape.clone();
        let input = self.operand(layer, 0)?;
        let shape = self.adapted(layer, shape)?;
        Ok(Node::new("Reshape", &[&input, &shape], output))
    }
}

/// Two numbers, one for each side of the picture.
fn window(layer: &Layer, key: &str) -> Result<Vec<usize>, ConvertError> {
    let numbers = layer.numbers(key)?;
    if numbers.len() == 2 && numbers.iter().all(|number| (1..=1024).contains(number)) {
        return Ok(numbers);
    }
    Err(broken(format!("layer {}: no usable {key}", layer.name)))
}

/// Begin and end of both sides.
fn pads(layer: &Layer) -> Result<Vec<usize>, ConvertError> {
    if !matches!(layer.text("auto_pad"), "" | "explicit" | "valid") {
        return Err(ConvertError::Unknown("automatic padding".to_owned()));
    }
    let pads = [layer.numbers("pads_begin")?, layer.numbers("pads_end")?].concat();
    if pads.len() == 4 && pads.iter().all(|pad| *pad <= 1024) {
        return Ok(pads);
    }
    Err(broken(format!("layer {}: no usable padding", layer.name)))
}
