//! What stands in for CI: the steps of `action.yml` and of `ci/gitlab.yml`, run as far as they go without their
//! services, and the gateways of the examples that they are shown with.

use std::path::Path;
use std::process::Command;

use libtest_mimic::Trial;
use serde_json::Value;

use crate::support::{Ended, countersign, ended, path, trial, wanting};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        wanting("bash", trial("ci::the_action_runs_and_reports", github)),
        trial("ci::the_job_for_gitlab_runs_and_reports", gitlab),
        wanting(
            "python3",
            trial("ci::the_gateway_in_python_conforms", python),
        ),
        wanting("node", trial("ci::the_gateway_for_node_conforms", node)),
    ]
}

/// A file of YAML in this repository.
fn yaml(file: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = std::fs::read_to_string(path).unwrap();
    serde_saphyr::from_str(&text).unwrap()
}

/// Whether the reports that each job leaves are there.
fn has_reports(folder: &Path, reports: &[&str]) {
    for report in reports {
        let text = std::fs::read_to_string(folder.join(report)).unwrap();
        assert!(
            text.contains("who waits for a challenge is shut out"),
            "{report}"
        );
    }
    let findings = folder.join("countersign-reports/findings");
    assert_eq!(std::fs::read_dir(findings).unwrap().count(), 1);
}

fn github() {
    let action = yaml("action.yml");
    let steps = action["runs"]["steps"].as_array().unwrap();
    for step in steps {
        // What is put into a script would be a part of it: inputs come by the environment.
        assert!(!step["run"].as_str().unwrap().contains("${{"), "{step}");
        assert_eq!(step["shell"], "bash");
    }
    let step = |name: &str| steps.iter().find(|step| step["name"] == name).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let script = |name: &str, inputs: &[(&str, &str)]| -> Ended {
        let step = step(name);
        let mut bash = Command::new("bash");
        bash.args(["-e", "-o", "pipefail", "-c", step["run"].as_str().unwrap()])
            .current_dir(folder)
            .env("PATH", path())
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_OUTPUT", folder.join("output"))
            .env("GITHUB_PATH", folder.join("path"))
            .env("GITHUB_STEP_SUMMARY", folder.join("summary.md"));
        for (name, said) in step["env"].as_object().unwrap() {
            let said = said.as_str().unwrap();
            let input = said
                .strip_prefix("${{ inputs.")
                .and_then(|rest| rest.strip_suffix(" }}"));
            let value = input.map(|input| {
                let given = inputs.iter().find(|(name, _)| *name == input);
                let usual = action["inputs"][input]["default"].as_str();
                given.map(|(_, value)| *value).or(usual).unwrap()
            });
            bash.env(name, value.unwrap_or("unused"));
        }
        ended(&mut bash)
    };
    // It is in the path here, so nothing is built.
    script("Install", &[]).with(0);
    assert!(!folder.join("path").exists());
    let few = "--spec\nreachability\n\n--set\npolicy.profiles=0..2\n";
    let told = script("Run", &[("against", "reference"), ("arguments", few)]).with(1);
    assert!(
        told.err
            .contains("::error file=specs/reachability.yaml,line="),
        "{told:?}"
    );
    let reports = [
        "countersign.html",
        "junit.xml",
        "countersign.sarif",
        "run.json",
    ];
    let mut reports: Vec<String> = reports
        .map(|one| format!("countersign-reports/{one}"))
        .to_vec();
    reports.push("summary.md".to_owned());
    has_reports(
        folder,
        &reports.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    let output = std::fs::read_to_string(folder.join("output")).unwrap();
    assert_eq!(output, "exit-code=1\n");
}

fn gitlab() {
    let template = yaml("ci/gitlab.yml");
    let job = &template[".countersign"];
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut sh = Command::new("sh");
    sh.args(["-e", "-c", job["script"][0].as_str().unwrap()])
        .current_dir(folder)
        .env("PATH", path())
        .env_remove("GITHUB_ACTIONS");
    for (name, value) in job["variables"].as_object().unwrap() {
        sh.env(name, value.as_str().unwrap());
    }
    sh.env(
        "COUNTERSIGN_ARGUMENTS",
        "--spec reachability --set policy.profiles=0..2",
    );
    ended(&mut sh).with(1);
    let junit = job["artifacts"]["reports"]["junit"].as_str().unwrap();
    let junit = junit.replace("$COUNTERSIGN_REPORTS", "countersign-reports");
    let others = [
        "countersign-reports/countersign.html",
        "countersign-reports/run.json",
    ];
    has_reports(folder, &[&junit, others[0], others[1]]);
}

/// A gateway of the examples, judged on few cases.
fn conforms(gateway: &str) {
    let mut command = countersign();
    command.args(["run", "--against", gateway, "--spec", "http-authentication"]);
    let told = ended(command.args(["--set", "policy.profiles=0..1"])).with(0);
    assert!(told.out.contains("0 findings"), "{}", told.out);
}

fn python() {
    conforms("./examples/python-gateway/countersign");
}

fn node() {
    conforms("./examples/node-gateway/countersign");
}
