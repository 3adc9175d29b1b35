//! The gateway under every rule that binds it: those that bind everybody, and those of API access policies,
//! which it claims to have. What it cannot do (HTTP/2, proxies, API keys) applies to no case, and is told
//! once at the end.

fn main() -> std::process::ExitCode {
    countersign::harness::Conformance::new()
        .remote("gateway", [env!("CARGO_BIN_EXE_gateway"), "--control"])
        .claiming("api-access-policy")
        .main()
}
