//! The rules against clients of the catalogue and against bad ones, as the model plays them: each rule catches somebody, and
//! whoever does well is not accused.

use std::collections::{BTreeMap, BTreeSet};

use super::laid_out::Role;
use super::*;
use crate::auth::Challenges;
use crate::user_agents::catalogue::{Measurement, shipped};
use crate::user_agents::model::{
    Challenged, Holds, KnownScheme, Quirk, Redirect, Script, Set, Then, Traits, play,
};
use crate::yaml::Source;

fn pack() -> &'static ClientPack {
    client_pack().unwrap_or_else(|problems| panic!("{}", problems.render()))
}

/// What was sent, as acts; of the responses that the model plays it is known whether they are right.
fn acts(row: Measurement) -> ClientActs {
    let wrong = row.schemes_sent.iter().any(|sent| sent.contains("(WRONG)"));
    let flaw = SeenFlaw::new(CredentialFlaw::WrongResponse, "it is wrong");
    ClientActs {
        row,
        flaws: wrong.then_some(flaw).into_iter().collect(),
    }
}

fn as_modelled(traits: &Traits, script: &Script) -> Measurement {
    let played = play(traits, script);
    Measurement {
        mode: String::new(),
        case: String::new(),
        schemes_sent: played.steps.iter().map(ToString::to_string).collect(),
        requests: played.requests,
        final_status: played.status,
    }
}

/// The rules that a client breaks, with the first layout of each on which it does.
fn broken_by(client: &dyn Fn(&Script) -> Measurement) -> BTreeMap<&'static str, String> {
    broken_by_acts(&|script| acts(client(script)))
}

fn broken_by_acts(client: &dyn Fn(&Script) -> ClientActs) -> BTreeMap<&'static str, String> {
    let pack = pack();
    let probes = pack.probes();
    let alone: Vec<_> = probes
        .iter()
        .map(|(at, script)| (*at, client(script).row))
        .collect();
    let seen = alone.iter().map(|(at, seen)| (*at, seen));
    let abilities = Abilities::of(pack, Holds::Both, seen);
    let mut layouts = pack.simple_layouts();
    layouts.retain(|layout| abilities.concern(pack, layout));
    layouts.extend(pack.drawn_layouts(&abilities, 60, 7));
    let mut broken = BTreeMap::new();
    for layout in &layouts {
        if departs(pack, layout, &client(&layout.script(pack))).is_some() {
            let rule = layout.rule(pack).map_or("", |rule| &rule.id);
            broken.entry(rule).or_insert_with(|| layout.says(pack));
        }
    }
    broken
}

fn broken(traits: &Traits) -> BTreeMap<&'static str, String> {
    broken_by(&|script| as_modelled(traits, script))
}

/// A client that has Digest and Basic, prefers the first, and does all well.
fn good() -> Traits {
    let mut traits = Traits::default();
    traits.knows[0] = Some(KnownScheme::Digest);
    traits.knows[1] = Some(KnownScheme::Basic);
    traits.tries.stale = 4;
    traits
}

#[test]
fn every_rule_has_layouts_that_are_legal_where_they_are_said_to_be() {
    let pack = pack();
    let mut used = BTreeSet::new();
    for layout in pack.simple_layouts() {
        used.insert(layout.rule(pack).unwrap().id.as_str());
        let items = layout.items.iter();
        let departs = items
            .clone()
            .any(|item| pack.challenge(item.challenge).unwrap().departs);
        assert!(!layout.items.is_empty() || layout.says(pack).contains("no challenge"));
        if !departs {
            for line in layout.lines(pack) {
                let read = Challenges::parse(std::iter::once(line.as_bytes()));
                assert!(read.problems.is_empty(), "{line}: {:?}", read.problems);
            }
        }
    }
    let all: BTreeSet<&str> = pack.rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(used, all);
    assert_eq!(pack.name, CLIENT_PACK);
}

#[test]
fn a_client_that_does_well_is_not_accused() {
    assert_eq!(broken(&good()), BTreeMap::new());
    // It has a token as well, and answers a challenge of Bearer where one stands beside that of Basic.
    let mut traits = good();
    traits.knows = [
        Some(KnownScheme::Bearer),
        Some(KnownScheme::Digest),
        Some(KnownScheme::Basic),
        None,
        None,
    ];
    traits.holds = Holds::Both;
    assert_eq!(broken(&traits), BTreeMap::new());
}

#[test]
fn each_rule_catches_a_client_of_the_catalogue_or_a_bad_one() {
    let mut caught: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for entry in &shipped().unwrap().entries {
        for rule in broken(&entry.traits).into_keys() {
            caught.entry(rule).or_default().insert(entry.mode.clone());
        }
    }
    let mut bad = |name: &str, change: &dyn Fn(&mut Traits)| {
        let mut traits = good();
        change(&mut traits);
        for rule in broken(&traits).into_keys() {
            caught.entry(rule).or_default().insert(name.to_owned());
        }
    };
    bad("answers elsewhere", &|traits| {
        traits.redirects.challenged = Challenged::Responds;
    });
    bad("keeps credentials", &|traits| {
        traits.redirects.elsewhere = Redirect::Keeps;
    });
    bad("goes on to Basic", &|traits| traits.then = Then::NextScheme);
    bad("knows no stale", &|traits| traits.tries.stale = 0);
    bad("ends on stale", &|traits| {
        traits.quirks = Set::EMPTY.with(Quirk::EndsOnStale);
    });
    bad("goes on and on", &|traits| {
        traits.tries.basic = 60;
        traits.tries.stale = 60;
    });
    // It sends Basic once it was refused, whatever was asked for.
    let blind = |script: &Script| Measurement {
        mode: String::new(),
        case: String::new(),
        schemes_sent: ["none", "Basic"].map(str::to_owned).to_vec(),
        requests: 2,
        final_status: Some(if script.accepts.basic { 200 } else { 401 }),
    };
    for rule in broken_by(&blind).into_keys() {
        caught.entry(rule).or_default().insert("blind".to_owned());
    }
    // It answers challenges as they are wanted, of Digest too, and sends the password in clear afterwards.
    let leaks = |script: &Script| {
        let mut seen = as_modelled(&good(), script);
        if seen
            .schemes_sent
            .iter()
            .any(|sent| sent.starts_with("Digest"))
            && seen.final_status != Some(200)
        {
            seen.schemes_sent.push("Basic".to_owned());
        }
        seen
    };
    for rule in broken_by(&leaks).into_keys() {
        caught.entry(rule).or_default().insert("leaks".to_owned());
    }
    // It knows names of parameters in small letters only, and nothing around an equals sign.
    let strict = |script: &Script| {
        let lines = script.layout.joined();
        match lines.contains("REALM") || lines.contains(" = ") {
            true => Measurement {
                mode: String::new(),
                case: String::new(),
                schemes_sent: vec!["none".to_owned()],
                requests: 1,
                final_status: Some(401),
            },
            false => as_modelled(&good(), script),
        }
    };
    for rule in broken_by(&strict).into_keys() {
        caught.entry(rule).or_default().insert("strict".to_owned());
    }
    // It does all well, but for one thing that is wrong with its credentials. Each is a rule's, and no other's.
    for (word, flaw) in CredentialFlaw::ALL {
        let flawed = |script: &Script| {
            let mut acts = acts(as_modelled(&good(), script));
            if acts.row.schemes_sent.len() > 1 {
                acts.flaws.push(SeenFlaw::new(flaw, word));
            }
            acts
        };
        let broken: Vec<&str> = broken_by_acts(&flawed).into_keys().collect();
        assert!(!broken.is_empty(), "{word}");
        for rule in broken {
            caught.entry(rule).or_default().insert(word.to_owned());
        }
    }
    // Who gets in nowhere is held to them too.
    let wrong = |script: &Script| {
        let mut seen = as_modelled(&good(), script);
        for sent in &mut seen.schemes_sent {
            if sent.starts_with("Digest") {
                sent.push_str("(WRONG)");
            }
        }
        let digest = script.layout.joined().contains("Digest");
        seen.final_status = seen.final_status.map(|it| if digest { 401 } else { it });
        seen
    };
    assert!(broken_by(&wrong).contains_key("digest-response-is-right"));
    for (rule, mode) in [
        ("parameter-names-in-any-case", "strict"),
        ("bad-white-space-is-read", "strict"),
        ("finds-its-scheme", "wget2"),
        ("several-spaces-behind-a-scheme", "svn"),
        ("quotes-hide-what-is-in-them", "curl-anyauth"),
        ("answers-only-what-is-offered", "lynx-auth"),
        ("answers-only-what-is-offered", "blind"),
        ("waits-until-it-is-asked", "blind"),
        ("digest-keeps-its-secret", "leaks"),
        ("no-downgrade-when-refused", "goes on to Basic"),
        ("takes-the-strongest", "lwp-callback"),
        ("takes-the-first-digest-that-it-can", "huc-auth"),
        ("empty-elements-are-ignored", "wget2"),
        ("stays-in-its-origin", "aria2-preempt"),
        ("answers-no-other-origin", "answers elsewhere"),
        ("answers-a-stale-nonce", "knows no stale"),
        ("stale-for-ever-it-ends", "goes on and on"),
        ("refused-it-ends", "goes on and on"),
        ("unknown-parameters-are-ignored", "urllib-basicdigest"),
        ("credentials-are-those-that-it-was-given", "another-secret"),
        ("credentials-stand-in-one-field", "several-fields"),
        ("digest-response-is-right", "wrong-response"),
        (
            "an-algorithm-that-it-has-not-is-not-answered",
            "lwp-callback",
        ),
        (
            "digest-algorithm-is-that-of-the-challenge",
            "another-algorithm",
        ),
        ("digest-opaque-comes-back", "another-opaque"),
        ("digest-qop-is-one-that-was-offered", "another-qop"),
        ("digest-tokens-are-not-quoted", "quoted-token"),
        ("digest-strings-are-quoted", "unquoted-string"),
        ("digest-has-a-client-nonce-and-a-count", "no-client-nonce"),
        ("digest-uri-is-what-is-asked-for", "another-uri"),
        ("digest-client-nonces-differ", "same-client-nonce"),
    ] {
        let modes = caught.get(rule);
        assert!(
            modes.is_some_and(|modes| modes.contains(mode)),
            "{rule} {mode}: {modes:?}"
        );
    }
    let never = { pack().rules.iter() }.filter(|rule| !caught.contains_key(rule.id.as_str()));
    let never: Vec<&str> = never.map(|rule| rule.id.as_str()).collect();
    assert_eq!(never, [""; 0]);
}

#[test]
fn what_is_sent_for_want_of_a_secret_is_no_wrong_answer() {
    let pack = pack();
    let digest = pack.plain(KnownScheme::Digest).unwrap();
    let mut seen = as_modelled(&good(), &Script::new(Default::default()));
    seen.schemes_sent = vec!["none".to_owned(), "Digest-MD5/auth(WRONG)".to_owned()];
    seen.final_status = Some(401);
    let wrongly = |holds| {
        let abilities = Abilities::of(pack, holds, [(digest, &seen)].into_iter());
        abilities.answers_wrongly(pack).len()
    };
    assert_eq!(wrongly(Holds::Password), 1);
    assert_eq!(wrongly(Holds::Token), 0);
}

#[test]
fn a_client_nonce_that_is_the_same_in_every_play_is_seen() {
    let mut nonces = ClientNonces::default();
    // Within one play it may stay what it was, and a play without one says nothing.
    for play in [&["a", "a"][..], &[], &["a"]] {
        nonces.note(play.iter().copied());
        assert_eq!(nonces.flaw(), None);
    }
    nonces.note(["a"]);
    let flaw = nonces.flaw().unwrap();
    assert_eq!(flaw.flaw, CredentialFlaw::SameClientNonce);
    assert_eq!(flaw.what, "`cnonce` is \"a\" in every play");
    nonces.note(["b"]);
    assert_eq!(nonces.flaw(), None);
}

#[test]
fn a_layout_is_spoken_of_in_words_and_shrinks_to_them() {
    let pack = pack();
    let alone = as_modelled(&good(), &pack.probes()[0].1);
    let abilities = Abilities::of(pack, Holds::Password, [(0, &alone)].into_iter());
    let drawn = pack.drawn_layouts(&abilities, 200, 3);
    assert_eq!(drawn, pack.drawn_layouts(&abilities, 200, 3));
    assert_ne!(drawn, pack.drawn_layouts(&abilities, 200, 4));
    assert_eq!(drawn.len(), 200);
    // As if a program read the first challenge of the first line alone.
    let fails = |layout: &ClientLayout| {
        layout
            .items
            .first()
            .is_none_or(|item| item.role != Role::Subject)
    };
    let mut minima = BTreeSet::new();
    let finds = |layout: &&ClientLayout| {
        layout
            .rule(pack)
            .is_some_and(|rule| rule.id == "finds-its-scheme")
    };
    for layout in drawn.iter().filter(finds).filter(|layout| fails(layout)) {
        let mut simplest = layout.clone();
        while let Some(next) = simplest.simpler(pack).into_iter().find(|one| fails(one)) {
            simplest = next;
        }
        assert!(layout.has_within(layout));
        minima.insert(simplest.says(pack));
    }
    let wanted = "two challenges, two lines, Basic second, beside Bearer";
    assert_eq!(minima, BTreeSet::from([wanted.to_owned()]));
    // What stands within is the same challenges in the same order, on as many lines.
    let simple = pack.simple_layouts();
    let says = |words: &str| simple.iter().find(|one| one.says(pack) == words).unwrap();
    let apart = says(wanted);
    let together = says("two challenges, one line, Basic second, beside Bearer");
    assert!(!apart.has_within(together) && !together.has_within(apart));
    let larger = { drawn.iter().filter(finds) }.find(|one| one.has_within(apart));
    assert!(larger.is_some());
}

#[test]
fn mistakes_in_a_pack_are_shown_where_they_stand() {
    let good = "countersign: 1\nclient-pack: {name: mine, version: 1, title: Mine}\nchallenges: {Basic: Basic realm=\"x\"}\n\
                rules:\n  - {id: a, level: must, says: It gets in., source: me, layouts: {of: [Basic]}, expect: {gets-in: \
                true}}\n";
    let read = |text: &str| ClientPack::read(&Source::new("mine.yaml", text.to_owned()));
    let pack = read(good).unwrap_or_else(|problems| panic!("{}", problems.render()));
    assert_eq!(pack.rules[0].at, "mine.yaml:5");
    assert!(is_client_pack(&Source::new("mine.yaml", good.to_owned())));
    for (was, is, told) in [
        (
            "of: [Basic]",
            "of: [Basik]",
            "there is no challenge `Basik`\n",
        ),
        (
            "of: [Basic]",
            "of: Basic",
            "`of` must be a list of challenges",
        ),
        (
            "of: [Basic]",
            "of: [Basic], at-most: 2",
            "cannot stand beside it here",
        ),
        (
            "of: [Basic]",
            "of: [Basic], order: any",
            "`any` is no order",
        ),
        ("level: must", "level: might", "`might` is no level"),
        ("gets-in: true", "gets-inn: true", "did you mean `gets-in`?"),
        (
            "gets-in: true",
            "credentials-without: quotes",
            "`credentials-without` knows no `quotes`",
        ),
        (
            "gets-in: true",
            "gets-in: false",
            "a rule expects one thing",
        ),
        (
            "gets-in: true",
            "gets-in: true, never-sends: basic",
            "a rule expects one thing",
        ),
        (
            "source: me",
            "source: me, server: {takes: [ntlm]}",
            "a server takes no `ntlm` here",
        ),
        (
            "source: me",
            "source: me, server: {status: 200}",
            "`200` is no status by which",
        ),
        (
            "source: me",
            "source: me, server: {stale: twice}",
            "`stale` knows no `twice`",
        ),
        (
            "version: 1, title",
            "version: 0, title",
            "a whole number from 1",
        ),
        (
            "client-pack:",
            "pack:",
            "this is a spec, and a pack for clients is expected",
        ),
    ] {
        let text = good.replace(was, is);
        let problems = read(&text).expect_err(is);
        let shown = problems.render();
        assert!(
            shown.contains(told) && shown.contains("mine.yaml:"),
            "{is}:\n{shown}"
        );
    }
}
