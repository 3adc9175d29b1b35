//! `countersign reach`.

pub(super) mod ask;
pub(super) mod credentials;
mod installed;
pub(super) mod place;
pub(super) mod proxy;
mod saved;

pub(super) use installed::possible;

use std::io::Write;
use std::process::ExitCode;

use countersign::auth::{Challenge, Challenges};
use countersign::report::{Hint, ReachReport, Supposed, reach_html, visible};
use countersign::user_agents::catalogue::Catalogue;
use countersign::user_agents::model::{Accepts, KnownScheme, Script};
use countersign::user_agents::reach::{
    ANY_REALM, Advice, Knows, Reach, Remark, ResponseHead, SchemeKnowledge, advise, is_sure, plain,
};
use countersign::yaml::nearest;

use super::arguments::{ReachFailOn, ReachFormat, ReachOptions};
use super::clients::catalogue;
use super::failure::{CommandFailure, incomplete, say, written};
use super::workflow::{harmless, harmless_json};
use credentials::Given;

/// Clients are shut out, and that was to count.
const SHUT_OUT: u8 = 1;

/// What was answered to a request without credentials, and what is known of credentials.
pub(super) struct Answered {
    pub(super) asked: String,
    pub(super) seen: ResponseHead,
    pub(super) tries: SchemesTried,
    pub(super) hint: Hint,
}

/// What was found out by trying, by scheme.
#[derive(Clone, Copy, Default)]
pub(super) struct SchemesTried {
    pub(super) basic: Option<SchemeKnowledge>,
    pub(super) bearer: Option<SchemeKnowledge>,
    pub(super) digest: Option<SchemeKnowledge>,
}

/// Says which clients of the catalogue get in.
pub(super) async fn reach(options: &ReachOptions) -> Result<ExitCode, CommandFailure> {
    let stated = options.accepts.as_deref().map(accepts).transpose()?;
    let answered = match (&options.url, &options.response) {
        (Some(url), _) => {
            let leave = ask::Leave {
                hosts: &options.hosts,
                proxy: options.proxy.as_deref(),
                ca: options.ca.as_deref(),
                client: None,
            };
            let given = Given::of(&options.given)?;
            if given.key().is_some() {
                return Err(CommandFailure::input(
                    "the file of credentials has an API key, with which no client of the catalogue logs in\n  help: \
                     `countersign probe` asks with it; leave it out here",
                ));
            }
            ask::ask(url, &leave, &given, stated.is_some()).await?
        }
        (None, Some(file)) => saved::saved(file)?,
        (None, None) => installed::installed(options).await?,
    };
    reported(answered, stated, |report| {
        match options.format {
            ReachFormat::Html => {
                let page = reach_html(report).map_err(CommandFailure::environment)?;
                written(anstream::stdout().write_all(harmless(&page).as_bytes()))?;
            }
            ReachFormat::Json => {
                anstream::println!("{}", harmless_json(&report.to_json().to_string()));
            }
            ReachFormat::Text => anstream::print!("{}", harmless(&visible(&report.to_string()))),
        }
        let counts = options.fail_on == Some(ReachFailOn::ShutOut);
        Ok(match (counts, report.shuts_out()) {
            (true, true) => ExitCode::from(SHUT_OUT),
            (true, false) if !report.is_concluded() => {
                say(
                    "no verdict: whether clients are shut out cannot be concluded from what was answered",
                );
                incomplete()
            }
            _ => ExitCode::SUCCESS,
        })
    })?
}

/// What is to be told of who gets in where this was answered, and those schemes are accepted that are stated.
pub(super) fn reported<T>(
    answered: Answered,
    stated: Option<Accepts>,
    tell: impl FnOnce(&ReachReport<'_>) -> T,
) -> Result<T, CommandFailure> {
    let seen = &answered.seen;
    let challenges = seen.challenges();
    let remarks = Remark::of(seen, &challenges);
    // What the server meant to say, be it where no client looks for it.
    let lines = match challenges.list.is_empty() {
        true => seen.renamed().into_iter().map(|(_, value)| value).collect(),
        false => seen.lines(seen.field_name()),
    };
    let meant = Challenges::parse(lines.iter().copied());
    let knows = known(stated, &answered.tries, &meant);
    let mut script = Script::new(seen.layout());
    script.status = seen.status;
    script.accepts = knows.accepts();
    let catalogue = catalogue()?;
    let is_sure = is_sure(&meant, &lines);
    let (same_schemes, every_scheme) = advices(catalogue, &script, &meant, is_sure);
    // Who is let in with credentials was refused without.
    let is_refusal = stated.is_some() || knows.of.iter().any(|(_, known)| known.is_tried(true));
    let report = ReachReport {
        asked: answered.asked,
        is_judged: is_refusal || !remarks.iter().any(Remark::is_no_refusal),
        supposed: supposed(catalogue, &script, &knows),
        reach: Reach::of(catalogue, &script),
        knows,
        hint: answered.hint,
        remarks,
        is_sure,
        // Of a field under another name nothing can be the same.
        same_schemes: same_schemes.filter(|_| !challenges.list.is_empty()),
        every_scheme,
        seen,
        challenges: &challenges,
    };
    Ok(tell(&report))
}

/// The best layout of the challenges that were meant, and the best of those and one for each accepted
/// scheme that is not among them. Where it is not sure what was meant, the first is none, and the second
/// is of plain challenges.
fn advices(
    catalogue: &Catalogue,
    script: &Script,
    meant: &Challenges,
    is_sure: bool,
) -> (Option<Advice>, Option<Advice>) {
    // Whatever was answered: an origin server asks by a 401.
    let script = Script {
        status: if script.status == 407 { 407 } else { 401 },
        ..script.clone()
    };
    let best = |challenges: &[Challenge]| match challenges.is_empty() {
        true => None,
        false => advise(catalogue, &script, challenges),
    };
    if !is_sure {
        return (None, best(&plain(script.accepts, ANY_REALM)));
    }
    let realm = meant.list.iter().find_map(|one| one.param("realm"));
    let plain = plain(script.accepts, realm.unwrap_or(ANY_REALM)).into_iter();
    let missing: Vec<Challenge> = plain.filter(|one| !meant.offers(&one.scheme)).collect();
    let all: Vec<Challenge> = meant.list.iter().cloned().chain(missing).collect();
    let every =
        (all.len() > meant.list.len() || script.layout.lines().is_empty()).then(|| best(&all));
    (best(&meant.list), every.flatten())
}

/// What becomes of clients if a scheme were accepted of which nothing is known, or no more than that
/// credentials were refused that may be wrong.
fn supposed(catalogue: &Catalogue, script: &Script, knows: &Knows) -> Vec<Supposed> {
    let unknown = knows
        .of
        .iter()
        .filter(|(_, known)| *known == SchemeKnowledge::Untried || known.is_tried(false));
    let now = Reach::of(catalogue, script).concerned();
    let with = |scheme: KnownScheme| {
        let mut accepts = script.accepts;
        match scheme {
            KnownScheme::Basic => accepts.basic = true,
            KnownScheme::Bearer => accepts.bearer = true,
            // Its challenge is its server's own: that there is none is told already.
            _ => return None,
        }
        let script = Script {
            accepts,
            ..script.clone()
        };
        let reach = Reach::of(catalogue, &script);
        // Of a proxy, say, no client uses a token.
        let is_used = reach.concerned() > now;
        is_used.then(|| Supposed {
            scheme,
            concerned: reach.concerned(),
            shut_out: reach.concerned() - reach.inside(),
        })
    };
    unknown.filter_map(|(scheme, _)| with(*scheme)).collect()
}

/// What is known of each scheme.
fn known(stated: Option<Accepts>, tries: &SchemesTried, meant: &Challenges) -> Knows {
    let one = |scheme: KnownScheme, stated: Option<bool>, tried: Option<SchemeKnowledge>| {
        let known = match (stated, tried) {
            (Some(accepted), _) => SchemeKnowledge::Stated(accepted),
            (None, Some(tried)) => tried,
            (None, None) if meant.offers(scheme.name()) => SchemeKnowledge::Advertised,
            (None, None) => SchemeKnowledge::Untried,
        };
        (scheme, known)
    };
    Knows {
        of: [
            one(KnownScheme::Basic, stated.map(|all| all.basic), tries.basic),
            one(
                KnownScheme::Bearer,
                stated.map(|all| all.bearer),
                tries.bearer,
            ),
            one(
                KnownScheme::Digest,
                stated.map(|all| all.digest),
                tries.digest,
            ),
        ],
    }
}

/// Schemes by their words.
fn accepts(words: &[String]) -> Result<Accepts, CommandFailure> {
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
                return Err(CommandFailure::input(format!(
                    "no client of the catalogue has credentials for `{word}`\n  help: {help}"
                )));
            }
        }
    }
    Ok(accepts)
}
