//! The gateway, held against the rules of what it is: an API access policy that clients must be able to
//! find their way into. Without `shipped`, every pack that ships would be tried.

use std::process::ExitCode;

use countersign::harness::Conformance;

fn main() -> ExitCode {
    Conformance::new()
        .shipped("api-access-policy")
        .shipped("reachability")
        .remote("gateway", [env!("CARGO_BIN_EXE_gateway"), "--control"])
        // Rules about HTTP/2, proxies and policies for one method: it has none of these.
        .allow_not_exercised()
        .main()
}
