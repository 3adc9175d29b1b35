//! Cases in brief: what differs from the simplest case, as `--case` takes it.

use super::case::{Case, CaseRef, Part};
use super::space::Domain;
use super::types::Type;
use super::value::Value;

impl Domain {
    /// The case as flow style YAML without the fields that have their simplest value. Reading it
    /// gives the same case, because what is not said takes its simplest value.
    pub fn brief(&self, case: &Case) -> String {
        format!("{{{}}}", self.brief_of(&Part::ALL, case.into()))
    }

    /// Some parts of a case in brief, as they stand between the braces of [`Domain::brief`]; nothing where all of
    /// them are the simplest.
    pub fn brief_of(&self, parts: &[Part], case: CaseRef<'_>) -> String {
        let parts: Vec<String> = parts
            .iter()
            .filter_map(|part| {
                let value = brief(self.part(*part), case.part(*part))?;
                Some(format!("{}: {value}", part.word()))
            })
            .collect();
        parts.join(", ")
    }

    /// The fields of a part that have not their simplest value, each with its value in brief.
    pub fn oddities(&self, part: Part, case: &Case) -> Vec<String> {
        let (Type::Record(fields), Value::Record(values)) = (self.part(part), case.part(part))
        else {
            return Vec::new();
        };
        let odd = fields
            .iter()
            .zip(values)
            .filter_map(|(field, (name, value))| {
                Some(format!("{name}: {}", brief(&field.ty, value)?))
            });
        odd.collect()
    }
}

/// The value without its simplest parts; nothing where it is the simplest itself.
fn brief(ty: &Type, value: &Value) -> Option<String> {
    if *value == ty.simplest() {
        return None;
    }
    match (ty, value) {
        (Type::Record(fields), Value::Record(values)) => {
            let parts: Vec<String> = fields
                .iter()
                .zip(values)
                .filter_map(|(field, (name, value))| {
                    Some(format!("{name}: {}", brief(&field.ty, value)?))
                })
                .collect();
            Some(format!("{{{}}}", parts.join(", ")))
        }
        (Type::List(list), Value::List(items)) => {
            let parts: Vec<String> = items
                .iter()
                .map(|item| brief_item(&list.of, item))
                .collect();
            Some(format!("[{}]", parts.join(", ")))
        }
        (Type::Optional(inner), value) if *value != Value::Absent => {
            Some(brief(inner, value).unwrap_or_else(|| value.to_string()))
        }
        _ => Some(value.to_string()),
    }
}

/// An item always says its first field, so that a reader sees what it is.
fn brief_item(ty: &Type, item: &Value) -> String {
    match (ty, item) {
        (Type::Record(fields), Value::Record(values)) => {
            let parts: Vec<String> = fields
                .iter()
                .zip(values)
                .enumerate()
                .filter(|(index, (field, (_, value)))| *index == 0 || *value != field.ty.simplest())
                .map(|(_, (_, (name, value)))| format!("{name}: {value}"))
                .collect();
            format!("{{{}}}", parts.join(", "))
        }
        _ => item.to_string(),
    }
}
