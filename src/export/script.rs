//! A case as requests for other programs: what to send, and what came back where the failure was seen.

use crate::credentials::Identity;
use crate::domain::{Case, grouped};
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

impl Ask {
    /// The requests of a client, as they went when this was seen. `about` says whose they are.
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
        if !case.steps().is_empty() {
            return refused(
                "what comes before its last request is no request alone: `countersign replay` plays it",
            );
        }
        let client = ClientCase::from_value(&case.client)
            .map_err(|why| NotExportable(format!("its client cannot be read: {why}")))?;
        if client.way != Way::Http1 {
            return refused(format!("it goes by {}, and is about that", client.way));
        }
        if client.target != RequestTarget::Resource {
            return refused("it asks for a document that an answer names");
        }
        let unasked = client.unasked(identities);
        let count = seen.len();
        let ask = |(at, one): (usize, &SeenExchange<'_>)| {
            let behind = match count {
                1 => String::new(),
                _ => format!(", request {}", grouped(at as u64 + 1)),
            };
            Self::of(
                one,
                client.method.name(),
                unasked.as_ref(),
                &format!("{about}{behind}"),
            )
        };
        seen.iter().enumerate().map(ask).collect()
    }

    fn of(
        seen: &SeenExchange<'_>,
        method: &'static str,
        unasked: Option<&Request>,
        about: &str,
    ) -> Result<Self, NotExportable> {
        let lines = || seen.sent.lines().skip(1);
        let name_of = |line: &str| {
            line.split_once(':')
                .map(|(name, _)| name.to_ascii_lowercase())
        };
        let carries = lines()
            .filter_map(name_of)
            .any(|name| CREDENTIALS.contains(&name.as_str()));
        let target = seen.sent.lines().next().unwrap_or_default();
        let carries = carries || target.contains('?');
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
