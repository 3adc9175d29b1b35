//! A case as requests for other programs: what to send, and what came back where the failure was seen.

use crate::credentials::{CredentialState, Identity};
use crate::domain::{Case, Step, Value, grouped, steps_of, with_fields};
use crate::vocabulary::{ClientCase, RequestTarget};
use crate::wire::{Request, Way};

/// The fields that carry credentials, in small letters.
const CREDENTIALS: [&str; 3] = ["authorization", "proxy-authorization", "x-api-key"];

/// Fields that whatever sends a request writes by itself.
const OWN: [&str; 4] = ["host", "accept", "user-agent", "content-length"];

/// What is in a challenge that is another one each time.
const FRESH: [&str; 3] = ["nonce=", "opaque=", "resource_metadata="];

/// Requests that show a failure by other means, with what must be in force where they go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedScript {
    /// What it shows, in one line.
    pub title: String,
    /// What a reader should know first: the rule, the policy, who can log in. A line each.
    pub preamble: Vec<String>,
    /// The requests, in order.
    pub requests: Vec<Ask>,
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
    /// The status that was answered.
    pub status: u16,
    /// The challenges of the answer, where they are the same each time: field lines of `WWW-Authenticate`.
    pub challenges: Option<Vec<String>>,
    /// Whether it goes over the connection of the request before it, as the steps of one conversation do.
    pub kept: bool,
    /// How many seconds pass before it.
    pub pause: u32,
}

/// What was seen of one exchange, as a saved case keeps it: `sent` and `received` as lines, credentials masked.
#[derive(Clone, Copy, Debug)]
pub struct SeenExchange<'a> {
    /// The request.
    pub sent: &'a str,
    /// The answer.
    pub received: &'a str,
}

/// Why a case is in no such script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotExportable(pub String);

impl std::fmt::Display for NotExportable {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
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
    fn requests(&self, left: &[SeenExchange<'_>]) -> usize {
        let client = ClientCase::from_value(&self.client);
        let waits = client.is_ok_and(|client| {
            client.credential != CredentialState::None && !self.is_sent_unasked(&client)
        });
        match left {
            [first, second, ..] if waits && is_bare(first) && !is_bare(second) => 2,
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
                return refused(
                    "the policy changes before its last request: `countersign replay` plays it",
                );
            }
            Step::Beside { clients: 0, .. } => {
                return refused("it shows in some of several tries: `countersign replay` plays it");
            }
            Step::Beside { .. } => {
                return refused("others are at work beside it: `countersign replay` plays it");
            }
        }
    }
    let client = case.client.clone();
    legs.push(AskedLeg { client, pause });
    Ok(legs)
}

/// Whether a request carries no credentials.
fn is_bare(seen: &SeenExchange<'_>) -> bool {
    let mut lines = seen.sent.lines();
    let target = lines.next().unwrap_or_default();
    let name_of = |line: &str| {
        let (name, _) = line.split_once(':')?;
        Some(name.to_ascii_lowercase())
    };
    let mut names = lines.filter_map(name_of);
    !target.contains('?') && !names.any(|name| CREDENTIALS.contains(&name.as_str()))
}

impl Ask {
    /// The requests of a client and of whoever comes before it, as they went when this was seen. `about` says whose
    /// they are.
    ///
    /// # Errors
    ///
    /// Says why other programs cannot send them.
    pub fn all_of(
        case: &Case,
        seen: &[SeenExchange<'_>],
        identities: &[Identity],
        about: &str,
    ) -> Result<Vec<Self>, NotExportable> {
        let legs = legs(case)?;
        let mut left = seen;
        let mut asks: Vec<Self> = Vec::new();
        for (at, leg) in legs.iter().enumerate() {
            let client = ClientCase::from_value(&leg.client)
                .map_err(|why| NotExportable(format!("its client cannot be read: {why}")))?;
            if client.way != Way::Http1 {
                return refused(format!("it goes by {}, and is about that", client.way));
            }
            if client.target == RequestTarget::Metadata {
                return refused("it asks for a document that an answer names");
            }
            if client.method.is_of_mcp() {
                return refused("it sends messages of the Model Context Protocol");
            }
            let count = match at + 1 == legs.len() {
                true => left.len(),
                false => leg.requests(left),
            };
            let Some((own, rest)) = left.split_at_checked(count) else {
                return refused("not every request of it was kept");
            };
            left = rest;
            if leg.is_sent_unasked(&client) && own.len() > 1 && own.first().is_some_and(is_bare) {
                return refused("a request came before it that is none of its own");
            }
            let unasked = client.unasked(identities);
            for one in own {
                let number = asks.len() as u64 + 1;
                let behind = match (seen.len(), at + 1 == legs.len()) {
                    (1, _) => String::new(),
                    (_, true) => format!(", request {}", grouped(number)),
                    (_, false) => format!(", request {}, which comes before", grouped(number)),
                };
                let name = format!("{about}{behind}");
                let ask = Self::of(one, client.method.name(), unasked.as_ref(), &name)?;
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
        Ok(asks)
    }

    fn of(
        seen: &SeenExchange<'_>,
        method: &'static str,
        unasked: Option<&Request>,
        about: &str,
    ) -> Result<Self, NotExportable> {
        let carries = !is_bare(seen);
        let (fields, query) = match (carries, unasked) {
            (false, _) => (Vec::new(), String::new()),
            (true, None) => {
                return refused(
                    "its credentials answer a challenge, so that they are others each time",
                );
            }
            (true, Some(request)) => {
                let query = request.path.split_once('?');
                let query = query.map_or_else(String::new, |(_, query)| format!("?{query}"));
                (own_fields(request)?, query)
            }
        };
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
        let challenges = head.iter().skip(1).filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            let is_challenge = name.eq_ignore_ascii_case("www-authenticate");
            is_challenge.then(|| value.trim().to_owned())
        });
        let challenges: Vec<String> = challenges.collect();
        let is_steady = |line: &String| {
            let lower = line.to_ascii_lowercase();
            // What cannot be said in one way everywhere is not compared.
            line.chars().all(|c| matches!(c, ' '..='~'))
                && !FRESH.iter().any(|fresh| lower.contains(fresh))
        };
        let credentials = match carries {
            true => "with its credentials",
            false => "without credentials",
        };
        Ok(Self {
            name: format!("{about}, {credentials}: answered {status}"),
            method,
            query,
            fields,
            status,
            challenges: challenges.iter().all(is_steady).then_some(challenges),
            kept: false,
            pause: 0,
        })
    }

    /// The fields as names and values, those with credentials as variables; and the variables, each with its value.
    /// Values that are the same are one variable.
    pub(super) fn with_variables(asks: &[Self]) -> (Vec<Variable>, Vec<Vec<(String, Said)>>) {
        let mut variables: Vec<Variable> = Vec::new();
        let mut all = Vec::new();
        for ask in asks {
            let mut fields = Vec::new();
            for (name, value) in &ask.fields {
                let is_secret = CREDENTIALS.contains(&name.to_ascii_lowercase().as_str());
                if !is_secret {
                    fields.push((name.clone(), Said::Text(value.clone())));
                    continue;
                }
                let known = variables.iter().find(|one| one.value == *value);
                let variable = known.map(|one| one.name.clone()).unwrap_or_else(|| {
                    let name = match variables.len() {
                        0 => "credentials".to_owned(),
                        more => format!("credentials_{}", more + 1),
                    };
                    variables.push(Variable {
                        name: name.clone(),
                        value: value.clone(),
                    });
                    name
                });
                fields.push((name.clone(), Said::Variable(variable)));
            }
            all.push(fields);
        }
        (variables, all)
    }
}

/// A secret that a script has once, for whoever uses it to put another in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) value: String,
}

impl Variable {
    /// The name as an environment has it.
    pub(super) fn environment(&self) -> String {
        self.name.to_ascii_uppercase()
    }
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Text(String),
    Variable(String),
}

/// The fields that no program sends by itself. A field value is its bytes as characters of Latin-1.
fn own_fields(request: &Request) -> Result<Vec<(String, String)>, NotExportable> {
    let fields = request.fields.iter();
    let fields = fields.filter(|field| !OWN.contains(&field.name.to_ascii_lowercase().as_str()));
    fields
        .map(|field| {
            let value: String = field.value.iter().copied().map(char::from).collect();
            Ok((field.name.clone(), value))
        })
        .collect()
}

impl ExportedScript {
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
