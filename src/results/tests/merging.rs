//! The law of merging: parts of a plan, put together, are the run of the whole.

use super::*;
use crate::domain::Type;
use crate::spec::SHIPPED;

/// The run of each of so many parts.
fn in_parts(spec: &Spec, faults: &[Fault], of: u32, options: &Options) -> Vec<Run> {
    let part = |number| Options {
        part: Some(PlanPart { number, of }),
        ..options.clone()
    };
    (1..=of)
        .map(|number| judged(spec, faults, &part(number)))
        .collect()
}

/// What of a run is the same in one go and in parts.
fn same_in_parts(run: &Run) -> serde_json::Value {
    let packs = run.packs.iter().map(|report| {
        let findings = report.findings.iter().map(|one| {
            let told = (&one.brief, &one.sentence, &one.discrepancy.kind, &one.demand);
            let proof = (&one.proof, &one.variations, &one.cures, &one.reliefs);
            let named = (&one.rule, one.sibling.as_ref(), one.id(), one.failures);
            serde_json::json!([named, told, proof])
        });
        serde_json::json!({
            "coverage": report.coverage, "judged": report.judged, "rules": report.rules,
            "findings": findings.collect::<Vec<_>>(), "left": report.left, "unshrunk": report.unshrunk,
            "anomalies": report.anomalies, "hollow": report.hollow, "unclaimed": report.unclaimed,
            "stopped": report.stopped, "parts": report.parts,
        })
    });
    let defects: Vec<&String> = run.defects.iter().map(|one| &one.id).collect();
    serde_json::json!([
        packs.collect::<Vec<_>>(),
        defects,
        format!("{:?}", run.verdict())
    ])
}

/// In what so many parts, put together, are not the run of the whole.
fn differ_in_parts(
    spec: &Spec,
    fault: Fault,
    whole: &Run,
    of: u32,
    options: &Options,
) -> Option<String> {
    let mut parts = in_parts(spec, &[fault], of, options);
    // Whichever comes first, and read out of files.
    if of.is_multiple_of(2) {
        parts.reverse();
    }
    let parts = parts.iter().map(read_back);
    let merged = parts.reduce(|one, other| merge(&one, &other).unwrap());
    let (merged, whole) = (same_in_parts(&merged.unwrap()), same_in_parts(whole));
    (merged != whole).then(|| format!("{fault} in {of}\n{merged}\n{whole}"))
}

/// The faults that a server shows which answers the same each time: what one with a memory answers depends on what
/// was asked before, so nothing is the same in parts.
fn steady() -> impl Iterator<Item = Fault> {
    let is_steady =
        |fault: &Fault| !matches!(fault, Fault::NamesSchemesOnce | Fault::EveryFifthNamesOne);
    faults().filter(is_steady)
}

/// The small pack with fewer settings: parts shrink what they meet each by itself, and many of them meet much.
fn smallest() -> Spec {
    let only = |value: Value| Allowed::Values(vec![value]);
    let by_path = [
        ("policy.profiles.active".to_owned(), only(Value::Bool(true))),
        (
            "instance.first_scheme_only".to_owned(),
            only(Value::Bool(true)),
        ),
    ];
    let by_path = by_path.into();
    small().narrow(&Narrowing { by_path }, false).unwrap()
}

/// With each fault another number of parts, from two to six: what sixteen are is seen with a few of them.
fn parts_make_the_whole(is_meant: fn(usize) -> bool) {
    let spec = smallest();
    let options = Options::default();
    let mut found = 0;
    let numbers = (2..=6).cycle();
    let meant = steady()
        .zip(numbers)
        .enumerate()
        .filter(|(at, _)| is_meant(*at));
    let differ: Vec<String> = meant
        .filter_map(|(_, (fault, of))| {
            let whole = judged(&spec, &[fault], &options);
            let findings = whole.packs[0].findings.len();
            found += findings;
            // Where nothing breaks there is nothing to put down to another finding.
            if findings == 0 {
                return None;
            }
            differ_in_parts(&spec, fault, &whole, of, &options)
        })
        .collect();
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    assert!(found > 20, "{found}");
}

#[test]
fn parts_make_the_run_of_the_whole_with_every_other_fault() {
    parts_make_the_whole(|at| at.is_multiple_of(2));
}

#[test]
fn parts_make_the_run_of_the_whole_with_the_others() {
    parts_make_the_whole(|at| !at.is_multiple_of(2));
}

/// Here parts shrink what the whole puts down to another finding: told by what each found, there was one more.
#[test]
fn one_to_sixteen_parts_make_the_run_of_the_whole() {
    let (spec, options) = (smallest(), Options::default());
    let fault = Fault::NoChallengeAfterCredentials;
    let whole = judged(&spec, &[fault], &options);
    let differ: Vec<String> = (1..=16)
        .filter_map(|of| differ_in_parts(&spec, fault, &whole, of, &options))
        .collect();
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

/// A fault that breaks rules of a pack, for each pack that ships.
const FAULTS: [(&str, Fault); 10] = [
    ("http-authentication", Fault::AnonymousUnchallenged),
    ("reachability", Fault::NoChallengeAfterCredentials),
    ("api-access-policy", Fault::IgnoresInactivePolicyFlag),
    ("external-authorization", Fault::EveryRouteIsAskedAbout),
    ("api-access-instance", Fault::NoPolicyMeansClosed),
    ("mcp-authorization", Fault::McpTokenUnneeded),
    ("api-access-outcome", Fault::RefusalUnworded),
    ("api-access-profiles", Fault::AcceptsAnonymous),
    ("every-scheme", Fault::AnonymousUnchallenged),
    ("authorization-server", Fault::IntrospectionOpen),
];

/// A pack with the first of the words of each field, so many, and with one item at most in each list.
fn few(name: &str, words: usize) -> Spec {
    let spec = Spec::read(&shipped(name).unwrap()).unwrap();
    let domain = &spec.domain;
    let mut narrowing = Narrowing::default();
    for (part, ty) in [
        ("policy", &domain.policy),
        ("instance", &domain.instance),
        ("client", &domain.client),
    ] {
        keep_few(part, ty, words, &mut narrowing);
    }
    spec.narrow(&narrowing, true).unwrap()
}

fn keep_few(path: &str, ty: &Type, words: usize, narrowing: &mut Narrowing) {
    let kept = match ty {
        Type::OneOf(all) => {
            let first = all.iter().take(words).cloned();
            Some(Allowed::Values(first.map(Value::Symbol).collect()))
        }
        Type::List(_) => Some(Allowed::Range {
            min: None,
            max: Some(1),
        }),
        _ => None,
    };
    narrowing
        .by_path
        .extend(kept.map(|kept| (path.to_owned(), kept)));
    for field in ty.fields() {
        let path = format!("{path}.{}", field.name);
        keep_few(&path, &field.ty, words, narrowing);
    }
}

/// In what parts of packs that ship are not the run of the whole, for so many parts of each.
fn packs_differ(
    words: usize,
    options: &Options,
    numbers: impl Fn(usize) -> Vec<u32>,
) -> Vec<String> {
    let mut ships: Vec<&str> = SHIPPED.map(|(name, _)| name).to_vec();
    let mut differ = Vec::new();
    for (at, (pack, fault)) in FAULTS.into_iter().enumerate() {
        let spec = few(pack, words);
        let whole = judged(&spec, &[fault], options);
        assert!(!whole.packs[0].findings.is_empty(), "{pack}");
        let numbers = numbers(at).into_iter();
        differ.extend(numbers.filter_map(|of| differ_in_parts(&spec, fault, &whole, of, options)));
        ships.retain(|one| *one != pack);
    }
    assert!(ships.is_empty(), "{ships:?}");
    differ
}

/// Each number from one to sixteen, with one of the packs that ship: the more, the less a part of it costs.
#[test]
fn parts_of_every_pack_make_the_run_of_the_whole() {
    let numbers = |at: usize| [2 * at + 1, 2 * at + 2].map(|of| of as u32).to_vec();
    let differ = packs_differ(2, &Options::default(), numbers);
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

/// Each number with each of them, and of more cases.
#[test]
#[ignore = "two minutes: docs/scale.md has what it said"]
fn one_to_sixteen_parts_of_every_pack_make_the_run_of_the_whole() {
    let options = Options {
        cases: 500,
        ..Options::default()
    };
    let differ = packs_differ(3, &options, |_| (1..=16).collect());
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

/// A sample is put together of its parts like a whole space: what is looked around on the setting of a finding counts
/// once, and the last setting is judged as far as the whole judges it.
#[test]
fn parts_of_a_sample_make_the_run_of_the_whole() {
    let spec = small();
    let options = Options {
        cases: 300,
        ..Options::default()
    };
    for (fault, of) in [
        (Fault::AdvertisesInactiveProfiles, 3),
        (Fault::NoChallengeAfterCredentials, 2),
    ] {
        let whole = judged(&spec, &[fault], &options);
        assert!(matches!(whole.packs[0].coverage, Coverage::Sampled { .. }));
        assert!(!whole.packs[0].findings.is_empty(), "{fault}");
        assert_eq!(differ_in_parts(&spec, fault, &whole, of, &options), None);
    }
}

/// Whoever comes first to a server with a memory comes first each time.
#[test]
fn what_a_memory_shows_is_the_same_each_time() {
    let spec = small();
    for fault in [Fault::NamesSchemesOnce, Fault::EveryFifthNamesOne] {
        let told = || same_in_parts(&judged(&spec, &[fault], &Options::default()));
        let first = told();
        assert_eq!(first, told(), "{fault}");
        assert_eq!(first, told(), "{fault}");
    }
}

/// Where there are more parts than settings, some have nothing to do, and their jobs have not failed.
#[test]
fn a_part_without_cases_conforms_and_says_so() {
    let options = Options {
        part: Some(PlanPart {
            number: 900,
            of: 900,
        }),
        ..Options::default()
    };
    let run = judged(&smallest(), &[], &options);
    let report = &run.packs[0];
    assert_eq!((report.judged, report.is_without_cases()), (0, true));
    assert_eq!(run.verdict(), RunVerdict::Conforms);
    assert!(
        { report.covered() }.starts_with("part 900 of 900, which has none of the cases; planned: "),
        "{}",
        report.covered()
    );
    assert_eq!(read_back(&run), run.without_secrets());
    // Not where there was something to do, nor where nothing is to be done by any part.
    type Tampering<'a> = &'a dyn Fn(&mut PackReport);
    let changes: [Tampering<'_>; 6] = [
        &|report| report.parts = None,
        &|report| report.coverage = Coverage::Whole { cases: 0 },
        &|report| report.unsupported = Some((1, "no bearer".to_owned())),
        &|report| report.stopped = Some(Stopped::Slow),
        &|report| report.hollow = Some("nobody got in".to_owned()),
        &|report| report.cut_short = Some("the time was up".to_owned()),
    ];
    for (at, change) in changes.into_iter().enumerate() {
        let mut other = run.clone();
        change(&mut other.packs[0]);
        assert_eq!(other.verdict(), RunVerdict::Unknown, "{at}");
    }
    assert_eq!(run.clone().as_whole().verdict(), RunVerdict::Unknown);
}

#[test]
fn what_a_part_names_has_to_be_there() {
    let spec = smallest();
    let fault = [Fault::NoChallengeAfterCredentials];
    let part = in_parts(&spec, &fault, 2, &Options::default()).remove(0);
    let told = |change: &dyn Fn(&mut Parts)| {
        let mut run = part.clone();
        change(run.packs[0].parts.as_mut().unwrap());
        let text = run.to_json().unwrap();
        Run::read(&Source::new("x", text)).unwrap_err().to_string()
    };
    for (told, words) in [
        (
            told(&|parts| parts.findings.truncate(1)),
            "it has 1 of `findings`, and the pack has ",
        ),
        (
            told(&|parts| parts.settings.clear()),
            "a failure names setting ",
        ),
        (
            told(&|parts| parts.conversations.clear()),
            "a failure names conversation ",
        ),
        (
            told(&|parts| parts.failures[0].rule = 999),
            "a failure names rule 999, and there is none",
        ),
        (
            told(&|parts| {
                let cases = parts.failures[0].cases.values_mut();
                cases.for_each(|runs| runs.push((0, u64::MAX)));
            }),
            "a failure names conversation ",
        ),
        (told(&|parts| parts.numbers = vec![3]), "it has part 3 of 2"),
        (
            told(&|parts| parts.numbers.clear()),
            "it has none of the 2 parts of the plan",
        ),
        (
            told(&|parts| parts.numbers = vec![1, 1]),
            "it has part 1 twice",
        ),
        (
            told(&|parts| parts.numbers = vec![2, 1]),
            "it has part 1 behind part 2",
        ),
        (
            told(&|parts| parts.numbers = vec![1, 2]),
            "it has part 1 to 2 of 2, which is the whole",
        ),
        (
            told(&|parts| parts.of = 1),
            "it has part 1 to 1 of 1, which is the whole",
        ),
    ] {
        assert!(told.contains(words), "{words}\n{told}");
    }
    let text = part.to_json().unwrap();
    let (before, rest) = text.split_once("\"cases\": [").unwrap();
    let (first, rest) = rest.split_once(':').unwrap();
    let broken = format!("{before}\"cases\": [{first};{rest}");
    let told = Run::read(&Source::new("x", broken))
        .unwrap_err()
        .to_string();
    assert!(
        told.contains("names no places, as `12:0-5,7` does"),
        "{told}"
    );
}

#[test]
fn what_are_no_parts_of_one_plan_is_told() {
    let spec = small();
    let options = Options {
        cases: 300,
        ..Options::default()
    };
    let parts = in_parts(&spec, &[], 3, &options);
    let [one, two, three] = &parts[..] else {
        panic!("three")
    };
    let both = merge(one, three).unwrap();
    assert_eq!(merge(&both, one), Err(NotParts::Overlap(1)));
    assert_eq!(merge(&both, three), Err(NotParts::Overlap(3)));
    let all = merge(two, &both).unwrap();
    assert_eq!(all, merge(&both, two).unwrap());
    assert_eq!(merge(&all, one), Err(NotParts::Whole));
    let whole = judged(&spec, &[], &options);
    assert_eq!(all.packs[0].coverage, whole.packs[0].coverage);
    assert!(all.packs[0].judged >= whole.packs[0].judged);
    let states = |run: &Run| -> Vec<RuleState> {
        let rules = run.packs[0].rules.iter();
        rules.map(|rule| rule.state.clone()).collect()
    };
    assert_eq!(states(&all), states(&whole));

    let told = |change: &dyn Fn(&mut Run)| {
        let mut other = two.clone();
        change(&mut other);
        merge(one, &other).unwrap_err().to_string()
    };
    for (told, words) in [
        (
            told(&|run| run.version = "9".to_owned()),
            "one is of Countersign 0.1.0 and the other of 9",
        ),
        (
            told(&|run| run.implementation.1 = "9".to_owned()),
            "one is against reference 0.1.0 and the other against reference 9",
        ),
        (
            told(&|run| run.asked.seed = 8),
            "and `--seed 8` for the other",
        ),
        (
            told(&|run| run.packs[0].pack.1 = 9),
            "the other reachability 9",
        ),
        (
            told(&|run| run.packs[0].coverage = Coverage::Whole { cases: 1 }),
            "reachability is played otherwise",
        ),
        (
            told(&|run| {
                if let Some(parts) = &mut run.packs[0].parts {
                    parts.of = 4;
                }
            }),
            "of reachability one is of 3 parts and the other of 4",
        ),
    ] {
        assert!(told.contains(words), "{told}");
    }
}
