//! Causes: findings that are one defect seen through several rules.

use std::collections::{BTreeMap, BTreeSet};

use crate::auth::{Departure, Recipient};

use crate::credentials::{CredentialState, Scheme};
use crate::domain::{Case, Part, Value};
use crate::observation::Outcome;
use crate::spec::{About, Certainty, DecisionFlaw, Level, Observation};

use super::accused::{Accused, CREDENTIAL_PATH, Odd, fields};
use super::finding::Finding;
use super::grouping::{joined, parted};
use super::through::{is_followed_by, shows_in_both};

/// One defect: the finding that tells it best, and what else shows it.
#[derive(Clone, Debug)]
pub struct Cause<'a> {
    /// The finding whose defect and sentence are the headline: see [`causes`].
    pub headline: &'a Finding,
    /// The other findings of the same cause.
    pub others: Vec<&'a Finding>,
}

/// Puts findings together that are one defect, across rules and packs, in the order of the first finding
/// of each. Two are one defect
///
/// - where they accuse the same of answers: the same status that turns out who was to be let in, or lets
///   in who was not, the same schemes offered, the same departure from the grammar, the same value of a
///   parameter or a field ([`About`]), and nothing parts the requests ([`accuse_alike`]);
/// - where by one somebody is wrongly let in or kept out, and the other's answer offers under the same setting what
///   goes with that (`agree`);
/// - where one's facts include the other's, they accuse the same, and the same single change of the
///   setting cures both, or, where no setting cures either, makes both go away;
/// - where one did not show each time, and does behind what the other is about, and never without it
///   (`is_followed_by`);
/// - where one follows from the other at the backend, or at the service that is asked first (`shows_in_both`);
/// - where they are of one rule and one client, depart in one way, and the very same challenge or
///   acceptance came: a defect that several settings lead to, each of them minimal in its own way.
///
/// A finding that is one defect with each of two others makes those one as well, save where by one of them somebody
/// is let in and by the other somebody is kept out, and it only says what else goes wrong for both.
///
/// The headline is a rule that names one thing before one that speaks of any flaw; then one that binds
/// before one that advises; then one by which whoever asks is let in; then the gravest level, save where the
/// clients that break those rules are odd in all that the client of a weaker one is odd in and in more, so that
/// the weaker one tells why; then the finding whose client is plainest, which needs the least to show; then what
/// stands first in the specs, because an author begins with what tells most.
pub fn causes<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<Cause<'a>> {
    let findings: Vec<&Finding> = findings.into_iter().collect();
    let mut packs: Vec<&str> = Vec::new();
    for finding in &findings {
        if !packs.contains(&finding.pack.0.as_str()) {
            packs.push(&finding.pack.0);
        }
    }
    let groups = joined(findings, |one, other| is_one(one, other, true));
    let groups = groups.into_iter().flat_map(|group| parted(group, is_one));
    groups.filter_map(|group| headed(group, &packs)).collect()
}

/// A group with the finding that tells it best in front.
fn headed<'a>(mut group: Vec<&'a Finding>, packs: &[&str]) -> Option<Cause<'a>> {
    let pack = |finding: &Finding| packs.iter().position(|name| *name == finding.pack.0);
    let order = |one: &Finding| {
        let plain = one.oddities.len();
        (
            one.flaky.is_some(),
            speaks_of_any_flaw(one),
            one.level > Level::Should,
            !lets_anybody_in(one),
            plain,
            one.level,
            pack(one),
            one.place,
        )
    };
    let first = *group.iter().min_by_key(|one| order(one))?;
    let rank = |one: &Finding| (speaks_of_any_flaw(one), !lets_anybody_in(one));
    // A weaker rule leads only where whoever breaks a graver one is odd in all that it is about, and in more.
    let follows = |one: &Finding| {
        let has = |odd: &String| one.oddities.contains(odd);
        one.oddities.len() > first.oddities.len() && first.oddities.iter().all(has)
    };
    let graver = group
        .iter()
        .filter(|one| one.flaky.is_some() == first.flaky.is_some())
        .filter(|one| one.level < first.level && rank(one) == rank(first) && !follows(one));
    let gravest = graver.min_by_key(|one| (one.level, order(one)));
    let headline = *gravest.unwrap_or(&first);
    group.retain(|one| !std::ptr::eq(*one, headline));
    Some(Cause {
        headline,
        others: group,
    })
}

/// Whether a finding's rule demands that challenges have no flaw at all, and so names none.
fn speaks_of_any_flaw(finding: &Finding) -> bool {
    let expect = finding.demand.expect.as_ref();
    let challenges = expect.and_then(|clause| clause.challenges.as_ref());
    challenges.is_some_and(|clause| clause.well_formed.is_some())
}

/// Whether a finding is that somebody without credentials was let in.
fn lets_anybody_in(finding: &Finding) -> bool {
    finding.evidence.iter().any(|accused| {
        let opened = DecisionFlaw::Opened;
        accused.silent && matches!(&accused.about, About::Answer { turn, .. } if *turn == opened)
    })
}

/// Whether two findings are one defect; those too of which one says only what else goes wrong for whom the other is
/// about, if `consequences` count.
fn is_one(one: &Finding, other: &Finding, consequences: bool) -> bool {
    same_weather(one, other)
        || is_followed_by(one, other)
        || (stand_alike(one, other)
            && (accuse_the_same(one, other, consequences)
                || shows_in_both(one, other)
                || same_facts(one, other)
                || same_answer(one, other)))
}

/// Whether two findings are no accusation, and for one reason.
fn same_weather(one: &Finding, other: &Finding) -> bool {
    let why = one.unsteady().zip(other.unsteady());
    one.scored == other.scored && why.is_some_and(|(one, other)| one.is_as(other))
}

fn stand_alike(one: &Finding, other: &Finding) -> bool {
    one.scored == other.scored
        && one.flaky.is_some() == other.flaky.is_some()
        && one.unsteady().is_some() == other.unsteady().is_some()
        && one.follows().is_some() == other.follows().is_some()
}

fn accuse_the_same(one: &Finding, other: &Finding, consequences: bool) -> bool {
    let same_rule = one.pack == other.pack && one.rule == other.rule;
    let same_kind = one.discrepancy.kind == other.discrepancy.kind;
    let rules = match (same_rule, same_kind) {
        (true, true) => RulesCompared::Same,
        (true, false) => RulesCompared::SameOtherwise,
        (false, true) => RulesCompared::Alike,
        (false, false) => RulesCompared::Others,
    };
    let mut pairs = pairs(one, other);
    pairs.any(|(this, that)| {
        accuse_alike(this, that, rules)
            || agree(this, that, same_rule)
            || agree(that, this, same_rule)
            || [(this, that), (that, this)]
                .into_iter()
                .any(|(this, that)| {
                    (explains(this, that) && (consequences || !is_consequence(that)))
                        || misleads(this, that)
                        || is_log_of(this, that)
                })
    })
}

fn pairs<'a>(
    one: &'a Finding,
    other: &'a Finding,
) -> impl Iterator<Item = (&'a Accused, &'a Accused)> {
    let all = heard(one);
    all.flat_map(move |this| heard(other).map(move |that| (this, that)))
}

/// What a finding accuses that others are held against. Who is let in behind others or beside them is let in by that:
/// what is answered where nobody came before is only what he should have got, and makes no other finding one with this.
fn heard(finding: &Finding) -> impl Iterator<Item = &Accused> {
    let is_certain = |accused: &Accused| accused.certainty == Certainty::Certain;
    let opened = |accused: &Accused| matches!(&accused.about, About::Answer { turn, .. } if *turn == DecisionFlaw::Opened);
    let all = &finding.evidence;
    let behind = all
        .iter()
        .any(|accused| is_certain(accused) && opened(accused) && has_course(accused));
    all.iter()
        .filter(move |accused| !behind || is_certain(accused))
}

/// Whether what is accused shows behind something else.
fn has_course(accused: &Accused) -> bool {
    accused.odd.iter().any(|odd| odd.is_of(Part::Course.word()))
}

/// Whether something is only wrong because of who is let in or kept out.
fn is_consequence(accused: &Accused) -> bool {
    matches!(
        accused.about,
        About::Parameter { .. } | About::Event { .. } | About::Log
    )
}

/// Whether two answers are accused of the same, and nothing parts the requests that they answer.
///
/// Whether somebody is let in depends on the request, so there one request must be odd in all that the
/// other is odd in: who is refused for odd letters and who for odd spaces are two defects, and who is
/// refused anyway is both. What is wrong in itself, such as a challenge without its realm or an answer of
/// 500, is one defect also where one rule breaks over it, and where the requests are led into each other by
/// changes of single fields that all show it.
fn accuse_alike(this: &Accused, that: &Accused, rules: RulesCompared) -> bool {
    let within = |these: &Accused, those: &Accused| {
        // What is uncertain explains nothing that is odd in less.
        these.certainty == Certainty::Certain && Odd::all_in(&these.odd, &those.odd)
            || Odd::all_in(&these.odd, &those.odd) && Odd::all_in(&those.odd, &these.odd)
    };
    let contained = || within(this, that) || within(that, this);
    // How an answer is written does not hang on whose scheme the client spoke.
    let written = || {
        Odd::all_but_stranger_in(&this.odd, &that.odd)
            || Odd::all_but_stranger_in(&that.odd, &this.odd)
    };
    match (&this.about, &that.about) {
        (
            About::Answer { turn, status },
            About::Answer {
                turn: other,
                status: answered,
            },
        ) => match (turn, other) {
            (DecisionFlaw::Opened, DecisionFlaw::Opened) => {
                opens(this, that) || opens(that, this) || open_behind_alike(this, that)
            }
            (DecisionFlaw::KeptOut, DecisionFlaw::KeptOut) => {
                let same_rule = matches!(rules, RulesCompared::Same | RulesCompared::SameOtherwise);
                (status == answered || same_rule) && contained()
            }
            (DecisionFlaw::Manner, DecisionFlaw::Manner) => {
                status == answered
                    && (matches!(rules, RulesCompared::Same | RulesCompared::Alike)
                        || contained()
                        || connected(this, that)
                        || (is_never_right(*status) && scheme(&this.case) == scheme(&that.case)))
            }
            // Whom it keeps out under this setting it keeps out in this manner.
            (DecisionFlaw::KeptOut, DecisionFlaw::Manner)
            | (DecisionFlaw::Manner, DecisionFlaw::KeptOut) => {
                status == answered && same_setting(this, that) && contained()
            }
            _ => false,
        },
        (About::Offer { schemes: here }, About::Offer { schemes: there }) => {
            if here.is_empty() || there.is_empty() {
                return here == there
                    && (rules == RulesCompared::Same || contained() || connected(this, that));
            }
            let of_this = offer_of(here, &this.case);
            // What a client did decides, where two did the same and saw the same.
            (here == there && same_client(this, that))
                || (same_offer(&of_this, &offer_of(there, &that.case))
                    && Odd::same_items(&this.odd, &that.odd)
                    && (contained() || connected(this, that)))
        }
        // What others were asked by is one defect in one way only.
        (About::Backend | About::AuthService | About::Relaying | About::Log, other) => {
            this.about == *other
                && matches!(rules, RulesCompared::Same | RulesCompared::Alike)
                && (written() || connected(this, that))
        }
        (about, other) if rules == RulesCompared::Same => about.is_place_of(other),
        (
            About::Parameter { name, seen, .. },
            About::Parameter {
                name: called,
                seen: other,
                ..
            },
        ) if this.about != that.about => {
            // The same of challenges of two schemes.
            name == called && seen == other && seen.is_something() && written()
        }
        (about, other) => about.is(other) && (written() || connected(this, that)),
    }
}

/// Whether who is let in or kept out and what is offered go together: under one setting whoever is wrongly kept out is
/// of a scheme that is not offered, and whoever wrongly gets in of one that is. Such a server takes something else to be in
/// force than what is, and tells of it truly. Where the two contradict each other they are two defects.
fn agree(decided: &Accused, offered: &Accused, same_rule: bool) -> bool {
    let (About::Answer { turn, .. }, About::Offer { schemes }) = (&decided.about, &offered.about)
    else {
        return false;
    };
    let is_sure = |accused: &Accused| accused.certainty == Certainty::Certain;
    let (here, there) = (&decided.case, &offered.case);
    let is_plain = |odd: &Odd| !odd.is_of_client() || *odd == Odd::Stranger;
    let own = scheme(here).and_then(Value::as_symbol);
    let is_offered = own.is_some_and(|own| schemes.iter().any(|scheme| scheme == own));
    let fits = match turn {
        DecisionFlaw::Opened => is_offered,
        DecisionFlaw::KeptOut => !is_offered && !schemes.is_empty(),
        DecisionFlaw::Manner => false,
    };
    fits && here.setting() == there.setting()
        && here.course == there.course
        && !decided.silent
        && decided.odd.iter().all(is_plain)
        && (same_rule || (is_sure(decided) && is_sure(offered)))
}

/// How the rules of two findings are related.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RulesCompared {
    /// They are one, and departed from in the same way.
    Same,
    /// They are one, and departed from in different ways.
    SameOtherwise,
    /// They are two, and demand alike.
    Alike,
    /// They are two.
    Others,
}

/// Whether whoever lets this one in lets in that one as well: it needs nothing that the other has not, and
/// credentials that are less good. Who sends nothing speaks no scheme; what lets it in is then of the schemes
/// that its policy speaks of, unless it is seen to show with others too.
fn opens(this: &Accused, that: &Accused) -> bool {
    let is_credential = |odd: &&Odd| odd.is_of(CREDENTIAL_PATH);
    let credential = |accused: &Accused| match accused.odd.iter().find(is_credential) {
        Some(Odd::Field(_, word)) => CredentialState::from_word(word),
        _ => None,
    };
    let asks = |accused: &Accused| accused.silent || accused.odd.iter().any(Odd::is_of_client);
    let rest = this.odd.iter().filter(|odd| !is_credential(odd));
    let rest: Vec<Odd> = rest.cloned().collect();
    let follows = match (this.silent, credential(this), credential(that)) {
        (true, _, _) => asks(that) && (speaks_no_other(this, that) || connected(this, that)),
        (_, None, _) => true,
        (_, Some(of_this), Some(of_that)) => of_this == of_that || of_that.is_let_in_with(of_this),
        (_, Some(CredentialState::Malformed), None) => that.odd.iter().any(Odd::is_unreadable),
        (_, Some(_), None) => false,
    };
    let alone = this.certainty == Certainty::Certain
        || (this.silent == that.silent && Odd::all_in(&that.odd, &this.odd));
    follows && alone && Odd::all_in(&rest, &that.odd)
}

/// Whether the same comes before two, who are let in behind it and are alike but in the scheme that their policy
/// speaks of: what remembers one log-in remembers another.
fn open_behind_alike(this: &Accused, that: &Accused) -> bool {
    has_course(this)
        && this.silent == that.silent
        && Odd::all_in(&this.odd, &that.odd)
        && Odd::all_in(&that.odd, &this.odd)
}

/// Whether who is let in or kept out in one finding explains what another finding says of the like: the
/// other's request is odd in all that this one's is, and that is something.
fn explains(this: &Accused, that: &Accused) -> bool {
    let About::Answer {
        turn: DecisionFlaw::Opened | DecisionFlaw::KeptOut,
        ..
    } = this.about
    else {
        return false;
    };
    let follows = match &that.about {
        About::Answer { .. } | About::Event { .. } | About::Log => true,
        About::Parameter { name, .. } => name == "error" || name == "stale",
        _ => false,
    };
    let says_something = |odd: &&Odd| !matches!(odd, Odd::Stranger);
    this.certainty == Certainty::Certain
        && that.certainty == Certainty::Certain
        && follows
        && !this.silent
        && this.odd.iter().any(|odd| says_something(&odd))
        && Odd::all_in(&this.odd, &that.odd)
}

/// Whether a client is kept out by what another finding says of an answer that it got, and is odd in nothing
/// that the other's is not: it could not read what it needed, or was not told.
fn misleads(this: &Accused, that: &Accused) -> bool {
    let kept_out = matches!(
        that.about,
        About::Answer {
            turn: DecisionFlaw::KeptOut,
            ..
        }
    );
    let scheme = scheme(&that.case).and_then(Value::as_symbol);
    // Others send what they have, whatever they are told.
    let needs_challenge = scheme == Some("digest") || scheme == Some("dpop");
    // What follows the credentials is not what led to them.
    let before = that.answers.len().saturating_sub(1).max(1);
    let answers = match &this.about {
        About::Parameter {
            scheme: of, name, ..
        } if scheme == Some(of) && (name != "error" || of == "dpop") && name != "domain" => {
            that.answers.as_slice()
        }
        About::Writing { departures } => {
            let may_refuse = |one: &Departure| one.recipient() == Recipient::MayRefuse;
            let hashed = scheme == Some("digest") && departures.contains(&Departure::ObsText);
            if !hashed && !departures.iter().any(may_refuse) {
                return false;
            }
            that.answers.as_slice()
        }
        About::Field { name, .. } if name == "dpop-nonce" => that.answers.as_slice(),
        About::List(_) => that.answers.as_slice(),
        About::Offer { .. } => that.answers.get(..before).unwrap_or_default(),
        _ => return false,
    };
    let client = that.odd.iter().filter(|odd| odd.is_of_client());
    let client: Vec<Odd> = client.cloned().collect();
    this.certainty == Certainty::Certain
        && kept_out
        && needs_challenge
        && Odd::all_but_stranger_in(&client, &this.odd)
        && answers.iter().any(|answer| {
            this.about.shows_in(Observation::of(
                Outcome::of_status(answer.response.status),
                answer,
                None,
            ))
        })
}

/// Whether one is about the log of what the other decides.
fn is_log_of(this: &Accused, that: &Accused) -> bool {
    matches!(
        (&this.about, &that.about),
        (About::Event { .. } | About::Log, About::Answer { .. })
    ) && differing(&this.case, &that.case).is_empty()
}

fn same_setting(this: &Accused, that: &Accused) -> bool {
    let differing = differing(&this.case, &that.case);
    differing.iter().all(|path| path.starts_with("client."))
}

/// The fields of both in which two cases differ.
fn differing(this: &Case, that: &Case) -> Vec<String> {
    let (here, there) = (fields(this), fields(that));
    let both = here.into_iter().filter_map(|(path, value)| {
        let other = there.get(&path)?;
        (*other != value).then_some(path)
    });
    both.collect()
}

/// Whether two clients are odd in the same, and in something.
fn same_client(this: &Accused, that: &Accused) -> bool {
    let odd = |accused: &Accused| -> Vec<Odd> {
        let odd = accused.odd.iter().filter(|odd| odd.is_of_client());
        odd.filter(|odd| **odd != Odd::Stranger).cloned().collect()
    };
    let (here, there) = (odd(this), odd(that));
    !here.is_empty() && Odd::all_in(&here, &there) && Odd::all_in(&there, &here)
}

/// Whether no rule ever asks for a status.
fn is_never_right(status: u16) -> bool {
    !matches!(status, 200..=299 | 400 | 401 | 403 | 404 | 407)
}

fn scheme(case: &Case) -> Option<&Value> {
    case.client.field("scheme")
}

/// What is offered, and of what.
#[derive(Debug, PartialEq, Eq)]
struct OfferOf<'a> {
    /// The schemes that the policy speaks of, by name.
    of: BTreeSet<&'a str>,
    /// What is offered of them, by name.
    by_name: BTreeSet<&'a str>,
    /// The same by the place at which the policy first speaks of them, as far as it does.
    by_place: BTreeSet<Result<usize, &'a str>>,
}

fn offer_of<'a>(schemes: &'a [String], case: &'a Case) -> OfferOf<'a> {
    let spoken = spoken(case);
    let place = |scheme: &'a String| {
        let place = spoken.iter().position(|symbol| symbol == scheme);
        place.ok_or(scheme.as_str())
    };
    OfferOf {
        by_name: schemes.iter().map(String::as_str).collect(),
        by_place: schemes.iter().map(place).collect(),
        of: spoken.into_iter().collect(),
    }
}

/// The schemes that a case's policy speaks of, once each, in order.
fn spoken(case: &Case) -> Vec<&str> {
    let mut spoken: Vec<&str> = Vec::new();
    symbols(&case.policy, &mut spoken);
    spoken.retain(|symbol| Scheme::from_word(symbol).is_some());
    spoken
}

/// Whether one's policy speaks of no scheme that the other's does not.
fn speaks_no_other(this: &Accused, that: &Accused) -> bool {
    let there = spoken(&that.case);
    spoken(&this.case).iter().all(|one| there.contains(one))
}

/// Whether the same is offered of the same, or of as many others in the same place.
fn same_offer(one: &OfferOf<'_>, other: &OfferOf<'_>) -> bool {
    (one.of == other.of && one.by_name == other.by_name)
        || (one.of.len() == other.of.len() && one.by_place == other.by_place)
}

/// Every symbol in a value, once, in order.
fn symbols<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Symbol(symbol) if !found.contains(&&**symbol) => found.push(symbol),
        Value::List(items) => items.iter().for_each(|item| symbols(item, found)),
        Value::Record(fields) => fields.iter().for_each(|(_, value)| symbols(value, found)),
        _ => {}
    }
}

/// Whether each field in which two requests and their settings differ can be changed in one of them to what
/// it is in the other, and what is accused shows all the same.
fn connected(this: &Accused, that: &Accused) -> bool {
    let (here, there) = (fields(&this.case), fields(&that.case));
    let leads = |from: &Accused, path: &String, to: Option<&&Value>| {
        let mut kin = from.kin.iter();
        kin.any(|(of, value)| of == path && to.is_none_or(|to| value == *to))
    };
    let differing = |path: &&String| here.get(*path) != there.get(*path);
    let paths: BTreeMap<&String, ()> = here
        .keys()
        .chain(there.keys())
        .map(|path| (path, ()))
        .collect();
    paths.into_keys().filter(differing).all(|path| {
        let is_odd = |accused: &Accused| accused.odd.iter().any(|odd| odd.is_of(path));
        match (here.get(path), there.get(path)) {
            // A field that only one of two specs has parts nothing where it is as plain as can be.
            (None, _) if !is_odd(that) => true,
            (_, None) if !is_odd(this) => true,
            (of_this, of_that) => leads(this, path, of_that) || leads(that, path, of_this),
        }
    })
}

fn same_facts(one: &Finding, other: &Finding) -> bool {
    let includes = |one: &Finding, other: &Finding| {
        other
            .facts
            .iter()
            .all(|fact| one.facts.iter().any(|have| have.words == fact.words))
    };
    let facts = includes(one, other) || includes(other, one);
    let cured_alike = one.cures.iter().any(|cure| other.cures.contains(cure));
    let incurable = one.cures.is_empty() && other.cures.is_empty();
    let relieved_alike = one
        .reliefs
        .iter()
        .any(|relief| other.reliefs.contains(relief));
    let gone_alike = incurable && (relieved_alike || one.case == other.case);
    facts && (cured_alike || gone_alike) && alike(one, other, cured_alike)
}

/// Whether two findings are about the same: the same schemes offered, or the same kind of departure where
/// one's client is odd in nothing that the other's is not.
fn alike(one: &Finding, other: &Finding, cured: bool) -> bool {
    let within = |one: &Finding, other: &Finding| {
        one.oddities.iter().all(|odd| other.oddities.contains(odd))
    };
    let mut pairs = pairs(one, other);
    pairs.any(|(this, that)| match (&this.about, &that.about) {
        (About::Offer { schemes: here }, About::Offer { schemes: there }) => {
            here == there
                || cured && same_offer(&offer_of(here, &this.case), &offer_of(there, &that.case))
        }
        (about, other_about) => {
            let of_others = matches!(
                about,
                About::Backend | About::AuthService | About::Relaying | About::Log
            );
            about.is(other_about)
                && (!of_others || one.discrepancy.kind == other.discrepancy.kind)
                && has_course(this) == has_course(that)
                && (within(one, other) || within(other, one))
        }
    })
}

/// Whether two findings are of one rule and one client, and the same answer is accused.
fn same_answer(one: &Finding, other: &Finding) -> bool {
    one.pack == other.pack
        && one.rule == other.rule
        && one.case.client == other.case.client
        && one.discrepancy.kind == other.discrepancy.kind
        && pairs(one, other).any(|(this, that)| this.about.is(&that.about))
}
