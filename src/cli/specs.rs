//! Specs by name or path, and what the command line says of their domains.

use std::panic::resume_unwind;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{available_parallelism, scope};

use countersign::domain::{Allowed, Domain, NarrowError, Narrowing, Part, Type, Value};
use countersign::files::read_text;
use countersign::spec::{SHIPPED, Spec, shipped};
use countersign::yaml::{Diagnostic, Severity, Source, nearest};

use super::failure::{CommandFailure, warn};
use super::input::{LARGEST, STANDARD, standard};

/// Reads a spec. It is not looked over yet, which takes longer.
pub(super) fn read_spec(name: &str) -> Result<Spec, CommandFailure> {
    Spec::read(&read_source(name)?).map_err(CommandFailure::input)
}

/// The text of a spec by its name or path.
pub(super) fn read_source(name: &str) -> Result<Source, CommandFailure> {
    match shipped(name) {
        Some(source) => Ok(source),
        None if name == STANDARD => standard(),
        None => read_file(name),
    }
}

/// The specs named, or every shipped one. Of each that cannot be read it is told why.
pub(super) fn read_specs(names: &[String]) -> Result<Vec<Spec>, CommandFailure> {
    let all: Vec<String> = SHIPPED.iter().map(|(name, _)| (*name).to_owned()).collect();
    let names = if names.is_empty() { &all } else { names };
    let sources = each(names, |name| read_source(name))?;
    let specs = none_failed(together(&sources, |source| {
        Spec::read(source).map_err(CommandFailure::input)
    }))?;
    for (at, spec) in specs.iter().enumerate() {
        let pack = &spec.pack;
        let before = specs.iter().take(at);
        if before.into_iter().any(|other| other.pack.name == pack.name) {
            return Err(CommandFailure::input(format!(
                "{} is given twice\n  help: leave one of them out, or give another version of it a name of its own",
                pack.name
            )));
        }
    }
    Ok(specs)
}

/// What comes of each, in order, worked out on as many threads as there are processors: reading the packs that ship
/// is most of what passes before the first request.
fn together<T: Sync, U: Send>(of: &[T], made: impl Fn(&T) -> U + Sync) -> Vec<U> {
    let threads = available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let worked = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(one) = of.get(at) else {
                return done;
            };
            done.push((at, made(one)));
        }
    };
    let mut done = scope(|scope| {
        let others: Vec<_> = (1..threads.min(of.len()))
            .map(|_| scope.spawn(worked))
            .collect();
        let mut done = worked();
        for other in others {
            // What panicked elsewhere panics here, as it would have without threads.
            done.extend(other.join().unwrap_or_else(|why| resume_unwind(why)));
        }
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, made)| made).collect()
}

/// What comes of each, or all that is wrong with any.
pub(super) fn each<T, U>(
    of: &[T],
    made: impl Fn(&T) -> Result<U, CommandFailure>,
) -> Result<Vec<U>, CommandFailure> {
    none_failed(of.iter().map(made))
}

fn none_failed<U>(
    made: impl IntoIterator<Item = Result<U, CommandFailure>>,
) -> Result<Vec<U>, CommandFailure> {
    let (mut good, mut wrong) = (Vec::new(), Vec::new());
    for one in made {
        match one {
            Ok(one) => good.push(one),
            Err(failure) => wrong.push(failure),
        }
    }
    CommandFailure::all(&wrong).map_or(Ok(good), Err)
}

/// The warnings about a spec that is to be played. A pack as it ships was looked over before it was shipped.
pub(super) fn before_playing(spec: &Spec) -> Result<String, CommandFailure> {
    match spec.ships() {
        true => Ok(String::new()),
        false => problems(spec).map(|(_, problems)| problems),
    }
}

/// The same, with the warnings on standard error.
pub(super) fn warn_before_playing(spec: &Spec) -> Result<(), CommandFailure> {
    let warnings = before_playing(spec)?;
    if !warnings.is_empty() {
        warn(&warnings);
    }
    Ok(())
}

/// Looks a spec over as a whole. Warnings go to standard error; answers with their number.
pub(super) fn look_over(spec: &Spec) -> Result<usize, CommandFailure> {
    let (warnings, problems) = problems(spec)?;
    if warnings > 0 {
        warn(&problems);
    }
    Ok(warnings)
}

/// How many warnings there are about a spec, and the text that shows them.
fn problems(spec: &Spec) -> Result<(usize, String), CommandFailure> {
    let problems = spec.analyse();
    if problems.has_errors() {
        return Err(CommandFailure::input(problems));
    }
    let is_warning = |problem: &&Diagnostic| problem.severity == Severity::Warning;
    match problems.list.iter().filter(is_warning).count() {
        0 => Ok((0, String::new())),
        warnings => Ok((warnings, problems.to_string())),
    }
}

fn read_file(name: &str) -> Result<Source, CommandFailure> {
    let path = Path::new(name);
    if !path.exists() {
        return Err(CommandFailure::input(format!(
            "there is no spec `{name}`\n  help: {}",
            meant(name, path)
        )));
    }
    if path.is_dir() {
        return Err(CommandFailure::input(format!(
            "`{name}` is a folder\n  help: name the files in it, such as `{name}/*.yaml`"
        )));
    }
    let unreadable = |why: String| CommandFailure::input(format!("{name} cannot be read: {why}"));
    let text = read_text(path, LARGEST).map_err(|error| unreadable(error.to_string()))?;
    Ok(Source::new(name, text))
}

/// What to write instead of a name that stands for nothing: a shipped pack or a file beside it.
fn meant(name: &str, path: &Path) -> String {
    let packs = SHIPPED.iter().map(|(name, _)| (*name).to_owned());
    if name.is_empty() {
        return format!(
            "the shipped packs are {}",
            packs.collect::<Vec<_>>().join(", ")
        );
    }
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let beside = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some(path.with_file_name(entry.file_name()).to_str()?.to_owned()));
    let known: Vec<String> = packs.clone().chain(beside).collect();
    match nearest(name, known.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => {
            let packs: Vec<String> = packs.collect();
            format!(
                "the shipped packs are {}; a path to a file works as well",
                packs.join(", ")
            )
        }
    }
}

/// The specs with the fields that `--set` gives narrowed. A path must be known to one spec at least;
/// the others pass over it.
pub(super) fn narrowed(specs: &[Spec], set: &[String]) -> Result<Vec<Spec>, CommandFailure> {
    let mut narrowing = Narrowing::default();
    for given in set {
        let parts = given.split_once('=');
        let Some((path, values)) = parts.filter(|(_, values)| !values.trim().is_empty()) else {
            return Err(CommandFailure::input(format!(
                "`--set {given}` has no value\n  help: write `--set {}`",
                example(specs, given)
            )));
        };
        let path = path.trim().replace("[]", "");
        let names: Vec<&str> = path.split('.').collect();
        let found = specs.iter().find_map(|spec| type_at(&spec.domain, &names));
        let Some(ty) = found else {
            let mut known = Vec::new();
            for spec in specs {
                for part in Part::ALL {
                    paths(spec.domain.part(part), part.word(), &mut known);
                }
            }
            let help = match nearest(&path, known.iter().map(String::as_str)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("the fields are {}", known.join(", ")),
            };
            return Err(CommandFailure::input(format!(
                "no spec has a field `{path}`\n  help: {help}"
            )));
        };
        let allowed = allowed(&path, values.trim(), ty).map_err(|what| {
            let help = specs.iter().find_map(|spec| bounds(spec, &path));
            match help {
                Some(help) => CommandFailure::input(format!("{what}\n  help: {help}")),
                None => CommandFailure::input(what),
            }
        })?;
        narrowing.by_path.insert(path.clone(), allowed);
    }
    specs
        .iter()
        .map(|spec| {
            spec.narrow(&narrowing, true).map_err(|error| {
                let text = error.to_string();
                let help = match &error {
                    NarrowError::Empty { path, .. } => bounds(spec, path),
                    _ => None,
                };
                CommandFailure::input(match help {
                    Some(help) => format!("{text}\n  help: {help}"),
                    None => text,
                })
            })
        })
        .collect()
}

/// Whether a spec has a field.
pub(super) fn have(specs: &[Spec], path: &str) -> bool {
    let names: Vec<&str> = path.split('.').collect();
    { specs.iter() }.any(|spec| type_at(&spec.domain, &names).is_some())
}

/// Between which bounds a field is, in words, where it has any.
fn bounds(spec: &Spec, path: &str) -> Option<String> {
    let names: Vec<&str> = path.split('.').collect();
    let called = &spec.pack.name;
    match type_at(&spec.domain, &names)? {
        Type::Int { min, max } => Some(format!(
            "in {called} it is a number from {min} to {max}: write `{path}={max}` or `{path}={min}..{max}`"
        )),
        Type::List(list) => Some(format!(
            "in {called} it has {min} to {max} items: write `{path}={max}` or `{path}={min}..{max}`",
            min = list.min,
            max = list.max
        )),
        _ => None,
    }
}

/// A field with one of its values, as `--set` takes it: the one that was named, if there is one.
fn example(specs: &[Spec], given: &str) -> String {
    let path = given.split('=').next().unwrap_or_default().trim();
    let names: Vec<&str> = path.split('.').collect();
    let ty = specs.iter().find_map(|spec| type_at(&spec.domain, &names));
    match ty {
        Some(Type::Int { min, .. }) => format!("{path}={min}"),
        Some(Type::List(_)) => format!("{path}=0..2"),
        Some(ty) => match ty.values().last() {
            Some(value) => format!("{path}={value}"),
            None => "policy.advertise_all=true".to_owned(),
        },
        None => "policy.advertise_all=true".to_owned(),
    }
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

fn allowed(path: &str, text: &str, ty: &Type) -> Result<Allowed, String> {
    // A number of items has no sign, and `-0` was meant as another number.
    let unsigned = match ty {
        Type::Int { min, .. } => *min >= 0,
        _ => true,
    };
    let bound = |text: &str| {
        let text = text.trim();
        let is_signed = text.starts_with(['-', '+']);
        text.parse::<i64>()
            .ok()
            .filter(|_| !(unsigned && is_signed))
    };
    if let Type::Int { .. } | Type::List(_) = ty {
        // `2..` and `..2` are ranges too; what is there must be a number.
        let open = |text: &str| text.trim().is_empty() || bound(text).is_some();
        let range = match text.split_once("..") {
            Some((min, max)) if open(min) && open(max) => (bound(min), bound(max)),
            Some(_) => (None, None),
            None => (bound(text), bound(text)),
        };
        if range == (None, None) {
            return Err(format!(
                "`{path}` takes a number or a range, and `{text}` is neither"
            ));
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
            return Err(format!(
                "`{path}` is never `{word}`\n  help: its values are {}",
                known.join(", ")
            ));
        }
        values.push(value);
    }
    Ok(Allowed::Values(values))
}
