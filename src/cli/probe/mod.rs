//! `countersign probe`: a deployed endpoint is judged as it stands.

mod by_hand;
mod dry;
mod entrance;
mod holdings;
mod metadata;
mod not_judged;
pub(super) mod openapi;
mod policy;
mod remedies;
mod save;
mod secrets;
mod settings;
mod show;

use std::process::ExitCode;

use countersign::auth::Challenge;
use countersign::client::in_words;
use countersign::credentials::{Scheme, check};
use countersign::domain::Type;
use countersign::engine::{self, Lacking, Options};
use countersign::implementation::{Deployed, ENDPOINT, Guest, Implementation};
use countersign::observation::Answer;
use countersign::report::visible;
use countersign::results::{Event, PackReport, Run};
use countersign::spec::{Spec, shipped};
use countersign::vocabulary::Method;
use countersign::wire::{
    Bounds, Care, Endpoint, Equal, Limits, PreparedRequest, Risk, Transport, Trust, Way,
};

use self::by_hand::Names;
use self::entrance::{Entered, account_of, enter, is_keyed, still_let_in, words};
use self::holdings::Holdings;
use self::secrets::Secrets;
use self::settings::{apart, joined};
use self::show::{FoundAfter, Probed, requests_of};
use super::arguments::{Format, ProbeOptions};
use super::failure::{CommandFailure, incomplete, say};
use super::interrupt::{self, Interruptions};
use super::program::program;
use super::reach::ask::{Leave, allowed, client_file};
use super::reach::place::ServerUrl;
use super::workflow::{harmless, harmless_json};

/// What a deployed endpoint is judged by, where nobody says.
const PACKS: [&str; 3] = ["reachability", "every-scheme", "http-authentication"];

/// The pack whose clients send messages of a protocol of their own, and nothing else.
const OF_MESSAGES: &str = "mcp-authorization";

/// The pack that has most to say of log-ins that fail.
const LAST: &str = "http-authentication";

/// How many failed log-ins of a user are few: each pack tries about four.
const FEW: u16 = 8;

/// The exit code where something was found.
const FOUND: u8 = 1;

impl ProbeOptions {
    /// Who may be asked beside the endpoint, to whom no certificate is shown.
    fn leave(&self) -> Leave<'_> {
        Leave {
            hosts: &self.hosts,
            proxy: self.proxy.as_deref(),
            ca: self.ca.as_deref(),
            client: None,
        }
    }
}

/// What whoever asks calls itself.
fn agent(options: &ProbeOptions) -> String {
    let contact = options.contact.as_deref().unwrap_or_default();
    let contact: String = { contact.chars() }
        .filter(|c| (c.is_ascii_graphic() || *c == ' ') && !matches!(c, '(' | ')' | '\\'))
        .collect();
    let about = match contact.is_empty() {
        true => String::new(),
        false => format!("; {contact}"),
    };
    format!(
        "countersign/{} (countersign probe, a conformance check of HTTP authentication{about})",
        env!("CARGO_PKG_VERSION")
    )
}

/// Judges a deployed endpoint.
pub(super) async fn probe(options: &ProbeOptions) -> Result<ExitCode, CommandFailure> {
    let place = ServerUrl::of(&options.url)?;
    let holdings = Holdings::of(options)?;
    let secrets = Secrets::of(&holdings, &place);
    let mut interruptions = Interruptions::watch();
    let packs = packs(options)?;
    if let (true, Some(file)) = (options.dry_run, &options.openapi) {
        let names = Names::of(options, &holdings, &place);
        let guest = guest(options, &place, &holdings, Trust::default());
        return openapi::judge(options, file, &place, &holdings, &guest, &names).await;
    }
    if options.dry_run {
        return match interruptions
            .before(dry::plan(options, &packs, &place, &holdings))
            .await
        {
            Some(planned) => planned.map_err(|failure| failure.map(|text| secrets.hidden(text))),
            None => Ok(interrupt::early()),
        };
    }
    let shown = match &options.client_cert {
        None => None,
        Some(chain) => {
            let own = client_file(chain, "--client-cert")?;
            let key = match &options.client_key {
                Some(key) => client_file(key, "--client-key")?,
                // Read once: it may be a pipe.
                None => own.clone(),
            };
            Some((own, key))
        }
    };
    let shown = { shown.as_ref() }.map(|(chain, key)| (chain.as_slice(), key.as_slice()));
    let leave = Leave {
        client: shown,
        ..options.leave()
    };
    let trust = allowed(&place, &leave).await?;
    let guest = guest(options, &place, &holdings, trust);
    let names = Names::of(options, &holdings, &place);
    if let Some(file) = &options.openapi {
        let work = openapi::judge(options, file, &place, &holdings, &guest, &names);
        return match interruptions.before(work).await {
            Some(ended) => ended.map_err(|failure| failure.map(|text| secrets.hidden(text))),
            None => Ok(interrupt::early()),
        };
    }
    let work = judged(options, &packs, &place, &holdings, guest, names);
    let Some(probed) = interruptions.before(work).await else {
        return Ok(interrupt::early());
    };
    // What a failure says may be what the server said.
    let probed = probed.map_err(|failure| failure.map(|text| secrets.hidden(text)))?;
    match options.format {
        Format::Json => {
            let json = secrets.hidden_in(probed.to_json()?).to_string();
            anstream::println!("{}", harmless_json(&json));
        }
        Format::Text => {
            let text = secrets.hidden(&probed.to_text()?);
            anstream::print!("{}", harmless(&visible(&text)));
        }
    }
    if let Some(folder) = &options.save {
        probed.save(folder, &holdings, &secrets)?;
    }
    if probed.finds() {
        return Ok(ExitCode::from(FOUND));
    }
    if let Some(why) = probed.no_verdict() {
        say(&secrets.hidden(&format!("no verdict: {why}")));
        return Ok(incomplete());
    }
    Ok(ExitCode::SUCCESS)
}

/// Who asks, before it is known what is let in.
fn guest(options: &ProbeOptions, place: &ServerUrl, holdings: &Holdings, trust: Trust) -> Guest {
    Guest {
        identities: holdings.identities(),
        let_in: Vec::new(),
        care: Care::new(Bounds {
            requests: u64::from(options.max_requests),
            failed: u64::from(options.failed_log_ins),
            rate: options.rate,
        }),
        trust,
        agent: agent(options),
        unsafe_methods: options.unsafe_methods,
        joint: match place.path.contains('?') {
            true => '&',
            false => '?',
        },
        key: holdings.place.clone(),
    }
}

/// Asks, and judges by what was answered.
async fn judged(
    options: &ProbeOptions,
    packs: &[String],
    place: &ServerUrl,
    holdings: &Holdings,
    guest: Guest,
    names: Names,
) -> Result<Probed, CommandFailure> {
    let method = match packs.iter().any(|name| name == OF_MESSAGES) {
        true => Method::McpInitialize,
        false => Method::Get,
    };
    let entered = enter(place, holdings, &guest, method).await?;
    let guest = Guest {
        let_in: entered.let_in.clone(),
        ..guest
    };
    let accounts = entered.let_in.iter().map(|scheme| account_of(*scheme));
    guest.care.keep_for_check(accounts);
    let settings = Options {
        connections: 1,
        excluded: not_to_be_asked(&entered, holdings),
        ..Options::default()
    };
    let mut reports = Vec::new();
    let mut lacking = Vec::new();
    let mut skipped = Vec::new();
    let mut found_after = FoundAfter::new();
    let last = shipped(LAST).and_then(|source| Spec::read(&source).ok());
    let is_last = packs.iter().any(|name| name == LAST);
    let can_play_last = last.is_some_and(|spec| is_last && profiles(&spec, &entered).is_ok());
    for name in packs {
        let Some(source) = shipped(name) else {
            continue;
        };
        let spec = Spec::read(&source).map_err(CommandFailure::environment)?;
        let profiles = match profiles(&spec, &entered) {
            Ok(profiles) => profiles,
            Err(why) => {
                skipped.push(format!("{name}: {why}"));
                continue;
            }
        };
        // Where log-ins are few, they go to the pack that has most to say of them.
        let few = options.failed_log_ins < FEW;
        guest.care.reserve(few && name != LAST && can_play_last);
        let mut whole: Option<PackReport> = None;
        let mut first: Option<Deployed> = None;
        let mut said = Vec::new();
        for part in apart(&spec, &profiles, &entered, holdings) {
            said.extend(part.policy.has_scope.then_some("required_scope"));
            said.extend(part.policy.key.map(|_| "key"));
            let own = Guest {
                let_in: part.let_in,
                ..guest.clone()
            };
            let (authority, path) = (&place.authority, &place.path);
            let mut endpoint = Deployed::new(authority, path, place.secure, part.policy, own);
            let care = guest.care.clone();
            let mut subscriber = |event: Event<'_>| {
                if let Event::Found(finding) = event {
                    let place = (finding.pack.0.clone(), finding.rule.clone());
                    found_after.entry(place).or_insert_with(|| care.counts());
                }
            };
            let report: PackReport =
                engine::run(&spec, &mut endpoint, &settings, &mut subscriber).await;
            let report = match whole.take() {
                Some(before) => joined(before, report),
                None => report,
            };
            first.get_or_insert(endpoint);
            whole = Some(report);
        }
        if let (Some(report), Some(endpoint)) = (whole, first) {
            let can = |scheme, state| {
                let is_in = entered.let_in.contains(&scheme);
                is_in && check(scheme, state, &guest.identities).is_ok()
            };
            let (description, is_it) =
                (endpoint.description(), |setting: &_| endpoint.has(setting));
            let lacked = engine::lacking(&spec, description, &report, is_it, can);
            lacking.push(lacked.without(&said));
            reports.push(report);
        }
    }
    still_let_in(place, &guest, &entered.seen, method).await?;
    settle(&reports, place, &guest).await;
    let metadata = metadata::look(options, place, &guest, &entered.seen).await;
    let asked = settings.asked(&place.shown);
    let product = (ENDPOINT.to_owned(), "as deployed".to_owned());
    let run = Run::new(
        countersign::results::Invocation {
            program: program(),
            ..asked
        },
        product,
        reports,
    );
    let lacking = Lacking::merged(lacking);
    Ok(Probed {
        run,
        entered,
        metadata,
        skipped,
        found_after,
        lacking,
        names,
        care: guest.care,
        url: place.shown.clone(),
        methods: (!options.unsafe_methods).then_some(
            "methods with effects (POST, PUT, DELETE …) are not sent without `--unsafe`",
        ),
    })
}

/// The packs that somebody wants.
fn packs(options: &ProbeOptions) -> Result<Vec<String>, CommandFailure> {
    let mut packs = match options.specs.is_empty() {
        true => PACKS.map(str::to_owned).to_vec(),
        false => options.specs.clone(),
    };
    packs.dedup();
    if packs.len() > 1 && packs.iter().any(|name| name == OF_MESSAGES) {
        return Err(CommandFailure::input(format!(
            "a server is asked by messages for `{OF_MESSAGES}`, and by GET for other packs\n  help: probe it once for each"
        )));
    }
    Ok(packs)
}

/// Rules that would be held against a policy which the endpoint does not have.
fn not_to_be_asked(entered: &Entered, holdings: &Holdings) -> Vec<String> {
    let challenges = entered.seen.challenges().list;
    let names = |one: &Challenge| one.param("resource_metadata").is_some();
    let rules = [
        // Where a 401 does not name the metadata, a 403 need not either.
        (
            "a-missing-scope-comes-with-the-metadata",
            challenges.iter().any(names),
        ),
        // The scope that is named there is called `write`.
        (
            "the-scope-that-is-named-is-enough",
            holdings.told.scope.as_deref() == Some("write"),
        ),
    ];
    let out = rules.into_iter().filter(|(_, is_asked)| !is_asked);
    out.map(|(rule, _)| rule.to_owned()).collect()
}

/// How often each request of a finding is sent before anybody is accused: instances that answer by turns or by chance
/// look alike three times running now and then.
const OFTEN: u32 = 10;

/// Asks again for what findings rest on, as far as that does no harm, so that equal requests which are answered
/// differently are known for that.
async fn settle(packs: &[PackReport], place: &ServerUrl, guest: &Guest) {
    let mut transport = Transport::new(Limits::default()).trusting(guest.trust.clone());
    let plain = Endpoint::new(&place.authority, &place.path);
    let endpoint = match place.secure {
        false => plain,
        true => Endpoint {
            ways: [(Way::Https, place.authority.clone())].into(),
            ..plain
        },
    };
    let findings = packs.iter().flat_map(|pack| &pack.findings);
    for same in findings.flat_map(requests_of) {
        while let Some(equal) = guest.care.answers_to(same)
            && equal.count() < OFTEN
            && equal.answers.len() == 1
            && let Some(request) = &equal.harmless
            && guest.care.may_send(Risk::Bare).is_ok()
            && let Ok(ready) = PreparedRequest::new(request.clone())
        {
            guest.care.take_turn().await;
            transport.hang_up();
            let received = transport.exchange(&endpoint, &ready).await;
            let Ok(response) = received.and_then(|received| received.to_response()) else {
                break;
            };
            let answer = Answer::new(response);
            let answers = vec![(in_words(&answer), 1)];
            guest.care.note(same, &Equal { answers, ..equal });
        }
    }
}

/// The profiles that the endpoint's policy has in a spec: those of the schemes that are let in or advertised.
fn profiles(spec: &Spec, entered: &Entered) -> Result<Vec<Scheme>, String> {
    let policy = &spec.domain.policy;
    let known = policy.at(&["profiles", "scheme"]);
    let known: Vec<Scheme> = known
        .map(|ty| ty.values().collect::<Vec<_>>())
        .unwrap_or_default()
        .iter()
        .filter_map(|word| Scheme::from_word(word.as_symbol()?))
        .collect();
    let (fit, foreign): (Vec<Scheme>, Vec<Scheme>) = entered
        .schemes()
        .into_iter()
        .partition(|scheme| known.contains(scheme));
    // Its relations compare answers with each other, and need not know every scheme; what RFCs demand hangs on
    // which there are.
    if !foreign.is_empty() && spec.pack.name != "reachability" {
        return Err(format!("its policies have no {}", words(&foreign)));
    }
    let takes_key =
        policy.at(&["key"]).is_some() && entered.let_in.iter().any(|one| is_keyed(*one));
    if fit.is_empty() && !takes_key {
        return Err(match foreign.is_empty() {
            true => "its policies take no key".to_owned(),
            false => format!("its policies have no {}", words(&foreign)),
        });
    }
    let most = match policy.at(&["profiles"]) {
        Some(Type::List(list)) => list.max,
        _ => 0,
    };
    if fit.len() > most {
        return Err(format!(
            "its policies have at most {most} profiles, and this one has {}: {}",
            fit.len(),
            words(&fit)
        ));
    }
    Ok(fit)
}
