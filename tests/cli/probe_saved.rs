//! What was found at a deployed endpoint, kept, and tried again.

use libtest_mimic::Trial;

use crate::probe_policy::{
    ALICE, Gate, MALLORY, POLICY, SECRETS, all_is_well, anything_goes, keeps_secrets, with_policy,
};
use crate::support::{countersign, ended, trial, wanting};

pub(crate) fn trials() -> Vec<Trial> {
    vec![wanting(
        "curl",
        trial("probe_saved::replays_with_variables", saved),
    )]
}

/// A finding is saved with variables in place of secrets, and tried again with what they hold.
fn saved() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("saved");
    let gate = Gate::new(anything_goes);
    let ended = with_policy(&gate.url, POLICY, &["--save", to.to_str().unwrap()]).with(1);
    keeps_secrets(&ended);
    let files: Vec<_> = std::fs::read_dir(&to)
        .unwrap()
        .map(|one| one.unwrap().path())
        .collect();
    assert_eq!(files.len(), 3, "{files:?}");
    for file in &files {
        let text = std::fs::read_to_string(file).unwrap();
        for secret in SECRETS
            .iter()
            .map(|(_, secret)| *secret)
            .chain([ALICE, MALLORY])
        {
            assert!(!text.contains(secret), "{secret} in\n{text}");
        }
        for wanted in [
            "$COUNTERSIGN_TOKEN",
            "$COUNTERSIGN_EXPIRED_TOKEN",
            "--endpoint URL",
        ] {
            assert!(text.contains(wanted), "no {wanted} in\n{text}");
        }
    }
    let name = |file: &std::path::PathBuf| file.file_name().unwrap().to_str().unwrap().to_owned();
    let expired = files
        .iter()
        .find(|file| name(file).starts_with("an-expired-token-"))
        .unwrap();
    let expired = expired.to_str().unwrap();
    let replay = |more: &[&str], variables: &[(&str, &str)]| {
        let mut command = countersign();
        command
            .args(["replay", expired])
            .args(more)
            .envs(variables.iter().copied());
        crate::support::ended(&mut command)
    };
    let ended = replay(&[], &[]).with(2);
    assert!(ended.err.contains("`--endpoint URL`"), "{}", ended.err);
    let ended = replay(&["--endpoint", &gate.url], &[]).with(2);
    assert!(
        ended
            .err
            .contains("are not there: COUNTERSIGN_TOKEN, COUNTERSIGN_EXPIRED_TOKEN"),
        "{}",
        ended.err
    );
    let variables = [
        ("COUNTERSIGN_TOKEN", "t0ken-of-alice"),
        ("COUNTERSIGN_EXPIRED_TOKEN", "t0ken-that-was"),
    ];
    let ended = replay(&["--endpoint", &gate.url], &variables).with(1);
    assert!(ended.out.contains("still failing"), "{}", ended.out);
    keeps_secrets(&ended);
    let right = Gate::new(all_is_well);
    let ended = replay(&["--endpoint", &right.url], &variables).with(0);
    assert!(ended.out.contains("fixed"), "{}", ended.out);
    keeps_secrets(&ended);
    assert!(right.count("t0ken-that-was") <= 2);
    // The file says how by hand, and so does a script for whoever has no Countersign.
    let text = std::fs::read_to_string(expired).unwrap();
    let line = "#   curl -si -H \"Authorization: Bearer ${COUNTERSIGN_EXPIRED_TOKEN}\" $URL";
    assert!(text.contains(line), "{text}");
    exported(expired, &variables, [&gate.url, &right.url]);
    let disabled = files
        .iter()
        .find(|file| name(file).starts_with("a-disabled-user-"))
        .unwrap();
    let variables = [
        ("COUNTERSIGN_PASSWORD", "s3same-of-alice"),
        ("COUNTERSIGN_DISABLED_USER_PASSWORD", "w0rd-of-mallory"),
    ];
    exported(
        disabled.to_str().unwrap(),
        &variables,
        [&gate.url, &right.url],
    );
}

/// A script of a finding succeeds where it shows and fails where it does not, and asks nobody without the secrets.
fn exported(file: &str, variables: &[(&str, &str)], [failing, right]: [&str; 2]) {
    let written = |format: &str, code| {
        let mut command = countersign();
        command.args(["export", file, "--format", format]);
        let written = ended(&mut command).with(code);
        keeps_secrets(&written);
        written
    };
    written("har", 2);
    let curl = written("curl", 0).out;
    let played = |url: &str, variables: &[(&str, &str)]| {
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &curl]).env("URL", url);
        ended(shell.envs(variables.to_vec()))
    };
    played(failing, variables).with(0);
    played(right, variables).with(1);
    let without = played(failing, &[]);
    assert!(
        without.code != Some(0) && without.err.contains("is to hold a secret"),
        "{without:?}"
    );
}
