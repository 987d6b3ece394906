//! Mail: render, mark with a checkable code, deliver.
