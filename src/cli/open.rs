//! Implementations by the name that `--against` gives.

use countersign::adapter::open as open_target;
use countersign::adapter::{Adapter, Home, OpenFault, find_adapter};
use countersign::engine::vocabulary;
use countersign::implementation::{Implementation, ReferenceImplementation, check_control_url};
use countersign::observation::SetupFault;
use countersign::reference::Fault;
use countersign::spec::Spec;
use countersign::yaml::nearest;

use super::failure::CommandFailure;
use super::interrupt;

/// What `--against` calls the embedded reference implementation.
pub(super) const REFERENCE: &str = "reference";

/// Whether `--against` names an adapter: by name or by path.
pub(super) fn is_adapter(target: &str) -> bool {
    target != REFERENCE && !target.starts_with("http://") && !target.starts_with("https://")
}

/// Makes sure that there is what a command line names, before anything that takes time: the faults, the
/// adapter, and that a URL can be a control URL. Answers with the adapter, if it is one.
pub(super) fn find(target: &str, faults: &[String]) -> Result<Option<Adapter>, CommandFailure> {
    if target == REFERENCE {
        self::faults(faults)?;
        return Ok(None);
    }
    if !faults.is_empty() {
        return Err(CommandFailure::input(
            "only the reference implementation has faults to seed",
        ));
    }
    if is_adapter(target) {
        return find_adapter(target).map(Some).map_err(not_opened(target));
    }
    check_control_url(target).map_err(|why| {
        CommandFailure::input(format!(
            "`{target}` {why}\n  help: `--against` takes the control URL of a program that speaks the control \
             protocol, such as `http://127.0.0.1:43210`; `countersign reach {target}` says who gets in at a \
             server as it is"
        ))
    })?;
    Ok(None)
}

/// Opens an implementation: the embedded reference, or whatever the adapters know. `port` is the
/// reference implementation's, 0 for a free one.
pub(super) async fn open(
    target: &str,
    faults: &[String],
    port: u16,
) -> Result<Box<dyn Implementation>, CommandFailure> {
    if target == REFERENCE {
        let faults = self::faults(faults)?;
        return Ok(Box::new(
            ReferenceImplementation::with_faults(&faults).on_port(port),
        ));
    }
    find(target, faults)?;
    if port != 0 {
        return Err(CommandFailure::input(
            "only the reference implementation's port can be chosen",
        ));
    }
    open_target(target, &Home::from_environment())
        .await
        .map_err(not_opened(target))
}

/// The failure that it is when an implementation cannot be opened.
fn not_opened(target: &str) -> impl Fn(OpenFault) -> CommandFailure {
    move |fault| match fault {
        OpenFault::Unknown { name, help } => {
            let help = match nearest(&name, [REFERENCE]) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => help,
            };
            CommandFailure::input(OpenFault::Unknown { name, help })
        }
        OpenFault::NoControlProgram(fault) => CommandFailure::environment(SetupFault {
            remedy: Some(what_a_control_url_is(target)),
            ..fault
        }),
        OpenFault::Setup(fault) => CommandFailure::environment(fault),
        wrong @ OpenFault::Adapter(_) => CommandFailure::input(wrong),
    }
}

/// What is at a control URL, and is no control program, may be the very server that somebody wants to know
/// about.
fn what_a_control_url_is(target: &str) -> String {
    format!(
        "`--against` takes the control URL of a program that speaks the control protocol \
         (docs/control-protocol.md), and {target} is none; `countersign reach {target}` says who gets in at a \
         server as it is"
    )
}

/// Opens an implementation that is to be held against specs: what it says of itself must be among what they
/// and the shipped packs have.
pub(super) async fn open_for(
    specs: &[Spec],
    target: &str,
    faults: &[String],
) -> Result<Box<dyn Implementation>, CommandFailure> {
    if target == REFERENCE {
        return open(target, faults, 0).await;
    }
    let vocabulary = vocabulary(specs);
    if let Some(adapter) = find(target, faults)? {
        adapter.check(&vocabulary).map_err(CommandFailure::input)?;
    }
    let implementation = open(target, faults, 0).await?;
    if let Err(fault) = implementation.description().check(&vocabulary) {
        interrupt::end(implementation).await;
        return Err(CommandFailure::environment(fault));
    }
    Ok(implementation)
}

/// Faults by name.
pub(super) fn faults(names: &[String]) -> Result<Vec<Fault>, CommandFailure> {
    names.iter().map(|name| fault(name)).collect()
}

fn fault(name: &str) -> Result<Fault, CommandFailure> {
    Fault::from_name(name).ok_or_else(|| {
        let names = Fault::ALL.iter().map(|fault| fault.name());
        let help = match alike(name, names) {
            Some(meant) => format!("did you mean `{meant}`? `countersign faults` lists all"),
            None => "`countersign faults` lists them".to_owned(),
        };
        CommandFailure::input(format!(
            "the reference implementation has no fault `{name}`\n  help: {help}"
        ))
    })
}

/// The name that was probably meant: one that differs in little, or else the one that has most of its words.
pub(super) fn alike<'a>(
    name: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    if let Some(meant) = nearest(name, known.clone()) {
        return Some(meant);
    }
    let words: Vec<String> = words(name);
    let shared = |candidate: &str| {
        let has = self::words(candidate);
        let is_there = |word: &&String| {
            let known = has.iter().map(String::as_str);
            word.len() > 2 && (has.contains(word) || nearest(word, known).is_some())
        };
        words.iter().filter(is_there).count()
    };
    let mut best: Option<(usize, &str)> = None;
    for candidate in known {
        let count = shared(candidate);
        if count > best.map_or(0, |(most, _)| most) {
            best = Some((count, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn words(name: &str) -> Vec<String> {
    let parts = name.split(|c: char| !c.is_alphanumeric());
    let words = parts.filter(|part| !part.is_empty());
    words.map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_shares_words_is_meant() {
        let known = ["ignores-the-flag", "realm-as-token", "drops-the-realm"];
        assert_eq!(alike("ignors-the-flag", known), Some("ignores-the-flag"));
        assert_eq!(alike("ignore-flags", known), Some("ignores-the-flag"));
        assert_eq!(alike("token", known), Some("realm-as-token"));
        assert_eq!(alike("nofault", known), None);
        assert_eq!(alike("", known), None);
    }
}
