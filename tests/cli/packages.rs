//! The packages that carry the command: each is made of the command under test, installed where nothing else is and with
//! no registry, and started from there.

use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::Trial;

use crate::support::{Ended, countersign, ended, trial, wanting};

pub(crate) fn trials() -> Vec<Trial> {
    if !cfg!(target_os = "linux") {
        return Vec::new();
    }
    let python = |trial| wanting("python3", trial);
    let wheel = python(trial("packages::a_wheel_carries_the_command", wheel));
    let npm = python(trial("packages::an_npm_package_carries_the_command", npm));
    vec![
        if has_venv() {
            wheel
        } else {
            wheel.with_ignored_flag(true)
        },
        wanting("npm", npm),
        python(trial(
            "packages::they_are_for_what_the_binary_is_for",
            platforms,
        )),
    ]
}

/// Whether Python can make an environment, which Debian has in a package of its own.
fn has_venv() -> bool {
    let mut python = Command::new("python3");
    let made = python.args(["-c", "import ensurepip, venv"]).output();
    made.is_ok_and(|made| made.status.success())
}

/// What `ci/packages` says with these arguments.
fn packages(binary: &str, folder: &Path, more: &[&str]) -> Ended {
    let mut python = Command::new("python3");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/ci/packages");
    python.args(["-B", script, binary]).arg(folder).args(more);
    ended(&mut python)
}

/// A package of the command under test, of this kind.
fn package(kind: &str, folder: &Path) -> PathBuf {
    let binary = env!("CARGO_BIN_EXE_countersign");
    // Little is compressed, since a test has no use for that.
    let made = packages(binary, folder, &["--only", kind, "--level", "1"]).with(0);
    PathBuf::from(made.out.trim_end())
}

/// The command that a package brought, where nothing of this repository is.
fn works(program: &Path, folder: &Path) {
    let started = |words: &[&str]| ended(Command::new(program).args(words).current_dir(folder));
    let told = started(&["--version"]).with(0).out;
    assert_eq!(told, ended(countersign().arg("--version")).with(0).out);
    let told = started(&["run", "--spec", "api-access-policy", "--cases", "50"]).with(0);
    assert!(told.out.contains("\n0 findings; "), "{}", told.out);
    // It ends as the command does.
    started(&["run", "--against"]).with(2);
}

fn wheel() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let wheel = package("wheel", folder);
    let venv = folder.join("venv");
    ended(Command::new("python3").args(["-m", "venv"]).arg(&venv)).with(0);
    let mut pip = Command::new(venv.join("bin/pip"));
    pip.args([
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        "--disable-pip-version-check",
    ]);
    ended(pip.arg(&wheel)).with(0);
    works(&venv.join("bin/countersign"), folder);
}

fn npm() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let package = package("npm", folder);
    let mut npm = Command::new("npm");
    npm.args([
        "install",
        "--silent",
        "--offline",
        "--no-audit",
        "--no-fund",
        "--prefix",
        "there",
    ]);
    npm.arg(&package).current_dir(folder);
    ended(npm.env("npm_config_cache", folder.join("cache"))).with(0);
    works(&folder.join("there/node_modules/.bin/countersign"), folder);
}

/// A file that begins as a program for Linux does, for a processor; with a loader it needs the system's libraries.
fn elf(processor: u8, loader: bool) -> Vec<u8> {
    let mut bytes = vec![0; 64 + 56];
    bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
    bytes[18] = processor;
    // The program's headers: where they begin, how long each is, how many there are.
    bytes[32] = 64;
    bytes[54] = 56;
    bytes[56] = 1;
    // The first is one that is loaded, or names a loader.
    bytes[64] = if loader { 3 } else { 1 };
    bytes
}

fn platforms() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let file = folder.join("binary");
    let told = |content: &[u8]| {
        std::fs::write(&file, content).unwrap();
        packages(file.to_str().unwrap(), folder, &["--only", "wheel"])
    };
    for (processor, loader, platform) in [
        (62, true, "linux_x86_64"),
        (183, true, "linux_aarch64"),
        (62, false, "manylinux_2_17_x86_64.musllinux_1_1_x86_64"),
    ] {
        let out = told(&elf(processor, loader)).with(0).out;
        let name = format!(
            "countersign-{}-py3-none-{platform}.whl",
            env!("CARGO_PKG_VERSION")
        );
        assert!(out.trim_end().ends_with(&name), "{out}");
    }
    let wrong = told(b"#!/bin/sh\n").with(1);
    assert!(wrong.err.contains("none for 64-bit Linux"), "{}", wrong.err);
    let wrong = told(&elf(40, false)).with(1);
    assert!(
        wrong.err.contains("processors of number 40"),
        "{}",
        wrong.err
    );
}
