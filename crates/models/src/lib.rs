//! Model files: manifest, digests, loading and running. The only user of the inference library.
