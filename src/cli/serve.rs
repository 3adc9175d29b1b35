//! `countersign serve`: one policy in force, to try by hand.

use std::process::ExitCode;

use countersign::client::identities_for;
use countersign::engine::inexpressible;
use countersign::implementation::{Installation, Placement, SlotPolicy};
use countersign::spec::read_case;
use countersign::yaml::Source;

use super::arguments::ServeOptions;
use super::failure::Failure;
use super::{interrupt, open, specs};

/// Installs the policy of a case and keeps it in force until it is interrupted.
pub(super) async fn serve(options: &ServeOptions) -> Result<ExitCode, Failure> {
    let spec = specs::read_spec(&options.spec)?;
    let source = Source::new("--case", options.case.as_str());
    let case = read_case(&source, &spec.domain).map_err(Failure::input)?;
    specs::look_over(&spec)?;
    let mut implementation = open::open(&options.against, &options.faults, options.port).await?;
    if let Some(why) = inexpressible(&spec, implementation.description(), &case) {
        interrupt::end(implementation).await;
        return Err(Failure::environment(format!(
            "the implementation cannot express this policy: {why}"
        )));
    }
    let installation = Installation {
        generation: 1,
        identities: identities_for(&spec.domain, implementation.description().tokens),
        policies: vec![SlotPolicy {
            policy: case.policy.clone(),
            instance: case.instance.clone(),
        }],
    };
    let placements = match implementation.install(&installation).await {
        Ok(placements) => placements,
        Err(fault) => {
            interrupt::end(implementation).await;
            return Err(fault.into());
        }
    };
    let result = match placements.first() {
        Some(Placement::Endpoint(endpoint)) => {
            tell!("policy {}, instance {}", case.policy, case.instance);
            for (way, address) in endpoint.ways.iter() {
                tell!("by {way} at {address}");
            }
            let mut interruptions = interrupt::Interruptions::watch();
            tell!("in force at {endpoint}/resource until Ctrl-C");
            interruptions.next().await;
            Ok(ExitCode::SUCCESS)
        }
        Some(Placement::Unsupported(reason)) => Err(Failure::environment(format!(
            "the implementation cannot express this policy: {reason}"
        ))),
        None => Err(Failure::environment(
            "the implementation gave the policy no place",
        )),
    };
    interrupt::end(implementation).await;
    result
}
