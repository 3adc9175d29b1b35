//! Playing again: a case by itself, from fresh installations, held against what a rule demands of it. A
//! finding is confirmed so before anybody is accused, and a saved case is replayed so.

use crate::domain::{Case, Value, with_fields};
use crate::results::{ResolvedDemand, ResolvedRelation, Stopped, Transcript};
use crate::spec::{Demand, Discrepancy, Env, Kind, Rule, Spec};

use super::alone::{NotPlayed, PlayedAlone};
use super::judge::Verdict;
use super::lab::Lab;

/// How often a finding must show in the same way. No two of the runs are at the same point of a
/// cycle of two, be it of all requests or of those of one kind: an implementation that answers
/// differently every other time, such as two servers behind a balancer, would otherwise look steady.
pub(super) const RUNS: usize = 3;

/// How often it is run where it does not, and where a status speaks of the server's state and not of the
/// request: three runs may meet that by chance.
pub(super) const RUNS_OF_FLAKY: usize = 10;

/// A case that broke a rule, as it is played again.
#[derive(Clone, Copy)]
pub(crate) struct Again<'a> {
    /// The case.
    pub(crate) case: &'a Case,
    /// The sibling that it is held against, and how that differs.
    pub(crate) sibling: Option<(&'a Case, &'a str)>,
    /// What is demanded of them.
    pub(crate) demand: &'a ResolvedDemand,
    /// How it broke.
    pub(crate) kind: &'a Kind,
    /// Whether the case is a sibling of its sibling as well; nothing where nobody knows.
    pub(crate) mutual: Option<bool>,
    /// In which manner it is played.
    pub(crate) manner: Manner,
}

/// How one time differs from the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// The case and then its sibling, each time. What cannot be played ends it.
    Alike,
    /// The first time with a connection for each exchange, every second time the sibling first, and every
    /// third time behind a request that has no part in it.
    Varied,
}

/// One time that a case was played again.
pub(crate) struct Take {
    /// What was seen of the case.
    pub(crate) case: Result<PlayedAlone, NotPlayed>,
    /// What was seen of the sibling, where it was played.
    pub(crate) sibling: Option<Result<PlayedAlone, NotPlayed>>,
    /// What that says of the rule.
    pub(crate) shown: Shown,
}

/// What one time says of the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// It holds.
    Holds,
    /// It breaks as before.
    Departs(Discrepancy),
    /// It breaks in another way.
    DepartsOtherwise(Discrepancy),
    /// It does not apply to what is seen.
    NotApplicable,
    /// Nobody can tell, for this reason.
    Inconclusive(String),
    /// The implementation cannot express the case, for this reason.
    Unsupported(String),
    /// An exchange gave no response.
    Fault(String),
}

impl Take {
    /// Whether the rule broke as before.
    pub(crate) fn departs(&self) -> bool {
        matches!(self.shown, Shown::Departs(_))
    }

    /// What is known of the case and of its sibling, as far as they were played.
    pub(crate) fn sides(&self) -> (Option<&PlayedAlone>, Option<&PlayedAlone>) {
        let sibling = self.sibling.as_ref();
        let sibling = sibling.and_then(|sibling| sibling.as_ref().ok());
        (self.case.as_ref().ok(), sibling)
    }

    /// What went over the wire.
    pub(crate) fn transcript(&self) -> Transcript {
        let (case, sibling) = self.sides();
        let entries = |side: Option<&PlayedAlone>| side.map(|one| one.transcript.clone());
        Transcript {
            case: entries(case).unwrap_or_default(),
            sibling: entries(sibling).unwrap_or_default(),
        }
    }
}

impl Lab<'_> {
    /// Plays a case again, and its sibling, until what was seen is `enough`, and says what each time shows.
    pub(crate) async fn play_again(
        &mut self,
        again: Again<'_>,
        mut enough: impl FnMut(&[Take]) -> bool + Send,
    ) -> Result<Vec<Take>, Stopped> {
        let mut takes = Vec::new();
        let mut turn = 0;
        while !enough(&takes) {
            let is_first = turn == 0 && again.manner == Manner::Varied && !again.is_of_course();
            // So it meets no bytes that another answer left behind.
            self.anew(is_first);
            let take = self.take(again, turn).await;
            self.anew(false);
            takes.push(take?);
            turn += 1;
        }
        Ok(takes)
    }

    async fn take(&mut self, again: Again<'_>, turn: u32) -> Result<Take, Stopped> {
        let is_varied = again.manner == Manner::Varied;
        let mut order = vec![(again.case, true)];
        order.extend(again.sibling.map(|(case, _)| (case, false)));
        if is_varied && turn % 3 == 1 {
            order.reverse();
        }
        // What comes before is what a case and its sibling may differ in: then no other request may take a
        // turn before them.
        let is_course = again.is_of_course();
        let mut displaced = is_varied && is_displaced(turn as usize) && !is_course;
        let (mut here, mut there) = (None, None);
        for (case, is_accused) in order {
            if is_course {
                // Nor may what another left behind on the connection.
                self.anew(false);
            }
            let played = match std::mem::take(&mut displaced) {
                true => match self.play_displaced(case).await? {
                    // It may be the other request that nobody answers, as where whoever has no credentials is hung up on.
                    Err(NotPlayed::Fault(_)) => self.play_alone(case).await?,
                    played => played,
                },
                false => self.play_alone(case).await?,
            };
            let is_over = played.is_err() && !is_varied;
            match is_accused {
                true => here = Some(played),
                false => there = Some(played),
            }
            if is_over {
                break;
            }
        }
        let here =
            here.unwrap_or_else(|| Err(NotPlayed::Fault("nothing was exchanged".to_owned())));
        Ok(Take {
            shown: again.shown(&here, there.as_ref()),
            case: here,
            sibling: there,
        })
    }
}

impl Lab<'_> {
    /// Plays a case behind a request that has no part in it, and that is none of its exchanges.
    async fn play_displaced(
        &mut self,
        case: &Case,
    ) -> Result<Result<PlayedAlone, NotPlayed>, Stopped> {
        let step = bare(&case.client);
        let other = step
            .field("ask")
            .map(|with| with_fields(&case.client, with));
        let mut played = self.play_alone(&case.behind([step])).await?;
        // What is asked by the very client of a case is not shown before it.
        if let Ok(played) = &mut played
            && other.as_ref() != Some(&case.client)
            && !played.transcript.is_empty()
        {
            played.transcript.remove(0);
        }
        Ok(played)
    }
}

impl Again<'_> {
    /// Whether a case and its sibling differ in what comes before them.
    pub(super) fn is_of_course(&self) -> bool {
        (self.sibling).is_some_and(|(sibling, _)| sibling.course != self.case.course)
    }

    /// What is said of the rule by what was seen.
    fn shown(
        &self,
        here: &Result<PlayedAlone, NotPlayed>,
        there: Option<&Result<PlayedAlone, NotPlayed>>,
    ) -> Shown {
        let not_played = |why: &NotPlayed| match why.clone() {
            NotPlayed::Unsupported(why) => Shown::Unsupported(why),
            NotPlayed::Fault(why) => Shown::Fault(why),
        };
        let (here, there) = match (here, there) {
            (Err(why), _) | (Ok(_), Some(Err(why))) => return not_played(why),
            (Ok(here), Some(Ok(there))) => (here, Some(there)),
            (Ok(here), None) => (here, None),
        };
        let case = Env::seen(self.case, &[], here.seen.observation());
        let beside = match (self.sibling, there) {
            (Some((sibling, difference)), Some(there)) => Some((
                Env::seen(sibling, &[], there.seen.observation()),
                difference,
            )),
            _ => None,
        };
        let beside = beside.as_ref().map(|(env, difference)| (env, *difference));
        let judged = |mutual: bool| match self.demand.judge(&case, beside, mutual) {
            Verdict::Pass => Shown::Holds,
            Verdict::Fail { discrepancy, .. } if discrepancy.kind == *self.kind => {
                Shown::Departs(discrepancy)
            }
            Verdict::Fail { discrepancy, .. } => Shown::DepartsOtherwise(discrepancy),
            Verdict::NotApplicable => Shown::NotApplicable,
            Verdict::Inconclusive(why) => Shown::Inconclusive(why),
        };
        match self.mutual {
            Some(mutual) => judged(mutual),
            // Which of two answers a kind names first depends on it: a departure is the same if it is by
            // either.
            None => match judged(true) {
                Shown::DepartsOtherwise(otherwise) => match judged(false) {
                    shown @ Shown::Departs(_) => shown,
                    _ => Shown::DepartsOtherwise(otherwise),
                },
                shown => shown,
            },
        }
    }
}

/// Whether in this one of several runs another request takes a turn first.
pub(super) fn is_displaced(turn: usize) -> bool {
    turn % 3 == 2
}

/// What a rule demands of a case beside a sibling, with nothing left to look up in the spec.
pub(crate) fn resolved(
    spec: &Spec,
    rule: &Rule,
    case: &Case,
    sibling: Option<&Case>,
) -> ResolvedDemand {
    let definitions = spec.define(case);
    let env = Env::of(case, &definitions);
    let when = rule.when.resolved(&env);
    match &rule.demand {
        Demand::Expect(clause) => ResolvedDemand {
            when,
            expect: Some(clause.resolved(&env)),
            relate: None,
        },
        Demand::Relate(relation) => {
            let there = sibling.unwrap_or(case);
            let definitions = spec.define(there);
            let env = Env::of(there, &definitions);
            ResolvedDemand {
                when,
                expect: None,
                relate: Some(ResolvedRelation {
                    when: relation.when.resolved(&env),
                    comparisons: relation.comparisons.clone(),
                    expect: relation.expect.as_ref().map(|clause| clause.resolved(&env)),
                    sound: relation.sound.clone(),
                }),
            }
        }
        // Never judged, so never found to break.
        Demand::Unseen => ResolvedDemand {
            when,
            expect: None,
            relate: None,
        },
    }
}

/// The step in which a client asks without credentials, in the plainest way.
fn bare(client: &Value) -> Value {
    let plain = [
        ("persona", "preemptive"),
        ("scheme", "basic"),
        ("credential", "none"),
    ];
    let plain =
        plain
            .into_iter()
            .chain([("method", "get"), ("form", "plain"), ("way", "http/1.1")]);
    // Fields that the client does not have take these values anyway.
    let has = plain.filter(|(name, _)| *name == "credential" || client.field(name).is_some());
    let with = Value::record(has.map(|(name, word)| (name, Value::symbol(word))));
    Value::record([("ask", with)])
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::table::{PlaySeen, Seen};
    use crate::observation::{Answer, Outcome};
    use crate::results::SentSoFar;
    use crate::spec::{Aspect, Comparison, Predicate};
    use crate::wire::{BodyEnd, Response};

    fn answered(status: u16) -> Result<PlayedAlone, NotPlayed> {
        let answer = Arc::new(Answer::new(Response {
            status,
            fields: Vec::new(),
            body: Vec::new(),
            body_end: BodyEnd::Complete,
            head: Vec::new(),
        }));
        Ok(PlayedAlone {
            seen: Seen {
                play: Arc::new(PlaySeen {
                    outcome: Outcome::of_status(status),
                    answer: Arc::clone(&answer),
                    events: None,
                    exchanges: Vec::new(),
                    before: Arc::default(),
                    arrivals: None,
                    rate: None,
                }),
                sent: SentSoFar::default(),
            },
            transcript: Vec::new(),
            answers: vec![answer],
        })
    }

    /// A saved case does not say whether it is a sibling of its sibling, on which the order of two statuses
    /// in its kind depends.
    #[test]
    fn a_departure_is_the_same_where_nobody_knows_whether_the_two_are_mutual() {
        let empty = || Value::Record(Vec::new());
        let case = Case::of(
            crate::domain::Setting {
                policy: empty(),
                instance: empty(),
            },
            crate::domain::Conversation {
                course: crate::domain::no_steps(),
                client: empty(),
            },
        );
        let demand = ResolvedDemand {
            when: Predicate::always(),
            expect: None,
            relate: Some(ResolvedRelation {
                when: Predicate::always(),
                comparisons: vec![Comparison {
                    of: Aspect::Status,
                    no_worse: false,
                }],
                expect: None,
                sound: None,
            }),
        };
        let kind = |mutual: bool| {
            let any = "status 0, 0".parse().unwrap();
            let again = Again {
                case: &case,
                sibling: Some((&case, "with another secret")),
                demand: &demand,
                kind: &any,
                mutual: Some(mutual),
                manner: Manner::Alike,
            };
            match again.shown(&answered(401), Some(&answered(403))) {
                Shown::DepartsOtherwise(discrepancy) => discrepancy.kind,
                shown => panic!("{shown:?}"),
            }
        };
        let (one_way, both_ways) = (kind(false), kind(true));
        assert_ne!(one_way, both_ways);
        for (kind, turned_is_same) in [(&one_way, false), (&both_ways, true)] {
            let again = Again {
                case: &case,
                sibling: Some((&case, "with another secret")),
                demand: &demand,
                kind,
                mutual: None,
                manner: Manner::Alike,
            };
            let shown = |here, there| again.shown(&answered(here), Some(&answered(there)));
            assert!(matches!(shown(401, 403), Shown::Departs(_)), "{kind}");
            let turned = matches!(shown(403, 401), Shown::Departs(_));
            assert_eq!(turned, turned_is_same, "{kind}");
            assert_eq!(shown(401, 401), Shown::Holds);
            let not_there = Err(NotPlayed::Fault("no answer".to_owned()));
            let fault = Shown::Fault("no answer".to_owned());
            assert_eq!(again.shown(&answered(401), Some(&not_there)), fault);
        }
    }
}
