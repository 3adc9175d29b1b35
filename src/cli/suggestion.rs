//! What somebody meant who named something where a command is wanted.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use countersign::adapter::shipped_names;
use countersign::spec::SHIPPED;

use super::failure::CommandFailure;
use super::open::REFERENCE;

/// The command that was meant, where a word is no command but the name of a spec, of an implementation, or
/// a URL.
pub(super) fn command(error: &clap::Error) -> Option<CommandFailure> {
    if error.kind() != ErrorKind::InvalidSubcommand {
        return None;
    }
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else {
        return None;
    };
    let help = help(word)?;
    Some(CommandFailure::input(format!(
        "there is no command `{word}`\n  help: {help}"
    )))
}

fn help(word: &str) -> Option<String> {
    let is_url = ["http://", "https://"]
        .iter()
        .any(|scheme| word.starts_with(scheme));
    let is_pack = SHIPPED.iter().any(|(name, _)| *name == word);
    let has = |file: &str| std::path::Path::new(word).join(file).is_file();
    if is_url {
        Some(format!(
            "`countersign reach {word}` says who gets in at a server as it is; `countersign run --against \
             {word}` tests a program at its control URL"
        ))
    } else if is_pack || word.ends_with(".yaml") || word.ends_with(".yml") {
        Some(format!("`countersign run --spec {word}` runs it"))
    } else if word == REFERENCE || shipped_names().contains(&word) || has("adapter.yaml") {
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
