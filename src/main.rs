//! The `countersign` command: see `countersign --help` and the README.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
