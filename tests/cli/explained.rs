//! What stands behind names, and what shells and readers of manuals get.

use std::process::Command;

use countersign::auth::Departure;
use countersign::reference::Fault;
use libtest_mimic::Trial;

use crate::support::{ended, path, run, shell, trial, wanting};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("explained::a_rule_has_source_faults_and_products", rule),
        trial("explained::a_fault_has_what_notices_it", fault),
        trial("explained::a_departure_has_its_section", departure),
        trial("explained::what_is_not_there_is_told", unknown),
        wanting(
            "bash",
            trial("explained::bash_completes_commands", completions),
        ),
        trial("explained::every_command_has_a_manual_page", manual),
    ]
}

fn rule() {
    let text = run(["explain", "accepted-schemes-are-advertised"])
        .with(0)
        .out;
    assert!(
        text.starts_with("rule accepted-schemes-are-advertised (reachability, should)\n"),
        "{text}"
    );
    assert!(text.contains("\n  source      RFC 9110 §11.6.1 "), "{text}");
    assert!(
        text.contains(
            "            flag-ignored: The flag that advertises all schemes has no effect.\n"
        ),
        "{text}"
    );
    assert!(text.contains("envoy "), "{text}");
    // What is printed to try is what notices it.
    let line = text
        .lines()
        .find_map(|line| line.trim_start().strip_prefix("try"));
    let shown = ended(&mut shell(&format!("{} --cases 500", line.unwrap().trim())))
        .with(1)
        .out;
    assert!(shown.contains("\nfinding 1 of "), "{shown}");
}

fn fault() {
    for fault in Fault::ALL {
        // One look for all: reading the packs each time would take minutes.
        if fault.name().len() % 16 == 0 {
            let text = run(["explain", fault.name()]).with(0).out;
            assert!(text.contains(fault.summary()), "{text}");
            assert!(text.contains("\n  noticed by  "), "{text}");
        }
    }
}

fn departure() {
    for departure in Departure::ALL.iter().step_by(5) {
        let text = run(["explain", departure.word()]).with(0).out;
        assert!(text.contains(departure.section()), "{text}");
    }
    let text = run(["explain", "missing-comma"]).with(0).out;
    for line in [
        "\n  impact      Clients see one challenge where there are two.\n",
        "\n  noticed by  commas-part-challenges (http-authentication)\n",
        " omits-comma-between-challenges: ",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

fn unknown() {
    let told = run(["explain", "flag-ignord"]).with(2).err;
    assert!(told.contains("did you mean `flag-ignored`?"), "{told}");
    // What a finding says is wrong leads to its rules.
    let told = run([
        "explain",
        "digest without a quality is accepted: one profile",
    ])
    .with(0)
    .out;
    assert!(
        told.starts_with("rule digest-without-a-quality-is-refused ("),
        "{told}"
    );
    run(["explain", "Digest without a quality is accepted too"]).with(2);
}

fn completions() {
    let line = "eval \"$(countersign completions bash)\"; COMP_WORDS=(countersign kill); COMP_CWORD=1; \
        _countersign countersign kill countersign; echo \"${COMPREPLY[@]}\"";
    let mut bash = Command::new("bash");
    let said = ended(bash.args(["-c", line]).env("PATH", path()))
        .with(0)
        .out;
    assert_eq!(said.trim(), "kill-matrix");
    for other in ["zsh", "fish", "elvish", "powershell"] {
        assert!(
            run(["completions", other])
                .with(0)
                .out
                .contains("kill-matrix")
        );
    }
}

fn manual() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    run(["man", "--to", path]).with(0);
    for page in [
        "countersign",
        "countersign-run",
        "countersign-adapters-install",
    ] {
        let text = std::fs::read_to_string(folder.path().join(format!("{page}.1"))).unwrap();
        assert!(text.contains(".SH OPTIONS"), "{page}");
    }
    assert!(run(["man"]).with(0).out.contains("Exit codes"));
}
