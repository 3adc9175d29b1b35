//! What names mean at one place of a spec.

use crate::domain::{Domain, Part, Symbol, Type, Value};
use crate::yaml::{Diagnostic, Diagnostics, Kind, Node, Span, nearest, one_of};

use super::super::term::{Element, Path, SetExpr, Term};

/// What can be named: the domain's fields, earlier definitions, inside a `where` the item's fields.
pub(super) struct Scope<'a> {
    domain: Option<&'a Domain>,
    definitions: Vec<(String, Sort)>,
    item: Option<&'a Type>,
    sight: bool,
    /// Paths and definitions that are there and could not be read: whoever names one is not told
    /// that it does not exist.
    broken: Vec<String>,
    /// Definitions that come later.
    later: Vec<String>,
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
            sight: true,
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
            sight: false,
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
            sight: false,
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
    fn is_broken(&self, text: &str) -> bool {
        self.broken.iter().any(|broken| {
            text.strip_prefix(broken.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }

    /// Whether outcome, status, challenges and events may be named here.
    pub(super) fn has_sight(&self) -> bool {
        self.sight
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
        let domain = self.domain?;
        if self.is_broken(text) {
            return None;
        }
        let mut names = text.split('.');
        let Some(part) = names.next().and_then(Part::from_word) else {
            self.unknown(text, span, "field or definition", problems);
            return None;
        };
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

    /// A set: written out, or a definition by name.
    pub(super) fn set(&self, node: &Node, problems: &mut Diagnostics) -> Option<SetExpr> {
        match &node.kind {
            Kind::List(items) => {
                let elements: Option<Vec<Element>> = items
                    .iter()
                    .map(|item| self.element(item, problems))
                    .collect();
                elements.map(SetExpr::Elements)
            }
            Kind::Text(name) => match self.definition(name) {
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

    /// A value that a field of this type can have.
    pub(super) fn value(
        &self,
        node: &Node,
        ty: &Type,
        name: &str,
        problems: &mut Diagnostics,
    ) -> Option<Value> {
        super::domain::value(node, ty, name, problems)
    }

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
    fn undefined(
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

    fn unknown(&self, text: &str, span: Span, what: &str, problems: &mut Diagnostics) {
        if self.is_settled(text, span, problems) {
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
        if self.sight {
            let seen = [
                "outcome",
                "status",
                "challenges",
                "parameters",
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

/// `did you mean …?`, or all that there is.
pub(super) fn suggestion(text: &str, known: &[&str]) -> String {
    match nearest(text, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => match known.split_at_checked(MOST_NAMED) {
            Some((first, rest)) if !rest.is_empty() => {
                format!("there is {}, and {} more", one_of(first), rest.len())
            }
            _ => format!("there is {}", one_of(known)),
        },
    }
}

/// The most known names that a message has.
const MOST_NAMED: usize = 12;

fn first_field(ty: &Type) -> String {
    ty.fields()
        .first()
        .map_or_else(|| "…".to_owned(), |field| field.name.to_string())
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
