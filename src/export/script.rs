//! A case as requests for other programs: what to send, and what came back where the failure was seen.

use super::answer::ChallengeAnswer;
use super::compared::{WhereItShows, steady};
use super::not_exportable::NotExportable;
use super::proof::proving;
use super::seen::SeenExchange;
use super::stand_ins::StandIns;
use crate::client::PATH;
use crate::credentials::{
    CredentialState, DigestOutline, Identity, KEY, KeyPlace, ProofOutline, SIGNATURE, Scheme,
};
use crate::domain::{Case, Step, Value, grouped, steps_of, with_fields};
use crate::vocabulary::{ClientCase, Method, RequestTarget, SourceAddress};
use crate::wire::{Request, Way};

/// The fields that carry credentials, in small letters.
pub(super) const CREDENTIALS: [&str; 3] = ["authorization", "proxy-authorization", "x-api-key"];

/// The parameters of a query that carry credentials.
pub(super) const IN_QUERY: [&str; 3] = ["access_token", KEY.1, SIGNATURE.1];

/// Fields that whatever sends a request writes by itself.
const OWN: [&str; 3] = ["host", "user-agent", "content-length"];

/// The line that says what every program takes, and says by itself where it says anything.
const TAKES_ALL: (&str, &[u8]) = ("accept", b"*/*");

/// Requests that show a failure by other means, with what must be in force where they go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedScript {
    /// What it shows, in one line.
    pub title: String,
    /// What a reader should know first: the rule, the policy, who can log in. A line each.
    pub preamble: Vec<String>,
    /// Where in an answer the failure shows.
    pub shows: WhereItShows,
    /// The requests, in order.
    pub requests: Vec<Ask>,
    /// What stands in place of secrets that nobody published, in what was seen at a deployed endpoint.
    pub stand_ins: StandIns,
    /// Whether it is for a deployed endpoint, whose URL whoever sends it knows.
    pub of_endpoint: bool,
}

/// A request, and what was answered to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// What it is, in one line.
    pub name: String,
    /// The method.
    pub method: &'static str,
    /// What stands behind the URL of the resource, such as `?access_token=x`; mostly nothing.
    pub query: String,
    /// The fields that no program sends by itself: name and value.
    pub fields: Vec<(String, String)>,
    /// The field or the parameter of the query that has the API key, where the server has its own for that.
    pub key_in: Option<String>,
    /// How the credentials among them are made, where they answer the challenge of the request before: what is computed
    /// is marked in their field ([`DigestOutline::MARKS`]).
    pub answer: Option<ChallengeAnswer>,
    /// How the proofs of a key among them are made (DPoP), each in its field.
    pub proofs: Vec<ProofOutline>,
    /// The status that was answered.
    pub status: u16,
    /// The lines of the answer's field in which the failure shows, and otherwise of its challenges, without what is
    /// another one each time. Nothing where they cannot be compared.
    pub lines: Option<Vec<String>>,
    /// Whether it goes over the connection of the request before it, as the steps of one conversation do.
    pub kept: bool,
    /// How many seconds pass before it.
    pub pause: u32,
}

fn refused<T>(why: impl Into<String>) -> Result<T, NotExportable> {
    Err(NotExportable(why.into()))
}

/// Who asks in a conversation, and how many seconds pass before that.
#[derive(Clone, Debug)]
struct AskedLeg {
    client: Value,
    pause: u32,
}

impl AskedLeg {
    /// Whether its client sends what it has without a challenge.
    fn is_sent_unasked(&self, client: &ClientCase) -> bool {
        let persona = self.client.field("persona").and_then(Value::as_symbol);
        persona.is_none_or(|persona| persona == "preemptive")
            && !client.scheme.needs_challenge()
            && client.credential != CredentialState::None
    }

    /// How many of these requests, which begin with its own, are its own: one, or that and what answers the challenge.
    fn requests(&self, left: &[SeenExchange<'_>], key: Option<&KeyPlace>) -> usize {
        let client = ClientCase::from_value(&self.client);
        let waits = client.is_ok_and(|client| {
            client.credential != CredentialState::None && !self.is_sent_unasked(&client)
        });
        match left {
            [first, second, ..] if waits && is_bare(first, key) && !is_bare(second, key) => 2,
            _ => 1,
        }
    }
}

/// The asks of a conversation, that of the case's own client last.
fn legs(case: &Case) -> Result<Vec<AskedLeg>, NotExportable> {
    let Ok(steps) = steps_of(&case.course) else {
        return refused("what comes before its last request cannot be read");
    };
    let mut legs = Vec::new();
    let mut pause = 0;
    for step in steps {
        match step {
            Step::Ask { with, times } => {
                let client = with_fields(&case.client, &with);
                for _ in 0..times {
                    let client = client.clone();
                    let pause = std::mem::take(&mut pause);
                    legs.push(AskedLeg { client, pause });
                }
            }
            Step::Wait(seconds) => pause += seconds,
            Step::Edit(_) => {
                return refused("the policy changes before its last request");
            }
            Step::Beside { clients: 0, .. } => {
                return refused("it shows in some of several tries");
            }
            Step::Beside { .. } => {
                return refused("others are at work beside it");
            }
        }
    }
    let client = case.client.clone();
    legs.push(AskedLeg { client, pause });
    Ok(legs)
}

/// Whether a request carries no credentials.
fn is_bare(seen: &SeenExchange<'_>, key: Option<&KeyPlace>) -> bool {
    let mut lines = seen.sent.lines();
    let target = lines.next().unwrap_or_default();
    let (_, query) = target.split_once('?').unwrap_or_default();
    let place = key.map(KeyPlace::name);
    let mut parameters = IN_QUERY.into_iter().chain(place);
    if parameters.any(|name| query.contains(&format!("{name}="))) {
        return false;
    }
    let name_of = |line: &str| {
        let (name, _) = line.split_once(':')?;
        Some(name.to_ascii_lowercase())
    };
    let fields = key.map(|place| place.field((KEY.0.to_owned(), String::new())).0);
    let fields = fields.map(|name| name.to_ascii_lowercase());
    let is_credentials =
        |name: String| CREDENTIALS.contains(&name.as_str()) || fields.as_ref() == Some(&name);
    !lines.filter_map(name_of).any(is_credentials)
}

impl Ask {
    /// What goes into the query, without the `?`; nothing where it goes elsewhere.
    pub(super) fn added_to_query(&self) -> Option<&str> {
        self.query.strip_prefix('?')
    }

    /// The requests of a client and of whoever comes before it, as they went when this was seen. `about` says whose
    /// they are; `key`, where a server looks for API keys that has its own name for that; `shows`, where in the answer to
    /// the last of them the failure is.
    ///
    /// # Errors
    ///
    /// Says why other programs cannot send them.
    pub fn all_of(
        case: &Case,
        seen: &[SeenExchange<'_>],
        (identities, key): (&[Identity], Option<&KeyPlace>),
        about: &str,
        shows: &WhereItShows,
    ) -> Result<Vec<Self>, NotExportable> {
        let are_variables = !StandIns::of(identities).is_empty();
        let legs = legs(case)?;
        let mut left = seen;
        let mut asks: Vec<Self> = Vec::new();
        for (at, leg) in legs.iter().enumerate() {
            let client = ClientCase::from_value(&leg.client)
                .map_err(|why| NotExportable(format!("its client cannot be read: {why}")))?;
            if client.way != Way::Http1 {
                return refused(format!("it goes by {}, and is about that", client.way));
            }
            if client.from != SourceAddress::Usual {
                return refused("it asks from an address of its own");
            }
            if client.target == RequestTarget::Metadata {
                return refused("it asks for a document that an answer names");
            }
            if client.method == Method::Connect {
                return refused("it asks by CONNECT, and other programs do so for themselves");
            }
            if client.method.is_of_mcp() {
                return refused("it sends messages of the Model Context Protocol");
            }
            if client.carries.is_told() {
                return refused("it sends the cookies that an answer before set");
            }
            let is_signed =
                client.scheme == Scheme::Hmac && client.credential != CredentialState::None;
            if is_signed && are_variables {
                return refused("its signature is made of a secret that nobody published");
            }
            let count = match at + 1 == legs.len() {
                true => left.len(),
                false => leg.requests(left, key),
            };
            let Some((own, rest)) = left.split_at_checked(count) else {
                return refused("not every request of it was kept");
            };
            left = rest;
            if client.method.content() != "" {
                return refused("its request has content, which scripts do not send");
            }
            let begins_bare = own.first().is_some_and(|first| is_bare(first, key));
            if leg.is_sent_unasked(&client) && own.len() > 1 && begins_bare {
                return refused("a request came before it that is none of its own");
            }
            for one in own {
                let number = asks.len() as u64 + 1;
                let before = seen.get(..asks.len()).unwrap_or_default();
                let made = match is_bare(one, key) {
                    true => Made::bare(&client),
                    false => Made::with_credentials(&client, identities, before, key)?,
                };
                let behind = match (seen.len(), at + 1 == legs.len()) {
                    (1, _) => String::new(),
                    (_, true) => format!(", request {}", grouped(number)),
                    (_, false) => format!(", request {}, which comes before", grouped(number)),
                };
                let name = format!("{about}{behind}");
                let ask = Self::of((one, key), client.method.name(), made, &name, shows)?;
                let is_first = asks.is_empty();
                let pause = match own.first().is_some_and(|first| std::ptr::eq(first, one)) {
                    true => leg.pause,
                    false => 0,
                };
                asks.push(Self {
                    kept: legs.len() > 1 && !is_first && pause == 0,
                    pause,
                    ..ask
                });
            }
        }
        let is_compared = asks.last().is_none_or(|last| last.lines.is_some());
        match shows {
            WhereItShows::Status => Ok(asks),
            _ if is_compared => Ok(asks),
            _ => refused(format!(
                "it is about {}, which is another one each time, in more than a quoted nonce",
                shows.field()
            )),
        }
    }

    fn of(
        (seen, key): (&SeenExchange<'_>, Option<&KeyPlace>),
        method: &'static str,
        made: Made,
        about: &str,
        shows: &WhereItShows,
    ) -> Result<Self, NotExportable> {
        let carries = !is_bare(seen, key);
        let Some(behind) = made.request.path.strip_prefix(PATH) else {
            return refused("it asks for another path than that of the resource");
        };
        let query = match (behind.split_once('?'), key) {
            (Some((path, query)), Some(place)) => {
                format!("{path}?{}", place.query(query.to_owned()))
            }
            _ => behind.to_owned(),
        };
        let fields = own_fields(&made.request, key)?;
        let head: Vec<&str> = seen
            .received
            .lines()
            .take_while(|line| !line.is_empty())
            .collect();
        let status = head
            .first()
            .and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let Some(status) = status else {
            return refused("the answer that was seen has no status");
        };
        let field = shows.field();
        let lines = head.iter().skip(1).filter_map(|line| line.split_once(':'));
        let lines = lines.filter(|(name, _)| name.eq_ignore_ascii_case(&field));
        let credentials = match carries {
            true => "with its credentials",
            false => "without credentials",
        };
        Ok(Self {
            name: format!("{about}, {credentials}: answered {status}"),
            method,
            query,
            fields,
            key_in: key.map(|place| match place.is_query() {
                true => place.name().to_owned(),
                false => place.field((KEY.0.to_owned(), String::new())).0,
            }),
            answer: made.answer,
            proofs: made.proofs,
            status,
            lines: lines.map(|(_, value)| steady(value.trim())).collect(),
            kept: false,
            pause: 0,
        })
    }
}

/// A request as its client makes it.
struct Made {
    request: Request,
    answer: Option<ChallengeAnswer>,
    proofs: Vec<ProofOutline>,
}

impl Made {
    fn bare(client: &ClientCase) -> Self {
        Self {
            request: client.bare(),
            answer: None,
            proofs: Vec::new(),
        }
    }

    /// Behind what was seen before.
    fn with_credentials(
        client: &ClientCase,
        identities: &[Identity],
        before: &[SeenExchange<'_>],
        key: Option<&KeyPlace>,
    ) -> Result<Self, NotExportable> {
        if let Some(request) = client.unasked(identities) {
            return Ok(Self {
                request,
                ..Self::bare(client)
            });
        }
        client
            .check(identities)
            .map_err(|why| NotExportable(format!("there is no such client: {why}")))?;
        if client.scheme == Scheme::Dpop {
            let (request, proofs) = proving(client, identities, before)?;
            let answer = None;
            return Ok(Self {
                request,
                answer,
                proofs,
            });
        }
        let bare: Vec<_> = before.iter().map(|one| is_bare(one, key)).collect();
        if bare.last() == Some(&false) {
            return refused("it answers a challenge that came to other credentials");
        }
        let (request, answer) = ChallengeAnswer::of(client, identities, before)?;
        let is_the_same = !DigestOutline::MARKS
            .iter()
            .any(|mark| answer.outline.value.contains(mark));
        Ok(Self {
            request,
            answer: (!is_the_same).then_some(answer),
            proofs: Vec::new(),
        })
    }
}

/// The fields that no program sends by itself. A field value is its bytes as characters of Latin-1.
fn own_fields(
    request: &Request,
    key: Option<&KeyPlace>,
) -> Result<Vec<(String, String)>, NotExportable> {
    let fields = request.fields.iter();
    let fields = fields.filter(|field| {
        let name = field.name.to_ascii_lowercase();
        !OWN.contains(&name.as_str()) && (name.as_str(), field.value.as_slice()) != TAKES_ALL
    });
    fields
        .map(|field| {
            let value: String = field.value.iter().copied().map(char::from).collect();
            let line = (field.name.clone(), value);
            Ok(match key {
                Some(place) => place.field(line),
                None => line,
            })
        })
        .collect()
}

impl ExportedScript {
    /// Whether any request has a query, before which an `&` has to stand where the URL has one of its own.
    pub(super) fn adds_to_queries(&self) -> bool {
        self.requests
            .iter()
            .any(|ask| ask.added_to_query().is_some())
    }

    /// Whether no credentials are to be computed.
    pub(super) fn computes_nothing(&self) -> Result<(), NotExportable> {
        match self.requests.iter().any(|ask| ask.answer.is_some()) {
            true => refused(
                "its credentials answer a challenge (Digest), which this format cannot compute: `curl`, `python`, \
                 `k6`, `postman` and `rust-test` do",
            ),
            false => self.signs_nothing(),
        }
    }

    /// Whether no key is to be proven.
    pub(super) fn signs_nothing(&self) -> Result<(), NotExportable> {
        match self.proves() {
            true => refused(
                "its requests prove a key (DPoP), which takes a signature by ES256 that this format cannot make: \
                 `curl`, `python` and `k6` do",
            ),
            false => Ok(()),
        }
    }

    /// Whether any request proves a key.
    pub(super) fn proves(&self) -> bool {
        self.requests.iter().any(|ask| !ask.proofs.is_empty())
    }

    /// The answers to challenges among its requests.
    pub(super) fn answers(&self) -> impl Iterator<Item = &ChallengeAnswer> {
        self.requests.iter().filter_map(|ask| ask.answer.as_ref())
    }

    /// Whether a program that has the lines of a field as one shows the failure.
    pub(super) fn is_in_joined_lines(&self) -> Result<(), NotExportable> {
        match self.shows {
            WhereItShows::Lines => refused(
                "it is about how challenges stand in field lines, which are one in this format",
            ),
            _ => Ok(()),
        }
    }

    /// Whether every program sends these fields as they are: in ASCII, not empty, and without blanks at their ends.
    pub(super) fn is_plain(&self) -> Result<(), NotExportable> {
        for (name, value) in self.requests.iter().flat_map(|ask| &ask.fields) {
            let is_plain = value.chars().all(|c| matches!(c, ' '..='~'))
                && value.trim() == value
                && !value.is_empty();
            if !is_plain {
                return refused(format!(
                    "the value of {name} is empty, has blanks at its ends, or is not printable ASCII, and this \
                     format would change it: `python` and `rust-test` keep it"
                ));
            }
        }
        Ok(())
    }

    /// Whether each request is one alone, and what came before it does not matter.
    pub(super) fn has_no_conversation(&self) -> Result<(), NotExportable> {
        match self.requests.iter().any(|ask| ask.kept || ask.pause > 0) {
            true => refused(
                "its requests go over one connection, one behind the other, which this format has no word for: \
                 `curl`, `python`, `hurl` and `k6` keep it",
            ),
            false => Ok(()),
        }
    }

    /// The same, where a name may not stand twice.
    pub(super) fn has_each_field_once(&self) -> Result<(), NotExportable> {
        for ask in &self.requests {
            for (at, (name, _)) in ask.fields.iter().enumerate() {
                let before = ask.fields.iter().take(at);
                if before
                    .into_iter()
                    .any(|(other, _)| other.eq_ignore_ascii_case(name))
                {
                    return refused(format!(
                        "{name} stands in a request twice, which this format has no word for"
                    ));
                }
            }
        }
        Ok(())
    }
}
