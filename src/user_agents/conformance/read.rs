//! Reading a pack for clients, with a diagnostic for every mistake.

use super::flaw::CredentialFlaw;
use super::pack::{ClientExpectation, ClientPack, ClientRule, PackChallenge};
use super::read_layouts::{ChallengeNames, servers_of, word};
use crate::user_agents::model::KnownScheme;
use crate::yaml::{Diagnostic, Diagnostics, Fields, Node, NodeKind, Source, of_another_kind, read};

/// The version of the language.
const LANGUAGE: i64 = 1;

/// The key that no other kind of file has.
const OWN_KEY: &str = "client-pack";

/// The most requests that a rule may allow: as many as a server answers before it says that it is enough.
const MOST_ALLOWED: i64 = 60;

impl ClientPack {
    /// Reads and checks a pack.
    ///
    /// # Errors
    ///
    /// Diagnostics for every mistake found, each with its place and what to write instead.
    pub fn read(source: &Source) -> Result<Self, Diagnostics> {
        let node = read(source)?;
        let mut problems = Diagnostics::new(source.clone());
        let pack = lower(&node, source, &mut problems);
        match pack {
            Some(pack) if !problems.has_errors() => Ok(pack),
            _ => Err(problems),
        }
    }
}

/// Whether a text says itself that it is a pack for clients.
pub fn is_client_pack(source: &Source) -> bool {
    read(source).is_ok_and(|node| node.get(OWN_KEY).is_some())
}

fn lower(node: &Node, source: &Source, problems: &mut Diagnostics) -> Option<ClientPack> {
    if let Some(problem) = of_another_kind(node, "a pack for clients", OWN_KEY) {
        problems.push(problem);
        return None;
    }
    let mut fields = Fields::new(node, "a pack for clients", problems)?;
    if let Some(node) = fields.required("countersign", "1", problems)
        && !matches!(node.kind, NodeKind::Int(LANGUAGE))
    {
        problems.push(Diagnostic::error(
            node.span,
            "this is not a version of the language that is known here",
            format!("write `countersign: {LANGUAGE}`"),
        ));
    }
    let example = "{name: my-rules, version: 1, title: What they are about}";
    let head = fields.required(OWN_KEY, example, problems);
    let head = head.and_then(|node| head_of(node, problems));
    let mut challenges = Vec::new();
    for (key, departs) in [("challenges", false), ("departures", true)] {
        let node = match departs {
            true => fields.optional(key),
            false => fields.required(key, "{Basic: Basic realm=\"x\"}", problems),
        };
        if let Some(node) = node {
            challenges_of(key, node, departs, &mut challenges, problems);
        }
    }
    let rules = fields.required("rules", "[{id: …, level: …, …}]", problems);
    fields.finish(problems);
    let (name, version, title) = head?;
    let mut pack = ClientPack {
        name,
        version,
        title,
        source: source.name.to_string(),
        challenges,
        rules: Vec::new(),
    };
    let Some(NodeKind::List(items)) = rules.map(|node| &node.kind) else {
        if let Some(node) = rules {
            problems.push(Diagnostic::error(
                node.span,
                format!("`rules` must be a list, and this is {}", node.noun()),
                "write `- id: …` for each",
            ));
        }
        return None;
    };
    for item in items {
        if let Some(rule) = rule_of(item, &pack, source, problems) {
            if pack.rules.iter().any(|have| have.id == rule.id) {
                problems.push(Diagnostic::error(
                    item.span,
                    format!("there is a rule `{}` already", rule.id),
                    "give it a name of its own",
                ));
            }
            pack.rules.push(rule);
        }
    }
    Some(pack)
}

fn head_of(node: &Node, problems: &mut Diagnostics) -> Option<(String, u32, String)> {
    let mut fields = Fields::new(node, "the pack", problems)?;
    let name = fields.required_text("name", "my-rules", problems);
    let version = fields.required("version", "1", problems);
    let title = fields.required_text("title", "What it is about", problems);
    fields.finish(problems);
    let version = version?;
    let number = match version.kind {
        NodeKind::Int(number) if number > 0 => u32::try_from(number).ok(),
        _ => None,
    };
    if number.is_none() {
        problems.push(Diagnostic::error(
            version.span,
            "a pack's version is a whole number from 1",
            "write `version: 1`",
        ));
    }
    Some((name?.to_owned(), number?, title?.to_owned()))
}

fn challenges_of(
    key: &str,
    node: &Node,
    departs: bool,
    all: &mut Vec<PackChallenge>,
    problems: &mut Diagnostics,
) {
    let Some(entries) = node.entries() else {
        problems.push(Diagnostic::error(
            node.span,
            format!("`{key}` must be a mapping, and this is {}", node.noun()),
            "write the words for each challenge and its text: `Basic: Basic realm=\"x\"`",
        ));
        return;
    };
    for entry in entries {
        let text = entry.value.text().filter(|text| {
            let of_one_line = !text.contains(['\r', '\n']);
            !text.trim().is_empty() && of_one_line
        });
        let Some(text) = text else {
            problems.push(Diagnostic::error(
                entry.value.span,
                format!("the text of `{}` must be one line of text", entry.key),
                "put it in quotes if it begins with a character that means something in YAML",
            ));
            continue;
        };
        if all.iter().any(|have| have.says == entry.key) {
            problems.push(Diagnostic::error(
                entry.key_span,
                format!("there is a challenge `{}` already", entry.key),
                "give it words of its own",
            ));
        }
        all.push(PackChallenge {
            says: entry.key.clone(),
            text: text.to_owned(),
            scheme: scheme_of(text),
            departs,
        });
    }
}

/// The scheme of a text, be it well formed or not: its first word, if that is one of those that are judged here.
fn scheme_of(text: &str) -> Option<KnownScheme> {
    let text = text.trim_start_matches([',', ' ', '\t']);
    let word = text.split([' ', '\t', ',']).next().unwrap_or_default();
    let known = [KnownScheme::Basic, KnownScheme::Digest, KnownScheme::Bearer];
    { known.into_iter() }.find(|scheme| word.eq_ignore_ascii_case(scheme.name()))
}

fn rule_of(
    node: &Node,
    pack: &ClientPack,
    source: &Source,
    problems: &mut Diagnostics,
) -> Option<ClientRule> {
    let mut fields = Fields::new(node, "a rule", problems)?;
    let id = fields.entry("id").map(|entry| entry.key_span);
    let (line, _) = source.line_column(id.unwrap_or(node.span).start);
    let mut text = |key, problems: &mut Diagnostics| {
        let text = fields.required_text(key, "…", problems);
        text.unwrap_or_default().to_owned()
    };
    let id = text("id", problems);
    let level = text("level", problems);
    let says = text("says", problems);
    let stated = text("source", problems);
    if let Some(node) = node.get("level")
        && !["must", "should", "advice"].contains(&level.as_str())
    {
        problems.push(Diagnostic::error(
            node.span,
            format!("{} is no level", node.shown()),
            "write `must`, `should` or `advice`",
        ));
    }
    let reader = ChallengeNames { pack };
    let has = fields.optional("has");
    let has = has.map_or_else(Vec::new, |node| reader.challenges("has", node, problems));
    let waits = flag(&mut fields, "waits", problems);
    let layouts = fields.required("layouts", "{of: [Basic]}", problems);
    let layouts = layouts.and_then(|node| reader.layouts(node, problems));
    let servers = servers_of(&mut fields, problems);
    let expect = fields.required("expect", "{gets-in: true}", problems);
    let expect = expect.and_then(|node| expected(node, problems));
    fields.finish(problems);
    let layouts = layouts?;
    Some(ClientRule {
        id,
        level,
        says,
        source: stated,
        at: format!("{}:{line}", pack.source),
        has,
        waits,
        of: layouts.of,
        with: layouts.with,
        beside: layouts.beside,
        count: layouts.count,
        in_order: layouts.in_order,
        servers,
        expect: expect?,
    })
}

/// True or false; false where it is not there.
fn flag(fields: &mut Fields<'_>, key: &'static str, problems: &mut Diagnostics) -> bool {
    match fields.optional(key).map(|node| (&node.kind, node)) {
        None => false,
        Some((NodeKind::Bool(is), _)) => *is,
        Some((_, node)) => {
            problems.push(Diagnostic::error(
                node.span,
                format!("`{key}` is true or false, and this is {}", node.noun()),
                format!("write `{key}: true`, or leave it out"),
            ));
            false
        }
    }
}

fn expected(node: &Node, problems: &mut Diagnostics) -> Option<ClientExpectation> {
    let mut fields = Fields::new(node, "`expect`", problems)?;
    let mut named = |key: &'static str, problems: &mut Diagnostics| {
        let word = fields.text(key, problems);
        word.map(str::to_ascii_lowercase)
    };
    let never = named("never-sends", problems).map(ClientExpectation::NeverSends);
    let first = named("answers-first", problems).map(ClientExpectation::AnswersFirst);
    let downgrade = named("no-downgrade", problems).map(ClientExpectation::NoDowngrade);
    let without = word(
        &mut fields,
        "credentials-without",
        &CredentialFlaw::ALL,
        problems,
    );
    let gets_in = fields.optional("gets-in");
    let elsewhere = fields.optional("credentials-elsewhere");
    let most = fields.optional("requests-at-most");
    if !fields.finish(problems) {
        return None;
    }
    let gets_in = gets_in.map(|node| matches!(node.kind, NodeKind::Bool(true)));
    let elsewhere = elsewhere.map(|node| matches!(node.kind, NodeKind::Bool(false)));
    let most = most.map(|node| match node.kind {
        NodeKind::Int(most) if (1..=MOST_ALLOWED).contains(&most) => usize::try_from(most).ok(),
        _ => None,
    });
    let all = [
        never,
        first,
        downgrade,
        gets_in.and_then(|is| is.then_some(ClientExpectation::GetsIn)),
        elsewhere.and_then(|is| is.then_some(ClientExpectation::NothingElsewhere)),
        most.flatten().map(ClientExpectation::RequestsAtMost),
        without.map(ClientExpectation::Without),
    ];
    let mut said = all.into_iter().flatten();
    let only = said.next();
    if only.is_none() || said.next().is_some() {
        problems.push(Diagnostic::error(
            node.span,
            "a rule expects one thing",
            format!(
                "write one of `gets-in: true`, `never-sends: basic`, `answers-first: digest`, `no-downgrade: basic`, \
                 `credentials-elsewhere: false`, `credentials-without: wrong-response` and `requests-at-most: 6` (up to \
                 {MOST_ALLOWED})"
            ),
        ));
        return None;
    }
    only
}
