#![no_main]

#[path = "../src/laws.rs"]
#[expect(dead_code, reason = "each target has one of the laws")]
mod laws;

libfuzzer_sys::fuzz_target!(|data: &[u8]| laws::credentials(data));
