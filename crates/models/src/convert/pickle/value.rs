//! What the pickle of a checkpoint can hold.

use std::rc::Rc;

use crate::convert::ConvertError;

/// Deepest nesting; checkpoints have 5.
const MAX_DEPTH: usize = 16;

/// A value in a pickle.
#[derive(Debug, Clone)]
pub(in crate::convert) enum Value {
    /// What is of no use here, such as a float or a wide number.
    Other,
    Integer(i64),
    Text(Rc<str>),
    Tuple(Rc<Items>),
    /// A list or a dictionary (keys and values in turn).
    Group(Rc<Items>),
    Global(Global),
    Storage(Rc<Storage>),
    Tensor(Rc<View>),
}

/// Values inside another value, and how deep they go.
#[derive(Debug, Default)]
pub(in crate::convert) struct Items {
    pub(in crate::convert) values: Vec<Value>,
    depth: usize,
}

/// A name that a pickle may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::convert) enum Global {
    OrderedDict,
    RebuildTensor,
    RebuildParameter,
    Storage(Element),
}

/// Type of the elements of a storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::convert) enum Element {
    F16,
    F32,
    F64,
    /// Integers and truth values, by their bytes: read over, never used.
    Other(usize),
}

/// A block of elements that lies elsewhere in the file.
#[derive(Debug)]
pub(in crate::convert) struct Storage {
    pub(in crate::convert) element: Element,
    pub(in crate::convert) key: String,
}

/// A tensor: a view into a storage.
#[derive(Debug)]
pub(in crate::convert) struct View {
    pub(in crate::convert) storage: Rc<Storage>,
    pub(in crate::convert) offset: usize,
    pub(in crate::convert) shape: Vec<usize>,
    pub(in crate::convert) stride: Vec<usize>,
}

impl Items {
    pub(super) fn new(values: Vec<Value>) -> Result<Self, ConvertError> {
        let below = values.iter().map(Value::depth).max().unwrap_or(0);
        let depth = below.saturating_add(1);
        if depth > MAX_DEPTH {
            return Err(ConvertError::TooLarge("the nesting of the pickle"));
        }
        Ok(Self { values, depth })
    }
}

impl Value {
    fn depth(&self) -> usize {
        match self {
            Self::Tuple(items) | Self::Group(items) => items.depth,
            _ => 0,
        }
    }
}

/// What a name stands for.
///
/// # Errors
/// [`ConvertError::Unknown`] for every other name.
pub(super) fn global(module: &str, name: &str) -> Result<Global, ConvertError> {
    Ok(match (module, name) {
        ("collections", "OrderedDict") => Global::OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2") => Global::RebuildTensor,
        ("torch._utils", "_rebuild_parameter") => Global::RebuildParameter,
        ("torch", "HalfStorage") => Global::Storage(Element::F16),
        ("torch", "FloatStorage") => Global::Storage(Element::F32),
        ("torch", "DoubleStorage") => Global::Storage(Element::F64),
        ("torch", "LongStorage") => Global::Storage(Element::Other(8)),
        ("torch", "IntStorage") => Global::Storage(Element::Other(4)),
        ("torch", "ShortStorage") => Global::Storage(Element::Other(2)),
        ("torch", "ByteStorage" | "CharStorage" | "BoolStorage") => {
            Global::Storage(Element::Other(1))
        }
        _ => return Err(ConvertError::Unknown(format!("{module}.{name}"))),
    })
}
