//! A baseline excuses what it lists, and nothing else; what it lists must show.

use std::sync::LazyLock;

use super::*;
use crate::engine::{Options, run_packs};
use crate::implementation::ReferenceImplementation;
use crate::report::{known_lines, known_text, stale_text};
use crate::results::{KnownDefects, RuleReport, Run, RunVerdict, Stale};
use crate::spec::{Demand, Rule, Spec, shipped};
use crate::yaml::Source;

/// The shipped pack with two profiles at most, and what the reference implementation comes to: played once for all tests.
fn judged() -> (Vec<Spec>, Run) {
    static JUDGED: LazyLock<(Vec<Spec>, Run)> = LazyLock::new(play);
    JUDGED.clone()
}

fn play() -> (Vec<Spec>, Run) {
    let source = shipped("reachability").unwrap();
    let small = source.text.replace("max: 4", "max: 2");
    let spec = Spec::read(&Source::new("small", small)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let options = Options::default();
    let run = runtime.block_on(async {
        let mut reference = ReferenceImplementation::new();
        let asked = options.asked("reference");
        run_packs(
            &[(&spec, None)],
            asked,
            &mut reference,
            &options,
            &mut |_| {},
        )
        .await
    });
    (vec![spec], run)
}

fn read(text: &str, specs: &[Spec]) -> Result<Baseline, String> {
    Baseline::read(&Source::new("known.yaml", text), specs).map_err(|problems| problems.render())
}

/// A skeleton with a person's part filled in.
fn filled(skeleton: &str) -> String {
    skeleton
        .replace(
            "whose:      # product, default (documented) or adapter",
            "whose: default",
        )
        .replace("reason:\n", "reason: as documented\n")
        .replace("confirmed:\n", "confirmed: curl -i says so\n")
        .replace("because:\n", "because: as it is\n")
}

#[test]
fn a_skeleton_that_a_person_has_filled_in_excuses_all_and_is_kept_as_it_is() {
    let (specs, run) = judged();
    let none = Baseline::default();
    let compared = none.compare(&run, &|_| true, true, Day::today());
    assert!(compared.known.is_empty() && !compared.fresh.is_empty());
    let skeleton = write(None, &compared, &run, &specs);

    let unfilled = read(&skeleton, &specs).unwrap_err();
    for part in [
        "`reason` says nothing",
        "does not say whose doing it is",
        "`confirmed` says nothing",
    ] {
        assert!(unfilled.contains(part), "{part}\n{unfilled}");
    }

    let text = filled(&skeleton);
    let baseline = read(&text, &specs).unwrap();
    assert_eq!(baseline.implementation, "reference");
    let compared = baseline.compare(&run, &|_| true, true, Day::today());
    assert_eq!(compared.fresh.len(), 0, "{text}");
    assert_eq!(compared.stale, []);
    assert_eq!(compared.known.len(), baseline.departures.len());
    assert_eq!(write(Some(&baseline), &compared, &run, &specs), text);

    let shown = known_text(&compared.known(&baseline, &run), &run.packs);
    assert!(
        shown.contains("two profiles, flag false, Basic client"),
        "{shown}"
    );
    assert!(shown.contains("whose     a documented default"), "{shown}");
    let events = known_lines(&compared.known(&baseline, &run), &run.packs);
    assert!(events.iter().all(|line| line["event"] == "known"));
}

#[test]
fn what_no_longer_shows_is_told() {
    let (specs, run) = judged();
    let empty = Baseline::default();
    let compared = empty.compare(&run, &|_| true, true, Day::today());
    let text = filled(&write(None, &compared, &run, &specs));
    let entry = "      - pack: reachability\n        rule: challenge-driven-client-gets-in\n";
    let changed = |more: &str| {
        read(
            &(text.replacen(entry, &format!("{more}{entry}"), 1)),
            &specs,
        )
    };
    for (rule, case, why) in [
        ("no-such-rule", "{}", "no such rule"),
        (
            "advertised-schemes-are-accepted",
            "{}",
            "the rule held in all",
        ),
        (
            "challenge-driven-client-gets-in",
            "{}",
            "not in this case: two profiles",
        ),
    ] {
        let more =
            format!("      - pack: reachability\n        rule: {rule}\n        case: {case}\n");
        let baseline = changed(&more).unwrap();
        let compared = baseline.compare(&run, &|_| true, true, Day::today());
        let [stale] = &compared.stale[..] else {
            panic!("{rule}: {:?}", compared.stale)
        };
        assert!(stale.why.contains(why), "{}", stale.why);
        let shown = stale_text(&compared.stale, "known.yaml");
        assert!(
            shown.contains("take this case out of known.yaml"),
            "{shown}"
        );
        let narrowed = baseline.compare(&run, &|_| true, false, Day::today());
        assert_eq!(narrowed.stale, []);
        let other = ["another-profile-shuts-nobody-out".to_owned()];
        assert_eq!(
            baseline
                .compare(
                    &run,
                    &|rule| other.iter().any(|one| one == rule),
                    true,
                    Day::today()
                )
                .stale,
            []
        );
    }
    // Of a pack that was not run nothing can be said.
    let more = "      - pack: elsewhere\n        rule: a-rule\n        case: {policy: {x: 1}}\n";
    let baseline = changed(more).unwrap();
    assert_eq!(
        baseline.compare(&run, &|_| true, true, Day::today()).stale,
        []
    );
}

#[test]
fn what_shows_by_a_rate_may_be_missed_and_fails_nothing() {
    let (specs, mut run) = judged();
    let empty = Baseline::default();
    let compared = empty.compare(&run, &|_| true, true, Day::today());
    let text = filled(&write(None, &compared, &run, &specs));
    let entry = "      - pack: reachability\n        rule: challenge-driven-client-gets-in\n";
    let missed = "      - pack: reachability\n        rule: advertised-schemes-are-accepted\n        case: {}\n";
    let text = text.replacen(entry, &format!("{missed}{entry}"), 1);
    let baseline = read(&text, &specs).unwrap();
    let verdict = |run: &Run| {
        let mut run = run.clone();
        let known = baseline
            .compare(&run, &|_| true, true, Day::today())
            .known(&baseline, &run);
        let told = stale_text(&known.stale, "known.yaml");
        run.learn(known);
        (run.verdict(), told)
    };
    let (before, told) = verdict(&run);
    assert_eq!(before, RunVerdict::Departs, "{told}");
    let rule = |one: &&mut RuleReport| one.id == "advertised-schemes-are-accepted";
    let rule = run.packs[0].rules.iter_mut().find(rule).unwrap();
    rule.by_rate = true;
    let (now, told) = verdict(&run);
    assert_eq!(now, RunVerdict::Conforms, "{told}");
    let is_told = told.starts_with("known, and did not show this time: ");
    assert!(
        is_told && told.contains("may stay") && !told.contains("take"),
        "{told}"
    );

    let spec = Spec::read(&shipped("http-authentication").unwrap()).unwrap();
    let by_rate =
        |rule: &&Rule| matches!(&rule.demand, Demand::Relate(relation) if relation.is_by_rate());
    let by_rate: Vec<&str> = spec
        .rules
        .iter()
        .filter(by_rate)
        .map(|rule| &*rule.id)
        .collect();
    assert_eq!(
        by_rate,
        [
            "nobody-gets-in-beside-another",
            "a-token-gets-nobody-in-beside-a-password",
            "a-password-gets-nobody-in-beside-a-token"
        ]
    );
}

#[test]
fn a_departure_is_one_whatever_number_of_cases_it_lists() {
    let stale = |rule: &str, said: &str, in_part: bool| Stale {
        pack: "reachability".to_owned(),
        rule: rule.to_owned(),
        brief: Some("{}".to_owned()),
        said: said.to_owned(),
        why: "the rule held".to_owned(),
        in_part,
        by_rate: false,
    };
    let known = KnownDefects {
        stale: vec![
            stale("one", "a realm is missing", false),
            stale("two", "a realm is missing", false),
            stale("three", "a field is missing", true),
        ],
        ..KnownDefects::default()
    };
    assert_eq!(known.count(), [0, 1, 0]);
    let told = stale_text(&known.stale, "known.yaml");
    let heads: Vec<&str> = told
        .lines()
        .filter(|line| line.starts_with("known"))
        .collect();
    assert_eq!(
        heads,
        [
            "known, and no longer shows: a realm is missing",
            "known, and shows only in part: a field is missing",
        ]
    );
    assert_eq!(told.matches("  remedy    take ").count(), 2, "{told}");
    assert_eq!(told.matches("  rule      ").count(), 3, "{told}");
}

#[test]
fn a_rule_said_never_to_apply_must_not() {
    let (specs, run) = judged();
    let head = "countersign: 1\nknown-departures-of: reference\nversion: \"1\"\nnever-apply:\n";
    let text = format!(
        "{head}  - because: a whim\n    rules: {{reachability: [advertised-schemes-are-accepted, nope]}}\n"
    );
    let baseline = read(&text, &specs).unwrap();
    let compared = baseline.compare(&run, &|_| true, true, Day::today());
    let whys: Vec<&str> = compared.stale.iter().map(|stale| &*stale.why).collect();
    assert!(whys[0].starts_with("it did apply: it held in "), "{whys:?}");
    assert_eq!(whys[1], "the pack has no such rule");
    assert_eq!(compared.fresh.len(), run.packs[0].findings.len());
}

#[test]
fn mistakes_are_shown_with_a_remedy() {
    let (specs, _) = (
        vec![Spec::read(&shipped("reachability").unwrap()).unwrap()],
        (),
    );
    let good = "countersign: 1
known-departures-of: gate
version: 1.2
departures:
  - finding: two profiles
    whose: product
    reason: it is so
    confirmed: with curl
    shows:
      - {pack: reachability, rule: a-rule, case: {policy: {profiles: []}}}
never-apply:
  - because: it cannot
    rules: {reachability: [a-rule]}
";
    assert_eq!(read(good, &specs).unwrap().version, "1.2");
    for (part, instead, message, help) in [
        (
            "countersign: 1",
            "countersign: 2",
            "this is not version 1",
            "`countersign: 1`",
        ),
        (
            "known-departures-of: gate\n",
            "",
            "needs `known-departures-of`",
            "my-gateway",
        ),
        (
            "departures:\n",
            "depatures:\n",
            "has no key `depatures`",
            "did you mean `departures`?",
        ),
        (
            "whose: product",
            "whose: prodct",
            "does not say whose doing",
            "did you mean `product`?",
        ),
        (
            "reason: it is so",
            "reason: \" \"",
            "`reason` says nothing",
            "why it is so",
        ),
        (
            "    confirmed: with curl\n",
            "",
            "needs `confirmed`",
            "by hand",
        ),
        (
            "{policy: {profiles: []}}",
            "{policy: {profils: []}}",
            "profils",
            "`profiles`",
        ),
        (
            "shows:\n      - {",
            "shows: {",
            "`shows` must be a list",
            "dash",
        ),
        (
            "{reachability: [a-rule]}",
            "[a-rule]",
            "`rules` must be a mapping",
            "its-id",
        ),
        (
            "[a-rule]",
            "[[a-rule]]",
            "a rule's id must be text",
            "shows it",
        ),
    ] {
        assert!(good.contains(part), "{part}");
        let shown = read(&good.replacen(part, instead, 1), &specs).unwrap_err();
        assert!(shown.contains("known.yaml:"), "{shown}");
        assert!(
            shown.contains(message) && shown.contains(help),
            "{part}:\n{shown}"
        );
    }
}

#[test]
fn what_is_written_anew_keeps_reasons_and_what_was_not_run() {
    let (specs, run) = judged();
    let none = Baseline::default();
    let compared = none.compare(&run, &|_| true, true, Day::today());
    let text = filled(&write(None, &compared, &run, &specs));
    let title = read(&text, &specs).unwrap().departures[0].finding.clone();
    // An older version's words, a rule of a pack that is not run, and one that no longer shows.
    let old = text
        .replacen(&title, "an old name", 1)
        .replacen(
            "    shows:\n",
            "    shows:\n      - pack: elsewhere\n        rule: a-rule\n        case: {policy: {x: 1}}\n",
            1,
        )
        .replacen("reason: as documented", "reason: because of a person", 1)
        + "
never-apply:
  - because: nobody ran it
    rules: {elsewhere: [another-rule], reachability: [advertised-schemes-are-accepted]}
";
    let gone = "
  - finding: long gone
    whose: product
    reason: it was so
    confirmed: by hand
    shows:
      - pack: reachability
        rule: challenge-driven-client-gets-in
        case: {}

never-apply:";
    let old = old.replacen("\nnever-apply:", gone, 1);
    let baseline = read(&old, &specs).unwrap();
    let compared = baseline.compare(&run, &|_| true, true, Day::today());
    let written = write(Some(&baseline), &compared, &run, &specs);
    let again = read(&written, &specs).unwrap();
    let first = &again.departures[0];
    assert_eq!(first.finding, title);
    assert_eq!(first.reason, "because of a person");
    assert_eq!(first.whose, Whose::Default);
    let packs: Vec<&str> = first.shows.iter().map(|one| &*one.pack).collect();
    assert_eq!(packs.first(), Some(&"reachability"), "{written}");
    assert_eq!(packs.last(), Some(&"elsewhere"), "{written}");
    // Of a pack that nobody ran the case stays as it was written.
    assert!(
        written.contains("        case: {policy: {x: 1}}\n"),
        "{written}"
    );
    assert_eq!(again.departures.len() + 1, baseline.departures.len());
    let kept = [("elsewhere".to_owned(), "another-rule".to_owned())];
    assert_eq!(again.never_apply[0].rules, kept);

    let told = changes(Some(&baseline), &compared, &run).join("\n");
    for line in [
        format!("`an old name` is called `{title}` now"),
        "left out, as it did not show: challenge-driven-client-gets-in (reachability) with {"
            .to_owned(),
        "left out, as it did apply: advertised-schemes-are-accepted (reachability)".to_owned(),
    ] {
        assert!(told.contains(&line), "{line}\n{told}");
    }
    assert_eq!(told.lines().count(), 3, "{told}");
    let compared = again.compare(&run, &|_| true, true, Day::today());
    assert_eq!(changes(Some(&again), &compared, &run), [""; 0]);
}

#[test]
fn a_skeleton_remembers_what_was_known_of_the_rule() {
    let (specs, run) = judged();
    let none = Baseline::default();
    let compared = none.compare(&run, &|_| true, true, Day::today());
    let text = filled(&write(None, &compared, &run, &specs));
    // The minimal case is another one now.
    let old = text.replace("scheme: bearer", "scheme: basic");
    assert_ne!(old, text);
    let baseline = read(&old, &specs).unwrap();
    let compared = baseline.compare(&run, &|_| true, true, Day::today());
    let written = write(Some(&baseline), &compared, &run, &specs);
    assert!(written.contains("    # before: "), "{written}");
    assert!(written.contains("(default): as documented\n"), "{written}");
    let told = changes(Some(&baseline), &compared, &run).join("\n");
    assert!(told.contains("new, and waits for a reason: `"), "{told}");
}
