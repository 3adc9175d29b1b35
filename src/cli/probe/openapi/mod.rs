//! Operations of an OpenAPI document, held against how they are answered: who is let in, and what a 401 names.

mod answers;
mod document;
mod example;
mod foreign;
mod gates;
mod objects;
mod plan;
mod policy;
mod source;
mod told;
mod undeclared;

pub(in crate::cli) use gates::gates;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use countersign::domain::counted;
use countersign::implementation::Guest;
use countersign::report::visible;
use countersign::wire::{
    Account, Endpoint, FieldLine, Heed, Limits, PreparedRequest, Request, Response, Risk,
    Transport, Way,
};
use hyper::body::Bytes;

use self::answers::{StatusAndSchemes, answered, may_be, named_alone, names_in, unnamed};
use self::document::{Document, Operation};
use self::objects::SecurityKind;
use self::told::{Mismatch, Operations};
use super::by_hand::Names;
use super::entrance::{heed, page_for_people};
use super::holdings::Holdings;
use super::secrets::Secrets;
use crate::cli::arguments::{Format, ProbeOptions};
use crate::cli::failure::{CommandFailure, incomplete, say};
use crate::cli::reach::place::ServerUrl;

/// How many answers that say that nothing is there are enough.
const ENOUGH: usize = 20;

/// How often what a finding rests on is asked for again.
const AGAIN: usize = 2;

/// Who asks for operations, and with what.
struct OperationCaller<'a> {
    place: &'a ServerUrl,
    base: String,
    holdings: &'a Holdings,
    guest: &'a Guest,
    names: &'a Names,
    transport: Transport,
    /// Whether the server has answered a request.
    has_answered: bool,
    /// What was let in by an operation that declares it.
    let_in: Vec<SecurityKind>,
}

/// Credentials as they stand in a request.
struct ShownCredentials {
    fields: Vec<FieldLine>,
    query: Option<String>,
    risk: Risk,
    /// The same as options of curl, with variables, and a blank behind each.
    by_hand: String,
}

/// Reads the document, and holds the endpoint's operations against it.
pub(super) async fn judge(
    options: &ProbeOptions,
    file: &str,
    place: &ServerUrl,
    holdings: &Holdings,
    guest: &Guest,
    names: &Names,
) -> Result<ExitCode, CommandFailure> {
    if options.dry_run && source::is_url(file) {
        return Err(CommandFailure::input(format!(
            "{file} would have to be fetched, and `--dry-run` asks nobody\n  help: save it, and give the file"
        )));
    }
    let text = source::text(file, options, place, guest).await?;
    let params = options.params.iter();
    let params = params.filter_map(|one| one.split_once('='));
    let params: BTreeMap<String, String> = params
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let document = Document::read(file, &text, &params).map_err(|why| {
        CommandFailure::input(format!(
            "{file} is no OpenAPI document that is read here: {why}"
        ))
    })?;
    let own = place.path.trim_end_matches('/');
    let secrets = Secrets::of(holdings, place);
    let mut caller = OperationCaller {
        place,
        base: match own.is_empty() {
            true => document.base.clone(),
            false => own.to_owned(),
        },
        holdings,
        guest,
        names,
        transport: Transport::new(Limits::default()).trusting(guest.trust.clone()),
        has_answered: false,
        let_in: Vec::new(),
    };
    let mut judged = Operations {
        not_judged: document.passed_over.clone(),
        ..Operations::default()
    };
    let mut closed = Vec::new();
    // First what asks for one thing alone, so that it is known what is let in.
    let mut operations: Vec<&Operation> = document.operations.iter().collect();
    operations.sort_by_key(|operation| operation.alternatives.len() != 1);
    let all = operations.len();
    if options.dry_run {
        caller.plan(&operations, options.unsafe_methods);
        return Ok(ExitCode::SUCCESS);
    }
    for (at, operation) in operations.into_iter().enumerate() {
        let is_over = guest.care.may_send(Risk::Bare).err();
        let is_nowhere = judged.answers.len() >= ENOUGH && judged.is_nowhere();
        let is_nowhere = is_nowhere.then_some("those before are not there (404)");
        if let Some(why) = is_over.or(is_nowhere) {
            let left = counted((all - at) as u64, "operation was", "operations were");
            judged
                .not_judged
                .push(format!("{left} not asked for: {why}"));
            break;
        }
        if !operation.is_safe && !options.unsafe_methods {
            let why = format!("{}: it may have effects (`--unsafe`)", operation.name());
            judged.not_judged.push(why);
            continue;
        }
        match &operation.target {
            Err(why) => judged
                .not_judged
                .push(format!("{}: {why}", operation.name())),
            Ok(target) => {
                if caller.hold(operation, target, &mut judged).await? {
                    closed.push((operation, target));
                }
            }
        }
    }
    // By now it is known what is let in anywhere.
    for (operation, target) in closed {
        caller
            .hold_undeclared(operation, target, &mut judged)
            .await?;
        caller.hold_told(operation, target, &mut judged).await?;
    }
    judged.not_judged.extend(caller.not_sent());
    let asked = document.operations.len();
    let text = match options.format {
        Format::Json => {
            let told = secrets.hidden_in(judged.to_json(place, guest));
            anstream::println!("{told}");
            String::new()
        }
        Format::Text => judged.to_text(place, file, asked, guest),
    };
    anstream::print!("{}", visible(&secrets.hidden(&text)));
    if !judged.findings.is_empty() {
        return Ok(ExitCode::from(super::FOUND));
    }
    let halted = guest.care.halted();
    let why = match (halted, judged.held.is_empty()) {
        (Some(why), _) => why,
        (None, true) => "no operation could be judged".to_owned(),
        (None, false) if judged.is_nowhere() => {
            "every operation that was asked for answers 404: they may stand below another path"
                .to_owned()
        }
        (None, false) if !judged.unsteady.is_empty() => {
            "equal requests are answered differently".to_owned()
        }
        (None, false) => return Ok(ExitCode::SUCCESS),
    };
    say(&secrets.hidden(&format!("no verdict: {why}")));
    Ok(incomplete())
}

impl OperationCaller<'_> {
    /// The fields and the query that carry credentials of a kind, where there are some.
    fn credentials(
        &self,
        kind: &SecurityKind,
    ) -> Option<(Account, Vec<FieldLine>, Option<String>)> {
        let identity = self.holdings.given.identity();
        let field = |name: &str, value: String| FieldLine {
            name: name.to_owned(),
            value: value.into_bytes(),
        };
        match kind {
            SecurityKind::Basic if self.holdings.given.has_user() => {
                let pair = BASE64_STANDARD.encode(format!(
                    "{}:{}",
                    identity.user,
                    identity.password.expose()
                ));
                let fields = vec![field("Authorization", format!("Basic {pair}"))];
                Some((Account::User, fields, None))
            }
            SecurityKind::Bearer => {
                let token = identity.tokens.first()?;
                let fields = vec![field(
                    "Authorization",
                    format!("Bearer {}", token.value.expose()),
                )];
                Some((Account::Token, fields, None))
            }
            SecurityKind::Key(place, name) => {
                let key = self.holdings.key()?.expose().to_owned();
                let (fields, query) = match place.as_str() {
                    "header" => (vec![field(name, key)], None),
                    "cookie" => (vec![field("Cookie", format!("{name}={key}"))], None),
                    "query" => (Vec::new(), Some(format!("{name}={key}"))),
                    _ => return None,
                };
                Some((Account::Key, fields, query))
            }
            _ => None,
        }
    }

    /// What these kinds take, as far as it was given; or else what was not.
    fn shown(&self, kinds: &[SecurityKind]) -> Result<ShownCredentials, String> {
        let mut shown = ShownCredentials {
            fields: Vec::new(),
            query: None,
            risk: Risk::Bare,
            by_hand: String::new(),
        };
        for kind in kinds {
            let Some((account, own, of_query)) = self.credentials(kind) else {
                let words = kind.in_words();
                return Err(match kind {
                    SecurityKind::Unspoken(_) => format!("{words} is not spoken here"),
                    _ => format!("no credentials for {words} were given"),
                });
            };
            shown.fields.extend(own);
            shown.query = shown.query.or(of_query);
            shown.risk = match self.let_in.contains(kind) {
                true => Risk::Known(account),
                false => Risk::Unknown(account),
            };
            shown.by_hand.push_str(&match kind {
                SecurityKind::Key(place, name) => self.names.key(place, name),
                kind => self.names.with(*kind == SecurityKind::Basic),
            });
        }
        Ok(shown)
    }

    /// Asks for an operation with what these kinds take, or says why not.
    async fn call(
        &mut self,
        operation: &Operation,
        target: &str,
        kinds: &[SecurityKind],
    ) -> Result<Result<Response, String>, CommandFailure> {
        match self.shown(kinds) {
            Ok(shown) => self.send(operation, target, &shown).await,
            Err(why) => Ok(Err(why)),
        }
    }

    /// Asks for an operation with these credentials, or says why not.
    async fn send(
        &mut self,
        operation: &Operation,
        target: &str,
        shown: &ShownCredentials,
    ) -> Result<Result<Response, String>, CommandFailure> {
        let risk = shown.risk;
        let mut all = vec![
            FieldLine {
                name: "Accept".to_owned(),
                value: b"*/*".to_vec(),
            },
            FieldLine {
                name: "User-Agent".to_owned(),
                value: self.guest.agent.clone().into_bytes(),
            },
        ];
        all.extend(shown.fields.iter().cloned());
        let query = shown.query.as_ref();
        let query = query.map_or_else(String::new, |query| format!("?{query}"));
        let request = Request {
            content: Bytes::new(),
            method: operation.method.clone(),
            path: format!("{}{target}{query}", self.base),
            fields: all,
        };
        let plain = Endpoint::new(self.place.authority.clone(), "");
        let endpoint = match self.place.secure {
            false => plain,
            true => Endpoint {
                ways: [(Way::Https, self.place.authority.clone())].into(),
                ..plain
            },
        };
        let Ok(request) = PreparedRequest::new(Arc::new(request)) else {
            return Ok(Err("it cannot be sent".to_owned()));
        };
        let care = &self.guest.care;
        loop {
            if let Err(why) = care.may_send(risk) {
                return Ok(Err(why.to_owned()));
            }
            care.take_turn().await;
            self.transport.hang_up();
            let received = self.transport.exchange(&endpoint, &request).await;
            let response = received.and_then(|received| received.to_response());
            let response = match response {
                Ok(response) => response,
                // What is said of a failure may hold what was sent.
                Err(_) if risk != Risk::Bare => return Ok(Err("no answer".to_owned())),
                // Of a server that answers other operations, this one is told.
                Err(fault) if self.has_answered => return Ok(Err(format!("no answer: {fault}"))),
                Err(fault) => {
                    let why = format!("{}: {fault}", self.place.shown);
                    return Err(CommandFailure::environment(why));
                }
            };
            self.has_answered = true;
            match heed(care, risk, &response) {
                Heed::Again => {}
                Heed::Leave(why) => return Ok(Err(why.to_owned())),
                Heed::Answer => return Ok(Ok(response)),
            }
        }
    }

    /// Holds one operation against what it declares, and says whether it keeps out whoever has nothing.
    async fn hold(
        &mut self,
        operation: &Operation,
        target: &str,
        judged: &mut Operations,
    ) -> Result<bool, CommandFailure> {
        let name = operation.name();
        // Who is let in by what is not spoken here cannot be told from who is let in by nothing, where nobody knows what
        // it is, or where a certificate is shown to whoever asks.
        let mut kinds = operation.alternatives.iter().flatten();
        let is_unknown = |kind: &&SecurityKind| match kind {
            SecurityKind::Other(_) => true,
            SecurityKind::Unspoken(_) => self.holdings.shows_certificate,
            _ => false,
        };
        if let Some(foreign) = kinds.find(is_unknown) {
            let words = foreign.in_words();
            let why = format!("{name}: it declares {words}, which is not spoken here");
            judged.not_judged.push(why);
            return Ok(false);
        }
        let bare = match self.call(operation, target, &[]).await? {
            Ok(bare) => bare,
            Err(why) => {
                judged.not_judged.push(format!("{name}: {why}"));
                return Ok(false);
            }
        };
        let is_in = |status: u16| (200..300).contains(&status);
        // Nobody is let in by a page that asks who is there.
        let page =
            page_for_people(&bare.body).filter(|_| is_in(bare.status) && !operation.is_open());
        if let Some(page) = page {
            let why = format!(
                "{name}: {} to a request without credentials is {page}",
                bare.status
            );
            judged.not_judged.push(why);
            return Ok(false);
        }
        judged.answers.push(bare.status);
        judged.held.push(format!(
            "{name} (declares {}): {} without credentials",
            operation.declared(),
            bare.status
        ));
        if operation.is_open() {
            let is_said = operation.alternatives.iter().any(Vec::is_empty);
            let name = operation.name();
            match (bare.status, is_said) {
                // A 401 says that credentials are lacking, and nothing else (RFC 9110 §15.5.2).
                (401, true) => {
                    let says = "is closed although it declares that nothing is needed".to_owned();
                    let impact = "Whoever comes as the document allows is kept out.";
                    if let Ok(nothing) = self.shown(&[]) {
                        let wrong = (&nothing, answered(&bare), says, impact);
                        self.accuse(operation, target, wrong, judged).await?;
                    }
                }
                (status @ (401 | 403), _) => {
                    let declares = if is_said {
                        "that nothing is needed"
                    } else {
                        "no security"
                    };
                    judged.not_judged.push(format!(
                        "{name}: it declares {declares} and answers {status} all the same, which may be of something else"
                    ));
                }
                _ => {}
            }
            return Ok(false);
        }
        let mut found: Vec<(Vec<SecurityKind>, StatusAndSchemes, String, &'static str)> =
            Vec::new();
        if is_in(bare.status) {
            found.push((
                Vec::new(),
                answered(&bare),
                format!("is open although it declares {}", operation.declared()),
                "Anybody gets in.",
            ));
        } else if bare.status == 401 {
            found.extend(
                unnamed(operation, &bare)
                    .map(|(says, impact)| (Vec::new(), answered(&bare), says, impact)),
            );
            judged
                .not_judged
                .extend(named_alone(operation, &bare).map(|others| {
                    format!("{name}: its 401 names {others}, which it does not declare")
                }));
        }
        let mut is_told_by_403 = bare.status == 403
            && names_in(&bare).is_empty()
            && !operation.declared_schemes().is_empty();
        if !is_in(bare.status) {
            for kinds in &operation.alternatives {
                let words: Vec<String> = kinds.iter().map(SecurityKind::in_words).collect();
                let words = words.join(" with ");
                match self.call(operation, target, kinds).await? {
                    Err(why) => judged
                        .not_judged
                        .push(format!("{name} with {words}: {why}")),
                    Ok(response) if is_in(response.status) => {
                        judged.answers.push(response.status);
                        // It is credentials that were lacking, and nothing else: RFC 9110 §11.4 asks for a 401 with a challenge.
                        if std::mem::take(&mut is_told_by_403) {
                            found.push((
                                Vec::new(),
                                answered(&bare),
                                format!(
                                    "answers 403 to a request without credentials, and no challenge, although it declares {} (RFC 9110 §11.4)",
                                    operation.declared_schemes()
                                ),
                                "A client that waits to be asked is told that no credentials would help.",
                            ));
                        }
                        for kind in kinds {
                            if !self.let_in.contains(kind) {
                                self.let_in.push(kind.clone());
                            }
                        }
                    }
                    Ok(response) => {
                        let status = response.status;
                        judged.answers.push(status);
                        let known = kinds.iter().all(|kind| self.let_in.contains(kind));
                        match status == 401 && known {
                            true => found.push((
                                kinds.clone(),
                                answered(&response),
                                format!("declares {words}, and answers {status} to credentials that another operation lets in"),
                                "A client that does as the document says is kept out.",
                            )),
                            false => {
                                judged.not_judged.push(format!(
                                    "{name} with {words}: {status}, which accuses nobody: {}",
                                    may_be(status)
                                ));
                            }
                        }
                    }
                }
            }
        }
        if is_told_by_403 {
            judged.not_judged.push(format!(
                "{name}: 403 to a request without credentials, where 401 with a challenge is to be expected (RFC 9110 §11.4): \
                 whether credentials are what it lacks is not known, since none were let in"
            ));
        }
        for (kinds, first, says, impact) in found {
            if let Ok(shown) = self.shown(&kinds) {
                self.accuse(operation, target, (&shown, first, says, impact), judged)
                    .await?;
            }
        }
        Ok(!is_in(bare.status))
    }

    /// Takes note of a finding, where what it was seen in is answered each time.
    async fn accuse(
        &mut self,
        operation: &Operation,
        target: &str,
        (shown, first, says, impact): (&ShownCredentials, StatusAndSchemes, String, &'static str),
        judged: &mut Operations,
    ) -> Result<(), CommandFailure> {
        for _ in 0..AGAIN {
            match self.send(operation, target, shown).await? {
                Ok(response) if answered(&response) == first => {}
                Ok(_) => {
                    let why = format!("{} is not answered alike each time", operation.name());
                    judged.unsteady.push(why);
                    return Ok(());
                }
                Err(why) => {
                    let why = format!(
                        "{} {says}: not seen {AGAIN} times more, so that nobody is accused: {why}",
                        operation.name()
                    );
                    judged.not_judged.push(why);
                    return Ok(());
                }
            }
        }
        judged.findings.push(Mismatch {
            operation: operation.name(),
            says,
            impact,
            by_hand: self.line(operation, target, &shown.by_hand),
        });
        Ok(())
    }

    /// A request for an operation by hand.
    fn line(&self, operation: &Operation, target: &str, with: &str) -> String {
        let scheme = if self.place.secure { "https" } else { "http" };
        let url = format!("{scheme}://{}{}{target}", self.place.authority, self.base);
        self.names.call(&operation.method, &url, with)
    }
}
