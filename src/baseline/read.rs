//! Reading a baseline, with every mistake shown where it stands.

use super::{Baseline, Day, KnownDeparture, NeverApplies, Showing};
use crate::results::{Whose, flow_value};
use crate::spec::{Spec, case_from, read_value};
use crate::yaml::{
    Diagnostic, Diagnostics, Fields, Node, NodeKind, Source, nearest, of_another_kind, one_of, read,
};

impl Baseline {
    /// Reads a baseline. Cases are read as those of the packs that `specs` are; entries of other packs
    /// are kept unread.
    ///
    /// # Errors
    ///
    /// Diagnostics for every mistake found: unknown and missing keys, a reason or a confirmation that
    /// is not there, cases that the pack's domain does not have.
    pub fn read(source: &Source, specs: &[Spec]) -> Result<Self, Diagnostics> {
        let node = read(source)?;
        let mut problems = Diagnostics::new(source.clone());
        let baseline = baseline(&node, specs, &mut problems);
        match baseline {
            Some(baseline) if !problems.has_errors() => Ok(Self {
                file: source.name.clone(),
                ..baseline
            }),
            _ => Err(problems),
        }
    }
}

fn baseline(node: &Node, specs: &[Spec], problems: &mut Diagnostics) -> Option<Baseline> {
    if let Some(problem) = of_another_kind(node, "a baseline", "known-departures-of") {
        problems.push(problem);
        return None;
    }
    let mut fields = Fields::new(node, "a baseline", problems)?;
    if let Some(version) = fields.required("countersign", "1", problems)
        && version.scalar_text().as_deref() != Some("1")
    {
        problems.push(Diagnostic::error(
            version.span,
            "this is not version 1",
            "write `countersign: 1`",
        ));
    }
    let implementation = fields.required_text("known-departures-of", "my-gateway", problems);
    let version = fields.required("version", "\"1.2\"", problems);
    let departures = fields.optional("departures");
    let never = fields.optional("never-apply");
    fields.finish(problems);
    let departures = items(departures, "departures", problems)
        .iter()
        .filter_map(|node| departure(node, specs, problems))
        .collect();
    let never_apply = items(never, "never-apply", problems)
        .iter()
        .filter_map(|node| never_applies(node, problems))
        .collect();
    Some(Baseline {
        file: String::new(),
        implementation: implementation?.to_owned(),
        version: version?.scalar_text()?,
        departures,
        never_apply,
    })
}

fn items<'a>(node: Option<&'a Node>, key: &str, problems: &mut Diagnostics) -> &'a [Node] {
    match node.map(|node| (node, &node.kind)) {
        Some((_, NodeKind::List(items))) => items,
        Some((node, _)) => {
            problems.push(Diagnostic::error(
                node.span,
                format!("`{key}` must be a list, and this is {}", node.noun()),
                "write each entry behind a dash",
            ));
            &[]
        }
        None => &[],
    }
}

fn departure(node: &Node, specs: &[Spec], problems: &mut Diagnostics) -> Option<KnownDeparture> {
    let mut fields = Fields::new(node, "a departure", problems)?;
    let finding = fields.required_text("finding", "two profiles, Basic client", problems);
    let whose = fields.required("whose", "product", problems);
    let reason = filled(&mut fields, "reason", "why it is so", problems);
    let link = fields.text("link", problems);
    let how = "how it was confirmed by hand, with the command and its answer";
    let confirmed = filled(&mut fields, "confirmed", how, problems);
    let until = fields.optional("until");
    let shows = fields.required("shows", "[{pack: …, rule: …, case: {…}}]", problems);
    fields.finish(problems);
    let whose = whose.and_then(|node| whose_doing(node, problems));
    let until = until.map(|node| day(node, problems));
    let shows: Vec<Showing> = items(shows, "shows", problems)
        .iter()
        .filter_map(|node| showing(node, specs, problems))
        .collect();
    Some(KnownDeparture {
        finding: finding?.to_owned(),
        whose: whose?,
        reason: reason?,
        link: link.map(str::to_owned),
        confirmed: confirmed?,
        until: match until {
            Some(day) => Some(day?),
            None => None,
        },
        shows,
    })
}

/// The last day on which something is known.
fn day(node: &Node, problems: &mut Diagnostics) -> Option<Day> {
    let text = node.scalar_text().unwrap_or_default();
    let day = Day::from_text(&text);
    if day.is_none() {
        problems.push(Diagnostic::error(
            node.span,
            format!("`{text}` is no day"),
            "write year, month and day, such as `until: 2026-12-31`, or leave `until` out",
        ));
    }
    day
}

/// Text that a person must have written: a skeleton leaves it out.
fn filled(
    fields: &mut Fields<'_>,
    key: &'static str,
    what: &str,
    problems: &mut Diagnostics,
) -> Option<String> {
    let node = fields.required(key, what, problems)?;
    match node.text().map(str::trim) {
        Some(text) if !text.is_empty() => Some(text.to_owned()),
        _ => {
            problems.push(Diagnostic::error(
                node.span,
                format!("`{key}` says nothing"),
                format!("write {what}: what nobody has looked at accuses nobody"),
            ));
            None
        }
    }
}

fn whose_doing(node: &Node, problems: &mut Diagnostics) -> Option<Whose> {
    let word = node.scalar_text().unwrap_or_default();
    let found = Whose::ALL.into_iter().find(|whose| whose.word() == word);
    if found.is_none() {
        let words = Whose::ALL.map(Whose::word);
        let help = match nearest(&word, words) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("write one of {}", one_of(&words)),
        };
        problems.push(Diagnostic::error(
            node.span,
            format!("`{word}` does not say whose doing it is"),
            help,
        ));
    }
    found
}

fn showing(node: &Node, specs: &[Spec], problems: &mut Diagnostics) -> Option<Showing> {
    let mut fields = Fields::new(node, "an entry of `shows`", problems)?;
    let pack = fields.required_text("pack", "reachability", problems);
    let rule = fields.required_text("rule", "its-id", problems);
    let case = fields.required("case", "{policy: {…}, client: {…}}", problems);
    fields.finish(problems);
    let (pack, rule, node) = (pack?, rule?, case?);
    let spec = specs.iter().find(|spec| spec.pack.name == pack);
    let case = match spec {
        Some(spec) => Some(case_from(node, &spec.domain, problems)?),
        None => None,
    };
    let brief = match (&case, spec) {
        (Some(case), Some(spec)) => spec.domain.brief(case),
        _ => flow_value(&read_value(node)),
    };
    Some(Showing {
        pack: pack.to_owned(),
        rule: rule.to_owned(),
        brief,
        case,
    })
}

fn never_applies(node: &Node, problems: &mut Diagnostics) -> Option<NeverApplies> {
    let mut fields = Fields::new(node, "an entry of `never-apply`", problems)?;
    let because = filled(&mut fields, "because", "why they never apply", problems);
    let rules = fields.required("rules", "{reachability: [its-id]}", problems);
    fields.finish(problems);
    let rules = rules?;
    let Some(packs) = rules.entries() else {
        problems.push(Diagnostic::error(
            rules.span,
            format!("`rules` must be a mapping, and this is {}", rules.noun()),
            "write each pack with its rules, such as `reachability: [its-id]`",
        ));
        return None;
    };
    let mut named = Vec::new();
    for entry in packs {
        for node in items(Some(&entry.value), &entry.key, problems) {
            match node.text() {
                Some(rule) => named.push((entry.key.clone(), rule.to_owned())),
                None => problems.push(Diagnostic::error(
                    node.span,
                    format!("a rule's id must be text, and this is {}", node.noun()),
                    "write the id as `countersign run` shows it",
                )),
            }
        }
    }
    Some(NeverApplies {
        because: because?,
        rules: named,
    })
}
