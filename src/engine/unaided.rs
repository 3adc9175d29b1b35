//! Whether others at work are what a departure beside them hangs on: before anybody is told so, the same client is
//! asked with nobody at work, from fresh installations. Where the same shows there, the finding is about that.

use crate::domain::{
    Case, Part, Step, Value, differing, fields_in_words, steps_in_words, steps_of,
};
use crate::observation::Outcome;
use crate::results::Stopped;

use super::again::{Again, RUNS, RUNS_OF_FLAKY, Take};
use super::alone::PlayedAlone;
use super::lab::Lab;

/// What a departure takes that was met while others were at work, and takes no others at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unaided {
    /// The client asks as often, all by itself.
    Alone,
    /// The others have asked once before it.
    Behind,
}

impl Unaided {
    /// What is wrong then, in the place of what the rule says of others at work.
    pub(super) fn defect(self) -> &'static str {
        match self {
            Self::Alone => "who is refused gets in when asked again",
            Self::Behind => "who is refused gets in behind a log-in",
        }
    }

    /// Who is hurt.
    pub(super) fn impact(self) -> &'static str {
        match self {
            Self::Alone => "Whoever asks often enough gets in.",
            Self::Behind => "Whoever comes after somebody who was let in gets in.",
        }
    }
}

/// Whether who was refused is let in, which is what can be said of a departure whatever the rule is about.
fn lets_in(take: &Take) -> bool {
    let outcome = |played: Option<&PlayedAlone>| played.map(|one| one.seen.outcome);
    let (case, sibling) = take.sides();
    outcome(case) == Some(Outcome::Refused) && outcome(sibling) == Some(Outcome::Accepted)
}

/// A case as it is with nobody at work, simplest first: nothing where nobody is in it.
pub(crate) fn without_others(case: &Case) -> impl Iterator<Item = Case> {
    ways_without_others(case)
        .into_iter()
        .map(|(_, case, _)| case)
}

/// The same with what is done in the place of others, and the words for it.
fn ways_without_others(case: &Case) -> Vec<(Unaided, Case, String)> {
    let steps = case.steps();
    let is_beside = |step: &&Value| matches!(Step::from_value(step), Ok(Step::Beside { clients, .. }) if clients > 0);
    let Some(place) = steps.iter().position(|step| is_beside(&step)) else {
        return Vec::new();
    };
    let with = |how: Unaided, step: Value| {
        let mut course = steps.to_vec();
        if let Some(beside) = course.get_mut(place) {
            *beside = step;
        }
        let course = Value::List(course);
        let words = steps_in_words(&steps_of(&course).unwrap_or_default());
        (how, case.with(Part::Course, course), words)
    };
    let Some(Value::Record(fields)) = steps.get(place) else {
        return Vec::new();
    };
    let others = fields.first().map(|(_, who)| who.clone());
    let mut alone: Vec<_> = fields.clone();
    alone.retain(|(name, _)| &**name != "clients");
    if let Some((_, who)) = alone.first_mut() {
        *who = Value::Record(Vec::new());
    }
    alone.insert(1, ("clients".into(), Value::Int(0)));
    let before = Value::record([("ask", others.unwrap_or(Value::Absent))]);
    vec![
        with(Unaided::Alone, Value::Record(alone)),
        with(Unaided::Behind, before),
    ]
}

impl Lab<'_> {
    /// What a departure of the sibling takes that was met while others were at work, where it takes no others: with
    /// the sibling that shows it, and how that differs. Nothing is said of what it takes where it is another client
    /// that asks last, or where nobody is let in who was refused: the rule's own words stand then.
    pub(super) async fn unaided(
        &mut self,
        again: Again<'_>,
    ) -> Result<Option<(Option<Unaided>, (Case, String))>, Stopped> {
        let Some((sibling, _)) = again.sibling else {
            return Ok(None);
        };
        let other = differing(&sibling.client, &again.case.client);
        let other = fields_in_words(&other);
        for (how, case, words) in ways_without_others(sibling) {
            let (how, words) = match other.as_str() {
                "" => (Some(how), words),
                other => (None, format!("when asked with {other}, {words}")),
            };
            let most = match how {
                // What is rare is to be met by itself as likely as it was beside others.
                Some(Unaided::Alone) | None => RUNS_OF_FLAKY,
                Some(Unaided::Behind) => RUNS,
            };
            let again = Again {
                sibling: Some((&case, &words)),
                ..again
            };
            let is_enough =
                |takes: &[Take]| takes.len() >= most || takes.last().is_some_and(Take::departs);
            let takes = self.play_again(again, is_enough).await?;
            if let Some(last) = takes.last().filter(|last| last.departs()) {
                let how = how.filter(|_| lets_in(last));
                return Ok(Some((how, (case, words))));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_at_work_and_the_rest_stays() {
        let valid = || Value::record([("credential", Value::symbol("valid"))]);
        let case = |course: Vec<Value>| Case {
            policy: Value::Record(Vec::new()),
            instance: Value::Record(Vec::new()),
            course: Value::List(course),
            client: Value::record([("credential", Value::symbol("none"))]),
        };
        let beside = Value::record([
            ("beside", valid()),
            ("clients", Value::Int(2)),
            ("tries", Value::Int(40)),
        ]);
        let wait = Value::record([("wait", Value::Int(1))]);
        let shown = ways_without_others(&case(vec![wait.clone(), beside]));
        let words: Vec<(Unaided, &str)> = { shown.iter() }
            .map(|(how, _, words)| (*how, words.as_str()))
            .collect();
        assert_eq!(
            words,
            [
                (
                    Unaided::Alone,
                    "after a wait of 1 s, when asked 40 times with nobody else at work"
                ),
                (
                    Unaided::Behind,
                    "after a wait of 1 s and then asking with credential valid"
                ),
            ]
        );
        let (_, alone, _) = &shown[0];
        assert!(ways_without_others(alone).is_empty());
        assert!(ways_without_others(&case(vec![wait])).is_empty());
    }
}
