//! Reproductions as they are drawn for tests: every kind of text, value, client, clause and message.

use super::{Entry, Message, Messages, SavedRule, SeenOn, Sibling};
use crate::auth::{Departure, ValueForm};
use crate::credentials::{Identity, Secret, Token, TokenState};
use crate::domain::{self, Case, Symbol, Value};
use crate::results::{
    Cure, MinimalityProof, Presumed, ResolvedDemand, ResolvedRelation, TriedChange, TriedVerdict,
};
use crate::spec::{
    Aspect, ChallengeClause, Clause, Comparison, Discrepancy, Element, ExchangeClause,
    HeaderClause, HeaderFit, Level, OutcomeFit, OutcomeWord, ParamClause, Predicate, Range,
    SetExpr, Stated, StatusFit, Subject, ValueKind, Which,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// Text that YAML might take for something else, and any text at all.
pub(super) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z][a-z .-]{0,20}[a-z]",
        2 => any::<String>(),
        1 => "[ \\t\\r\\n#:'\"-]{0,6}",
        1 => select(vec![
            "", "true", "null", "~", "1", "-1", "1.5", "0x10", "a: b", "# x", "- a", "[", "{}", "<<",
            "*a", "&a", "!t", "|", ">", "a #b", "1e3", ".inf", "2001-01-01", "\u{85}", "\u{2028}",
            "no, [x] > y",
        ])
        .prop_map(str::to_owned),
    ]
}

pub(super) fn lines() -> impl Strategy<Value = String> {
    prop_oneof![
        vec("[ -~]{0,20}", 0..5).prop_map(|lines| lines.join("\n")),
        vec("[a-z: ]{0,9}[a-z]", 1..5).prop_map(|lines| lines.join("\n")),
        text(),
    ]
    // A line feed at the very end belongs to YAML; a message never ends in one.
    .prop_map(|text| text.trim_end_matches('\n').to_owned())
}

/// Entries with different keys, as a YAML mapping has them.
pub(super) fn mapping<V: std::fmt::Debug>(
    value: impl Strategy<Value = V>,
    size: std::ops::Range<usize>,
) -> impl Strategy<Value = Vec<(String, V)>> {
    vec((text(), value), size).prop_map(once_each)
}

/// The same by names that a header field can have (RFC 9110 §5.1).
fn by_field_name<V: std::fmt::Debug>(
    value: impl Strategy<Value = V>,
    size: std::ops::Range<usize>,
) -> impl Strategy<Value = Vec<(String, V)>> {
    vec(("[a-z][a-z0-9-]{0,12}", value), size).prop_map(once_each)
}

fn once_each<V>(entries: Vec<(String, V)>) -> Vec<(String, V)> {
    let mut kept: Vec<(String, V)> = Vec::new();
    for (key, value) in entries {
        if !kept.iter().any(|(have, _)| *have == key) {
            kept.push((key, value));
        }
    }
    kept
}

pub(super) fn symbols<V>(entries: Vec<(String, V)>) -> Vec<(Symbol, V)> {
    let symbol = |(key, value): (String, V)| (Symbol::from(key), value);
    entries.into_iter().map(symbol).collect()
}

pub(super) fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Absent),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        text().prop_map(|text| Value::symbol(&text)),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::List),
            mapping(inner, 0..3).prop_map(|fields| Value::Record(symbols(fields))),
        ]
    })
}

pub(super) fn record() -> impl Strategy<Value = Value> {
    mapping(value(), 0..4).prop_map(|fields| Value::Record(symbols(fields)))
}

pub(super) fn client() -> impl Strategy<Value = Value> {
    let known = ["persona", "scheme", "credential"];
    mapping(value(), 0..2).prop_map(move |mut fields| {
        fields.retain(|(name, _)| !known.contains(&name.as_str()));
        fields.insert(0, ("scheme".to_owned(), Value::symbol("bearer")));
        Value::Record(symbols(fields))
    })
}

pub(super) fn case() -> impl Strategy<Value = Case> {
    let parts = (record(), record(), course(), client());
    parts.prop_map(|(policy, instance, course, client)| Case {
        // What is edited is there.
        policy: domain::with_fields(
            &policy,
            &Value::record([("advertise_all", Value::Bool(false))]),
        ),
        instance,
        course: Value::List(course),
        client,
    })
}

pub(super) fn course() -> impl Strategy<Value = Vec<Value>> {
    let bare = Value::record([("credential", Value::symbol("none"))]);
    let edit = Value::record([("policy.advertise_all", Value::Bool(true))]);
    let steps = vec![
        domain::Step::same(),
        Value::record([("ask", bare.clone()), ("times", Value::Int(9))]),
        Value::record([("edit", edit)]),
        Value::record([("wait", Value::Int(1))]),
        Value::record([("beside", bare), ("tries", Value::Int(20))]),
    ];
    vec(select(steps), 0..3)
}

pub(super) fn outcomes(size: std::ops::Range<usize>) -> impl Strategy<Value = Vec<OutcomeWord>> {
    vec(select(&OutcomeWord::ALL[..]), size)
}

/// A status, a class of them, or some other range.
pub(super) fn statuses() -> impl Strategy<Value = Range> {
    let between = |(min, more)| Range {
        min,
        max: min + more,
    };
    prop_oneof![
        (100_i64..600).prop_map(Range::only),
        (1_i64..6).prop_map(move |class| between((class * 100, 99))),
        (100_i64..400, 1_i64..200).prop_map(between),
        (100_i64..600).prop_map(|min| Range { min, max: i64::MAX }),
    ]
}

pub(super) fn set() -> impl Strategy<Value = SetExpr> {
    vec(text(), 0..3).prop_map(|symbols| {
        let element = |symbol| Element::Symbol(Symbol::from(symbol));
        SetExpr::Elements(symbols.into_iter().map(element).collect::<Vec<_>>())
    })
}

pub(super) fn challenges() -> BoxedStrategy<ChallengeClause> {
    let sets = (
        option::of(set()),
        option::of(set()),
        option::of(set()),
        option::of(set()),
    );
    let lists = (
        vec(select(Departure::of_challenges().collect::<Vec<_>>()), 0..3),
        mapping(range(), 0..3).prop_map(symbols),
        mapping(vec(text(), 1..3), 0..3).prop_map(symbols),
        mapping(vec(text(), 1..3), 0..3).prop_map(symbols),
        (option::of(set()), option::of(set())),
    );
    (sets, any::<[Option<bool>; 4]>(), lists)
        .prop_map(|(sets, said, lists)| ChallengeClause {
            exactly: sets.0,
            at_least: sets.1,
            none_of: sets.2,
            in_order: sets.3,
            some: said[0],
            well_formed: said[1],
            no_departure: lists.0,
            count: lists.1,
            distinct: lists.2,
            only: lists.3,
            unique: said[2],
            one_per_line: said[3],
            bare: lists.4.0,
            not_bare: lists.4.1,
        })
        .prop_filter("says something", |clause| {
            *clause != ChallengeClause::default()
        })
        .boxed()
}

pub(super) fn header() -> BoxedStrategy<HeaderClause> {
    prop_oneof![
        any::<bool>().prop_map(HeaderClause::Present),
        text()
            .prop_filter("a word of the language", |text| text != "present"
                && text != "absent")
            .prop_map(HeaderClause::Is),
        (
            vec(text(), 0..3),
            vec(text(), 0..3),
            vec(text(), 0..3),
            option::of(range()),
            option::of(select(&ValueKind::ALL[..])),
        )
            .prop_map(|(has, has_one_of, has_none_of, lines, value)| HeaderFit {
                has,
                has_one_of,
                has_none_of,
                lines,
                value,
            })
            .prop_filter("says something", |fit| *fit != HeaderFit::default())
            .prop_map(HeaderClause::Fits),
    ]
    .boxed()
}

pub(super) fn params() -> BoxedStrategy<Vec<ParamClause>> {
    let said = (
        option::of(any::<bool>()),
        vec(text(), 0..3),
        vec(text(), 0..3),
        vec(text(), 0..3),
        vec(text(), 0..3),
        vec(text(), 0..3),
        option::of(select(&[ValueForm::Token, ValueForm::Quoted][..])),
        option::of(select(&ValueKind::ALL[..])),
        option::of(range()),
    );
    let clause = said
        .prop_map(|said| ParamClause {
            name: String::new(),
            present: said.0,
            one_of: said.1,
            one_of_any_case: said.2,
            has: said.3,
            has_none_of: said.4,
            without: said.5,
            form: said.6,
            value: said.7,
            times: said.8,
        })
        .prop_filter("says something", |clause| *clause != ParamClause::default());
    mapping(clause, 1..3)
        .prop_map(|all| {
            let named = |(name, clause)| ParamClause { name, ..clause };
            all.into_iter().map(named).collect()
        })
        .boxed()
}

pub(super) fn parameters(
    size: std::ops::Range<usize>,
) -> impl Strategy<Value = Vec<(Subject, Vec<ParamClause>)>> {
    let which = select(&Which::ALL[..]);
    mapping((params(), which, any::<bool>()), size).prop_map(|all| {
        let named = |(name, (clauses, which, of_scheme)): (String, _)| {
            // A scheme is a token, and two of these words have a meaning of their own.
            let scheme = Some(name).filter(|name| {
                of_scheme && !name.contains(' ') && !["", "any", "first"].contains(&name.as_str())
            });
            let scheme = scheme.map(Symbol::from);
            (Subject { which, scheme }, clauses)
        };
        let mut all: Vec<(Subject, Vec<ParamClause>)> = all.into_iter().map(named).collect();
        let mut seen = Vec::new();
        all.retain(|(subject, _)| {
            let is_new = !seen.contains(subject);
            seen.push(subject.clone());
            is_new
        });
        all
    })
}

pub(super) fn clause() -> BoxedStrategy<Clause> {
    let first = (
        (outcomes(0..3), any::<bool>()),
        (vec(statuses(), 0..3), any::<bool>()),
        option::of(challenges()),
    );
    let second = (
        parameters(0..3),
        by_field_name(header(), 0..3),
        mapping(0_u32..=1000, 0..3),
        // Every body contains an empty text, so none asks for one.
        option::of(text().prop_filter("empty", |text| !text.is_empty())),
        prop_oneof![Just(Vec::new()), params()],
    );
    (first, second)
        .prop_map(|(first, second)| Clause {
            // Nothing, turned round, would be nothing as well.
            outcome: OutcomeFit {
                not: first.0.1 && !first.0.0.is_empty(),
                words: first.0.0,
            },
            status: StatusFit {
                not: first.1.1 && !first.1.0.is_empty(),
                ranges: first.1.0,
            },
            challenges: first.2,
            parameters: second.0,
            headers: second.1,
            events: second.2,
            body: second.3,
            info: second.4,
            exchange: ExchangeClause::default(),
        })
        .prop_filter("expects something", |clause| *clause != Clause::default())
        .boxed()
}

pub(super) fn range() -> impl Strategy<Value = Range> {
    prop_oneof![
        (0..=i64::MAX).prop_map(Range::only),
        (0..=i64::MAX).prop_map(|min| Range { min, max: i64::MAX }),
        (0..=i64::MAX).prop_map(|max| Range { min: i64::MIN, max }),
        (0..=i64::MAX, 0..=i64::MAX).prop_map(|(one, other)| Range {
            min: one.min(other),
            max: one.max(other),
        }),
    ]
    // The range of everything is written as a range from the least number, and is the same.
}

pub(super) fn predicate() -> impl Strategy<Value = Predicate> {
    let leaf = prop_oneof![
        Just(Predicate::always()),
        outcomes(1..3).prop_map(Predicate::Outcome),
        vec(statuses(), 1..3).prop_map(Predicate::Status),
        challenges().prop_map(|clause| Predicate::Challenges(Box::new(clause))),
        parameters(1..3).prop_map(Predicate::Parameters),
        params().prop_map(Predicate::Info),
        by_field_name(header(), 1..3).prop_map(Predicate::Headers),
        mapping(range(), 1..3).prop_map(Predicate::Events),
    ];
    leaf.prop_recursive(3, 10, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Predicate::All),
            vec(inner.clone(), 1..3).prop_map(Predicate::Any),
            inner.prop_map(|inner| Predicate::Not(Box::new(inner))),
        ]
    })
}

pub(super) fn relation() -> impl Strategy<Value = ResolvedRelation> {
    let compared = (any::<Option<bool>>(), any::<bool>(), any::<bool>());
    let clauses = (option::of(clause()), option::of(clause()));
    (predicate(), compared, clauses)
        .prop_map(|(when, (outcome, status, challenges), (expect, sound))| {
            let one = |of, no_worse| Comparison { of, no_worse };
            let mut comparisons = Vec::new();
            comparisons.extend(outcome.map(|no_worse| one(Aspect::Outcome, no_worse)));
            comparisons.extend(status.then(|| one(Aspect::Status, false)));
            comparisons.extend(challenges.then(|| one(Aspect::Challenges, false)));
            ResolvedRelation {
                when,
                comparisons,
                expect,
                sound,
            }
        })
        .prop_filter("compares something", |relation| {
            !relation.comparisons.is_empty() || relation.expect.is_some()
        })
}

pub(super) fn demand() -> impl Strategy<Value = ResolvedDemand> {
    let either = prop_oneof![
        clause().prop_map(|clause| (Some(clause), None)),
        relation().prop_map(|relation| (None, Some(relation))),
    ];
    (predicate(), either).prop_map(|(when, (expect, relate))| ResolvedDemand {
        when,
        expect,
        relate,
    })
}

pub(super) fn steps() -> impl Strategy<Value = Vec<TriedChange>> {
    let verdict = select(TriedVerdict::ALL.to_vec());
    vec(
        (text(), verdict).prop_map(|(change, verdict)| TriedChange { change, verdict }),
        0..4,
    )
}

pub(super) fn tokens() -> impl Strategy<Value = Vec<Token>> {
    let state = select(TokenState::ALL.to_vec());
    let token = (text(), state, vec(text(), 0..3)).prop_map(|(value, state, scopes)| Token {
        value: Secret::new(value),
        state,
        scopes,
    });
    vec(token, 0..3)
}

pub(super) fn kind() -> impl Strategy<Value = crate::spec::Kind> {
    let kinds = [
        "outcome not refused or kept-out, failed",
        "status other than 4xx or 500 or more, 404",
        "sibling parameter a b missing",
        "event LOGIN, SUCCESS, too few",
    ];
    select(kinds.map(|words| words.parse().unwrap()).to_vec())
}

pub(super) fn identity() -> impl Strategy<Value = Identity> {
    let names = (
        text(),
        text(),
        any::<bool>(),
        vec(text(), 0..3),
        vec(text(), 0..3),
    );
    (names, tokens(), tokens()).prop_map(|(names, tokens, api_keys)| Identity {
        user: names.0,
        password: Secret::new(names.1),
        enabled: names.2,
        roles: names.3,
        groups: names.4,
        tokens,
        api_keys,
    })
}

pub(super) fn known() -> impl Strategy<Value = SavedRule> {
    let names = (text(), text(), any::<u32>(), any::<bool>());
    let level = select(Level::ALL.to_vec());
    let stated = (text(), text(), option::of(text()));
    let presumed = vec((text(), text(), any::<bool>()), 0..2);
    (names, level, stated, text(), presumed).prop_map(|(names, level, stated, impact, presumed)| {
        SavedRule {
            id: names.0,
            pack: names.1,
            version: names.2,
            level,
            scored: names.3,
            stated: Stated {
                document: stated.0,
                section: stated.1,
                note: stated.2,
            },
            impact,
            presumes: presumed
                .into_iter()
                .map(|(alternative, choice, default)| Presumed {
                    alternative,
                    choice,
                    default,
                })
                .collect(),
        }
    })
}

pub(super) fn messages() -> impl Strategy<Value = Vec<Message>> {
    let one = (lines(), lines()).prop_map(|(sent, received)| Message { sent, received });
    vec(one, 0..3)
}

/// A sibling whose client is another one, which is what its difference says.
fn sibling_of(case: &Case, (words, other): (String, Case)) -> Sibling {
    let mut client = other.client;
    if let Value::Record(fields) = &mut client {
        fields.retain(|(name, _)| &**name != "of-a-sibling");
        fields.push(("of-a-sibling".into(), Value::Bool(true)));
    }
    Sibling {
        difference: format!("when asked with {words}"),
        case: Case {
            client,
            ..case.clone()
        },
    }
}

prop_compose! {
    pub(super) fn entry()(
        sentence in text(),
        defect in text(),
        rule in known(),
        seen_on in (text(), text()),
        case in case(),
        sibling in (text(), case()),
        demand in demand(),
        words in (kind(), text(), text()),
        rest in (
            option::of((1..=u32::MAX, any::<u32>()).prop_map(|(failed, more)| (failed, failed.saturating_add(more)))),
            vec((text(), text()), 0..3),
            any::<(Option<u32>, bool)>(),
        ),
        steps in (steps(), steps()),
        transcript in (messages(), messages()),
        identities in vec(identity(), 1..3),
    ) -> Entry {
        let (flaky, cures, (simpler, cut_short)) = rest;
        Entry {
            sentence,
            defect,
            rule,
            seen_on: SeenOn { name: seen_on.0, version: seen_on.1, key_in: None },
            case: case.clone(),
            sibling: demand.relate.as_ref().map(|_| sibling_of(&case, sibling)),
            demand,
            discrepancy: Discrepancy { kind: words.0, expected: words.1, observed: words.2 },
            flaky,
            cures: cures.into_iter().map(|(path, to)| Cure { path, to }).collect(),
            proof: MinimalityProof { steps: steps.0, simpler_cases: simpler.map(u64::from), cut_short },
            variations: steps.1,
            transcript: Messages { case: transcript.0, sibling: transcript.1 },
            identities,
        }
    }
}
