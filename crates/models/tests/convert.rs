//! Publishers' formats into ONNX: small graphs against values computed here, and the real networks
//! there and back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::panic, clippy::print_stderr)]

mod support;

use models::{Conversion, ConvertError, Manifest, Session, Tensor, convert, generated};
use support::ir::Ir;
use support::{assert_answers, assert_close, checkpoint, ir, load, onnx, shared_models};

fn converted(ir: &Ir) -> Result<Vec<u8>, ConvertError> {
    let (xml, bin) = ir.finish();
    convert(Conversion::OpenvinoIr, &[&xml, &bin], "input", Some("out"))
}

fn session(ir: &Ir) -> Box<dyn Session> {
    load(converted(ir).unwrap())
}

/// Values that 16 bits hold exactly, of both signs.
fn ramp(count: usize) -> Vec<f32> {
    (0..count)
        .map(|n| (n * 7 % 23) as f32 * 0.25 - 2.5)
        .collect()
}

/// A convolution by its definition: `x` is `[c, side, side]`, `w` `[out, c / groups, 3, 3]`.
fn slide(x: &[f32], w: &[f32], [c, side, out, groups, stride, pad]: [usize; 6]) -> Vec<f32> {
    let (each, end) = (c / groups, (side + 2 * pad - 3) / stride + 1);
    let mut y = Vec::new();
    for o in 0..out {
        for (row, column) in (0..end * end).map(|place| (place / end, place % end)) {
            let mut sum = 0.0;
            for (i, k) in (0..each * 9).map(|place| (place / 9, place % 9)) {
                let (r, s) = (row * stride + k / 3, column * stride + k % 3);
                if (pad..side + pad).contains(&r) && (pad..side + pad).contains(&s) {
                    let channel = o / (out / groups) * each + i;
                    let at = (channel * side + r - pad) * side + s - pad;
                    sum += x[at] * w[(o * each + i) * 9 + k];
                }
            }
            y.push(sum);
        }
    }
    y
}

fn window(stride: usize, pad: usize) -> String {
    format!(
        "strides=\"{stride},{stride}\" dilations=\"1,1\" pads_begin=\"{pad},{pad}\" \
         pads_end=\"{pad},{pad}\" auto_pad=\"explicit\""
    )
}

#[test]
fn convolutions_with_and_without_groups_and_bias() {
    let x = ramp(2 * 5 * 5);
    for (groups, stride, bias) in [(1, 1, false), (1, 2, true), (2, 1, true), (2, 2, false)] {
        let mut ir = Ir::default();
        let input = ir.input(&[1, 2, 5, 5]);
        let w = ramp(4 * 2 / groups * 9);
        let end = (5 + 2 - 3) / stride + 1;
        let shape = [1, 4, end, end];
        let (kind, sides) = match groups {
            1 => ("Convolution", vec![4, 2, 3, 3]),
            _ => ("GroupConvolution", vec![2, 2, 1, 3, 3]),
        };
        let weights = ir.floats(&sides, &w);
        let mut last = ir.op(kind, &window(stride, 1), &[input, weights], &shape);
        let mut expected = slide(&x, &w, [2, 5, 4, groups, stride, 1]);
        if bias {
            let values = [0.5, -1.0, 2.0, 0.25];
            let bias = ir.floats(&[1, 4, 1, 1], &values);
            last = ir.op("Add", "", &[last, bias], &shape);
            for (place, value) in expected.iter_mut().enumerate() {
                *value += values[place / (end * end)];
            }
        }
        ir.result(last);
        let onnx = converted(&ir).unwrap();
        let ops: Vec<String> = onnx::read(&onnx).nodes.into_iter().map(|n| n.op).collect();
        assert_eq!(ops, ["Conv"], "the bias goes into the convolution");
        assert_answers(load(onnx).as_ref(), &[1, 2, 5, 5], &x, &expected);
    }
}

#[test]
fn a_sum_that_others_use_too_is_no_bias() {
    let x = ramp(2 * 5 * 5);
    let mut ir = Ir::default();
    let input = ir.input(&[1, 2, 5, 5]);
    let w = ramp(2 * 2 * 9);
    let weights = ir.floats(&[2, 2, 3, 3], &w);
    let shape = [1, 2, 5, 5];
    let conv = ir.op("Convolution", &window(1, 1), &[input, weights], &shape);
    let summand = ir.floats(&[1, 2, 1, 1], &[1.0, 2.0]);
    let sum = ir.op("Add", "", &[conv, summand], &shape);
    let all = ir.op("Multiply", "", &[sum, conv], &shape);
    ir.result(all);
    let plain = slide(&x, &w, [2, 5, 2, 1, 1, 1]);
    let expected: Vec<f32> = (plain.iter().enumerate())
        .map(|(place, value)| (value + if place < 25 { 1.0 } else { 2.0 }) * value)
        .collect();
    assert_answers(session(&ir).as_ref(), &shape, &x, &expected);
}

#[test]
fn what_is_done_to_each_value() {
    let (x, shape) = (ramp(8), [1, 2, 2, 2]);
    let constant = [0.5, -2.0];
    type Expected = fn(f32, f32) -> f32;
    let cases: [(&str, &[usize], bool, Expected); 7] = [
        ("Add", &[1, 2, 1, 1], true, |x, c| x + c),
        ("Subtract", &[1, 2, 1, 1], true, |x, c| x - c),
        ("Multiply", &[1, 2, 1, 1], true, |x, c| x * c),
        ("PReLU", &[2], true, |x, c| if x < 0.0 { x * c } else { x }),
        ("PReLU", &[1, 2, 1, 1], true, |x, c| {
            if x < 0.0 { x * c } else { x }
        }),
        ("ReLU", &[], false, |x, _| x.max(0.0)),
        ("Sigmoid", &[], false, |x, _| 1.0 / (1.0 + (-x).exp())),
    ];
    for (kind, sides, takes_constant, function) in cases {
        let mut ir = Ir::default();
        let mut inputs = vec![ir.input(&shape)];
        if takes_constant {
            inputs.push(ir.floats(sides, &constant));
        }
        let last = ir.op(kind, "", &inputs, &shape);
        ir.result(last);
        let expected = x
            .iter()
            .enumerate()
            .map(|(n, x)| function(*x, constant[n / 4]));
        let expected: Vec<f32> = expected.collect();
        assert_answers(session(&ir).as_ref(), &shape, &x, &expected);
    }
}

#[test]
fn pools_reshapes_and_products() {
    let x = ramp(9);
    let mut ir = Ir::default();
    let input = ir.input(&[1, 1, 3, 3]);
    let data = format!("kernel=\"2,2\" rounding_type=\"ceil\" {}", window(2, 0));
    let pooled = ir.op("MaxPool", &data, &[input], &[1, 1, 2, 2]);
    let flat = ir.integers(&[1, -1]);
    let flat = ir.op("Reshape", "special_zero=\"true\"", &[pooled, flat], &[1, 4]);
    let matrix = ir.floats(&[2, 4], &[1.0, 2.0, 3.0, 4.0, -1.0, 0.0, 0.5, 0.0]);
    let data = "transpose_a=\"false\" transpose_b=\"true\"";
    let product = ir.op("MatMul", data, &[flat, matrix], &[1, 2]);
    ir.result(product);
    let most = |places: &[usize]| places.iter().map(|n| x[*n]).fold(f32::MIN, f32::max);
    let p = [most(&[0, 1, 3, 4]), most(&[2, 5]), most(&[6, 7]), x[8]];
    let expected = [
        p[0] + 2.0 * p[1] + 3.0 * p[2] + 4.0 * p[3],
        0.5 * p[2] - p[0],
    ];
    assert_answers(session(&ir).as_ref(), &[1, 1, 3, 3], &x, &expected);

    let mut ir = Ir::default();
    let input = ir.input(&[1, 1, 3, 3]);
    let average = ir.op("AvgPool", "kernel=\"3,3\"", &[input], &[1, 1, 1, 1]);
    ir.result(average);
    let expected = x.iter().sum::<f32>() / 9.0;
    assert_answers(session(&ir).as_ref(), &[1, 1, 3, 3], &x, &[expected]);
}

#[test]
fn what_is_not_known_is_refused_with_its_name() {
    let refused = |kind: &str, data: &str| {
        let mut ir = Ir::default();
        let input = ir.input(&[1, 1, 4, 4]);
        let last = ir.op(kind, data, &[input], &[1, 1, 2, 2]);
        ir.result(last);
        converted(&ir).unwrap_err().to_string()
    };
    assert_eq!(
        refused("Einsum", ""),
        "operation \"Einsum\" is not known to the converter"
    );
    assert!(refused("AvgPool", "kernel=\"2,2\"").contains("average over a part"));
    let mut ir = Ir::default();
    let input = ir.input(&[1, 1, 4, 4]);
    let outside = "element_type=\"f16\" shape=\"4\" offset=\"4\" size=\"8\"";
    let constant = ir.op("Const", outside, &[], &[4]);
    let last = ir.op("Add", "", &[input, constant], &[1, 1, 4, 4]);
    ir.result(last);
    assert!(
        converted(&ir)
            .unwrap_err()
            .to_string()
            .contains("outside the .bin")
    );
    let dtd = b"<!DOCTYPE net [<!ENTITY a \"b\">]><net version=\"11\">&a;</net>";
    assert!(convert(Conversion::OpenvinoIr, &[dtd, b""], "input", None).is_err());
    assert!(convert(Conversion::OpenvinoIr, &[dtd], "input", None).is_err());
}

/// Both networks answer the same to every pattern.
fn assert_same(name: &str, original: Vec<u8>, converted: Vec<u8>) {
    let manifest = Manifest::built_in().unwrap();
    let spec = manifest.models.iter().find(|model| model.name == name);
    let input = &spec.unwrap().input;
    let (original, converted) = (load(original), load(converted));
    let outputs = original.outputs();
    assert_eq!(outputs, converted.outputs());
    for pattern in 0..models::PATTERNS {
        let tensor: Tensor = generated(input, pattern).unwrap();
        for output in &outputs {
            let run = |session: &dyn Session| {
                session
                    .run(&[("input", &tensor)], &[output.as_str()])
                    .unwrap()
                    .remove(0)
            };
            let (one, other) = (run(original.as_ref()), run(converted.as_ref()));
            assert_close(other.data(), one.data());
        }
    }
}

#[test]
fn openvino_networks_go_there_and_back() {
    let Some(dir) = shared_models() else { return };
    for (name, output) in [
        ("face_reid_0095", Some("embedding")),
        ("head_pose_0001", None),
    ] {
        let original = std::fs::read(dir.join(format!("{name}.onnx"))).unwrap();
        let (xml, bin) = ir::from_onnx(&onnx::read(&original));
        let files = [xml.as_slice(), bin.as_slice()];
        let result = convert(Conversion::OpenvinoIr, &files, "input", output).unwrap();
        assert_same(name, original, result);
    }
}

#[test]
fn liveness_checkpoints_go_there_and_back_in_both_containers() {
    let Some(dir) = shared_models() else { return };
    for name in ["minifasnet_v2_2.7_80", "minifasnet_v1se_4.0_80"] {
        let original = std::fs::read(dir.join(format!("{name}.onnx"))).unwrap();
        let tensors = checkpoint::from_onnx(&onnx::read(&original));
        for file in [checkpoint::plain(&tensors), checkpoint::archive(&tensors)] {
            let kind = Conversion::PytorchMinifasnet;
            let result = convert(kind, &[&file], "input", None).unwrap();
            assert_same(name, original.clone(), result);
        }
    }
}

#[test]
fn a_pickle_that_wants_to_run_something_is_refused() {
    let evil =
        b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02cposix\nsystem\n.";
    let words = convert(Conversion::PytorchMinifasnet, &[evil], "input", None);
    assert_eq!(
        words.unwrap_err().to_string(),
        "posix.system is not known to the converter"
    );
    // Nested deeper than any checkpoint, and a memo of four thousand million places.
    let deep = [&evil[..15], b"\x80\x02)", &[0x85; 1000], b"."].concat();
    let wide = [&evil[..15], b"\x80\x02)r\xff\xff\xff\xff."].concat();
    for file in [deep, wide] {
        let words = convert(Conversion::PytorchMinifasnet, &[&file], "input", None);
        assert!(words.unwrap_err().to_string().contains("larger than"));
    }
}

#[test]
fn broken_files_are_errors_and_never_more() {
    let mut ir = Ir::default();
    let input = ir.input(&[1, 2, 5, 5]);
    let weights = ir.floats(&[2, 2, 3, 3], &ramp(36));
    let last = ir.op(
        "Convolution",
        &window(1, 1),
        &[input, weights],
        &[1, 2, 5, 5],
    );
    ir.result(last);
    let (xml, bin) = ir.finish();
    let tensors = [checkpoint::Tensor {
        name: "linear.weight".to_owned(),
        shape: vec![2, 3],
        values: ramp(6),
    }];
    let files = [
        xml,
        checkpoint::plain(&tensors),
        checkpoint::archive(&tensors),
    ];
    for (number, file) in files.iter().enumerate() {
        let run = |file: &[u8]| match number {
            0 => convert(Conversion::OpenvinoIr, &[file, &bin], "input", None),
            _ => convert(Conversion::PytorchMinifasnet, &[file], "input", None),
        };
        for place in 0..file.len() {
            assert!(
                number == 0 || run(&file[..place]).is_err(),
                "cut at {place}"
            );
            let mut other = file.clone();
            for value in [0, 0xff, file[place] ^ 1, file[place] ^ 0x80] {
                other[place] = value;
                let _ = run(&other);
            }
            let _ = run(&file[..place]);
        }
    }
}
