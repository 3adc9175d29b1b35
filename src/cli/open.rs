//! Implementations by the name that `--against` gives.

use countersign::engine::vocabulary;
use countersign::implementation::open as open_target;
use countersign::implementation::{
    Home, Implementation, OpenFault, ReferenceImplementation, SetupFault, find_adapter,
};
use countersign::reference::Fault;
use countersign::spec::Spec;
use countersign::yaml::nearest;

use super::failure::Failure;
use super::interrupt;

/// What `--against` calls the embedded reference implementation.
pub(super) const REFERENCE: &str = "reference";

/// Whether `--against` names an adapter: by name or by path.
pub(super) fn is_adapter(target: &str) -> bool {
    target != REFERENCE && !target.starts_with("http://") && !target.starts_with("https://")
}

/// Opens an implementation: the embedded reference, or whatever the adapters know. `port` is the
/// reference implementation's, 0 for a free one.
pub(super) async fn open(
    target: &str,
    faults: &[String],
    port: u16,
) -> Result<Box<dyn Implementation>, Failure> {
    if target == REFERENCE {
        let faults = self::faults(faults)?;
        return Ok(Box::new(
            ReferenceImplementation::with_faults(&faults).on_port(port),
        ));
    }
    if !faults.is_empty() {
        return Err(Failure::input(
            "only the reference implementation has faults to seed",
        ));
    }
    if port != 0 {
        return Err(Failure::input(
            "only the reference implementation's port can be chosen",
        ));
    }
    open_target(target, &Home::from_environment())
        .await
        .map_err(|fault| match fault {
            OpenFault::Unknown { name, help } => {
                let help = match nearest(&name, [REFERENCE]) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => help,
                };
                Failure::input(OpenFault::Unknown { name, help })
            }
            OpenFault::Setup(fault) => Failure::environment(no_control_program(target, fault)),
            wrong @ OpenFault::Adapter(_) => Failure::input(wrong),
        })
}

/// What is at a control URL, and is no control program, may be the very server that somebody wants to know
/// about.
fn no_control_program(target: &str, mut fault: SetupFault) -> SetupFault {
    let is_url = !is_adapter(target) && target != REFERENCE;
    if is_url && (fault.why.starts_with("it answered") || fault.why.starts_with("it is not JSON")) {
        fault.remedy = Some(format!(
            "`--against` takes the control URL of a program that speaks the control protocol \
             (docs/control-protocol.md), and {target} is none; `countersign reach {target}` says who gets \
             in at a server as it is"
        ));
    }
    fault
}

/// Opens an implementation that is to be held against specs: what it says of itself must be among what they
/// and the shipped packs have.
pub(super) async fn open_for(
    specs: &[Spec],
    target: &str,
    faults: &[String],
) -> Result<Box<dyn Implementation>, Failure> {
    if target == REFERENCE {
        return open(target, faults, 0).await;
    }
    let vocabulary = vocabulary(specs);
    if is_adapter(target)
        && let Ok(adapter) = find_adapter(target)
    {
        adapter.check(&vocabulary).map_err(Failure::input)?;
    }
    let implementation = open(target, faults, 0).await?;
    if let Err(fault) = implementation.description().check(&vocabulary) {
        interrupt::end(implementation).await;
        return Err(Failure::environment(fault));
    }
    Ok(implementation)
}

/// Faults by name.
pub(super) fn faults(names: &[String]) -> Result<Vec<Fault>, Failure> {
    names.iter().map(|name| fault(name)).collect()
}

fn fault(name: &str) -> Result<Fault, Failure> {
    Fault::from_name(name).ok_or_else(|| {
        let names = Fault::ALL.iter().map(|fault| fault.name());
        let help = match nearest(name, names) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "`countersign faults` lists them".to_owned(),
        };
        Failure::input(format!(
            "the reference implementation has no fault `{name}`\n  help: {help}"
        ))
    })
}
