//! A run for tests of what is written of one: two findings, a failure that does not show each time, and a rule that
//! never applied.

use crate::results::Run;
use crate::yaml::Source;

const RUN: &str = include_str!("../../examples/run.json");

/// The run.
pub(super) fn run() -> Run {
    Run::read(&Source::new("run.json", RUN)).unwrap()
}

/// What servers and files may say to break out of what it is told in.
pub(super) const HOSTILE: &str = "</failure>]]><script>alert(1)</script> \x1b[31m\x07 \u{202e}txt\u{2066} \r\n\
    ::error::forged\n```\n</details>\n| a | b |\n## forged\n[x](javascript:x) `code` @somebody {0} %0A \u{fffe}\u{0}";

/// The run with that in each text that a server, a spec or a file may decide.
pub(super) fn hostile(words: &str) -> Run {
    let mut run = run();
    let put = |text: &mut String| text.push_str(words);
    put(&mut run.implementation.0);
    put(&mut run.implementation.1);
    // A command is as long as it is, because part of one is none.
    let is_short = words.len() < 1_000;
    if is_short {
        put(&mut run.asked.against);
    }
    run.left_out.push(words.to_owned());
    run.not_begun.push(words.to_owned());
    for report in &mut run.packs {
        put(&mut report.pack.0);
        put(&mut report.pack.2);
        report.notices.push(words.to_owned());
        report.hollow = Some(words.to_owned());
        for finding in &mut report.findings {
            for text in [
                &mut finding.pack.0,
                &mut finding.defect,
                &mut finding.sentence,
                &mut finding.impact,
                &mut finding.stated.document,
                &mut finding.stated.section,
                &mut finding.discrepancy.expected,
                &mut finding.discrepancy.observed,
            ] {
                put(text);
            }
            if is_short {
                put(&mut finding.brief);
            }
            finding.at = format!("{words}:7");
            let entries = finding.transcript.case.iter_mut();
            for entry in entries.chain(&mut finding.transcript.sibling) {
                entry.body.extend(words.as_bytes());
                let field = format!("x: {}\r\n\r\n", words.replace(['\r', '\n'], " "));
                entry.head.truncate(entry.head.len().saturating_sub(2));
                entry.head.extend(field.as_bytes());
            }
        }
    }
    run
}
