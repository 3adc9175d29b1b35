//! Specs by name or path, and what the command line says of their domains.

use std::path::Path;

use countersign::domain::{Allowed, Domain, Narrowing, Part, Type, Value};
use countersign::spec::{SHIPPED, Spec, shipped};
use countersign::yaml::{Diagnostics, Severity, Source, nearest};

use super::failure::Failure;

/// The largest spec that is read, in bytes.
const LARGEST: u64 = 4 * 1024 * 1024;

/// Reads a spec and looks it over as a whole; answers with its warnings too.
pub(super) fn open_spec(name: &str) -> Result<(Spec, Diagnostics), Failure> {
    let source = match shipped(name) {
        Some(source) => source,
        None => read_file(name)?,
    };
    let spec = Spec::read(&source).map_err(Failure::input)?;
    let problems = spec.analyse();
    if problems.has_errors() {
        return Err(Failure::input(problems));
    }
    Ok((spec, problems))
}

/// The specs named, or every shipped one. Warnings go to standard error.
pub(super) fn open_specs(names: &[String]) -> Result<Vec<Spec>, Failure> {
    let all: Vec<String> = SHIPPED.iter().map(|(name, _)| (*name).to_owned()).collect();
    let names = if names.is_empty() { &all } else { names };
    let mut specs = Vec::new();
    for name in names {
        let (spec, problems) = open_spec(name)?;
        if problems
            .list
            .iter()
            .any(|problem| problem.severity == Severity::Warning)
        {
            anstream::eprintln!("{problems}");
        }
        specs.push(spec);
    }
    Ok(specs)
}

fn read_file(name: &str) -> Result<Source, Failure> {
    let path = Path::new(name);
    if !path.exists() {
        let names = SHIPPED.iter().map(|(name, _)| *name);
        let help = match nearest(name, names.clone()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => {
                let names: Vec<&str> = names.collect();
                format!(
                    "the shipped packs are {}; a path to a file works as well",
                    names.join(", ")
                )
            }
        };
        return Err(Failure::input(format!(
            "there is no spec `{name}`\n  help: {help}"
        )));
    }
    let unreadable = |why: String| Failure::input(format!("{name} cannot be read: {why}"));
    let size = path
        .metadata()
        .map_err(|error| unreadable(error.to_string()))?
        .len();
    if size > LARGEST {
        return Err(unreadable(format!(
            "it has {size} bytes, and the most is {LARGEST}"
        )));
    }
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    Ok(Source::new(name, text))
}

/// The specs with the fields that `--set` gives narrowed. A path must be known to one spec at least;
/// the others pass over it.
pub(super) fn narrowed(specs: Vec<Spec>, set: &[String]) -> Result<Vec<Spec>, Failure> {
    let mut narrowing = Narrowing::default();
    for given in set {
        let Some((path, values)) = given.split_once('=') else {
            return Err(Failure::input(format!(
                "`--set {given}` has no value\n  help: write `--set policy.advertise_all=true`"
            )));
        };
        let path = path.trim().replace("[]", "");
        let names: Vec<&str> = path.split('.').collect();
        let found = specs.iter().find_map(|spec| type_at(&spec.domain, &names));
        let Some(ty) = found else {
            let mut known = Vec::new();
            for spec in &specs {
                for part in Part::ALL {
                    paths(spec.domain.part(part), part.word(), &mut known);
                }
            }
            let help = match nearest(&path, known.iter().map(String::as_str)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("the fields are {}", known.join(", ")),
            };
            return Err(Failure::input(format!(
                "no spec has a field `{path}`\n  help: {help}"
            )));
        };
        narrowing
            .by_path
            .insert(path.clone(), allowed(&path, values.trim(), ty)?);
    }
    specs
        .into_iter()
        .map(|spec| spec.narrow(&narrowing, true).map_err(Failure::input))
        .collect()
}

fn type_at<'a>(domain: &'a Domain, names: &[&str]) -> Option<&'a Type> {
    let (first, rest) = names.split_first()?;
    if rest.is_empty() {
        return None;
    }
    domain.part(Part::from_word(first)?).at(rest)
}

fn paths(ty: &Type, path: &str, known: &mut Vec<String>) {
    for field in ty.fields() {
        let path = format!("{path}.{}", field.name);
        if !known.contains(&path) {
            known.push(path.clone());
        }
        paths(&field.ty, &path, known);
    }
}

fn allowed(path: &str, text: &str, ty: &Type) -> Result<Allowed, Failure> {
    let bound = |text: &str| text.trim().parse::<i64>().ok();
    if let Type::Int { .. } | Type::List(_) = ty {
        let range = match text.split_once("..") {
            Some((min, max)) => (bound(min), bound(max)),
            None => (bound(text), bound(text)),
        };
        if range == (None, None) {
            return Err(Failure::input(format!(
                "`{path}` takes a number or a range, and `{text}` is neither\n  help: write `{path}=2` \
                 or `{path}=0..2`"
            )));
        }
        return Ok(Allowed::Range {
            min: range.0,
            max: range.1,
        });
    }
    let mut values = Vec::new();
    for word in text.split(',').map(str::trim) {
        let value = match word {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            word => Value::symbol(word),
        };
        if !ty.contains(&value) {
            let known: Vec<String> = ty
                .values()
                .take(16)
                .map(|value| value.to_string())
                .collect();
            return Err(Failure::input(format!(
                "`{path}` is never `{word}`\n  help: its values are {}",
                known.join(", ")
            )));
        }
        values.push(value);
    }
    Ok(Allowed::Values(values))
}
