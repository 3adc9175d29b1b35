//! `countersign reach`.

use std::process::ExitCode;
use std::sync::Arc;

use countersign::auth::{Challenge, Challenges, CredentialState, Identity, Param, Scheme};
use countersign::client::model::{Accepts, Layout, Script};
use countersign::client::reach::{Reach, advise, saved_response};
use countersign::client::{ClientCase, Persona, Player};
use countersign::domain::Case;
use countersign::engine::inexpressible;
use countersign::implementation::{
    Description, Implementation, Installation, Placement, SlotPolicy,
};
use countersign::observation::Outcome;
use countersign::report::ReachReport;
use countersign::spec::{Spec, read_case};
use countersign::wire::{Endpoint, Field, Limits, Prepared, Request, Transport};
use countersign::yaml::{Source, nearest};

use super::arguments::{Format, ReachOptions};
use super::clients::catalogue;
use super::failure::Failure;
use super::{interrupt, open, specs};

/// The largest saved response that is read, in bytes.
const LARGEST: u64 = 4 * 1024 * 1024;

/// What was answered to a request without credentials.
struct Answered {
    asked: String,
    status: u16,
    layout: Layout,
    /// Which schemes are accepted, where that was tried.
    tried: Option<Accepts>,
}

/// Says which clients of the catalogue get in.
pub(super) async fn reach(options: &ReachOptions) -> Result<ExitCode, Failure> {
    let stated = options.accepts.as_deref().map(accepts).transpose()?;
    let answered = match (&options.url, &options.response) {
        (Some(url), _) => ask(url, &options.hosts).await?,
        (None, Some(file)) => saved(file)?,
        (None, None) => installed(options).await?,
    };
    let challenges = Challenges::parse(answered.layout.lines().iter().map(|line| line.as_bytes()));
    let (accepts, accepts_known) = match (stated, answered.tried) {
        (Some(stated), _) => (stated, "as stated"),
        (None, Some(tried)) => (tried, "tried"),
        (None, None) => (advertised(&challenges), "taken to be what is advertised"),
    };
    let mut script = Script::new(answered.layout);
    script.status = answered.status;
    script.accepts = accepts;
    let catalogue = catalogue()?;
    let missing = unadvertised(&challenges, accepts);
    let same_schemes = advise(catalogue, &script, &challenges.list);
    let every_scheme = if missing.is_empty() {
        None
    } else {
        let all: Vec<Challenge> = challenges.list.iter().cloned().chain(missing).collect();
        advise(catalogue, &script, &all)
    };
    let report = ReachReport {
        asked: answered.asked,
        status: script.status,
        lines: script.layout.lines(),
        accepts,
        accepts_known,
        reach: Reach::of(catalogue, &script),
        same_schemes,
        every_scheme,
    };
    match options.format {
        Format::Json => anstream::println!("{}", report.to_json()),
        Format::Text => anstream::print!("{report}"),
    }
    Ok(ExitCode::SUCCESS)
}

/// Schemes by their words.
fn accepts(words: &[String]) -> Result<Accepts, Failure> {
    let mut accepts = Accepts::NONE;
    for word in words {
        match word.as_str() {
            "basic" => accepts.basic = true,
            "bearer" => accepts.bearer = true,
            "digest" => accepts.digest = true,
            _ => {
                let known = ["basic", "bearer", "digest"];
                let help = match nearest(word, known) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("there is {}", known.join(", ")),
                };
                return Err(Failure::input(format!(
                    "no client of the catalogue has credentials for `{word}`\n  help: {help}"
                )));
            }
        }
    }
    Ok(accepts)
}

fn advertised(challenges: &Challenges) -> Accepts {
    Accepts {
        basic: challenges.offers("Basic"),
        bearer: challenges.offers("Bearer"),
        digest: challenges.offers("Digest"),
    }
}

/// A plain challenge for each scheme that is accepted and not advertised, in the realm of the others.
/// None for Digest, whose challenge only its server can make.
fn unadvertised(challenges: &Challenges, accepts: Accepts) -> Vec<Challenge> {
    let realm = challenges
        .list
        .iter()
        .find_map(|challenge| challenge.param("realm"));
    let wanted = [("Basic", accepts.basic), ("Bearer", accepts.bearer)];
    wanted
        .into_iter()
        .filter(|(name, accepted)| *accepted && !challenges.offers(name))
        .map(|(name, _)| Challenge {
            scheme: name.to_owned(),
            params: vec![Param::quoted("realm", realm.unwrap_or("all"))],
            ..Challenge::default()
        })
        .collect()
}

/// Reads a saved response.
fn saved(file: &str) -> Result<Answered, Failure> {
    let unreadable = |why: String| Failure::input(format!("{file} cannot be read: {why}"));
    let size = std::fs::metadata(file).map_err(|error| unreadable(error.to_string()))?;
    if size.len() > LARGEST {
        return Err(unreadable(format!("it has more than {LARGEST} bytes")));
    }
    let bytes = std::fs::read(file).map_err(|error| unreadable(error.to_string()))?;
    let text: String = bytes.into_iter().map(char::from).collect();
    let (status, layout) = saved_response(&text).map_err(unreadable)?;
    Ok(Answered {
        asked: file.to_owned(),
        status,
        layout,
        tried: None,
    })
}

/// Asks a server without credentials.
async fn ask(url: &str, hosts: &[String]) -> Result<Answered, Failure> {
    let wrong = |why: &str| Failure::input(format!("`{url}` {why}"));
    let parsed: hyper::Uri = url
        .parse()
        .map_err(|error| Failure::input(format!("`{url}` is not a URL: {error}")))?;
    if parsed.scheme_str() != Some("http") {
        return Err(wrong(
            "is not http\n  help: save the response, with `curl -si`, and give it with --response",
        ));
    }
    let authority = parsed.authority().ok_or_else(|| wrong("has no host"))?;
    if authority.as_str().contains('@') {
        return Err(wrong("carries user information, which would not be sent"));
    }
    let host = authority.host();
    if !is_loopback(host) && !hosts.iter().any(|allowed| allowed == host) {
        return Err(wrong(&format!(
            "is not on this machine\n  help: allow it by name, with `--allow-host {host}`"
        )));
    }
    let port = authority.port_u16().unwrap_or(80);
    let endpoint = Endpoint::new(format!("{host}:{port}"), "");
    let path = parsed.path_and_query().map_or("/", |path| path.as_str());
    let field = |name: &str, value: &str| Field {
        name: name.to_owned(),
        value: value.as_bytes().to_vec(),
    };
    let agent = concat!("countersign/", env!("CARGO_PKG_VERSION"));
    let request = Prepared::new(Arc::new(Request {
        method: "GET".to_owned(),
        path: path.to_owned(),
        fields: vec![field("Accept", "*/*"), field("User-Agent", agent)],
    }))
    .map_err(Failure::input)?;
    let mut transport = Transport::new(Limits::default());
    let received = transport.exchange(&endpoint, &request).await;
    let response = received
        .and_then(|received| received.to_response())
        .map_err(|fault| Failure::environment(format!("{url}: {fault}")))?;
    Ok(Answered {
        asked: url.to_owned(),
        status: response.status,
        layout: layout(response.fields_named("www-authenticate")),
        tried: None,
    })
}

fn layout<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Layout {
    Layout::new(lines.map(|line| line.iter().copied().map(char::from).collect::<String>()))
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<std::net::IpAddr>();
    address.map_or(bare == "localhost", |address| address.is_loopback())
}

/// Installs a policy in an implementation, asks without credentials, and tries which schemes are
/// accepted.
async fn installed(options: &ReachOptions) -> Result<Answered, Failure> {
    let spec = specs::read_spec(&options.spec)?;
    let text = format!(
        "{{policy: {}, instance: {}}}",
        options.policy, options.instance
    );
    let source = Source::new("--policy, --instance", text.as_str());
    let case = read_case(&source, &spec.domain).map_err(Failure::input)?;
    let mut implementation = open::open(&options.against, &[], 0).await?;
    if let Some(why) = refused(&spec, implementation.description(), &case) {
        interrupt::end(implementation).await;
        return Err(Failure::input(why));
    }
    let policy = SlotPolicy {
        policy: case.policy,
        instance: case.instance,
    };
    let answered = play(implementation.as_mut(), policy).await;
    interrupt::end(implementation).await;
    answered
}

/// Why the implementation does not claim to express a policy, if so: what it does instead would be taken
/// for what it does.
fn refused(spec: &Spec, description: &Description, case: &Case) -> Option<String> {
    let mut settings = description.supports.clone();
    settings
        .by_path
        .retain(|path, _| !path.starts_with("client."));
    let why = inexpressible(spec, description, case).or_else(|| settings.refusal(case))?;
    Some(format!(
        "{} cannot express this policy: {why}\n  help: give it in --policy or --instance",
        description.name
    ))
}

async fn play(
    implementation: &mut dyn Implementation,
    policy: SlotPolicy,
) -> Result<Answered, Failure> {
    let description = implementation.description();
    let identities = Identity::cast(Scheme::ALL, &[CredentialState::Valid], description.tokens);
    let asked = format!(
        "{} {}, policy {}, instance {}",
        description.name, description.version, policy.policy, policy.instance
    );
    let installation = Installation {
        generation: 1,
        identities: identities.clone(),
        policies: vec![policy],
    };
    let placements = implementation.install(&installation).await?;
    let endpoint = match placements.into_iter().next() {
        Some(Placement::Endpoint(endpoint)) => endpoint,
        Some(Placement::Unsupported(reason)) => {
            return Err(Failure::environment(format!(
                "the implementation cannot express this policy: {reason}"
            )));
        }
        None => {
            return Err(Failure::environment(
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
    let fault = |fault| Failure::environment(format!("no answer: {fault}"));
    let play = player.play(&endpoint, &bare).await.map_err(fault)?;
    let last = play
        .exchanges
        .last()
        .map(|exchange| &exchange.answer.response);
    let Some(response) = last else {
        return Err(Failure::environment("no answer"));
    };
    let (status, layout) = (
        response.status,
        layout(response.fields_named("www-authenticate")),
    );
    let mut tried = Accepts::NONE;
    for (scheme, accepted) in [
        (Scheme::Basic, &mut tried.basic),
        (Scheme::Bearer, &mut tried.bearer),
        (Scheme::Digest, &mut tried.digest),
    ] {
        let client = plays(Persona::Preemptive, scheme, CredentialState::Valid);
        let play = player.play(&endpoint, &client).await.map_err(fault)?;
        *accepted = play.outcome == Outcome::Accepted;
    }
    Ok(Answered {
        asked,
        status,
        layout,
        tried: Some(tried),
    })
}
