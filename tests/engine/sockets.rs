//! What a run comes to does not depend on whether the embedded reference is reached by sockets or within the program.

use countersign::engine::{Options, run};
use countersign::implementation::ReferenceImplementation;
use countersign::reference::Fault;

use crate::support::{pack, told};

#[tokio::test]
async fn without_a_socket_the_same_is_seen() {
    let options = Options {
        cases: 100,
        ..Options::default()
    };
    // Faults of what stands behind an answer, of what is not HTTP; and what the platform does by default.
    for (name, faults) in [
        ("external-authorization", &[Fault::HeadHasContent][..]),
        ("every-scheme", &[Fault::OddLinesPassedOver]),
        ("reachability", &[]),
    ] {
        let spec = pack(name);
        let mut seen = Vec::new();
        for mut reference in [
            ReferenceImplementation::with_faults(faults),
            ReferenceImplementation::with_faults(faults).by_sockets(),
        ] {
            let report = run(&spec, &mut reference, &options, &mut |_| {}).await;
            assert!(report.stopped.is_none(), "{name}: {:?}", report.stopped);
            assert!(!report.findings.is_empty(), "{name}");
            seen.push((told(&report), report.requests));
        }
        assert_eq!(seen.first(), seen.last(), "{name}");
    }
}
