//! The program `regain`.

use std::process::ExitCode;

fn main() -> ExitCode {
    regain::main()
}
