//! The gateway, held against every shipped rule.

use std::process::ExitCode;

use countersign::harness::Conformance;

fn main() -> ExitCode {
    Conformance::new()
        .remote("gateway", [env!("CARGO_BIN_EXE_gateway"), "--control"])
        .main()
}
