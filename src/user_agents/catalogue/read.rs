//! Reading the catalogue's files, with every mistake shown where it stands.

use super::read_runs::runs_of;
use super::{Catalogue, CatalogueEntry};
use crate::user_agents::model::{
    Algorithm, Chokes, DigestTraits, KnownScheme, MOST_KNOWN, Needed, Quirk, Redirects, Set,
    TraitWord, Traits, Tries,
};
use crate::yaml::{
    self, Diagnostic, Diagnostics, Fields, Node, NodeKind, Source, nearest, of_another_kind, one_of,
};

impl Catalogue {
    /// Reads one file of the catalogue and adds its entries.
    ///
    /// # Errors
    ///
    /// Diagnostics where the file has unknown or missing keys, words that no trait has, or a name
    /// that was there before.
    pub fn add(&mut self, source: &Source) -> Result<(), Diagnostics> {
        let node = yaml::read(source)?;
        let mut problems = Diagnostics::new(source.clone());
        let entries = entries(&node, &mut problems).unwrap_or_default();
        for (entry, node) in entries {
            let twin = self.find(&entry.name).or_else(|| self.find(&entry.mode));
            if twin.is_some() {
                problems.push(Diagnostic::error(
                    node.span,
                    format!("there is a client `{}` already", entry.name),
                    "give each entry a name and a mode of its own",
                ));
            }
            self.entries.push(entry);
        }
        match problems.has_errors() {
            true => Err(problems),
            false => Ok(()),
        }
    }
}

fn entries<'n>(
    node: &'n Node,
    problems: &mut Diagnostics,
) -> Option<Vec<(CatalogueEntry, &'n Node)>> {
    if let Some(problem) = of_another_kind(node, "a file of clients", "clients") {
        problems.push(problem);
        return None;
    }
    let mut fields = Fields::new(node, "a file of the catalogue", problems)?;
    if let Some(version) = fields.required("countersign", "1", problems)
        && version.scalar_text().as_deref() != Some("1")
    {
        problems.push(Diagnostic::error(
            version.span,
            "this is not version 1",
            "write `countersign: 1`",
        ));
    }
    let list = fields.required("clients", "[{name: …}]", problems);
    fields.finish(problems);
    let NodeKind::List(items) = &list?.kind else {
        problems.push(Diagnostic::error(
            list?.span,
            "`clients` must be a list",
            "begin each client with `- name: …`",
        ));
        return None;
    };
    Some(
        items
            .iter()
            .filter_map(|item| Some((entry(item, problems)?, item)))
            .collect(),
    )
}

fn entry(node: &Node, problems: &mut Diagnostics) -> Option<CatalogueEntry> {
    let mut fields = Fields::new(node, "a client", problems)?;
    let name = fields.required_text("name", "curl --anyauth", problems);
    let mode = fields.required_text("mode", "curl-anyauth", problems);
    let version = fields.required_text("version", "curl 7.88.1", problems);
    let driven = fields.required_text("driven", "curl --anyauth -u USER:PASSWORD URL", problems);
    let runs = fields.optional("runs");
    let runs = runs.and_then(|node| runs_of(node, problems));
    let note = fields.text("note", problems).map(str::to_owned);
    let traits = traits(&mut fields, problems);
    fields.finish(problems);
    Some(CatalogueEntry {
        name: name?.to_owned(),
        mode: mode?.to_owned(),
        version: version?.to_owned(),
        driven: driven?.to_owned(),
        runs,
        note,
        traits,
    })
}

fn traits(fields: &mut Fields<'_>, problems: &mut Diagnostics) -> Traits {
    Traits {
        first: value(fields, "first", problems),
        holds: value(fields, "holds", problems),
        reacts: value(fields, "reacts", problems),
        lines: value(fields, "lines", problems),
        splits: value(fields, "splits", problems),
        chokes: set::<Chokes>(fields, "chokes-on", problems),
        loses: value(fields, "loses", problems),
        realm: value(fields, "realm", problems),
        parameters: value(fields, "parameters", problems),
        knows: knows(fields, problems),
        chooses: value(fields, "chooses", problems),
        among: value(fields, "among", problems),
        digest: digest(fields, problems),
        tries: tries(fields, problems),
        then: value(fields, "then", problems),
        charset: value(fields, "charset", problems),
        redirects: redirects(fields, problems),
        from_origin: value(fields, "origin-407", problems),
        quirks: set::<Quirk>(fields, "quirks", problems),
    }
}

fn digest(fields: &mut Fields<'_>, problems: &mut Diagnostics) -> DigestTraits {
    let usual = DigestTraits::default();
    let Some(node) = fields.optional("digest") else {
        return usual;
    };
    let Some(mut fields) = Fields::new(node, "`digest`", problems) else {
        return usual;
    };
    let digest = DigestTraits {
        algorithms: match fields.optional("algorithms") {
            Some(node) => list::<Algorithm>("algorithms", node, problems)
                .into_iter()
                .fold(Set::EMPTY, Set::with),
            None => usual.algorithms,
        },
        miscomputes: set::<Algorithm>(&mut fields, "miscomputes", problems),
        incomputable: value(&mut fields, "incomputable", problems),
        qop: value(&mut fields, "qop", problems),
        qop_else: value(&mut fields, "qop-else", problems),
        needs: match fields.optional("needs") {
            Some(node) => list::<Needed>("needs", node, problems)
                .into_iter()
                .fold(Set::EMPTY, Set::with),
            None => usual.needs,
        },
        lacking: value(&mut fields, "lacking", problems),
    };
    fields.finish(problems);
    digest
}

fn tries(fields: &mut Fields<'_>, problems: &mut Diagnostics) -> Tries {
    let usual = Tries::default();
    let Some(node) = fields.optional("tries") else {
        return usual;
    };
    let Some(mut fields) = Fields::new(node, "`tries`", problems) else {
        return usual;
    };
    let tries = Tries {
        basic: count(&mut fields, "basic", usual.basic, problems),
        digest: count(&mut fields, "digest", usual.digest, problems),
        stale: count(&mut fields, "stale", usual.stale, problems),
        new_realm: count(&mut fields, "new-realm", usual.new_realm, problems),
        negotiate: count(&mut fields, "negotiate", usual.negotiate, problems),
        ntlm: count(&mut fields, "ntlm", usual.ntlm, problems),
        bare: count(&mut fields, "bare", usual.bare, problems),
    };
    fields.finish(problems);
    tries
}

fn redirects(fields: &mut Fields<'_>, problems: &mut Diagnostics) -> Redirects {
    let usual = Redirects::default();
    let Some(node) = fields.optional("redirects") else {
        return usual;
    };
    let Some(mut fields) = Fields::new(node, "`redirects`", problems) else {
        return usual;
    };
    let redirects = Redirects {
        same_origin: value_or(&mut fields, "same-origin", usual.same_origin, problems),
        elsewhere: value_or(&mut fields, "elsewhere", usual.elsewhere, problems),
        challenged: value_or(&mut fields, "challenged", usual.challenged, problems),
    };
    fields.finish(problems);
    redirects
}

fn knows(fields: &mut Fields<'_>, problems: &mut Diagnostics) -> [Option<KnownScheme>; MOST_KNOWN] {
    let mut known = [None; MOST_KNOWN];
    if let Some(node) = fields.optional("knows") {
        let found = list("knows", node, problems);
        for (slot, scheme) in known.iter_mut().zip(found) {
            *slot = Some(scheme);
        }
    }
    known
}

fn value<W: TraitWord + Default>(
    fields: &mut Fields<'_>,
    key: &'static str,
    problems: &mut Diagnostics,
) -> W {
    value_or(fields, key, W::default(), problems)
}

fn value_or<W: TraitWord>(
    fields: &mut Fields<'_>,
    key: &'static str,
    usual: W,
    problems: &mut Diagnostics,
) -> W {
    fields
        .optional(key)
        .and_then(|node| word(key, node, problems))
        .unwrap_or(usual)
}

fn set<W: TraitWord>(
    fields: &mut Fields<'_>,
    key: &'static str,
    problems: &mut Diagnostics,
) -> Set {
    let node = fields.optional(key);
    let values = node.map_or_else(Vec::new, |node| list::<W>(key, node, problems));
    values.into_iter().fold(Set::EMPTY, Set::with)
}

fn list<W: TraitWord>(key: &str, node: &Node, problems: &mut Diagnostics) -> Vec<W> {
    let NodeKind::List(items) = &node.kind else {
        problems.push(Diagnostic::error(
            node.span,
            format!("`{key}` must be a list, and this is {}", node.noun()),
            "write it in brackets, such as `[one, two]`",
        ));
        return Vec::new();
    };
    items
        .iter()
        .filter_map(|item| word(key, item, problems))
        .collect()
}

fn word<W: TraitWord>(key: &str, node: &Node, problems: &mut Diagnostics) -> Option<W> {
    let text = node.scalar_text().unwrap_or_default();
    let found = W::from_word(&text);
    if found.is_none() {
        let words: Vec<&str> = W::ALL.iter().map(|value| value.word()).collect();
        let help = match nearest(&text, words.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("`{key}` may be {}", one_of(&words)),
        };
        problems.push(Diagnostic::error(
            node.span,
            format!("`{text}` is no value of `{key}`"),
            help,
        ));
    }
    found
}

fn count(fields: &mut Fields<'_>, key: &'static str, usual: u8, problems: &mut Diagnostics) -> u8 {
    let Some(node) = fields.optional(key) else {
        return usual;
    };
    match node.kind {
        NodeKind::Int(value) if (0..=100).contains(&value) => u8::try_from(value).unwrap_or(usual),
        _ => {
            problems.push(Diagnostic::error(
                node.span,
                format!("`{key}` must be a whole number between 0 and 100"),
                format!("write `{key}: 1`"),
            ));
            usual
        }
    }
}
