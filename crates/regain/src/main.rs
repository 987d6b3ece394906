//! The program `regain`.

use std::process::ExitCode;

/// Every call makes many small pieces of memory: with the system's allocator the restriction
/// service answers a seventh less (`just bench-restrictions`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    regain::main()
}
