//! What is said of a name that stands for nothing, and what may have been meant.

use crate::domain::{Part, Type};
use crate::yaml::{Diagnostic, Diagnostics, Span};

use super::scope::{Scope, Sort};
use super::suggestion::suggestion;

impl Scope<'_> {
    /// Whether a name needs no word more: it could not be read, or it comes later, which is said here.
    fn is_settled(&self, text: &str, span: Span, problems: &mut Diagnostics) -> bool {
        if self.is_broken(text) {
            return true;
        }
        let name = text.split('.').next().unwrap_or(text);
        let is_later = self.later.iter().any(|later| later == name);
        if is_later {
            problems.push(Diagnostic::error(
                span,
                format!("`{name}` is defined further down"),
                "a definition uses earlier ones only: move it up",
            ));
        }
        is_later
    }

    /// No definition of a fitting sort has this name.
    pub(super) fn undefined(
        &self,
        text: &str,
        span: Span,
        what: &str,
        fits: impl Fn(&Sort) -> bool,
        problems: &mut Diagnostics,
    ) {
        if self.is_settled(text, span, problems) {
            return;
        }
        let fitting = self.definitions.iter().filter(|(_, sort)| fits(sort));
        let known: Vec<&str> = fitting.map(|(name, _)| name.as_str()).collect();
        let is_field = text.split('.').next().and_then(Part::from_word).is_some();
        let help = match known.as_slice() {
            _ if is_field => {
                format!("a field is not a definition: define `name: {{list: {text}}}` first")
            }
            [] => "define one first, such as `enabled: {list: policy.profiles}`".to_owned(),
            known => suggestion(text, known),
        };
        problems.push(Diagnostic::error(
            span,
            format!("no {what} is called `{text}`"),
            help,
        ));
    }

    pub(super) fn unknown(&self, text: &str, span: Span, what: &str, problems: &mut Diagnostics) {
        if self.is_settled(text, span, problems) {
            return;
        }
        if self.definition(text).is_some() {
            problems.push(Diagnostic::error(
                span,
                format!("`{text}` is a definition, and a field is to be named here"),
                "write the path of a field, such as `policy.profiles`",
            ));
            return;
        }
        let mut known: Vec<String> = self
            .definitions
            .iter()
            .map(|(name, _)| name.clone())
            .collect();
        if let Some(domain) = self.domain {
            for part in Part::ALL {
                collect_paths(domain.part(part), part.word(), &mut known);
            }
        }
        if self.observation {
            let seen = [
                "outcome",
                "status",
                "challenges",
                "parameters",
                "authentication-info",
                "headers",
                "events",
            ];
            known.extend(seen.map(str::to_owned));
        }
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        problems.push(Diagnostic::error(
            span,
            format!("there is no {what} `{text}`"),
            suggestion(text, &known),
        ));
    }
}

impl Scope<'_> {
    /// The paths of all fields of policy and instance.
    pub(super) fn setting_fields(&self) -> Vec<String> {
        let mut known = Vec::new();
        for part in [Part::Policy, Part::Instance] {
            if let Some(domain) = self.domain {
                collect_paths(domain.part(part), part.word(), &mut known);
            }
        }
        known
    }
}

fn collect_paths(ty: &Type, path: &str, into: &mut Vec<String>) {
    if let Type::Record(fields) = ty {
        for field in fields {
            let path = format!("{path}.{}", field.name);
            if let Type::Record(_) = field.ty {
                collect_paths(&field.ty, &path, into);
            } else {
                into.push(path);
            }
        }
    }
}
