//! Writes PyTorch checkpoints: the plain file of before version 1.6, and the zip archive.

use std::io::{Cursor, Write as _};

use super::onnx::Model;

/// A tensor to write.
pub struct Tensor {
    pub name: String,
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.push(b'X');
    out.extend_from_slice(&(text.len() as u32).to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}

fn integer(out: &mut Vec<u8>, value: usize) {
    out.push(b'J');
    out.extend_from_slice(&(value as i32).to_le_bytes());
}

fn sizes(out: &mut Vec<u8>, sizes: &[usize]) {
    out.push(b'(');
    for size in sizes {
        integer(out, *size);
    }
    out.push(b't');
}

/// `OrderedDict` of tensors as protocol 2 has it, with a memo and the metadata at the end.
pub fn state(tensors: &[Tensor], plain: bool) -> Vec<u8> {
    let mut out = b"\x80\x02ccollections\nOrderedDict\nq\x00)Rq\x01(".to_vec();
    for (key, tensor) in tensors.iter().enumerate() {
        text(&mut out, &tensor.name);
        out.extend_from_slice(b"ctorch._utils\n_rebuild_tensor_v2\n((");
        text(&mut out, "storage");
        out.extend_from_slice(b"ctorch\nFloatStorage\n");
        text(&mut out, &key.to_string());
        text(&mut out, "cpu");
        integer(&mut out, tensor.values.len());
        // The old format adds which part of the storage this is: none.
        out.extend_from_slice(if plain { b"NtQ" } else { b"tQ" });
        integer(&mut out, 0);
        sizes(&mut out, &tensor.shape);
        let mut stride = vec![1; tensor.shape.len()];
        for side in (1..tensor.shape.len()).rev() {
            stride[side - 1] = stride[side] * tensor.shape[side];
        }
        sizes(&mut out, &stride);
        out.extend_from_slice(b"\x89ccollections\nOrderedDict\n)RtR");
    }
    out.extend_from_slice(b"u}");
    text(&mut out, "_metadata");
    out.extend_from_slice(b"h\x00)Rsb.");
    out
}

fn raw(tensor: &Tensor) -> Vec<u8> {
    tensor
        .values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

pub fn plain(tensors: &[Tensor]) -> Vec<u8> {
    let mut out = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.".to_vec();
    out.extend_from_slice(b"\x80\x02M\xe9\x03.\x80\x02}q\x00(");
    text(&mut out, "little_endian");
    out.extend_from_slice(b"\x88u.");
    out.extend_from_slice(&state(tensors, true));
    out.extend_from_slice(b"\x80\x02](");
    for key in 0..tensors.len() {
        text(&mut out, &key.to_string());
    }
    out.extend_from_slice(b"e.");
    for tensor in tensors {
        out.extend_from_slice(&(tensor.values.len() as u64).to_le_bytes());
        out.extend_from_slice(&raw(tensor));
    }
    out
}

pub fn archive(tensors: &[Tensor]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file("archive/data.pkl", options).unwrap();
    zip.write_all(&state(tensors, false)).unwrap();
    for (key, tensor) in tensors.iter().enumerate() {
        zip.start_file(format!("archive/data/{key}"), options)
            .unwrap();
        zip.write_all(&raw(tensor)).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The checkpoint from which our ONNX file could have come: its convolutions with a normalisation
/// that only adds the bias, its last layer with two that do nothing.
pub fn from_onnx(model: &Model) -> Vec<Tensor> {
    let mut tensors = Vec::new();
    let mut names = names(model).into_iter();
    let mut last = String::new();
    for node in &model.nodes {
        match node.op.as_str() {
            "Conv" => {
                let (conv, norm) = names.next().unwrap();
                last = conv.strip_suffix(".conv").unwrap_or(&conv).to_owned();
                let (weights, bias) = (&node.inputs[1], &node.inputs[2]);
                let weights = &model.constants[weights];
                push(
                    &mut tensors,
                    &format!("{conv}.weight"),
                    &weights.shape,
                    &weights.floats,
                );
                normalisation(&mut tensors, &norm, &model.constants[bias].floats);
            }
            "PRelu" => {
                let slope = &model.constants[&node.inputs[1]].floats;
                push(
                    &mut tensors,
                    &format!("{last}.prelu.weight"),
                    &[slope.len()],
                    slope,
                );
            }
            "Gemm" => {
                let weights = &model.constants[&node.inputs[1]].floats;
                push(&mut tensors, "linear.weight", &[3, 512], weights);
                normalisation(&mut tensors, "bn", &model.constants[&node.inputs[2]].floats);
                let unit = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0];
                push(&mut tensors, "prob.weight", &[3, 3], &unit);
            }
            _ => {}
        }
    }
    tensors
}

fn push(tensors: &mut Vec<Tensor>, name: &str, shape: &[usize], values: &[f32]) {
    tensors.push(Tensor {
        name: format!("module.{name}"),
        shape: shape.to_vec(),
        values: values.to_vec(),
    });
}

fn normalisation(tensors: &mut Vec<Tensor>, name: &str, bias: &[f32]) {
    let count = bias.len();
    push(
        tensors,
        &format!("{name}.weight"),
        &[count],
        &vec![2.0; count],
    );
    let moved: Vec<f32> = bias.iter().map(|bias| bias + 1.5).collect();
    push(tensors, &format!("{name}.bias"), &[count], &moved);
    push(
        tensors,
        &format!("{name}.running_mean"),
        &[count],
        &vec![1.5; count],
    );
    // 2 / sqrt(4) = 1, and 1 times the mean is subtracted.
    push(
        tensors,
        &format!("{name}.running_var"),
        &[count],
        &vec![4.0 - 1e-5; count],
    );
}

/// Names of the convolutions and their normalisations in the order of the graph.
fn names(model: &Model) -> Vec<(String, String)> {
    let one = |name: &str| (format!("{name}.conv"), format!("{name}.bn"));
    let mut names = vec![one("conv1"), one("conv2_dw")];
    let squeezes = model.nodes.iter().any(|node| node.op == "Sigmoid");
    let mut depth_wise = |name: &str, squeeze: bool| {
        let part = |part: &str| one(&format!("{name}.{part}"));
        names.extend([part("conv"), part("conv_dw"), part("project")]);
        if squeeze {
            for number in 1..=2 {
                let part = |part: &str| format!("{name}.se_module.{part}{number}");
                names.push((part("fc"), part("bn")));
            }
        }
    };
    depth_wise("conv_23", false);
    for (name, count, down) in [
        ("conv_3", 4, "conv_34"),
        ("conv_4", 6, "conv_45"),
        ("conv_5", 2, ""),
    ] {
        for number in 0..count {
            let last = squeezes && number == count - 1;
            depth_wise(&format!("{name}.model.{number}"), last);
        }
        if !down.is_empty() {
            depth_wise(down, false);
        }
    }
    names.extend([one("conv_6_sep"), one("conv_6_dw")]);
    names
}
