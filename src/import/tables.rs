//! The tables that are read, and what is known of their fields (*Create REST API access policy*, *Create an
//! authentication profile*).

use super::record::FieldValue;

pub(super) const POLICY: &str = "sys_api_access_policy";
pub(super) const MAPPING: &str = "sys_auth_profile_mapping";
pub(super) const PROFILE: &str = "inbound_auth_profile";
pub(super) const STANDARD: &str = "std_http_auth";
pub(super) const KEY: &str = "http_key_auth";
pub(super) const PROPERTY: &str = "sys_properties";
pub(super) const CONDITIONS: &str = "auth_policy_mapping";

/// The property that has a 401 name every scheme (*Create an authentication profile*).
pub(super) const FIRST_SCHEME_ONLY: &str =
    "glide.security.response.authenticate.header.auth_profile.first_scheme_only";

/// Fields that every record of the platform has, or may have, begin so.
const OF_EVERY_RECORD: &str = "sys_";

/// Each table with its fields, without those of every record.
const TABLES: [(&str, &[&str]); 7] = [
    (
        POLICY,
        &[
            "name",
            "active",
            "api",
            "api_path",
            "http_method",
            "version",
            "api_resource",
            "api_tablename",
            "apply_global",
            "apply_all",
            "apply_all_methods",
            "apply_all_resources",
            "apply_all_versions",
            "apply_all_tables",
            "all_authn_scheme_authenticate_header",
        ],
    ),
    (MAPPING, &["api_access_policy", "inbound_auth_profile"]),
    (
        PROFILE,
        &["name", "description", "active", "auth_processor"],
    ),
    (
        STANDARD,
        &[
            "name",
            "description",
            "active",
            "auth_processor",
            "type",
            "oauth_entity",
        ],
    ),
    (
        KEY,
        &[
            "name",
            "description",
            "active",
            "auth_processor",
            "auth_parameter",
        ],
    ),
    (
        PROPERTY,
        &[
            "name",
            "value",
            "description",
            "type",
            "suffix",
            "choices",
            "is_private",
            "ignore_cache",
            "read_roles",
            "write_roles",
        ],
    ),
    (CONDITIONS, &[]),
];

/// Tables of which nothing is asked: no challenge depends on them.
pub(super) const PASSED_OVER: [&str; 4] = [
    "api_key",
    "oauth_entity",
    "sys_token_auth_parameter",
    "auth_scope",
];

/// The fields of a table; nothing where the table is not read, or its fields are not looked at.
pub(super) fn fields_of(table: &str) -> Option<&'static [&'static str]> {
    let known = TABLES.iter().find(|(name, _)| *name == table);
    known
        .map(|(_, fields)| *fields)
        .filter(|fields| !fields.is_empty())
}

/// Whether every record of the platform may have a field of this name.
pub(super) fn is_of_every_record(field: &str) -> bool {
    field.starts_with(OF_EVERY_RECORD)
}

/// Whether a table holds profiles.
pub(super) fn is_of_profiles(table: &str) -> bool {
    [PROFILE, STANDARD, KEY].contains(&table) || table.ends_with("_auth") && table.contains("http")
}

/// All that is known by name.
fn every() -> impl Iterator<Item = &'static str> {
    let read = TABLES.iter().map(|(name, _)| *name);
    read.chain(PASSED_OVER)
}

/// The table of this name.
pub(super) fn named(name: &str) -> Option<&'static str> {
    every().find(|known| *known == name)
}

/// The table of a record that does not name it: by its class, or by fields that no other table has.
pub(super) fn of_fields(fields: &[FieldValue]) -> Option<&'static str> {
    let field = |name: &str| fields.iter().find(|field| field.name == name);
    let has = |name: &str| field(name).is_some();
    if let Some(class) = field("sys_class_name").and_then(|class| named(class.text())) {
        return Some(class);
    }
    if has("api_access_policy") && has("inbound_auth_profile") {
        Some(MAPPING)
    } else if has("all_authn_scheme_authenticate_header") || has("apply_global") {
        Some(POLICY)
    } else if has("auth_parameter") {
        Some(KEY)
    } else if has("auth_processor") && has("type") || has("oauth_entity") {
        Some(STANDARD)
    } else if has("auth_processor") {
        Some(PROFILE)
    } else if has("auth_scope") && has("api_path") {
        Some("auth_scope")
    } else if has("parameter_name") {
        Some("sys_token_auth_parameter")
    } else if has("value") && field("name").is_some_and(|name| name.text().starts_with("glide.")) {
        Some(PROPERTY)
    } else {
        None
    }
}
