//! Reading a reproduction back, with no spec at hand and a diagnostic for every mistake.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::credentials::{Identity, KeyPlace, Secret, Token, TokenState};
use crate::domain::{Case, Domain, Setting, Value, no_steps};
use crate::results::{Presumed, ResolvedDemand};
use crate::spec::{Level, Stated, check_setting, unnamed_defect};
use crate::vocabulary::ClientCase;
use crate::yaml::{
    Diagnostic, Diagnostics, Fields, Node, NodeKind, Source, Span, of_another_kind, read,
};

use super::difference::{self, FilePlaces};
use super::entry::{Entry, SavedRule, SeenOn, Sibling};
use super::mail_damage;
use super::packs;
use super::read_course::{CourseSide, course};
use super::read_plain::{items, listed, number, optional, record, text, truth, word};
use super::read_proof::{cure, failure, proof, step};
use super::transcript::{Message, Messages};
use super::write::FORMAT;

/// The most bytes that a reproduction has. A file beyond it is something else.
const MOST_BYTES: u64 = 1024 * 1024;

/// Why a file is no reproduction.
#[derive(Debug)]
pub enum Unreadable {
    /// It cannot be read at all.
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        error: io::Error,
    },
    /// It can be read, and is wrong.
    Wrong(Diagnostics),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, error } => write!(out, "could not read {}: {error}", path.display()),
            Self::Wrong(diagnostics) => diagnostics.fmt(out),
        }
    }
}

impl std::error::Error for Unreadable {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { error, .. } => Some(error),
            Self::Wrong(diagnostics) => Some(diagnostics),
        }
    }
}

/// Reads a reproduction from a file.
///
/// # Errors
///
/// When the file cannot be read, or is no reproduction: see [`Entry::read`].
pub fn load(path: &Path) -> Result<Entry, Unreadable> {
    let failed = |error| Unreadable::Io {
        path: path.to_owned(),
        error,
    };
    // A pipe may never end, and a device never does.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(failed(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is no regular file; save the reproduction in one",
        )));
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes))
        .map_err(failed)?;
    // Bytes that are no text are shown as such, and are no YAML.
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Entry::read(&Source::new(path.display().to_string(), text)).map_err(Unreadable::Wrong)
}

/// The reproductions in a folder, by name: every file that ends in `.yaml` and is not hidden.
///
/// # Errors
///
/// When the folder cannot be read.
pub fn list(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for file in fs::read_dir(dir)? {
        let path = file?.path();
        let hidden = path
            .file_name()
            .is_none_or(|name| name.to_string_lossy().starts_with('.'));
        if !hidden && path.extension().is_some_and(|end| end == "yaml") && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

impl Entry {
    /// Reads a reproduction.
    ///
    /// # Errors
    ///
    /// Diagnostics for every mistake found: text that is not YAML, keys that are missing or unknown
    /// (with the nearest known one), values that are wrong.
    pub fn read(source: &Source) -> Result<Self, Diagnostics> {
        if u64::try_from(source.text.len()).is_ok_and(|length| length > MOST_BYTES) {
            let mut problems = Diagnostics::new(Source::new(source.name.clone(), ""));
            problems.push(Diagnostic::error(
                Span::default(),
                "this file is too large for a reproduction",
                format!("a reproduction has at most {MOST_BYTES} bytes; check the path"),
            ));
            return Err(problems);
        }
        let diagnosed = |problems| mail_damage::diagnosed(source).unwrap_or(problems);
        let node = read(source).map_err(diagnosed)?;
        let mut problems = Diagnostics::new(source.clone());
        let entry = entry(&node, &mut problems);
        match entry {
            Some(entry) if !problems.has_errors() => Ok(entry),
            _ => Err(diagnosed(problems)),
        }
    }
}

fn entry(node: &Node, problems: &mut Diagnostics) -> Option<Entry> {
    if let Some(problem) = of_another_kind(node, "a saved finding", "countersign-reproduction") {
        problems.push(problem);
        return None;
    }
    let mut fields = Fields::new(node, "a reproduction", problems)?;
    // Of a format that is not known nothing else can be said.
    format(&mut fields, problems)?;
    let sentence = fields.required_text("sentence", "two profiles, flag false", problems);
    let defect = fields.text("defect", problems);
    let seen_on = fields
        .required("seen-on", "{name: my-gateway, version: \"1.2\"}", problems)
        .and_then(|node| seen_on(node, problems));
    let rule = fields
        .required(
            "rule",
            "{id: …, pack: …, version: 1, level: must, …}",
            problems,
        )
        .and_then(|node| rule(node, problems));
    let domain = rule.as_ref().and_then(domain_of);
    let case_node = fields.required("case", "{policy: {…}, instance: {}, client: {…}}", problems);
    let case = case_node.and_then(|node| case(node, CourseSide::Case, domain, problems));
    let mut sibling_node = None;
    let sibling = optional(&mut fields, "sibling", problems, |node, problems| {
        sibling_node = Some(node);
        sibling(node, domain, problems)
    });
    let demand_node = fields.required("demand", "{expect: {outcome: accepted}}", problems);
    let demand = demand_node.and_then(|node| ResolvedDemand::read(node, problems));
    let failure = fields
        .required("failure", "{expected: …, observed: …, kind: …}", problems)
        .and_then(|node| failure(node, problems));
    let cures = listed(&mut fields, "cures", problems, cure);
    let proof = fields
        .required("minimal", "{steps: []}", problems)
        .and_then(|node| proof(node, problems));
    let variations = listed(&mut fields, "variations", problems, step);
    let transcript = fields
        .required("transcript", "{case: [], sibling: []}", problems)
        .and_then(|node| transcript(node, problems));
    let identities_node = fields.required(
        "identities",
        "[{user: alice, password: …, enabled: true}]",
        problems,
    );
    let identities = identities_node.and_then(|node| items(node, "identities", problems, identity));
    fields.finish(problems);

    let (discrepancy, flaky) = failure?;
    let (demand, sibling, identities) = (demand?, sibling?, identities?);
    if demand.relate.is_some() && sibling.is_none() {
        problems.push(Diagnostic::error(
            demand_node?.span,
            "this demand compares the case with a sibling, and there is none",
            "add `sibling: {difference: …, case: {…}}`",
        ));
    }
    if identities.is_empty() {
        problems.push(Diagnostic::error(
            identities_node?.span,
            "nobody can log in",
            "list at least one identity; the client is the first",
        ));
    }
    let sibling = match demand_node.is_some_and(is_behind_itself) {
        true => sibling.map(|sibling: Sibling| Sibling {
            case: sibling.case.goes_on(&[], &Value::Record(Vec::new())),
            ..sibling
        }),
        false => sibling,
    };
    let (rule, case) = (rule?, case?);
    // A value that cannot be there differs too, and has been told.
    if let (Some(case_node), Some(demand_node), false) =
        (case_node, demand_node, problems.has_errors())
    {
        let written = FilePlaces {
            case: case_node,
            sibling: sibling_node,
            demand: demand_node,
        };
        let both = (&case, sibling.as_ref());
        difference::check(&rule, both, &demand, &written, problems);
    }
    Some(Entry {
        sentence: sentence?.to_owned(),
        // Files of earlier versions do not say it.
        defect: defect.map_or_else(|| unnamed_defect(&rule.id), str::to_owned),
        rule,
        seen_on: seen_on?,
        case,
        sibling,
        demand,
        discrepancy,
        flaky,
        cures: cures?,
        proof: proof?,
        variations: variations?,
        transcript: transcript?,
        identities,
    })
}

/// Looks at the version of the format; none where it is of a newer Countersign.
fn format(fields: &mut Fields<'_>, problems: &mut Diagnostics) -> Option<()> {
    let Some(node) = fields.required("countersign-reproduction", "1", problems) else {
        return Some(());
    };
    let newer = match node.kind {
        NodeKind::Int(FORMAT) => return Some(()),
        NodeKind::Int(format) => format > FORMAT,
        _ => false,
    };
    let remedy = match newer {
        true => "use a newer Countersign: the file is of a later one".to_owned(),
        false => format!("write `countersign-reproduction: {FORMAT}`"),
    };
    problems.push(Diagnostic::error(
        node.span,
        "this is not a version of the format that is known here",
        remedy,
    ));
    (!newer).then_some(())
}

/// The domain of the pack that a rule is of, where it ships in the same version.
fn domain_of(rule: &SavedRule) -> Option<&'static Domain> {
    let spec = packs::named(&rule.pack)?;
    let is_it = spec.pack.version == rule.version && spec.rule(&rule.id).is_some();
    is_it.then_some(&spec.domain)
}

fn seen_on(node: &Node, problems: &mut Diagnostics) -> Option<SeenOn> {
    let mut fields = Fields::new(node, "an implementation", problems)?;
    let name = fields.required_text("name", "my-gateway", problems);
    let version = fields.required_text("version", "\"1.2\"", problems);
    let key_in = optional(&mut fields, "key-in", problems, key_place);
    fields.finish(problems);
    Some(SeenOn {
        name: name?.to_owned(),
        version: version?.to_owned(),
        key_in: key_in?,
    })
}

fn key_place(node: &Node, problems: &mut Diagnostics) -> Option<KeyPlace> {
    match KeyPlace::read(node.text().unwrap_or_default()) {
        Ok(place) => Some(place),
        Err(why) => {
            let problem = "this is no place of an API key";
            problems.push(Diagnostic::error(node.span, problem, why));
            None
        }
    }
}

fn rule(node: &Node, problems: &mut Diagnostics) -> Option<SavedRule> {
    let mut fields = Fields::new(node, "a rule", problems)?;
    let id = fields.required_text("id", "a-name-with-hyphens", problems);
    let pack = fields.required_text("pack", "my-rules", problems);
    let version = fields
        .required("version", "1", problems)
        .and_then(|node| number(node, problems));
    let level = fields
        .required("level", "must", problems)
        .and_then(|node| word(node, "a level", &Level::ALL, Level::word, problems));
    let scored = optional(&mut fields, "scored", problems, truth);
    let stated = fields
        .required(
            "source",
            "{document: RFC 9110, section: \"11.6.1\"}",
            problems,
        )
        .and_then(|node| stated(node, problems));
    let impact = fields.required_text("impact", "Who is hurt when it breaks.", problems);
    let presumes = listed(&mut fields, "presumes", problems, presumed);
    fields.finish(problems);
    Some(SavedRule {
        id: id?.to_owned(),
        pack: pack?.to_owned(),
        version: version?,
        level: level?,
        scored: scored?.unwrap_or(true),
        stated: stated?,
        impact: impact?.to_owned(),
        presumes: presumes?,
    })
}

fn stated(node: &Node, problems: &mut Diagnostics) -> Option<Stated> {
    let mut fields = Fields::new(node, "a source", problems)?;
    let document = fields.required_text("document", "RFC 9110", problems);
    let section = fields.required_text("section", "\"11.6.1\"", problems);
    let note = optional(&mut fields, "note", problems, text);
    fields.finish(problems);
    Some(Stated {
        document: document?.to_owned(),
        section: section?.to_owned(),
        note: note?,
    })
}

fn presumed(node: &Node, problems: &mut Diagnostics) -> Option<Presumed> {
    let mut fields = Fields::new(node, "a presumed choice", problems)?;
    let alternative = fields.required_text("alternative", "its-name", problems);
    let choice = fields.required_text("choice", "its-name", problems);
    let default = optional(&mut fields, "default", problems, truth);
    fields.finish(problems);
    Some(Presumed {
        alternative: alternative?.to_owned(),
        choice: choice?.to_owned(),
        default: default?.unwrap_or(false),
    })
}

fn case(
    node: &Node,
    side: CourseSide,
    domain: Option<&Domain>,
    problems: &mut Diagnostics,
) -> Option<Case> {
    let mut fields = Fields::new(node, "a case", problems)?;
    let policy = fields
        .required("policy", "{profiles: [{scheme: basic}]}", problems)
        .and_then(|node| record(node, "the policy", problems));
    let instance = fields
        .required("instance", "{}", problems)
        .and_then(|node| record(node, "the instance", problems));
    let setting = policy.clone().zip(instance.clone());
    let setting = setting.map(|(policy, instance)| Setting { policy, instance });
    let course = match fields.optional("course") {
        Some(node) => course(node, side, setting.as_ref(), problems),
        None => Some(no_steps()),
    };
    let client_node = fields.required("client", "{persona: preemptive}", problems);
    let client = client_node.and_then(|node| record(node, "the client", problems));
    fields.finish(problems);
    let (client_node, client) = (client_node?, client?);
    if let Some(domain) = domain {
        // A client may be any that can be played, and come behind any steps, whatever its pack plays.
        check_setting(node, domain, problems);
    }
    if let Err(unknown) = ClientCase::from_value(&client) {
        let value = unknown.field.and_then(|name| client_node.get(name));
        problems.push(Diagnostic::error(
            value.map_or(client_node.span, |value| value.span),
            unknown.to_string(),
            "this Countersign can play no such client: correct it, or use a newer one",
        ));
    }
    Some(Case {
        policy: policy?,
        instance: instance?,
        course: course?,
        client,
    })
}

fn sibling(node: &Node, domain: Option<&Domain>, problems: &mut Diagnostics) -> Option<Sibling> {
    let mut fields = Fields::new(node, "a sibling", problems)?;
    let difference = fields.required_text("difference", "with client.persona preemptive", problems);
    let case = fields
        .required("case", "{policy: {…}, instance: {}, client: {…}}", problems)
        .and_then(|node| case(node, CourseSide::Sibling, domain, problems));
    fields.finish(problems);
    Some(Sibling {
        difference: difference?.to_owned(),
        case: case?,
    })
}

/// Whether the sibling of a demand is the case itself behind itself, as files said it that were written before
/// cases had courses.
fn is_behind_itself(demand: &Node) -> bool {
    let again = demand.get("relate").and_then(|node| node.get("again"));
    matches!(again.map(|node| &node.kind), Some(NodeKind::Bool(true)))
}

fn transcript(node: &Node, problems: &mut Diagnostics) -> Option<Messages> {
    let mut fields = Fields::new(node, "a transcript", problems)?;
    let case = listed(&mut fields, "case", problems, message);
    let sibling = listed(&mut fields, "sibling", problems, message);
    fields.finish(problems);
    Some(Messages {
        case: case?,
        sibling: sibling?,
    })
}

fn message(node: &Node, problems: &mut Diagnostics) -> Option<Message> {
    let mut fields = Fields::new(node, "an exchange", problems)?;
    let sent = fields.required_text("sent", "\"GET / HTTP/1.1\"", problems);
    let received = fields.required_text("received", "\"HTTP/1.1 200 OK\"", problems);
    fields.finish(problems);
    // A block ends in a line feed that belongs to YAML.
    let whole = |text: &str| text.strip_suffix('\n').unwrap_or(text).to_owned();
    Some(Message {
        sent: whole(sent?),
        received: whole(received?),
    })
}

fn identity(node: &Node, problems: &mut Diagnostics) -> Option<Identity> {
    let mut fields = Fields::new(node, "an identity", problems)?;
    let user = fields.required_text("user", "alice", problems);
    let password = fields.required_text("password", "\"open-sesame\"", problems);
    let enabled = optional(&mut fields, "enabled", problems, truth);
    let roles = listed(&mut fields, "roles", problems, text);
    let groups = listed(&mut fields, "groups", problems, text);
    let tokens = listed(&mut fields, "tokens", problems, token);
    let api_keys = listed(&mut fields, "api-keys", problems, token);
    fields.finish(problems);
    Some(Identity {
        user: user?.to_owned(),
        password: Secret::new(password?),
        enabled: enabled?.unwrap_or(true),
        roles: roles?,
        groups: groups?,
        tokens: tokens?,
        api_keys: api_keys?,
    })
}

fn token(node: &Node, problems: &mut Diagnostics) -> Option<Token> {
    let mut fields = Fields::new(node, "a token", problems)?;
    let value = fields.required_text("value", "a-token", problems);
    let state = fields
        .required("state", "valid", problems)
        .and_then(|node| {
            word::<TokenState>(
                node,
                "a token's state",
                &TokenState::ALL,
                TokenState::word,
                problems,
            )
        });
    let scopes = listed(&mut fields, "scopes", problems, text);
    fields.finish(problems);
    Some(Token {
        value: Secret::new(value?),
        state: state?,
        scopes: scopes?,
    })
}
