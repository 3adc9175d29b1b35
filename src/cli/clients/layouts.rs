//! Layouts that the command line names.

use std::path::Path;

use countersign::files::read_text;
use countersign::user_agents::catalogue::{LAYOUTS, scripts};
use countersign::user_agents::model::Script;
use countersign::user_agents::reach::saved_response;
use countersign::yaml::nearest;

use crate::cli::failure::CommandFailure;

/// The largest file of cases that is read, in bytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// The cases of a file, each with its name.
pub(super) fn cases(file: &str) -> Result<Vec<(String, Script)>, CommandFailure> {
    let text = text(file)?;
    let unreadable = |why: String| unreadable(file, &why);
    let cases = scripts(&text).map_err(unreadable)?;
    for (case, script) in &cases {
        if script.status < 300 {
            return Err(unreadable(format!(
                "case `{case}`: `status` is {}, by which nobody is refused\n  help: it is the status of a \
                 refusal: 401 where nothing is said, 407 for a proxy's",
                script.status
            )));
        }
    }
    Ok(cases)
}

/// The layouts that clients were measured on.
pub(super) fn measured() -> Result<Vec<(String, Script)>, CommandFailure> {
    scripts(LAYOUTS).map_err(CommandFailure::input)
}

/// Of these cases those with the names; all where none is named.
pub(super) fn named(
    all: Vec<(String, Script)>,
    names: &[String],
) -> Result<Vec<(String, Script)>, CommandFailure> {
    if names.is_empty() {
        return Ok(all);
    }
    let find = |name: &String| {
        let found = all.iter().find(|(have, _)| have == name);
        found.cloned().ok_or_else(|| no_such(name, &all))
    };
    names.iter().map(find).collect()
}

/// The layout that `--layout` names: a measured one, a response in a file, or a case in a file.
pub(in crate::cli) fn layout_of(named: &str) -> Result<(String, Script), CommandFailure> {
    let measured = measured()?;
    if let Some(found) = measured.iter().find(|(name, _)| name == named) {
        return Ok(found.clone());
    }
    let (file, case) = match named.rsplit_once(':') {
        Some((file, case)) if !Path::new(named).exists() => (file, Some(case)),
        _ => (named, None),
    };
    if case.is_none() && !Path::new(file).exists() {
        return Err(no_such(named, &measured));
    }
    let text = text(file)?;
    if !text.trim_start().starts_with('{') {
        let response = saved_response(&text).map_err(|why| unreadable(file, &why))?;
        let mut script = Script::new(response.layout());
        script.status = response.status;
        return Ok((file.to_owned(), script));
    }
    let cases = cases(file)?;
    match (case, cases.as_slice()) {
        (None, [only]) => Ok(only.clone()),
        (Some(case), _) => {
            let found = cases.iter().find(|(name, _)| name == case);
            found.cloned().ok_or_else(|| no_such(case, &cases))
        }
        (None, _) => Err(CommandFailure::input(format!(
            "{file} has {} cases\n  help: name one of them: `--layout {file}:NAME`",
            cases.len()
        ))),
    }
}

fn no_such(name: &str, cases: &[(String, Script)]) -> CommandFailure {
    let names = cases.iter().map(|(name, _)| name.as_str());
    let help = match nearest(name, names.clone()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("there are {}", names.collect::<Vec<_>>().join(", ")),
    };
    CommandFailure::input(format!("there is no layout `{name}`\n  help: {help}"))
}

fn unreadable(file: &str, why: &str) -> CommandFailure {
    CommandFailure::input(format!("{file} cannot be read: {why}"))
}

fn text(file: &str) -> Result<String, CommandFailure> {
    read_text(Path::new(file), LARGEST).map_err(|error| unreadable(file, &error.to_string()))
}
