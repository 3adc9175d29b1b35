//! Sets of symbols, and their elements.

use crate::auth::registered;

use crate::credentials::Scheme;
use crate::domain::{Domain, Part, Symbol, Type};
use crate::yaml::{Diagnostic, Diagnostics, Node, NodeKind};

use super::super::term::{Element, SetExpr};
use super::scope::{Scope, Sort};
use super::suggestion::suggestion;

impl Scope<'_> {
    /// A set: written out, or a definition by name.
    pub(super) fn set(&self, node: &Node, problems: &mut Diagnostics) -> Option<SetExpr> {
        match &node.kind {
            NodeKind::List(items) => {
                let elements: Option<Vec<Element>> = items
                    .iter()
                    .map(|item| self.element(item, problems))
                    .collect();
                elements.map(SetExpr::Elements)
            }
            NodeKind::Text(name) => match self.definition(name) {
                Some((index, Sort::Set)) => Some(SetExpr::Define {
                    text: name.clone(),
                    index,
                }),
                Some(_) => {
                    problems.push(Diagnostic::error(
                        node.span,
                        format!("`{name}` is not a set"),
                        "name a set, such as one defined with `schemes-of`, or write a list: `[basic]`",
                    ));
                    None
                }
                None => {
                    let is_symbol = self
                        .domain
                        .is_some_and(|domain| domain_symbols(domain).iter().any(|s| **s == **name));
                    if is_symbol {
                        problems.push(Diagnostic::error(
                            node.span,
                            format!("`{name}` is one symbol, and a set is expected"),
                            format!("write a list: `[{name}]`"),
                        ));
                    } else {
                        let is_set = |sort: &Sort| matches!(sort, Sort::Set);
                        self.undefined(name, node.span, "set", is_set, problems);
                    }
                    None
                }
            },
            _ => {
                problems.push(Diagnostic::error(
                    node.span,
                    format!("a set is expected, and this is {}", node.noun()),
                    "write a list such as `[basic, bearer]`, or the name of a definition",
                ));
                None
            }
        }
    }

    /// One element of a set: a symbol that the domain knows, or a term.
    pub(super) fn element(&self, node: &Node, problems: &mut Diagnostics) -> Option<Element> {
        let Some(text) = node.scalar_text() else {
            problems.push(Diagnostic::error(
                node.span,
                format!(
                    "an element of a set is a symbol or a field, and this is {}",
                    node.noun()
                ),
                "write a word such as `basic`, or a field such as `client.scheme`",
            ));
            return None;
        };
        let Some(domain) = self.domain else {
            return Some(Element::Symbol(Symbol::from(text)));
        };
        let symbols = domain_symbols(domain);
        if symbols.iter().any(|symbol| **symbol == *text) {
            return Some(Element::Symbol(Symbol::from(text)));
        }
        // Challenges may name schemes that no client of ours speaks.
        if Scheme::from_word(&text).is_none() && registered(&text).is_some() {
            return Some(Element::Symbol(Symbol::from(text)));
        }
        if text.contains('.') {
            let (term, sort) = self.term(&text, node.span, problems)?;
            if let Sort::Value(Type::OneOf(_)) = sort {
                return Some(Element::Term(term));
            }
            problems.push(Diagnostic::error(
                node.span,
                format!("`{text}` is not one symbol"),
                "an element of a set is a word such as `basic`, or a one-of field",
            ));
            return None;
        }
        if !self.broken.is_empty() {
            // The field that has this value may be one that could not be read.
            return Some(Element::Symbol(Symbol::from(text)));
        }
        let known: Vec<&str> = symbols.iter().map(|symbol| &**symbol).collect();
        problems.push(Diagnostic::error(
            node.span,
            format!("no field of the domain has the value `{text}`"),
            suggestion(&text, &known),
        ));
        None
    }
}

/// Every symbol of every one-of type of the domain.
fn domain_symbols(domain: &Domain) -> Vec<Symbol> {
    fn collect(ty: &Type, into: &mut Vec<Symbol>) {
        match ty {
            Type::OneOf(symbols) => {
                for symbol in symbols {
                    if !into.contains(symbol) {
                        into.push(symbol.clone());
                    }
                }
            }
            Type::Record(fields) => fields.iter().for_each(|field| collect(&field.ty, into)),
            Type::List(list) => collect(&list.of, into),
            Type::Optional(inner) => collect(inner, into),
            _ => {}
        }
    }
    let mut symbols = Vec::new();
    for part in Part::ALL {
        collect(domain.part(part), &mut symbols);
    }
    symbols
}
