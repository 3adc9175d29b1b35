use countersign::engine::{Event, Options, causes, run};
use countersign::implementation::Implementation;
use countersign::implementation::ReferenceImplementation;
use countersign::spec::{SHIPPED, Spec, shipped};

#[tokio::test]
async fn smoke() {
    let mut reference = ReferenceImplementation::new();
    for (name, _) in SHIPPED {
        let spec = Spec::read(&shipped(name).unwrap()).unwrap();
        let report = run(&spec, &mut reference, &Options::default(), &mut |event| {
            if let Event::Found(finding) = event {
                println!(
                    "found {} {} {:?}",
                    finding.rule, finding.sentence, finding.requests
                );
            }
        })
        .await;
        println!(
            "{name} {} judged {} requests {} installs {} {:?}",
            report.coverage, report.judged, report.requests, report.installations, report.elapsed
        );
        for rule in &report.rules {
            println!("  {:?}", rule);
        }
        println!(
            "{:?} {:?} {:?}",
            report.anomalies, report.unsupported, report.stopped
        );
        for finding in &report.findings {
            println!(
                "{} [{}] case {} exp {} obs {} failures {} smallest {:?} cures {:?} steps {} flaky {:?}",
                finding.rule,
                finding.sentence,
                finding.case,
                finding.discrepancy.expected,
                finding.discrepancy.observed,
                finding.failures,
                finding.proof.simpler_cases,
                finding.cures,
                finding.proof.steps.len(),
                finding.flaky.is_some()
            );
        }
        println!(
            "causes: {:?}",
            causes(&report.findings)
                .iter()
                .map(|c| (c.headline.sentence.clone(), c.others.len()))
                .collect::<Vec<_>>()
        );
    }
    reference.stop().await;
}
