use super::*;
use crate::user_agents::catalogue::shipped;
use crate::yaml::Source;

const LIST: &str = include_str!("../../examples/records/seed-list.xml");
const TURNED: &str = include_str!("../../examples/records/turned.xml");
const UPDATE_SET: &str = include_str!("../../examples/records/seed-update-set.xml");

macro_rules! of_table_api {
    ($form:literal) => {
        [
            Source::new(
                "sys_api_access_policy.json",
                include_str!(concat!(
                    "../../examples/records/",
                    $form,
                    "/sys_api_access_policy.json"
                )),
            ),
            Source::new(
                "sys_auth_profile_mapping.json",
                include_str!(concat!(
                    "../../examples/records/",
                    $form,
                    "/sys_auth_profile_mapping.json"
                )),
            ),
            Source::new(
                "std_http_auth.json",
                include_str!(concat!(
                    "../../examples/records/",
                    $form,
                    "/std_http_auth.json"
                )),
            ),
        ]
    };
}

fn imported(sources: &[Source]) -> (Imported, String) {
    let mut told = ImportNotes::default();
    let imported = servicenow(sources, &mut told);
    (imported, told.render())
}

fn of(text: &str) -> (Imported, String) {
    imported(&[Source::new("export.xml", text)])
}

/// The records of the seed with one thing replaced in them.
fn with(was: &str, is: &str) -> (Imported, String) {
    assert!(LIST.contains(was), "{was}");
    of(&LIST.replacen(was, is, 1))
}

fn seed() -> Imported {
    let profile = |name: &str, scheme, mapped: &str, configured: &str| Profile {
        name: name.to_owned(),
        scheme,
        active: true,
        mapped: Some(mapped.to_owned()),
        configured: Some(configured.to_owned()),
    };
    let says = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    Imported {
        first_scheme_only: None,
        policies: vec![ImportedPolicy {
            name: "Table API for connectors".to_owned(),
            protects: Protects {
                what: vec![
                    says("api", "Table API"),
                    says("path", "now/table"),
                    says("all", "true"),
                    says("all_methods", "true"),
                    says("all_resources", "true"),
                    says("all_versions", "true"),
                    says("all_tables", "true"),
                ],
            },
            active: true,
            advertise_all: false,
            profiles: vec![
                profile(
                    "BasicAuth for none public processors",
                    ProfileScheme::Basic,
                    "2026-02-02 09:05:00",
                    "2025-11-02 08:00:00",
                ),
                profile(
                    "OAuth for the service desk",
                    ProfileScheme::Bearer,
                    "2026-02-03 16:40:00",
                    "2026-01-20 10:15:00",
                ),
            ],
        }],
    }
}

#[test]
fn every_form_holds_the_same_policy() {
    let list = [Source::new("list.xml", LIST)];
    let set = [Source::new("set.xml", UPDATE_SET)];
    let (value, display, all) = (
        of_table_api!("value"),
        of_table_api!("display"),
        of_table_api!("all"),
    );
    for sources in [&list[..], &set, &value, &display, &all] {
        let (imported, told) = imported(sources);
        assert_eq!(imported, seed(), "{}", sources[0].name);
        assert_eq!(told, "", "{}", sources[0].name);
    }
    // The order of files does not matter, save that of a list.
    let mut turned = value;
    turned.reverse();
    assert_eq!(imported(&turned).0, seed());
}

#[test]
fn what_is_written_is_read() {
    let mut all = seed();
    all.first_scheme_only = Some(true);
    let mut second = all.policies[0].clone();
    second.name = "null: \"'#\n".to_owned();
    second.active = false;
    second.advertise_all = true;
    for (scheme, at) in ProfileScheme::ALL.into_iter().zip(0..) {
        second.profiles.push(Profile {
            name: format!("{at} - "),
            scheme,
            active: at % 2 == 0,
            mapped: None,
            configured: None,
        });
    }
    all.policies.push(second);
    all.policies.push(ImportedPolicy {
        name: "none".to_owned(),
        active: true,
        ..ImportedPolicy::default()
    });
    let text = written(&all);
    assert_eq!(
        read(&Source::new("a.yaml", text.as_str())).unwrap(),
        all,
        "{text}"
    );
}

/// What a 401 names by each reading.
fn named(imported: &Imported) -> Vec<String> {
    let advised = advise_on(imported, shipped().unwrap());
    let PolicyOutcome::NamesOne { readings, .. } = &advised[0].outcome else {
        panic!("{advised:?}")
    };
    let words = readings.iter().map(|(_, named)| match named {
        Named::Challenge { profile, .. } => profile.scheme.word().to_owned(),
        Named::Undocumented(profile) => format!("undocumented {}", profile.scheme),
        Named::Unknown(why) => why.clone(),
    });
    words.collect()
}

#[test]
fn readings_differ_by_history() {
    assert_eq!(named(&seed()), ["basic", "bearer", "bearer"]);
    assert_eq!(named(&of(TURNED).0), ["basic", "bearer", "basic"]);
    let mut same = seed();
    same.policies[0].profiles[0].mapped = same.policies[0].profiles[1].mapped.clone();
    same.policies[0].profiles[1].configured = None;
    let words = named(&same);
    assert!(words[1].contains("mapped at the same time"), "{words:?}");
    assert!(
        words[2].contains("`OAuth for the service desk` was configured is not known"),
        "{words:?}"
    );
    // What is not active is not named, and one that is alone needs no history.
    same.policies[0].profiles[0].active = false;
    assert_eq!(named(&same), ["bearer", "bearer", "bearer"]);
    same.policies[0].profiles[1].scheme = ProfileScheme::ApiKey;
    assert_eq!(named(&same), ["undocumented api-key"; 3]);
}

#[test]
fn who_is_shut_out_hangs_on_what_is_named() {
    let imported = seed();
    let catalogue = shipped().unwrap();
    let advised = advise_on(&imported, catalogue);
    let shut = advised[0].shut();
    let basic = &shut[0];
    assert_eq!(basic.scheme, ProfileScheme::Basic, "the most clients first");
    assert_eq!(
        basic.by,
        [NamedBy::MostRecentlyMapped, NamedBy::MostRecentlyConfigured]
    );
    let PolicyOutcome::NamesOne { readings, remedied } = &advised[0].outcome else {
        panic!("{advised:?}")
    };
    let inside = |at: usize| match &readings[at].1 {
        Named::Challenge { reach, .. } => reach.inside(),
        named => panic!("{named:?}"),
    };
    assert!(inside(1) < inside(0) && inside(1) < remedied.reach.inside());
    assert_eq!(remedied.lines.len(), 2);

    // Either remedy, or the policy gone, and nobody is shut out for want of a challenge.
    for change in 0..4 {
        let mut cured = seed();
        match change {
            0 => cured.policies[0].advertise_all = true,
            1 => cured.first_scheme_only = Some(false),
            2 => cured.policies[0].active = false,
            _ => cured.policies[0].profiles.clear(),
        }
        let advised = advise_on(&cured, catalogue);
        assert!(!advised[0].shuts_out(), "{change}");
        let is_as_expected = matches!(
            (change, &advised[0].outcome),
            (0 | 1, PolicyOutcome::NamesAll(_))
                | (2, PolicyOutcome::Inactive)
                | (3, PolicyOutcome::Closed)
        );
        assert!(is_as_expected, "{change}");
    }
}

#[test]
fn nothing_is_dropped_in_silence() {
    for (was, is, words) in [
        (
            "<api_resource/>",
            "<api_ressource>/x</api_ressource>",
            "the field `api_ressource` of `sys_api_access_policy` is not understood",
        ),
        (
            "</unload>",
            "<sys_user action=\"INSERT_OR_UPDATE\"><sys_id>1</sys_id></sys_user></unload>",
            "records of `sys_user` are not understood (1)",
        ),
        (
            "</unload>",
            "<auth_policy_mapping><sys_id>1</sys_id></auth_policy_mapping></unload>",
            "conditions of profiles are not read (1 of `auth_policy_mapping`)",
        ),
        (
            "</unload>",
            "<api_key action=\"INSERT_OR_UPDATE\"><sys_id>1</sys_id><token>t0p</token></api_key></unload>",
            "records of `api_key` are passed over (1)",
        ),
        (
            "<type>oauth</type>",
            "<type>saml_thing</type>",
            "the type `saml_thing` of the profile `OAuth for the service desk` is not understood",
        ),
        (
            "<sys_id>aa11bb22",
            "<sys_id>bb11bb22",
            "the profile `OAuth for the service desk` is mapped and not among these records",
        ),
        (
            "<all_authn_scheme_authenticate_header>false</all_authn_scheme_authenticate_header>",
            "",
            "has no field `all_authn_scheme_authenticate_header`",
        ),
        (
            "<sys_created_on>2026-02-03 16:40:00<",
            "<sys_created_on>03.02.2026 17:40<",
            "`03.02.2026 17:40` is no time as it is stored",
        ),
        (
            "<std_http_auth action=\"INSERT_OR_UPDATE\">",
            "<std_http_auth action=\"DELETE\">",
            "the update set deletes `BasicAuth for none public processors`",
        ),
    ] {
        let (_, told) = with(was, is);
        assert!(told.contains(words), "{words}\n{told}");
        assert!(
            told.contains("--> export.xml:") && told.contains("^"),
            "{told}"
        );
        assert!(told.contains("help: "), "{told}");
        assert!(!told.contains("t0p"), "{told}");
    }
}

#[test]
fn one_record_counts_once() {
    let again = |flag: &str, updated: &str| {
        let policy = LIST.split("<std_http_auth").next().unwrap();
        let policy = policy.split_once("<sys_api_access_policy").unwrap().1;
        let policy = format!("<sys_api_access_policy{policy}")
            .replace("_header>false<", &format!("_header>{flag}<"))
            .replace("2026-02-03 16:40:12", updated);
        of(&LIST.replacen("</unload>", &format!("{policy}</unload>"), 1))
    };
    let (later, told) = again("true", "2026-02-09 00:00:00");
    assert!(later.policies.len() == 1 && later.policies[0].advertise_all);
    assert!(told.contains("is here twice, and not the same"), "{told}");
    let (earlier, _) = again("true", "2026-01-01 00:00:00");
    assert!(!earlier.policies[0].advertise_all);
    assert_eq!(again("false", "2026-02-03 16:40:12").1, "");
}

#[test]
fn the_property_is_read() {
    let property = |value: &str| {
        let text = format!(
            "<sys_properties action=\"INSERT_OR_UPDATE\"><name>glide.security.response.authenticate.header.\
             auth_profile.first_scheme_only</name><sys_id>7</sys_id><value>{value}</value></sys_properties></unload>"
        );
        with("</unload>", &text).0.first_scheme_only
    };
    assert_eq!(property("false"), Some(false));
    assert_eq!(property("true"), Some(true));
    assert_eq!(seed().first_scheme_only, None);
}

#[test]
fn mistakes_are_shown_where_they_stand() {
    for (name, text, words, place) in [
        (
            "a.xml",
            "<unload>\n<sys_api_access_policy></unload>",
            "this is not XML",
            "a.xml:2:24",
        ),
        (
            "a.xml",
            "<unload>\n<sys_api_access_policy>",
            "`<sys_api_access_policy>` is not closed",
            "a.xml:2:1",
        ),
        (
            "a.xml",
            "<html/>",
            "an export begins with `<unload>`, and this is `<html>`",
            "a.xml:1:1",
        ),
        (
            "a.xml",
            "<!DOCTYPE x [<!ENTITY a \"b\">]><unload/>",
            "a document type is not read",
            "a.xml:1:1",
        ),
        (
            "a.xml",
            "<unload><a>&b;</a></unload>",
            "`&b;` stands for nothing",
            "a.xml:1:12",
        ),
        (
            "a.xml",
            "<unload/>",
            "there is no record of `sys_api_access_policy` in it",
            "a.xml:1:1",
        ),
        (
            "a.json",
            "{\"result\": [\n{\"name\": }]}",
            "this is not JSON",
            "a.json:2:10",
        ),
        (
            "a.json",
            "{\"records\": []}",
            "there is no `result` in it",
            "a.json:1:1",
        ),
        (
            "a.json",
            "{\"error\": {\"message\": \"No rights\"}}",
            "the platform refused to hand over anything: No rights",
            "a.json:1:1",
        ),
        (
            "a.json",
            "{\"result\": [\n{\"name\": \"x\"}]}",
            "nothing says of which table this record is",
            "a.json:2:1",
        ),
        (
            "a.csv",
            "name,active\n",
            "this is neither XML nor JSON",
            "a.csv:1:1",
        ),
        (
            "run.json",
            "{\n  \"countersign-run\": 2\n}",
            "this is a saved run, and no exported record",
            "run.json:1:1",
        ),
        (
            "a.xml",
            "<unload><sys_api_access_policy>\n<sys_id>1</sys_id><name>p</name>\n<active>perhaps</active></sys_api_access_policy></unload>",
            "`active` is neither true nor false but `perhaps`",
            "a.xml:3:1",
        ),
    ] {
        let (_, told) = imported(&[Source::new(name, text)]);
        assert!(told.contains(words), "{words}\n{told}");
        assert!(told.contains(&format!("--> {place}")), "{place}\n{told}");
    }
    // What stands in the payload of an update is shown there.
    let (_, told) = of(&UPDATE_SET.replacen("&lt;active&gt;true", "&lt;active&gt;perhaps", 1));
    assert!(
        told.contains("--> export.xml, payload in line 9:4:1"),
        "{told}"
    );
    for (text, words) in [
        (
            "imported: 2\npolicies: []\n",
            "this form is `2`, and 1 is read",
        ),
        (
            "imported: 1\npolicies: [{policy: {profiles: [{scheme: basci}]}}]\n",
            "did you mean `basic`?",
        ),
        (
            "imported: 1\npolicies: [{policy: {profiles: []}, history: [{}]}]\n",
            "`history` has 1 lines, and `profiles` 0",
        ),
        (
            "imported: 1\npolicies: [{policy: {profiles: [{scheme: basic}]}, history: [{mapped: yesterday}]}]\n",
            "`yesterday` is no time",
        ),
        (
            "countersign: 1\nknown-departures-of: x\n",
            "this is a baseline, and a file of policies is expected",
        ),
        (
            "imported: 1\npolicies: [{polcy: {}}]\n",
            "did you mean `policy`?",
        ),
    ] {
        let told = read(&Source::new("a.yaml", text)).unwrap_err().render();
        assert!(told.contains(words), "{words}\n{told}");
    }
}

#[test]
fn what_is_cut_off_or_damaged_ends_in_words() {
    for text in [
        LIST,
        UPDATE_SET,
        include_str!("../../examples/records/all/std_http_auth.json"),
    ] {
        for end in (0..text.len())
            .step_by(37)
            .filter(|end| text.is_char_boundary(*end))
        {
            let (_, told) = of(&text[..end]);
            assert!(told.contains("error"), "{end}");
        }
        for at in (0..text.len())
            .step_by(41)
            .filter(|at| text.is_char_boundary(*at))
        {
            let (before, behind) = text.split_at(at);
            for more in ["<", "&", "\"", "]]>", "\u{0}", "é"] {
                let _ = of(&format!("{before}{more}{behind}"));
            }
        }
    }
    let deep = format!("<unload>{}", "<a>".repeat(100_000));
    assert!(of(&deep).1.contains("too deep"));
}
