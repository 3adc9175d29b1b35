//! Parts of a run as other engines play them: the commands of their files, with each number, and merged.

use std::path::Path;
use std::process::Command;

use libtest_mimic::Trial;
use serde_json::Value;

use crate::support::{Ended, ended, path, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("scale::a_job_of_kubernetes_plays_every_part", kubernetes),
        trial("scale::an_array_of_slurm_plays_every_part", slurm),
        trial("scale::jobs_of_gitlab_play_every_part", gitlab),
    ]
}

/// How many parts are played here: of the files' numbers any will do.
const PARTS: usize = 2;

fn text(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// The commands of a file play one small pack here, and not all of them.
fn small(script: &str) -> String {
    let small = script.replace(
        "countersign run ",
        "countersign run --spec reachability --cases 100 ",
    );
    assert_ne!(small, script);
    small
}

/// Runs a script as its engine does, with these variables, in a folder.
fn scripted(script: &str, folder: &Path, variables: &[(&str, String)]) -> Ended {
    let mut shell = Command::new("sh");
    shell
        .args(["-e", "-c", script])
        .current_dir(folder)
        .env("PATH", path());
    for (name, value) in variables {
        shell.env(name, value);
    }
    ended(&mut shell)
}

/// What was merged is the whole, with the defect of the platform's default settings.
fn is_whole(merged: &Ended) {
    assert_eq!(merged.code, Some(1), "{}{}", merged.out, merged.err);
    assert_eq!(merged.err, "");
    assert!(
        merged
            .out
            .contains("two profiles, flag false, Basic client"),
        "{}",
        merged.out
    );
}

fn kubernetes() {
    let documents: Vec<Value> = text("deploy/kubernetes/job.yaml")
        .split("\n---\n")
        .map(|one| serde_saphyr::from_str(one).unwrap())
        .collect();
    let [volume, parts, merge] = documents.as_slice() else {
        panic!("{documents:#?}")
    };
    assert_eq!(volume["kind"], "PersistentVolumeClaim");
    let container = |job: &Value| job["template"]["spec"]["containers"][0].clone();
    let (played, merged) = (
        container(&parts["spec"]),
        container(&merge["spec"]["jobTemplate"]["spec"]),
    );
    // The number of parts is said three times, and is the same.
    let value = |name: &str| {
        let env = played["env"].as_array().unwrap();
        env.iter().find(|one| one["name"] == name).unwrap()["value"].clone()
    };
    let completions = parts["spec"]["completions"].as_u64().unwrap().to_string();
    assert_eq!(value("SHARDS").as_str(), Some(completions.as_str()));
    assert_eq!(parts["spec"]["parallelism"], parts["spec"]["completions"]);
    let folder = tempfile::tempdir().unwrap();
    let runs = folder.path().to_str().unwrap().to_owned();
    for index in 0..PARTS {
        let variables = [
            ("AGAINST", "reference".to_owned()),
            ("SHARDS", PARTS.to_string()),
            ("RUNS", runs.clone()),
            ("JOB_COMPLETION_INDEX", index.to_string()),
        ];
        let script = small(played["command"][2].as_str().unwrap());
        scripted(&script, folder.path(), &variables).with(0);
    }
    let script = merged["command"][2].as_str().unwrap();
    is_whole(&scripted(script, folder.path(), &[("RUNS", runs)]));
}

fn slurm() {
    let script = small(&text("deploy/slurm/countersign.sbatch"));
    let folder = tempfile::tempdir().unwrap();
    let runs = folder.path().join("runs");
    // An array may begin with any number.
    for task in 5..5 + PARTS {
        let variables = [
            ("RUNS", runs.to_str().unwrap().to_owned()),
            ("SLURM_ARRAY_TASK_ID", task.to_string()),
            ("SLURM_ARRAY_TASK_MIN", "5".to_owned()),
            ("SLURM_ARRAY_TASK_COUNT", PARTS.to_string()),
        ];
        scripted(&script, folder.path(), &variables).with(0);
    }
    is_whole(&scripted(
        "countersign merge runs/*.json --report junit=report.xml",
        folder.path(),
        &[],
    ));
    let report = std::fs::read_to_string(folder.path().join("report.xml")).unwrap();
    assert!(report.contains("<testsuites"), "{report}");
    let wrong = scripted(
        "countersign merge runs/*.json --format html --report junit=-",
        folder.path(),
        &[],
    );
    let why = "`--format html` writes to standard output, and so would `--report`";
    assert!(wrong.err.contains(why), "{}", wrong.err);
    assert_eq!(wrong.code, Some(2));
}

fn gitlab() {
    let file: Value = serde_saphyr::from_str(&text("ci/gitlab-shards.yml")).unwrap();
    let (part, merge) = (&file["countersign-part"], &file["countersign-merge"]);
    let line = |list: &Value| list[0].as_str().unwrap().to_owned();
    let script = small(&format!(
        "{}\n{}",
        line(&part["before_script"]),
        line(&part["script"])
    ));
    let folder = tempfile::tempdir().unwrap();
    for index in 1..=PARTS {
        let variables = [
            ("COUNTERSIGN_AGAINST", "reference".to_owned()),
            ("CI_NODE_INDEX", index.to_string()),
            ("CI_NODE_TOTAL", PARTS.to_string()),
        ];
        scripted(&script, folder.path(), &variables).with(0);
    }
    is_whole(&scripted(&line(&merge["script"]), folder.path(), &[]));
}
