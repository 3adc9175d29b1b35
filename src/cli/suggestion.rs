//! What somebody meant who named something where a command or an option is wanted.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use countersign::adapter::shipped_names;
use countersign::spec::SHIPPED;

use super::failure::CommandFailure;
use super::open::REFERENCE;

/// What was meant, where a word is no command and no argument but the name of a spec, of an implementation, or
/// a URL. Specs are options, because `run` can take what follows `--save` for a folder: a bare word there would
/// mean one thing in one place and another in the next.
pub(super) fn meant(error: &clap::Error) -> Option<CommandFailure> {
    let word = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(word)) => Some(word.as_str()),
        _ => None,
    };
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let word = word(ContextKind::InvalidSubcommand)?;
            let help = help(word)?;
            Some(CommandFailure::input(format!(
                "there is no command `{word}`\n  help: {help}"
            )))
        }
        ErrorKind::UnknownArgument => {
            let usage = error.get(ContextKind::Usage)?.to_string();
            let mut takes_specs = TAKE_SPECS.iter();
            let command = takes_specs.find(|name| usage.contains(&format!(" {name} ")))?;
            let word = word(ContextKind::InvalidArg)?;
            let option = option(word, *command == "run")?;
            Some(CommandFailure::input(format!(
                "`countersign {command}` takes no `{word}` without an option before it\n  help: write \
                 `countersign {command} {option} {word}`"
            )))
        }
        _ => None,
    }
}

/// The commands that take specs by `--spec`.
const TAKE_SPECS: [&str; 3] = ["run", "kill-matrix", "rules"];

/// The option before which a word without one was probably meant to stand.
fn option(word: &str, takes_implementations: bool) -> Option<&'static str> {
    let is_given = !word.is_empty() && !word.starts_with('-');
    let option = match is_implementation(word) || is_url(word) {
        true if takes_implementations => "--against",
        true => return None,
        false => "--spec",
    };
    is_given.then_some(option)
}

fn is_url(word: &str) -> bool {
    let mut schemes = ["http://", "https://"].iter();
    schemes.any(|scheme| word.starts_with(scheme))
}

fn is_implementation(word: &str) -> bool {
    let has = |file: &str| std::path::Path::new(word).join(file).is_file();
    word == REFERENCE || shipped_names().contains(&word) || has("adapter.yaml")
}

fn help(word: &str) -> Option<String> {
    let is_pack = SHIPPED.iter().any(|(name, _)| *name == word);
    if is_url(word) {
        Some(format!(
            "`countersign reach {word}` says who gets in at a server as it is; `countersign run --against \
             {word}` tests a program at its control URL"
        ))
    } else if is_pack || word.ends_with(".yaml") || word.ends_with(".yml") {
        Some(format!("`countersign run --spec {word}` runs it"))
    } else if is_implementation(word) {
        Some(format!("`countersign run --against {word}` tests it"))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_things_lead_to_the_command_for_them() {
        for (word, meant) in [
            ("nginx", "`countersign run --against nginx`"),
            ("reference", "`countersign run --against reference`"),
            ("reachability", "`countersign run --spec reachability`"),
            ("mine.yaml", "`countersign run --spec mine.yaml`"),
            (
                "http://127.0.0.1:1",
                "`countersign reach http://127.0.0.1:1`",
            ),
        ] {
            let help = help(word).unwrap_or_default();
            assert!(help.starts_with(meant), "{word}: {help}");
        }
        assert_eq!(help("rum"), None);
    }
}
