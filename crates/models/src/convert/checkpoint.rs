//! PyTorch checkpoints: the zip archive of today and the plain file of before version 1.6.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use half::f16;

use super::pickle::{self, Element, Storage, Value, View, broken};
use super::{ConvertError, MAX_TENSORS, elements};

/// Longest checkpoint; those in use have 2 MB.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// How the first pickle of an old checkpoint begins: protocol 2 and PyTorch's magic number.
const MAGIC: [u8; 15] = [
    0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, b'.',
];
/// Most sides of a tensor.
const MAX_SIDES: usize = 8;

/// A tensor of a checkpoint.
#[derive(Debug)]
pub(super) struct Weights {
    pub(super) shape: Vec<usize>,
    pub(super) values: Vec<f32>,
}

/// The tensors of floats by name, without the prefix `module.` that training on several devices
/// leaves.
///
/// # Errors
/// [`ConvertError`] when the file is broken, too large, or holds anything but tensors.
pub(super) fn read(bytes: &[u8]) -> Result<HashMap<String, Weights>, ConvertError> {
    if bytes.len() > MAX_BYTES {
        return Err(ConvertError::TooLarge("the checkpoint"));
    }
    let (state, storages) = if bytes.starts_with(&MAGIC) {
        plain(bytes)?
    } else {
        archive(bytes)?
    };
    let Value::Group(state) = state else {
        return Err(broken("it is no dictionary".to_owned()));
    };
    let mut tensors = HashMap::new();
    let mut sum = 0_usize;
    for pair in state.values.chunks_exact(2) {
        let [Value::Text(name), Value::Tensor(view)] = pair else {
            continue;
        };
        if matches!(view.storage.element, Element::Other(_)) {
            continue;
        }
        sum = sum.saturating_add(elements(&view.shape)?);
        if sum > MAX_TENSORS {
            return Err(ConvertError::TooLarge("the sum of the tensors"));
        }
        let raw = storages.get(&view.storage.key);
        let raw = raw.ok_or_else(|| broken("a storage is missing".to_owned()))?;
        let name = name.strip_prefix("module.").unwrap_or(name).to_owned();
        tensors.insert(name, weights(view, raw)?);
    }
    Ok(tensors)
}

type Storages = HashMap<String, Vec<u8>>;

/// Three pickles about the file, the state, the order of the storages, then each storage: its
/// number of elements and the elements.
fn plain(bytes: &[u8]) -> Result<(Value, Storages), ConvertError> {
    let mut rest = bytes;
    for _ in 0..3 {
        (_, rest) = pickle::read(rest)?;
    }
    let (state, rest) = pickle::read(rest)?;
    let (keys, mut rest) = pickle::read(rest)?;
    let Value::Group(keys) = keys else {
        return Err(broken("it has no list of storages".to_owned()));
    };
    let widths = widths(&state);
    let mut storages = HashMap::new();
    for key in &keys.values {
        let Value::Text(key) = key else {
            return Err(broken("a storage has no name".to_owned()));
        };
        let early = || broken("it ends too early".to_owned());
        let (count, after) = rest.split_first_chunk::<8>().ok_or_else(early)?;
        let width = widths.get(&**key).copied();
        let width = width.ok_or_else(|| broken("a storage is used by nothing".to_owned()))?;
        let length = usize::try_from(u64::from_le_bytes(*count)).ok();
        let length = length.and_then(|count| count.checked_mul(width));
        let split = length.and_then(|length| after.split_at_checked(length));
        let (data, after) = split.ok_or_else(early)?;
        storages.insert(key.to_string(), data.to_vec());
        rest = after;
    }
    Ok((state, storages))
}

/// Bytes of an element of each storage that a tensor uses.
fn widths(state: &Value) -> HashMap<String, usize> {
    let Value::Group(state) = state else {
        return HashMap::new();
    };
    let storages = state.values.iter().filter_map(|value| match value {
        Value::Tensor(view) => Some(&view.storage),
        _ => None,
    });
    storages
        .map(|storage| (storage.key.clone(), width(storage)))
        .collect()
}

fn width(storage: &Storage) -> usize {
    match storage.element {
        Element::F16 => 2,
        Element::F32 => 4,
        Element::F64 => 8,
        Element::Other(width) => width,
    }
}

/// `NAME/data.pkl` and `NAME/data/KEY` in a zip archive without compression.
fn archive(bytes: &[u8]) -> Result<(Value, Storages), ConvertError> {
    let zip = |error: zip::result::ZipError| broken(error.to_string());
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(zip)?;
    let mut state = None;
    let mut storages = HashMap::new();
    let mut sum = 0_u64;
    for place in 0..archive.len() {
        let file = archive.by_index(place).map_err(zip)?;
        let name = file.name().map_err(zip)?.into_owned();
        let Some((_, name)) = name.split_once('/') else {
            continue;
        };
        // Nothing is compressed: the parts are no longer than the whole, unless they overlap.
        let bound = u64::try_from(bytes.len())
            .unwrap_or(u64::MAX)
            .saturating_sub(sum);
        let mut data = Vec::new();
        let read = file.take(bound.saturating_add(1)).read_to_end(&mut data);
        read.map_err(|error| broken(error.to_string()))?;
        sum = sum.saturating_add(u64::try_from(data.len()).unwrap_or(u64::MAX));
        if sum > u64::try_from(bytes.len()).unwrap_or(u64::MAX) {
            return Err(ConvertError::TooLarge("the sum of the archive's parts"));
        }
        if name == "data.pkl" {
            state = Some(pickle::read(&data)?.0);
        } else if let Some(key) = name.strip_prefix("data/") {
            storages.insert(key.to_owned(), data);
        }
    }
    let state = state.ok_or_else(|| ConvertError::Missing("data.pkl".to_owned()))?;
    Ok((state, storages))
}

/// Gathers the elements of a view, the last side fastest.
fn weights(view: &View, raw: &[u8]) -> Result<Weights, ConvertError> {
    if view.shape.len() != view.stride.len() || view.shape.len() > MAX_SIDES {
        return Err(broken("a tensor has no usable shape".to_owned()));
    }
    let mut places = vec![view.offset];
    for (side, stride) in view.shape.iter().zip(&view.stride) {
        let step = |place: usize| {
            (0..*side).map(move |number| place.saturating_add(number.saturating_mul(*stride)))
        };
        places = places.into_iter().flat_map(step).collect();
    }
    let width = width(&view.storage);
    let value = |place: usize| {
        let begin = place.checked_mul(width)?;
        let bytes = raw.get(begin..begin.checked_add(width)?)?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the network runs on 32 bits"
        )]
        match view.storage.element {
            Element::F16 => Some(f16::from_le_bytes(*bytes.first_chunk()?).to_f32()),
            Element::F32 => Some(f32::from_le_bytes(*bytes.first_chunk()?)),
            Element::F64 => Some(f64::from_le_bytes(*bytes.first_chunk()?) as f32),
            Element::Other(_) => None,
        }
    };
    let values: Option<Vec<f32>> = places.into_iter().map(value).collect();
    let values = values.ok_or_else(|| broken("a tensor lies outside its storage".to_owned()))?;
    Ok(Weights {
        shape: view.shape.clone(),
        values,
    })
}
