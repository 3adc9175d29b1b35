//! Policies out of the records of a ServiceNow instance.

use std::collections::{BTreeMap, HashMap};

use super::policy::{Imported, ImportedPolicy, Profile, ProfileScheme, Protects, is_time};
use super::record::{FieldValue, Record};
use super::secrets::masked;
use super::tables::{self, CONDITIONS, FIRST_SCHEME_ONLY, KEY, MAPPING, POLICY, PROPERTY};
use super::told::{ImportNotes, RecordPlace};
use super::{table_api, unload};
use crate::yaml::{Source, Span, kind_of};

/// What a policy says of the requests that it is for: the field, and the word for it here.
const PROTECTS: [(&str, &str); 13] = [
    ("api", "api"),
    ("api_path", "path"),
    ("http_method", "method"),
    ("version", "version"),
    ("api_resource", "resource"),
    ("api_tablename", "tables"),
    ("apply_global", "global"),
    ("apply_all", "all"),
    ("apply_all_methods", "all_methods"),
    ("apply_all_resources", "all_resources"),
    ("apply_all_versions", "all_versions"),
    ("apply_all_tables", "all_tables"),
    ("sys_scope", "scope"),
];

/// Reads exported records: of XML of lists, forms and update sets, and of JSON of the Table API. They may stand in
/// several texts, in any order. What is not understood, and what is missing, is told.
pub fn servicenow(sources: &[Source], told: &mut ImportNotes) -> Imported {
    let mut records = Vec::new();
    for source in sources {
        let number = told.begin(Source::new(source.name.as_str(), masked(&source.text)));
        let text = &*source.text;
        if let Some((what, takes)) = kind_of(text) {
            let span = Span::new(0, 1);
            let at = RecordPlace {
                source: number,
                span,
            };
            told.error(at, format!("this is {what}, and no exported record"), takes);
            continue;
        }
        let read = match text.trim_start().chars().next() {
            Some('<') => unload::read(text, number, told),
            Some('{' | '[') => table_api::read(text, stem(&source.name), number, told),
            _ => {
                told.error(
                    RecordPlace { source: number, span: Span::new(0, 1) },
                    "this is neither XML nor JSON",
                    "export the records as XML, from a list, a form or an update set, or keep what the Table \
                     API answers as JSON; CSV and Excel hold what people see, and no history",
                );
                Vec::new()
            }
        };
        records.extend(read);
    }
    let records = kept(records, told);
    passed_over(&records, told);
    let imported = Imported {
        first_scheme_only: property(&records, told),
        policies: policies(&records, told),
    };
    if imported.policies.is_empty() && !told.has_errors() {
        let span = Span::new(0, 1);
        told.error(
            RecordPlace { source: 0, span },
            format!("there is no record of `{POLICY}` in it"),
            "export the list of REST API access policies, or the form of one",
        );
    }
    imported
}

/// The name of a file without folders and what stands behind its first full stop.
fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.split('.').next().unwrap_or(file)
}

/// Each record once, as it was updated last, without those that an update set takes away.
fn kept(records: Vec<Record>, told: &mut ImportNotes) -> Vec<Record> {
    let mut kept: Vec<Record> = Vec::with_capacity(records.len());
    let mut known: HashMap<String, usize> = HashMap::new();
    for mut record in records {
        if let Some(class) = record.text("sys_class_name").and_then(tables::named) {
            class.clone_into(&mut record.table);
        }
        let Some(id) = record.id().map(str::to_owned) else {
            told.warning(
                record.at,
                format!("a record of `{}` has no `sys_id`", record.table),
                "what refers to it is not found: export it with all its fields",
            );
            kept.push(record);
            continue;
        };
        match known.get(&id).and_then(|at| kept.get_mut(*at)) {
            None => {
                known.insert(id, kept.len());
                kept.push(record);
            }
            Some(earlier) => {
                let when = |record: &Record| record.text("sys_updated_on").unwrap_or("").to_owned();
                let is_same = earlier
                    .fields
                    .iter()
                    .map(|field| field.text().to_owned())
                    .eq(record.fields.iter().map(|field| field.text().to_owned()));
                if !is_same {
                    told.warning(
                        record.at,
                        format!("`{}` is here twice, and not the same", record.name()),
                        "the one that was updated last counts, and of two of one time the later one",
                    );
                }
                if when(&record) >= when(earlier) {
                    *earlier = record;
                }
            }
        }
    }
    for record in kept.iter().filter(|record| record.is_deleted) {
        told.warning(
            record.at,
            format!(
                "the update set deletes `{}` of `{}`",
                record.name(),
                record.table
            ),
            "it counts as not there",
        );
    }
    kept.retain(|record| !record.is_deleted);
    kept
}

/// Tells of tables and fields that are not read, each once.
fn passed_over(records: &[Record], told: &mut ImportNotes) {
    let mut tables: Vec<(&str, RecordPlace, usize)> = Vec::new();
    let mut fields: Vec<(&str, &str, RecordPlace, usize)> = Vec::new();
    for record in records {
        let table = record.table.as_str();
        let Some(known) = tables::fields_of(table) else {
            match tables.iter_mut().find(|(name, _, _)| *name == table) {
                Some((_, _, count)) => *count += 1,
                None => tables.push((table, record.at, 1)),
            }
            continue;
        };
        for field in &record.fields {
            let name = field.name.as_str();
            if known.contains(&name) || tables::is_of_every_record(name) {
                continue;
            }
            let same = fields
                .iter_mut()
                .find(|(of, have, _, _)| (*of, *have) == (table, name));
            match same {
                Some((_, _, _, count)) => *count += 1,
                None => fields.push((table, name, field.at, 1)),
            }
        }
    }
    for (table, at, count) in tables {
        if table == CONDITIONS {
            told.warning(
                at,
                format!("conditions of profiles are not read ({count} of `{table}`)"),
                "whom they keep out is not said: a profile counts as one without conditions",
            );
        } else if tables::PASSED_OVER.contains(&table) {
            told.warning(
                at,
                format!("records of `{table}` are passed over ({count})"),
                "nothing that a challenge names depends on them",
            );
        } else if !tables::is_of_profiles(table) {
            told.warning(
                at,
                format!("records of `{table}` are not understood ({count})"),
                "they are passed over",
            );
        }
    }
    for (table, name, at, count) in fields {
        let times = if count == 1 {
            String::new()
        } else {
            format!(", in {count} records")
        };
        told.warning(
            at,
            format!("the field `{name}` of `{table}` is not understood{times}"),
            "it is passed over",
        );
    }
}

/// What the instance's property is set to, where it was exported.
fn property(records: &[Record], told: &mut ImportNotes) -> Option<bool> {
    let of = |record: &&Record| {
        record.table == PROPERTY && record.text("name") == Some(FIRST_SCHEME_ONLY)
    };
    let record = records.iter().find(of)?;
    let value = record.field("value")?;
    truth(value, told)
}

/// The truth value of a field; what is neither is told.
fn truth(field: &FieldValue, told: &mut ImportNotes) -> Option<bool> {
    match field.text() {
        "true" | "1" => Some(true),
        "false" | "0" | "" => Some(false),
        other => {
            told.error(
                field.at,
                format!("`{}` is neither true nor false but `{other}`", field.name),
                "export what is stored (`sysparm_display_value=false` or `all`), or write `true` or `false`",
            );
            None
        }
    }
}

fn policies(records: &[Record], told: &mut ImportNotes) -> Vec<ImportedPolicy> {
    let of = |table: &'static str| records.iter().filter(move |record| record.table == table);
    let mut by_policy: BTreeMap<usize, Vec<Profile>> = BTreeMap::new();
    let policies: Vec<&Record> = of(POLICY).collect();
    let profiles: Vec<&Record> = records
        .iter()
        .filter(|record| tables::is_of_profiles(&record.table))
        .collect();
    for mapping in of(MAPPING) {
        let Some(policy) = referred(mapping, "api_access_policy", &policies, told) else {
            continue;
        };
        let found = referred(mapping, "inbound_auth_profile", &profiles, told);
        let profile = match found.and_then(|at| profiles.get(at)) {
            Some(record) => profile(record, mapping, told),
            None => Profile {
                name: (mapping.field("inbound_auth_profile"))
                    .map_or("(none)", FieldValue::shown)
                    .to_owned(),
                scheme: ProfileScheme::Unknown,
                active: true,
                mapped: time(mapping, "sys_created_on", told),
                configured: None,
            },
        };
        by_policy.entry(policy).or_default().push(profile);
    }
    let all = policies.iter().enumerate();
    all.map(|(at, record)| policy(record, by_policy.remove(&at).unwrap_or_default(), told))
        .collect()
}

/// Which of these records a field refers to: by its `sys_id`, or where only names were exported by its name.
fn referred(
    record: &Record,
    name: &str,
    among: &[&Record],
    told: &mut ImportNotes,
) -> Option<usize> {
    let Some(field) = record.field(name).filter(|field| !field.shown().is_empty()) else {
        told.error(
            record.at,
            format!("a record of `{}` has no `{name}`", record.table),
            "export it with all its fields",
        );
        return None;
    };
    let by_id = |one: &&Record| {
        field.stored.is_some() && one.id() == field.stored.as_deref().map(str::trim)
    };
    if let Some(at) = among.iter().position(by_id) {
        return Some(at);
    }
    let mut named = among.iter().enumerate().filter(|(_, one)| {
        field.stored.is_none()
            && one
                .field("name")
                .is_some_and(|name| name.shown() == field.shown())
    });
    match (named.next(), named.next()) {
        (Some((at, _)), None) => Some(at),
        (Some(_), Some(_)) => {
            told.error(
                field.at,
                format!(
                    "two records are called `{}`, and only the name was exported",
                    field.shown()
                ),
                "export what is stored: `sysparm_display_value=false` or `all`",
            );
            None
        }
        (None, _) => {
            let (what, table) = match name {
                "api_access_policy" => ("policy", POLICY),
                _ => (
                    "profile",
                    "inbound_auth_profile, with its classes std_http_auth and http_key_auth",
                ),
            };
            told.warning(
                field.at,
                format!(
                    "the {what} `{}` is mapped and not among these records",
                    field.shown()
                ),
                format!("export {table}, and give that file as well"),
            );
            None
        }
    }
}

fn policy(record: &Record, profiles: Vec<Profile>, told: &mut ImportNotes) -> ImportedPolicy {
    if profiles.is_empty() {
        told.warning(
            record.at,
            format!("no profile is mapped to the policy `{}` by these records", record.name()),
            format!("export {MAPPING} as well; a policy that really has none lets nobody in by a profile"),
        );
    }
    let protects = PROTECTS.iter().filter_map(|(field, word)| {
        let text = record.field(field)?.shown();
        let is_said = !text.is_empty() && text != "false" && *word != "scope";
        is_said.then(|| ((*word).to_owned(), text.to_owned()))
    });
    let protects = Protects {
        what: protects.collect(),
    };
    ImportedPolicy {
        name: record.name().to_owned(),
        protects,
        active: flag(record, "active", true, told),
        advertise_all: flag(record, "all_authn_scheme_authenticate_header", false, told),
        profiles,
    }
}

fn flag(record: &Record, name: &str, default: bool, told: &mut ImportNotes) -> bool {
    match record.field(name) {
        Some(field) => truth(field, told).unwrap_or(default),
        None => {
            told.warning(
                record.at,
                format!("`{}` has no field `{name}`", record.name()),
                format!("it is taken to be {default}; export the record with all its fields"),
            );
            default
        }
    }
}

fn profile(record: &Record, mapping: &Record, told: &mut ImportNotes) -> Profile {
    Profile {
        name: record.name().to_owned(),
        scheme: scheme(record, told),
        active: flag(record, "active", true, told),
        mapped: time(mapping, "sys_created_on", told),
        configured: time(record, "sys_updated_on", told),
    }
}

/// A time as it is stored, in UTC; what only people see has a form and a zone of theirs.
fn time(record: &Record, name: &str, told: &mut ImportNotes) -> Option<String> {
    let Some(field) = record.field(name).filter(|field| !field.text().is_empty()) else {
        told.warning(
            record.at,
            format!("`{}` has no `{name}`", record.name()),
            "which profile is the most recent one is not known then: export it with all its fields",
        );
        return None;
    };
    let text = field.text();
    if !is_time(text) {
        told.warning(
            field.at,
            format!("`{text}` is no time as it is stored"),
            "export what is stored: `sysparm_display_value=false` or `all`",
        );
        return None;
    }
    Some(text.to_owned())
}

/// What clients log in with. Of the types of a standard profile only `basic_auth` was seen as it is stored; the
/// others are known by the labels of the form, and are read as either.
fn scheme(record: &Record, told: &mut ImportNotes) -> ProfileScheme {
    match record.table.as_str() {
        KEY => return ProfileScheme::ApiKey,
        table if table.contains("hmac") => return ProfileScheme::Hmac,
        table if table.contains("wsse") => return ProfileScheme::Wsse,
        _ => {}
    }
    let Some(field) = record.field("type") else {
        told.warning(
            record.at,
            format!("nothing says of which type the profile `{}` is", record.name()),
            "export it as a record of its class (std_http_auth, http_key_auth), with all its fields",
        );
        return ProfileScheme::Unknown;
    };
    let letters = |text: &str| -> String {
        let kept = text.chars().filter(|c| c.is_ascii_alphanumeric());
        kept.map(|c| c.to_ascii_lowercase()).collect()
    };
    let (stored, shown) = (letters(field.text()), letters(field.shown()));
    let known = [
        ("basicauth", ProfileScheme::Basic),
        ("oauth", ProfileScheme::Bearer),
        ("idtoken", ProfileScheme::IdToken),
        ("certificatebasedauth", ProfileScheme::Certificate),
        ("wsse", ProfileScheme::Wsse),
        ("wsseauth", ProfileScheme::Wsse),
    ];
    let is = |word: &str| stored == word || shown == word;
    match known.iter().find(|(word, _)| is(word)) {
        Some((_, scheme)) => *scheme,
        None => {
            told.warning(
                field.at,
                format!(
                    "the type `{}` of the profile `{}` is not understood",
                    field.shown(),
                    record.name()
                ),
                "write its scheme in the place of `unknown` in what is printed",
            );
            ProfileScheme::Unknown
        }
    }
}
