//! Each way to read, to choose and to go on, on the smallest layout that shows it.

mod few;

use quickcheck::{TestResult, quickcheck};

use super::read::{Reading, read};
use super::*;

fn schemes(traits: &Traits, lines: &[&str]) -> Vec<String> {
    let layout = Layout::new(lines.iter().copied());
    let mut offers = Vec::new();
    read(&Reading::of(traits), &layout, &mut offers);
    let names = offers.iter().map(|offer| offer.scheme.to_owned());
    names.collect()
}

fn known(schemes: &[KnownScheme]) -> [Option<KnownScheme>; MOST_KNOWN] {
    let mut known = [None; MOST_KNOWN];
    for (slot, scheme) in known.iter_mut().zip(schemes) {
        *slot = Some(*scheme);
    }
    known
}

/// A client that reads by the grammar and prefers Digest to Basic.
fn client() -> Traits {
    Traits {
        knows: known(&[KnownScheme::Digest, KnownScheme::Basic]),
        ..Traits::default()
    }
}

fn sent(traits: &Traits, script: &Script) -> Vec<String> {
    let steps = play(traits, script).steps;
    steps.iter().map(ToString::to_string).collect()
}

fn script(lines: &[&str]) -> Script {
    Script::new(Layout::new(lines.iter().copied()))
}

const DIGEST: &str = "Digest realm=\"x\", nonce=\"n\", qop=\"auth\", algorithm=MD5";

#[test]
fn the_ways_to_split_differ_on_one_line() {
    let text = "Bearer realm=\"a, Basic b\", Basic realm=\"x\"";
    let split = |splits| {
        let traits = Traits { splits, ..client() };
        schemes(&traits, &[text])
    };
    assert_eq!(split(Splits::Commas), ["Bearer", "Basic"]);
    assert_eq!(split(Splits::Head), ["Bearer"]);
    assert_eq!(split(Splits::QuoteBlind), ["Bearer", "Basic", "Basic"]);
    assert_eq!(split(Splits::Substring), ["Basic"]);
    assert_eq!(split(Splits::SubstringOrDigest), ["Basic"]);
    let traits = Traits {
        splits: Splits::SubstringOrDigest,
        ..client()
    };
    assert_eq!(schemes(&traits, &[DIGEST]), ["Digest"]);
    assert!(schemes(&traits, &[&format!("{text}, {DIGEST}")]) == ["Basic"]);
    assert!(split(Splits::Prefix).is_empty());
    assert_eq!(split(Splits::SchemeBlind), ["Digest"]);
    assert_eq!(split(Splits::AnyScheme), ["Digest"]);
}

#[test]
fn lines_are_seen_each_joined_or_the_first_only() {
    let lines = ["Bearer", "Basic realm=\"x\""];
    let seen = |lines_seen| {
        let traits = Traits {
            lines: lines_seen,
            splits: Splits::Head,
            ..client()
        };
        schemes(&traits, &lines)
    };
    assert_eq!(seen(Lines::Each), ["Bearer", "Basic"]);
    assert_eq!(seen(Lines::Joined), ["Bearer"]);
    assert_eq!(seen(Lines::First), ["Bearer"]);
    assert_eq!(seen(Lines::OneBuffer), ["Basic"]);
}

#[test]
fn one_handler_of_a_scheme_sees_the_first_line_and_the_other_all() {
    let traits = Traits {
        lines: Lines::Handlers,
        ..client()
    };
    let seen = |lines: &[&str]| schemes(&traits, lines);
    let basic = "Basic realm=\"x\"";
    assert_eq!(seen(&[DIGEST, basic]), ["Digest", "Basic"]);
    assert_eq!(seen(&[basic, DIGEST]), ["Basic"]);
    let both = [basic, DIGEST, basic].join(", ");
    assert_eq!(seen(&[&both]), ["Basic", "Basic"]);
    assert!(seen(&["Bearer", basic]).is_empty());
    assert!(seen(&[]).is_empty());
}

#[test]
fn what_was_noted_in_one_buffer_is_what_stands_there_at_last() {
    let traits = Traits {
        lines: Lines::OneBuffer,
        ..client()
    };
    let seen = |lines: &[&str]| schemes(&traits, lines);
    assert_eq!(seen(&[DIGEST, "Basic realm=\"x\""]), ["Basic"]);
    assert_eq!(seen(&["Basic realm=\"x\"", DIGEST]), ["Digest"]);
    assert!(seen(&[DIGEST, "Unknown"]).is_empty());
    // Behind the end of the last line, the one before is there still; at the end itself nothing is.
    let both = ["Basic realm=\"x\"", DIGEST].join(", ");
    assert_eq!(seen(&[&both, "Unknown"]), ["Digest"]);
    assert!(seen(&[&both, "Bearer realm=\"a\""]).len() == 1);
    assert!(seen(&[&both, "Bearer realm=\"ab\""]).is_empty());
}

#[test]
fn what_a_client_chokes_on_costs_the_line_or_the_rest_of_it() {
    let all = "Digest realm=\"x\", , Basic\trealm=x, Foo, Bar a==, Basic   a=b c, Basic , d=e";
    let whole = ["Digest", "Basic", "Foo", "Bar", "Basic", "Basic"];
    assert_eq!(schemes(&client(), &[all]), whole);
    for (chokes, before) in [
        (Chokes::EmptyElement, 1),
        (Chokes::Tab, 1),
        (Chokes::BareScheme, 2),
        (Chokes::Token68, 3),
        (Chokes::SeveralSpaces, 4),
        (Chokes::MissingComma, 4),
        (Chokes::CommaAfterScheme, 6),
    ] {
        let mut traits = client();
        traits.chokes = Set::EMPTY.with(chokes);
        assert!(schemes(&traits, &[all]).is_empty(), "{}", chokes.word());
        traits.loses = Loses::Rest;
        assert_eq!(
            schemes(&traits, &[all]),
            whole[..before],
            "{}",
            chokes.word()
        );
    }
}

#[test]
fn parameters_are_the_challenge_s_own_or_bleed() {
    let layout = Layout::new(["Digest realm=\"d\", nonce=n, Bearer realm=\"b\", nonce=\"evil\""]);
    let offers = layout.offers();
    let value = |name, which| offers[0].parameter(name, which).unwrap();
    assert_eq!(value("nonce", Parameters::Own), "n");
    assert_eq!(value("nonce", Parameters::Bleed), "evil");
    assert_eq!(value("realm", Parameters::Bleed), "d");
    assert_eq!(value("REALM", Parameters::BleedAll), "b");
    assert_eq!(offers[0].parameter("opaque", Parameters::BleedAll), None);
}

/// As libcurl does (lib/vauth/digest.c); each was seen of it on layouts by chance.
#[test]
fn parameters_that_are_judged_as_they_are_read_hinder_it_at_once() {
    let unknown = "Digest realm=\"x\", nonce=\"n\", qop=\"auth\", algorithm=FOO";
    let int = "Digest realm=\"x\", nonce=\"n\", qop=\"auth-int\", algorithm=MD5";
    let one = |texts: &[&str], comma: &str| script(&[texts.join(comma).as_str()]);
    let digest = DigestTraits {
        incomputable: Incomputable::Ends,
        qop_else: QopElse::AuthInt,
        ..DigestTraits::default()
    };
    let first = |parameters, digest, script: &Script| {
        let knows = known(&[KnownScheme::Bearer, KnownScheme::Digest]);
        let traits = Traits {
            parameters,
            digest,
            knows,
            holds: Holds::Both,
            ..Traits::default()
        };
        sent(&traits, script)
            .into_iter()
            .skip(1)
            .collect::<Vec<_>>()
    };
    let (read, bleed) = (Parameters::BleedAsRead, Parameters::Bleed);
    // An algorithm that is none, before one that is: it reads no further, and looks at nothing else.
    let script = one(&[unknown, DIGEST], ", ");
    assert_eq!(first(bleed, digest, &script), ["Digest-MD5/auth"]);
    assert!(first(read, digest, &script).is_empty());
    let script = one(&["Bearer", unknown], ", ");
    assert_eq!(first(bleed, digest, &script), ["Bearer"]);
    assert!(first(read, digest, &script).is_empty());
    // White space before a comma belongs to a value without quotes.
    let script = one(&[DIGEST, "Basic realm=\"x\""], " ,");
    assert_eq!(first(bleed, digest, &script), ["Digest-MD5/auth"]);
    assert!(first(read, digest, &script).is_empty());
    let pretends = DigestTraits {
        incomputable: Incomputable::Pretends,
        ..digest
    };
    assert_eq!(first(read, pretends, &script), ["Digest-MD5/auth"]);
    // `auth` in one list is not forgotten over the next.
    let script = one(&[DIGEST, int], ", ");
    assert_eq!(first(bleed, digest, &script), ["Digest-MD5/auth-int"]);
    assert_eq!(first(read, digest, &script), ["Digest-MD5/auth"]);
}

/// As CPython's `AbstractDigestAuthHandler` does, which makes a dictionary of the list.
#[test]
fn a_word_among_the_parameters_of_digest_costs_the_line() {
    let traits = |chokes| Traits {
        splits: Splits::Head,
        chokes,
        ..client()
    };
    let chokes = traits(Set::EMPTY.with(Chokes::WordInDigest));
    for (line, read) in [
        ("Digest realm=\"x\", nonce=\"n\", Negotiate", false),
        ("Digest realm=\"x, y\", nonce=\"n\", Foo abc==", true),
        ("Digest realm=\"x\", , nonce=\"n\"", true),
        ("Basic realm=\"x\", Negotiate", true),
    ] {
        assert_eq!(!schemes(&chokes, &[line]).is_empty(), read, "{line}");
        assert!(!schemes(&traits(Set::EMPTY), &[line]).is_empty(), "{line}");
    }
}

#[test]
fn the_ways_to_choose_differ() {
    let lines = [DIGEST, "Basic realm=\"x\""];
    let first_sent = |chooses| {
        let traits = Traits {
            chooses,
            ..client()
        };
        sent(&traits, &script(&lines))[1].clone()
    };
    assert_eq!(first_sent(Chooses::Strongest), "Digest-MD5/auth");
    assert_eq!(first_sent(Chooses::FirstOffered), "Digest-MD5/auth");
    assert_eq!(first_sent(Chooses::LastLine), "Basic");
    assert_eq!(first_sent(Chooses::FirstLine), "Digest-MD5/auth");
    assert_eq!(first_sent(Chooses::FirstNotDigest), "Basic");
    let echo = Traits {
        chooses: Chooses::Echo,
        ..client()
    };
    assert_eq!(sent(&echo, &script(&["Foo a=b"])), ["none", "Foo"]);
}

#[test]
fn one_that_takes_any_scheme_for_its_own_reads_what_stands_there() {
    let mut traits = Traits {
        lines: Lines::Joined,
        splits: Splits::AnyScheme,
        parameters: Parameters::BleedAll,
        knows: known(&[KnownScheme::Digest]),
        ..Traits::default()
    };
    traits.digest.needs = Set::EMPTY;
    let basic = sent(&traits, &script(&["Basic realm=\"x\""]));
    assert!(basic[1].starts_with("Digest-MD5("), "{basic:?}");
    let behind = sent(&traits, &script(&["Basic realm=\"x\"", DIGEST]));
    assert_eq!(behind, ["none", "Digest-MD5/auth"]);
    assert_eq!(sent(&traits, &script(&[])), ["none"]);
}

#[test]
fn a_token_is_fetched_from_a_realm_that_is_a_url_and_from_no_other() {
    let traits = Traits {
        knows: known(&[KnownScheme::Basic, KnownScheme::Bearer]),
        chooses: Chooses::FirstOffered,
        quirks: Set::EMPTY.with(Quirk::ExchangesToken),
        ..Traits::default()
    };
    let url = "Bearer realm=\"https://auth.example/token\", service=\"registry\"";
    assert_eq!(sent(&traits, &script(&[url])), ["none", "Bearer"]);
    let basic = "Basic realm=\"x\"";
    let behind = script(&["Bearer realm=\"x\"", basic]);
    assert_eq!(sent(&traits, &behind), ["none"]);
    assert_eq!(sent(&traits, &script(&[basic])), ["none", "Basic"]);
}

#[test]
fn one_that_looks_for_oauth_metadata_asks_for_it_and_ends() {
    let traits = Traits {
        quirks: Set::EMPTY.with(Quirk::DiscoversOauth),
        ..Traits::default()
    };
    let played = sent(&traits, &script(&["Basic realm=\"x\""]));
    assert_eq!(played, ["none"; 5]);
}

#[test]
fn one_that_cannot_read_digest_to_its_end_answers_what_else_is_there() {
    let mut traits = Traits {
        splits: Splits::SubstringOrDigest,
        parameters: Parameters::BleedOnce,
        ..client()
    };
    traits.digest.lacking = Lacking::Skipped;
    let twice = format!("{DIGEST}, {DIGEST}");
    let basic = "Basic realm=\"x\"";
    assert_eq!(sent(&traits, &script(&[&twice])), ["none"]);
    assert_eq!(sent(&traits, &script(&[&twice, basic])), ["none", "Basic"]);
    let first = Traits {
        chooses: Chooses::FirstLine,
        ..traits
    };
    assert_eq!(sent(&first, &script(&[&twice, basic])), ["none", "Basic"]);
    assert_eq!(
        sent(&first, &script(&[DIGEST, basic])),
        ["none", "Digest-MD5/auth"]
    );
}

#[test]
fn one_that_ends_at_negotiate_does_not_ask_again() {
    let mut traits = Traits {
        knows: known(&[KnownScheme::Negotiate, KnownScheme::Basic]),
        ..client()
    };
    let lines = ["Negotiate", "Basic realm=\"x\""];
    assert_eq!(sent(&traits, &script(&lines)), ["none"; 2]);
    traits.tries.bare = 0;
    assert_eq!(sent(&traits, &script(&lines)), ["none"]);
}

#[test]
fn one_that_runs_twice_begins_anew_where_it_got_in() {
    let traits = Traits {
        quirks: Set::EMPTY.with(Quirk::RunsTwice),
        ..client()
    };
    let played = sent(&traits, &script(&["Basic realm=\"x\""]));
    assert_eq!(played, ["none", "Basic", "none", "Basic"]);
    assert_eq!(sent(&traits, &script(&["Bearer"])), ["none"]);
}

#[test]
fn one_that_finds_nothing_to_respond_to_may_ask_again_once() {
    let traits = Traits {
        quirks: Set::EMPTY.with(Quirk::AsksAgainUnserved),
        ..client()
    };
    for lines in [&["Unknown"][..], &[]] {
        assert_eq!(sent(&traits, &script(lines)), ["none"; 2]);
    }
    let played = sent(&traits, &script(&["Basic realm=\"x\""]));
    assert_eq!(played, ["none", "Basic"]);
}

#[test]
fn what_cannot_be_computed_is_skipped_or_ends_it_or_is_pretended() {
    let lines = [&*DIGEST.replace("MD5", "FOO"), "Basic realm=\"x\""];
    let all_sent = |incomputable| {
        let mut traits = client();
        traits.digest.incomputable = incomputable;
        sent(&traits, &script(&lines)).join(" ")
    };
    assert_eq!(all_sent(Incomputable::Skipped), "none Basic");
    assert_eq!(all_sent(Incomputable::SkippedOrAsksAgain), "none Basic");
    assert_eq!(all_sent(Incomputable::Ends), "none");
    assert_eq!(all_sent(Incomputable::AsksAgain), "none none");
    assert_eq!(
        all_sent(Incomputable::Pretends),
        "none Digest-FOO/auth(WRONG)"
    );
    assert_eq!(
        all_sent(Incomputable::Md5),
        "none Digest-MD5/auth(ALGNOTOFFERED)"
    );
}

#[test]
fn lists_of_qop_values_are_read_in_ways_of_their_own() {
    let all_sent = |qop, list: &str| {
        let mut traits = client();
        traits.digest.qop = qop;
        traits.digest.qop_else = QopElse::Incomputable;
        let line = format!("Digest realm=\"x\", nonce=\"n\", qop=\"{list}\"");
        sent(&traits, &script(&[&line])).len() == 2
    };
    let lists = [
        "auth",
        "auth,auth-int",
        "auth, auth-int",
        "auth-int,auth",
        "auth-int, auth",
    ];
    for (qop, responds) in [
        (QopList::Auth, [true; 5]),
        (QopList::AuthInt, [true, false, false, false, false]),
        (QopList::Untrimmed, [true, true, true, true, false]),
        (QopList::Words, [true, false, false, false, true]),
        (QopList::First, [true, true, true, false, false]),
        (QopList::Single, [true, false, false, false, false]),
        (QopList::Pair, [true, true, false, false, false]),
    ] {
        assert_eq!(
            lists.map(|list| all_sent(qop, list)),
            responds,
            "{}",
            qop.word()
        );
    }
}

#[test]
fn nobody_gets_in_by_a_digest_challenge_without_realm_or_nonce() {
    for line in [
        "Digest",
        "Digest realm=\"x\"",
        "Digest nonce=\"n\"",
        "Digest realm=\"x\", qop=\"auth\"",
    ] {
        let mut digest_only = script(&[line]);
        digest_only.accepts = Accepts {
            digest: true,
            ..Accepts::NONE
        };
        let both = script(&[line, "Basic realm=\"x\""]);
        for (needs, lacking, alone, with_basic) in [
            (true, Lacking::Ends, "none", "none"),
            (true, Lacking::Skipped, "none", "none Basic"),
            (true, Lacking::AsksAgain, "none none", "none none"),
            (true, Lacking::SkippedOrAsksAgain, "none none", "none Basic"),
            (true, Lacking::SaysNothing, "none Empty()", "none Empty()"),
            (
                false,
                Lacking::Ends,
                "none Digest-MD5(REALM/NONCE-MIX)",
                "none Digest-MD5(REALM/NONCE-MIX)",
            ),
        ] {
            let mut traits = client();
            traits.digest.lacking = lacking;
            if !needs {
                traits.digest.needs = Set::EMPTY;
            }
            let without_qop = |text: Vec<String>| text.join(" ").replace("/auth", "");
            assert_eq!(without_qop(sent(&traits, &digest_only)), alone, "{line}");
            assert!(!play(&traits, &digest_only).is_in(), "{line}");
            assert_eq!(without_qop(sent(&traits, &both)), with_basic, "{line}");
        }
    }
    // Where the list of qop values is needed, RFC 2069's challenge is none.
    let mut traits = client();
    traits.digest.needs = traits.digest.needs.with(Needed::Qop);
    let old = script(&["Digest realm=\"x\", nonce=\"n\""]);
    assert_eq!(sent(&traits, &old), ["none"]);
    assert_eq!(sent(&client(), &old), ["none", "Digest-MD5"]);
}

#[test]
fn a_folded_line_is_read_with_a_space_in_place_of_the_fold() {
    let folded = Layout::new(["Bearer realm=\"x\",\r\n\tBasic\r\n realm=\"x\""]);
    assert_eq!(folded.lines(), ["Bearer realm=\"x\", Basic realm=\"x\""]);
}

#[test]
fn a_refusal_without_end_is_given_up_after_the_tries() {
    let mut forever = script(&[
        "Digest realm=\"x\", nonce=\"%N\", stale=true",
        "Basic realm=\"%N\"",
    ]);
    forever.accepts = Accepts::NONE;
    let mut traits = client();
    assert_eq!(play(&traits, &forever).requests, 2);
    traits.tries.stale = 20;
    assert_eq!(play(&traits, &forever).requests, 21);
    traits.tries.stale = 100;
    let endless = play(&traits, &forever);
    assert_eq!((endless.requests, endless.status), (61, Some(500)));
    traits.tries.stale = 1;
    traits.then = Then::NextScheme;
    assert_eq!(play(&traits, &forever).requests, 3);
}

#[test]
fn credentials_go_along_a_redirection_or_do_not() {
    let mut script = script(&["Basic realm=\"x\""]);
    script.redirection = Some(Redirection {
        target: RedirectTarget::OtherHost,
        at_once: false,
        challenges: true,
    });
    let mut traits = client();
    assert_eq!(sent(&traits, &script), ["none", "Basic", "none@target"]);
    traits.redirects.challenged = Challenged::Responds;
    assert_eq!(
        sent(&traits, &script),
        ["none", "Basic", "none@target", "Basic@target"]
    );
    traits.redirects.elsewhere = Redirect::Keeps;
    assert_eq!(sent(&traits, &script), ["none", "Basic", "Basic@target"]);
    traits.redirects.same_origin = Redirect::Stays;
    assert_eq!(play(&traits, &script).status, Some(302));
}

quickcheck! {
    /// Whatever a server says, a play ends, and it ends soon.
    fn plays_end(lines: Vec<String>, client: usize, forever: bool) -> TestResult {
        let Ok(catalogue) = crate::user_agents::catalogue::shipped() else {
            return TestResult::failed();
        };
        let entry = &catalogue.entries[client % catalogue.entries.len()];
        let mut script = Script::new(Layout::new(lines));
        if forever {
            script.accepts = Accepts::NONE;
        }
        let played = play(&entry.traits, &script);
        TestResult::from_bool(played.requests <= MOST_REQUESTS + 1 && played.steps.len() <= MOST_KEPT)
    }

    /// White space at the ends of a line means nothing.
    fn blanks_around_a_line_mean_nothing(lines: Vec<String>) -> bool {
        let padded = lines.iter().map(|line| format!(" \t{line}\t"));
        Layout::new(lines.iter().map(String::as_str)) == Layout::new(padded)
    }
}
