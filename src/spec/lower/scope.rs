//! What names mean at one place of a spec.

use crate::domain::{Domain, Part, Type, Value};
use crate::yaml::{Diagnostic, Diagnostics, Node, Span};

use super::super::term::{Path, Term};
use super::suggestion::{first_field, suggestion};

/// What can be named: the domain's fields, earlier definitions, inside a `where` the item's fields.
pub(super) struct Scope<'a> {
    pub(super) domain: Option<&'a Domain>,
    pub(super) definitions: Vec<(String, Sort)>,
    item: Option<&'a Type>,
    pub(super) observation: bool,
    /// Paths and definitions that are there and could not be read: whoever names one is not told
    /// that it does not exist.
    pub(super) broken: Vec<String>,
    /// Definitions that come later.
    pub(super) later: Vec<String>,
}

/// The sort of thing that a term stands for.
#[derive(Clone, Debug)]
pub(super) enum Sort {
    /// A value of this type.
    Value(Type),
    /// Items of a list of this item type.
    Items(Type),
    /// One item of this type, or none.
    Item(Type),
    /// A set of symbols.
    Set,
    /// A number.
    Count,
    /// A test.
    Test,
}

impl<'a> Scope<'a> {
    pub(super) fn new(domain: Option<&'a Domain>, broken: Vec<String>) -> Self {
        Self {
            domain,
            definitions: Vec::new(),
            item: None,
            observation: true,
            broken,
            later: Vec::new(),
        }
    }

    /// The scope inside a `where` over items of this type.
    pub(super) fn in_item<'b>(&'b self, item: &'b Type) -> Scope<'b> {
        Scope {
            domain: None,
            definitions: Vec::new(),
            item: Some(item),
            observation: false,
            broken: Vec::new(),
            later: Vec::new(),
        }
    }

    /// The same scope where nothing was seen yet.
    pub(super) fn before(&self) -> Scope<'a> {
        Scope {
            domain: self.domain,
            definitions: self.definitions.clone(),
            item: self.item,
            observation: false,
            broken: self.broken.clone(),
            later: self.later.clone(),
        }
    }

    /// Says which definitions will come.
    pub(super) fn expect<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) {
        self.later = names.into_iter().map(str::to_owned).collect();
    }

    /// Adds a definition; without a sort, one that could not be read.
    pub(super) fn add(&mut self, name: &str, sort: Option<Sort>) {
        self.later.retain(|later| later != name);
        match sort {
            Some(sort) => self.definitions.push((name.to_owned(), sort)),
            None => self.broken.push(name.to_owned()),
        }
    }

    /// Whether a definition or a field of the item has this name.
    pub(super) fn has(&self, name: &str) -> bool {
        let fields = self.item.map(Type::fields).unwrap_or_default();
        self.definition(name).is_some()
            || self.is_broken(name)
            || fields.iter().any(|field| &*field.name == name)
    }

    /// Whether this names something that is there and could not be read, or something within it.
    pub(super) fn is_broken(&self, text: &str) -> bool {
        self.broken.iter().any(|broken| {
            text.strip_prefix(broken.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }

    /// Whether the parts of a case may be named here, and not those of an item.
    pub(super) fn is_of_case(&self) -> bool {
        self.item.is_none()
    }

    /// Whether outcome, status, challenges and events may be named here.
    pub(super) fn has_observation(&self) -> bool {
        self.observation
    }

    pub(super) fn definition(&self, name: &str) -> Option<(usize, &Sort)> {
        let index = self.definitions.iter().position(|(have, _)| have == name)?;
        self.definitions.get(index).map(|(_, sort)| (index, sort))
    }

    /// Resolves a definition that must be of a sort that `fits`.
    pub(super) fn definition_of(
        &self,
        node: &Node,
        wanted: &str,
        fits: impl Fn(&Sort) -> bool,
        problems: &mut Diagnostics,
    ) -> Option<(usize, Sort)> {
        let name = node.scalar_text().unwrap_or_default();
        match self.definition(&name) {
            Some((index, sort)) if fits(sort) => Some((index, sort.clone())),
            Some(_) => {
                problems.push(Diagnostic::error(
                    node.span,
                    format!("`{name}` is not {wanted}"),
                    format!("name a definition above that is {wanted}"),
                ));
                None
            }
            None => {
                self.undefined(&name, node.span, "definition above", fits, problems);
                None
            }
        }
    }

    /// Resolves a path to a field of the case.
    pub(super) fn path(
        &self,
        text: &str,
        span: Span,
        problems: &mut Diagnostics,
    ) -> Option<(Path, Type)> {
        let Some(domain) = self.domain else {
            // Where the domain could not be read, that is told; where there is none, nothing is a field.
            if !problems.has_errors() {
                self.unknown(text, span, "field or definition", problems);
            }
            return None;
        };
        if self.is_broken(text) {
            return None;
        }
        let mut names = text.split('.');
        let Some(part) = names.next().and_then(Part::from_word) else {
            self.unknown(text, span, "field or definition", problems);
            return None;
        };
        if part == Part::Course {
            problems.push(Diagnostic::error(
                span,
                "a course is no field: it is what comes before the client asks",
                "a condition says `course: [{ask: {credential: none}}]`, a relation `behind`, `then` or `edited`",
            ));
            return None;
        }
        let mut ty = domain.part(part);
        let mut steps = Vec::new();
        for name in names {
            let Type::Record(fields) = ty else {
                problems.push(Diagnostic::error(
                    span,
                    format!("`{text}` looks into a value that is not a record"),
                    "to speak of the items of a list, define `name: {list: …, where: …}` first",
                ));
                return None;
            };
            let Some(position) = fields.iter().position(|field| &*field.name == name) else {
                self.unknown(text, span, "field", problems);
                return None;
            };
            steps.push(position);
            ty = fields.get(position).map(|field| &field.ty)?;
        }
        if steps.is_empty() {
            problems.push(Diagnostic::error(
                span,
                format!("`{text}` is a whole record"),
                format!(
                    "name one of its fields, such as `{text}.{}`",
                    first_field(ty)
                ),
            ));
            return None;
        }
        Some((
            Path {
                text: text.to_owned(),
                part,
                steps,
            },
            ty.clone(),
        ))
    }

    /// Resolves whatever a key or element may name.
    pub(super) fn term(
        &self,
        text: &str,
        span: Span,
        problems: &mut Diagnostics,
    ) -> Option<(Term, Sort)> {
        if let Some(item @ Type::Record(fields)) = self.item {
            let field = item_field(item, text, span, problems)?;
            let sort = Sort::Value(fields.get(field)?.ty.clone());
            return Some((
                Term::Item {
                    text: text.to_owned(),
                    field,
                },
                sort,
            ));
        }
        if self.is_broken(text) {
            return None;
        }
        if let Some((index, sort)) = self.definition(text) {
            return Some((
                Term::Define {
                    text: text.to_owned(),
                    index,
                },
                sort.clone(),
            ));
        }
        if let Some((name, field)) = text.split_once('.')
            && let Some((index, sort)) = self.definition(name)
        {
            let Sort::Item(Type::Record(fields)) = sort else {
                problems.push(Diagnostic::error(
                    span,
                    format!("`{name}` is not one item, so it has no field `{field}`"),
                    "use `{first: …}` or `{last: …}` to define one item",
                ));
                return None;
            };
            let Some(position) = fields.iter().position(|have| &*have.name == field) else {
                let known: Vec<&str> = fields.iter().map(|field| &*field.name).collect();
                problems.push(Diagnostic::error(
                    span,
                    format!("the items of `{name}` have no field `{field}`"),
                    suggestion(field, &known),
                ));
                return None;
            };
            let sort = Sort::Value(fields.get(position)?.ty.clone());
            let term = Term::DefineField {
                text: text.to_owned(),
                index,
                field: position,
            };
            return Some((term, sort));
        }
        let (path, ty) = self.path(text, span, problems)?;
        let sort = match ty {
            Type::List(list) => Sort::Items(list.of),
            ty => Sort::Value(ty),
        };
        Some((Term::Path(path), sort))
    }

    /// A value that a field of this type can have.
    pub(super) fn value(
        &self,
        node: &Node,
        ty: &Type,
        name: &str,
        problems: &mut Diagnostics,
    ) -> Option<Value> {
        super::value::value(node, ty, name, problems)
    }
}

/// The position of a field of a list's items.
pub(super) fn item_field(
    item: &Type,
    name: &str,
    span: Span,
    problems: &mut Diagnostics,
) -> Option<usize> {
    let fields = item.fields();
    let found = fields.iter().position(|field| &*field.name == name);
    if found.is_none() {
        let known: Vec<&str> = fields.iter().map(|field| &*field.name).collect();
        problems.push(Diagnostic::error(
            span,
            format!("the items have no field `{name}`"),
            suggestion(name, &known),
        ));
    }
    found
}
