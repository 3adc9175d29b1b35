//! The `countersign` command: see `countersign --help` and the README.

mod cli;

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Of a run's CPU time the C library's allocator takes an eighth more, and a third more memory: docs/performance.md.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
