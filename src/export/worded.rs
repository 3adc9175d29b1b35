//! Requests in the words of a format: the credentials in them are variables, each of which a script has once.

use super::script::{Ask, CREDENTIALS, ExportedScript, IN_QUERY};
use super::stand_ins::{TextPart, has_variables};
use crate::credentials::ProofOutline;

/// A secret that a script has once, for whoever uses it to put another in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) value: String,
    /// What it is made of, where there are secrets in it that nobody published.
    pub(super) made_of: Option<Vec<TextPart>>,
}

impl Variable {
    /// The name as an environment has it.
    pub(super) fn environment(&self) -> String {
        self.name.to_ascii_uppercase()
    }
}

/// A piece of what stands behind a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum QueryPart {
    Text(String),
    /// What a variable of this name holds, as it stands in the query.
    Variable(String),
}

/// What of a request is in words of a format: its credentials are variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WordedRequest {
    pub(super) fields: Vec<(String, Said)>,
    /// What stands behind the URL, and what comes before a query.
    pub(super) query: Vec<QueryPart>,
}

impl WordedRequest {
    /// What stands behind the URL as one text, in which variables are written so.
    pub(super) fn query(
        &self,
        text: impl Fn(&str) -> String,
        variable: impl Fn(&str) -> String,
    ) -> String {
        let parts = self.query.iter().map(|part| match part {
            QueryPart::Text(own) => text(own),
            QueryPart::Variable(name) => variable(name),
        });
        parts.collect()
    }

    /// The same as an expression of a language in which texts are added.
    pub(super) fn query_made(
        &self,
        literal: impl Fn(&str) -> String,
        variable: impl Fn(&str) -> String,
    ) -> String {
        let parts = self.query.iter().map(|part| match part {
            QueryPart::Text(own) => literal(own),
            QueryPart::Variable(name) => variable(name),
        });
        let parts: Vec<String> = parts.collect();
        match parts.is_empty() {
            true => literal(""),
            false => parts.join(" + "),
        }
    }
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Text(String),
    Variable(String),
    /// Computed, with the password in the variable.
    Answer {
        value: String,
        password: String,
    },
    /// The proof of this number, which is signed for the request.
    Proof(usize),
}

/// The name of the variable that has this value, which is one of those there are, or becomes one.
fn variable(
    variables: &mut Vec<Variable>,
    kind: &str,
    value: &str,
    pieces: Vec<TextPart>,
) -> String {
    let of_kind = || {
        let named =
            |one: &&Variable| one.name.trim_end_matches(|c: char| !c.is_alphabetic()) == kind;
        variables.iter().filter(named)
    };
    if let Some(known) = of_kind().find(|one| one.value == value) {
        return known.name.clone();
    }
    let name = match of_kind().count() {
        0 => kind.to_owned(),
        more => format!("{kind}_{}", more + 1),
    };
    variables.push(Variable {
        name: name.clone(),
        value: value.to_owned(),
        made_of: has_variables(&pieces).then_some(pieces),
    });
    name
}

impl ExportedScript {
    /// Each request with its credentials as variables; and the variables, each with its value. Values that are the same are
    /// one variable.
    pub(super) fn variables(&self) -> (Vec<Variable>, Vec<WordedRequest>) {
        let mut variables: Vec<Variable> = Vec::new();
        let mut all = Vec::new();
        for ask in &self.requests {
            let mut fields = Vec::new();
            let mut proofs = 0;
            for (name, value) in &ask.fields {
                if value == ProofOutline::MARK {
                    fields.push((name.clone(), Said::Proof(proofs)));
                    proofs += 1;
                    continue;
                }
                let is_secret = CREDENTIALS.contains(&name.to_ascii_lowercase().as_str())
                    || ask.key_in.as_ref() == Some(name);
                let said = match &ask.answer {
                    Some(answer) if is_secret => {
                        let password = answer.outline.password.expose();
                        let pieces = self.stand_ins.plain(password);
                        Said::Answer {
                            value: value.clone(),
                            password: variable(&mut variables, "password", password, pieces),
                        }
                    }
                    _ => {
                        let pieces = self.stand_ins.pieces(value);
                        match is_secret || has_variables(&pieces) {
                            true => Said::Variable(variable(
                                &mut variables,
                                "credentials",
                                value,
                                pieces,
                            )),
                            false => Said::Text(value.clone()),
                        }
                    }
                };
                fields.push((name.clone(), said));
            }
            let query = self.query_of(ask, &mut variables);
            all.push(WordedRequest { fields, query });
        }
        (variables, all)
    }

    /// What stands behind the URL, with what is a secret in it as variables.
    fn query_of(&self, ask: &Ask, variables: &mut Vec<Variable>) -> Vec<QueryPart> {
        let mut parts = Vec::new();
        let mut text = String::new();
        let whole = ask.added_to_query().unwrap_or(&ask.query);
        for one in whole.split_inclusive('&') {
            let (bare, between) = match one.strip_suffix('&') {
                Some(bare) => (bare, "&"),
                None => (one, ""),
            };
            let (name, value) = bare.split_once('=').unwrap_or((bare, ""));
            let pieces = self.stand_ins.pieces(value);
            let is_secret = IN_QUERY.contains(&name) || ask.key_in.as_deref() == Some(name);
            if value.is_empty() || !(is_secret || has_variables(&pieces)) {
                text.push_str(one);
                continue;
            }
            text.push_str(name);
            text.push('=');
            parts.push(QueryPart::Text(std::mem::take(&mut text)));
            parts.push(QueryPart::Variable(variable(
                variables,
                "credentials",
                value,
                pieces,
            )));
            text.push_str(between);
        }
        if !text.is_empty() {
            parts.push(QueryPart::Text(text));
        }
        parts
    }
}
