//! An implementation that is told what to ask for, and asked.

use countersign::client::Player;
use countersign::credentials::{CredentialState, Identity, Scheme};
use countersign::domain::Setting;
use countersign::domain::{Allowed, Case, Narrowing};
use countersign::engine::inexpressible;
use countersign::implementation::{Description, Implementation, Installation, Placement};
use countersign::observation::Outcome;
use countersign::report::Hint;
use countersign::spec::{Spec, read_case};
use countersign::user_agents::reach::{ResponseHead, SchemeKnowledge};
use countersign::vocabulary::{ClientCase, Persona};
use countersign::wire::Limits;
use countersign::yaml::{self, Node, NodeKind, Source};

use super::{Answered, SchemesTried};
use crate::cli::arguments::ReachOptions;
use crate::cli::failure::CommandFailure;
use crate::cli::{interrupt, open, specs};

/// Installs a policy in an implementation, asks without credentials, and tries which schemes are
/// accepted.
pub(super) async fn installed(options: &ReachOptions) -> Result<Answered, CommandFailure> {
    let spec = specs::read_spec(&options.spec)?;
    let text = format!(
        "{{policy: {}, instance: {}}}",
        options.policy, options.instance
    );
    let source = Source::new("--policy, --instance", text.as_str());
    let case = read_case(&source, &spec.domain).map_err(CommandFailure::input)?;
    let mut implementation = open::open(&options.against, &[], 0).await?;
    let case = match possible(&spec, implementation.description(), &source, case) {
        Ok(case) => case,
        Err(why) => {
            interrupt::end(implementation).await;
            return Err(CommandFailure::input(why));
        }
    };
    let policy = Setting {
        policy: case.policy,
        instance: case.instance,
    };
    let answered = play(implementation.as_mut(), policy).await;
    interrupt::end(implementation).await;
    answered
}

/// The case, where what was not given has the simplest value that the implementation claims to express.
///
/// # Errors
///
/// Says all that was given and that it does not claim to express: what it does instead would be taken for
/// what it does.
pub(in crate::cli) fn possible(
    spec: &Spec,
    description: &Description,
    source: &Source,
    case: Case,
) -> Result<Case, String> {
    let mut settings = description.supports.clone();
    settings
        .by_path
        .retain(|path, _| !path.starts_with("client."));
    let unclaimed = |case: &Case| inexpressible(spec, description, case);
    if let Ok(narrowed) = spec.narrow(&settings, true)
        && let Ok(case) = read_case(source, &narrowed.domain)
        && unclaimed(&case).is_none()
    {
        return Ok(case);
    }
    let node = yaml::read(source).ok();
    let is_given = |path: &str| {
        let names: Vec<&str> = path.split(['.', '[', ']']).collect();
        let names = names.into_iter().filter(|name| !name.is_empty());
        node.as_ref()
            .is_some_and(|node| given(node, &names.collect::<Vec<_>>()))
    };
    let refusal = |(path, allowed): (&String, &Allowed)| {
        let alone = Narrowing {
            by_path: [(path.clone(), allowed.clone())].into(),
        };
        Some((is_given(path), alone.refusal(&case)?))
    };
    let refusals: Vec<(bool, String)> = settings.by_path.iter().filter_map(refusal).collect();
    let has_given = refusals.iter().any(|(given, _)| *given);
    // Where nothing that was given is refused, something that was not is needed.
    let told = refusals
        .into_iter()
        .filter(|(given, _)| *given || !has_given);
    let mut told: Vec<String> = told.map(|(_, why)| why).collect();
    // The first of them may be what is not claimed, told in the same words.
    if let Some(why) = unclaimed(&case).filter(|why| !told.contains(why)) {
        told.insert(0, why);
    }
    match told.is_empty() {
        true => Ok(case),
        false => Err(format!(
            "{} cannot express this policy: {}\n  help: give {} in --policy or --instance",
            description.name,
            told.join("\n  and: "),
            if told.len() == 1 { "it" } else { "them" }
        )),
    }
}

/// Whether a text gives a field, in some item where it is one of items.
fn given(node: &Node, names: &[&str]) -> bool {
    match names.split_first() {
        None => true,
        Some((first, rest)) => match &node.kind {
            NodeKind::List(items) => items.iter().any(|item| given(item, names)),
            _ => node.get(first).is_some_and(|node| given(node, rest)),
        },
    }
}

async fn play(
    implementation: &mut dyn Implementation,
    policy: Setting,
) -> Result<Answered, CommandFailure> {
    let description = implementation.description();
    let identities =
        Identity::needed_for(Scheme::ALL, &[CredentialState::Valid], description.tokens);
    let asked = format!(
        "{} {}, policy {}, instance {}",
        description.name, description.version, policy.policy, policy.instance
    );
    let installation = Installation {
        upstreams: Vec::new(),
        edit_of: None,
        generation: 1,
        identities: identities.clone(),
        policies: vec![policy],
    };
    let placements = implementation.install(&installation).await?;
    let endpoint = match placements.into_iter().next() {
        Some(Placement::Endpoint(endpoint)) => endpoint,
        Some(Placement::Unsupported(reason)) => {
            return Err(CommandFailure::environment(format!(
                "the implementation cannot express this policy: {reason}"
            )));
        }
        None => {
            return Err(CommandFailure::environment(
                "the implementation gave the policy no place",
            ));
        }
    };
    let mut player = Player::of(identities, Limits::default());
    let plays = |persona, scheme, credential| ClientCase {
        persona,
        scheme,
        credential,
        ..ClientCase::default()
    };
    let bare = plays(
        Persona::ChallengeDriven,
        Scheme::Basic,
        CredentialState::None,
    );
    let fault = |fault| CommandFailure::environment(format!("no answer: {fault}"));
    let play = player.play(&endpoint, &bare).await.map_err(fault)?;
    let last = play
        .exchanges
        .last()
        .map(|exchange| &exchange.answer.response);
    let Some(response) = last else {
        return Err(CommandFailure::environment("no answer"));
    };
    let seen = ResponseHead::new(response.status, response.fields.clone());
    let mut tries = SchemesTried::default();
    for (scheme, known) in [
        (Scheme::Basic, &mut tries.basic),
        (Scheme::Bearer, &mut tries.bearer),
        (Scheme::Digest, &mut tries.digest),
    ] {
        let client = plays(Persona::Preemptive, scheme, CredentialState::Valid);
        let play = player.play(&endpoint, &client).await.map_err(fault)?;
        *known = Some(SchemeKnowledge::Tried {
            accepted: play.outcome == Outcome::Accepted,
            status: None,
        });
    }
    Ok(Answered {
        asked,
        seen,
        tries,
        hint: Hint::None,
    })
}
