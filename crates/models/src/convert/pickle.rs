//! A reader for the pickles in PyTorch checkpoints, and for nothing else.
//!
//! A pickle is a program for a small stack machine. The real machine calls whatever functions the
//! pickle names; this one knows five names, calls nothing, and refuses the rest.

mod value;

use std::rc::Rc;

use super::ConvertError;
pub(super) use value::{Element, Storage, Value, View};
use value::{Global, Items, global};

/// Longest pickle; those in use have 40 kB.
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Most values on the stack and in the memo.
const MAX_VALUES: usize = 200_000;

/// Reads one pickle from the beginning of `bytes`; returns the value and what follows it.
///
/// # Errors
/// [`ConvertError`] when it is broken, too large, or wants anything but tensors.
pub(super) fn read(bytes: &[u8]) -> Result<(Value, &[u8]), ConvertError> {
    let bound = bytes.get(..MAX_BYTES).unwrap_or(bytes);
    let mut machine = Machine {
        rest: bound,
        stack: Vec::new(),
        marks: Vec::new(),
        memo: Vec::new(),
    };
    loop {
        let code = machine.byte()?;
        if code == b'.' {
            let value = machine.pop()?;
            let used = bound.len().saturating_sub(machine.rest.len());
            return Ok((value, bytes.get(used..).unwrap_or_default()));
        }
        machine.step(code)?;
        if machine.stack.len() > MAX_VALUES || machine.memo.len() > MAX_VALUES {
            return Err(ConvertError::TooLarge("the pickle"));
        }
    }
}

struct Machine<'a> {
    rest: &'a [u8],
    stack: Vec<Value>,
    marks: Vec<usize>,
    memo: Vec<Option<Value>>,
}

impl<'a> Machine<'a> {
    fn step(&mut self, code: u8) -> Result<(), ConvertError> {
        match code {
            0x80 => self.skip(1)?,
            0x95 => self.skip(8)?,
            b'N' | 0x88 | 0x89 => self.stack.push(Value::Other),
            b'G' => self.skip(8).map(|()| self.stack.push(Value::Other))?,
            b'K' | b'M' | b'J' | 0x8a => self.integer(code)?,
            b'X' | 0x8c | b'T' | b'U' => self.text(code)?,
            b']' | b'}' => self.stack.push(Value::Group(Rc::default())),
            b')' => self.stack.push(Value::Tuple(Rc::default())),
            b'(' => {
                if self.marks.len() >= MAX_VALUES {
                    return Err(ConvertError::TooLarge("the pickle"));
                }
                self.marks.push(self.stack.len());
            }
            b't' => {
                let values = self.since_mark()?;
                self.push_tuple(values)?;
            }
            0x85..=0x87 => {
                let values = self.take(usize::from(code.saturating_sub(0x84)))?;
                self.push_tuple(values)?;
            }
            b'a' => self.extend_with(1)?,
            b's' => self.extend_with(2)?,
            b'e' | b'u' => {
                let values = self.since_mark()?;
                self.extend(values)?;
            }
            b'q' | b'r' => self.remember(code)?,
            0x94 => self.memoize()?,
            b'h' | b'j' => self.recall(code)?,
            b'c' => self.global_in_lines()?,
            0x93 => self.global_on_stack()?,
            b'R' => self.reduce()?,
            // A dictionary's extra attributes: of no use here.
            b'b' => self.pop().map(drop)?,
            b'Q' => self.storage()?,
            other => return Err(broken(format!("operation {other:#04x} is not known"))),
        }
        Ok(())
    }

    fn bytes(&mut self, count: usize) -> Result<&'a [u8], ConvertError> {
        let split = self.rest.split_at_checked(count);
        let (taken, rest) = split.ok_or_else(|| broken("it ends too early".to_owned()))?;
        self.rest = rest;
        Ok(taken)
    }

    fn skip(&mut self, count: usize) -> Result<(), ConvertError> {
        self.bytes(count).map(|_| ())
    }

    fn byte(&mut self) -> Result<u8, ConvertError> {
        self.bytes(1).map(|one| one.first().copied().unwrap_or(0))
    }

    /// A little-endian number of at most eight bytes.
    fn number(&mut self, count: usize) -> Result<u64, ConvertError> {
        let bytes = self.bytes(count)?.iter().rev();
        Ok(bytes.fold(0, |all, byte| all << 8 | u64::from(*byte)))
    }

    fn size(&mut self, count: usize) -> Result<usize, ConvertError> {
        let number = self.number(count)?;
        usize::try_from(number).map_err(|_| ConvertError::TooLarge("the pickle"))
    }

    fn integer(&mut self, code: u8) -> Result<(), ConvertError> {
        let bytes = match code {
            b'K' => 1,
            b'M' => 2,
            b'J' => 4,
            _ => usize::from(self.byte()?),
        };
        if bytes > 8 {
            self.skip(bytes)?;
            self.stack.push(Value::Other);
            return Ok(());
        }
        let number = self.number(bytes)?;
        // One and two bytes have no sign, four and LONG1 have.
        let signed = match (code, bytes) {
            (b'K' | b'M', _) | (_, 0) => i64::try_from(number).unwrap_or(0),
            _ => {
                let unused = 64_usize.saturating_sub(bytes.saturating_mul(8));
                number.cast_signed() << unused >> unused
            }
        };
        self.stack.push(Value::Integer(signed));
        Ok(())
    }

    fn text(&mut self, code: u8) -> Result<(), ConvertError> {
        let length = self.size(if matches!(code, b'X' | b'T') { 4 } else { 1 })?;
        let text = String::from_utf8_lossy(self.bytes(length)?);
        self.stack.push(Value::Text(text.into()));
        Ok(())
    }

    fn pop(&mut self) -> Result<Value, ConvertError> {
        let value = self.stack.pop();
        value.ok_or_else(|| broken("its stack is empty".to_owned()))
    }

    fn take(&mut self, count: usize) -> Result<Vec<Value>, ConvertError> {
        let place = self.stack.len().checked_sub(count);
        let place = place.ok_or_else(|| broken("its stack is empty".to_owned()))?;
        Ok(self.stack.split_off(place))
    }

    fn since_mark(&mut self) -> Result<Vec<Value>, ConvertError> {
        let mark = self.marks.pop().filter(|mark| *mark <= self.stack.len());
        let mark = mark.ok_or_else(|| broken("it has no mark".to_owned()))?;
        Ok(self.stack.split_off(mark))
    }

    fn push_tuple(&mut self, values: Vec<Value>) -> Result<(), ConvertError> {
        self.stack.push(Value::Tuple(Rc::new(Items::new(values)?)));
        Ok(())
    }

    fn extend_with(&mut self, count: usize) -> Result<(), ConvertError> {
        let values = self.take(count)?;
        self.extend(values)
    }

    /// Adds to the list or dictionary below. What the memo holds of it stays as it was: nothing in
    /// a checkpoint reads it there again.
    fn extend(&mut self, values: Vec<Value>) -> Result<(), ConvertError> {
        let Value::Group(before) = self.pop()? else {
            return Err(broken("something is put where nothing fits".to_owned()));
        };
        let mut all = match Rc::try_unwrap(before) {
            Ok(items) => items.values,
            Err(shared) if shared.values.is_empty() => Vec::new(),
            Err(_) => return Err(broken("a list is filled in two places".to_owned())),
        };
        all.extend(values);
        self.stack.push(Value::Group(Rc::new(Items::new(all)?)));
        Ok(())
    }

    fn remember(&mut self, code: u8) -> Result<(), ConvertError> {
        let place = self.size(if code == b'q' { 1 } else { 4 })?;
        let value = self.stack.last().cloned();
        if place >= MAX_VALUES {
            return Err(ConvertError::TooLarge("the pickle"));
        }
        if self.memo.len() <= place {
            self.memo.resize(place.saturating_add(1), None);
        }
        if let Some(slot) = self.memo.get_mut(place) {
            *slot = value;
        }
        Ok(())
    }

    fn memoize(&mut self) -> Result<(), ConvertError> {
        let value = self.stack.last().cloned();
        let value = value.ok_or_else(|| broken("its stack is empty".to_owned()))?;
        self.memo.push(Some(value));
        Ok(())
    }

    fn recall(&mut self, code: u8) -> Result<(), ConvertError> {
        let place = self.size(if code == b'h' { 1 } else { 4 })?;
        let value = self.memo.get(place).cloned().flatten();
        let value = value.ok_or_else(|| broken("it recalls what was not kept".to_owned()))?;
        self.stack.push(value);
        Ok(())
    }

    fn line(&mut self) -> Result<String, ConvertError> {
        let end = self.rest.iter().position(|byte| *byte == b'\n');
        let end = end.ok_or_else(|| broken("it ends too early".to_owned()))?;
        let line = String::from_utf8_lossy(self.bytes(end)?).into_owned();
        self.skip(1)?;
        Ok(line)
    }

    fn global_in_lines(&mut self) -> Result<(), ConvertError> {
        let (module, name) = (self.line()?, self.line()?);
        self.stack.push(Value::Global(global(&module, &name)?));
        Ok(())
    }

    fn global_on_stack(&mut self) -> Result<(), ConvertError> {
        match self.take(2)?.as_slice() {
            [Value::Text(module), Value::Text(name)] => {
                self.stack.push(Value::Global(global(module, name)?));
                Ok(())
            }
            _ => Err(broken("a name is no text".to_owned())),
        }
    }

    /// "Calls" one of the known names.
    fn reduce(&mut self) -> Result<(), ConvertError> {
        let call = self.take(2)?;
        let [Value::Global(global), Value::Tuple(arguments)] = call.as_slice() else {
            return Err(broken("it calls what is no function".to_owned()));
        };
        let made = match (global, arguments.values.as_slice()) {
            (Global::OrderedDict, []) => Value::Group(Rc::default()),
            (Global::RebuildParameter, [tensor @ Value::Tensor(_), ..]) => tensor.clone(),
            (
                Global::RebuildTensor,
                [
                    Value::Storage(storage),
                    Value::Integer(offset),
                    shape,
                    stride,
                    ..,
                ],
            ) => Value::Tensor(Rc::new(View {
                storage: Rc::clone(storage),
                offset: usize::try_from(*offset).map_err(|_| tensor())?,
                shape: sizes(shape)?,
                stride: sizes(stride)?,
            })),
            _ => return Err(broken("it calls a function in an unknown way".to_owned())),
        };
        self.stack.push(made);
        Ok(())
    }

    fn storage(&mut self) -> Result<(), ConvertError> {
        let Value::Tuple(id) = self.pop()? else {
            return Err(broken("a storage has no name".to_owned()));
        };
        match id.values.as_slice() {
            [
                Value::Text(_),
                Value::Global(Global::Storage(element)),
                Value::Text(key),
                ..,
            ] => {
                self.stack.push(Value::Storage(Rc::new(Storage {
                    element: *element,
                    key: key.to_string(),
                })));
                Ok(())
            }
            _ => Err(broken("a storage has no name".to_owned())),
        }
    }
}

fn sizes(value: &Value) -> Result<Vec<usize>, ConvertError> {
    let Value::Tuple(items) = value else {
        return Err(tensor());
    };
    let size = |value: &Value| match value {
        Value::Integer(size) => usize::try_from(*size).map_err(|_| tensor()),
        _ => Err(tensor()),
    };
    items.values.iter().map(size).collect()
}

fn tensor() -> ConvertError {
    broken("a tensor has no usable shape".to_owned())
}

pub(super) fn broken(problem: String) -> ConvertError {
    ConvertError::Format {
        format: "a PyTorch checkpoint",
        problem,
    }
}
