//! What went before: whether what a finding's proof rests on still stands behind the failing case.
//!
//! A proof says that simpler cases hold. They were played before the failing case, and an implementation
//! with a memory (a user is refused after a number of wrong passwords; so many requests in a second) may
//! answer them otherwise by now: then it is not the case that breaks the rule, but what went before it. So
//! they are asked once more, behind the failing case, and so are cases on which the same rule held, and who
//! was let in with the same kind of credentials.

use std::sync::Arc;

use crate::credentials::{CredentialState, Scheme};
use crate::domain::{Case, Conversation, Setting, Value, grouped};
use crate::observation::{Answer, Outcome};
use crate::results::{
    Before, Finding, LetIn, Likely, MinimalityProof, SentSoFar, Stopped, Then, Transcript,
    TriedVerdict, Unsteady,
};
use crate::vocabulary::{ClientCase, Persona};

use super::answered::Held;
use super::evidence::is_stranger;
use super::failure::Failure;
use super::judge::Verdict;
use super::runner::Runner;
use super::table::{At, Played, Seen};

/// The most simpler cases that are asked again: more than a certificate names.
const NEIGHBOURS: usize = 24;

/// How often a case is asked once more whose answer is another now: a memory stays, chance does not.
const ONCE_MORE: u32 = 3;

/// The most cases that are asked again on which the same rule held.
const HELD: usize = 4;

impl Runner<'_> {
    /// Keeps the first case that is let in with valid credentials of each scheme, where a client without
    /// any is not: what it is worth can be seen later.
    pub(super) fn note_let_in(&mut self, at: At) {
        let (Some(client), Some(Played::Seen(seen))) = (
            self.table.conversations.get(at.conversation),
            self.table.played(at),
        ) else {
            return;
        };
        let ClientCase {
            persona,
            scheme,
            credential,
            ..
        } = *client.client.client;
        // Who waits for a challenge and gets none may be let in for what another left behind.
        if credential != CredentialState::Valid
            || persona != Persona::Preemptive
            || seen.outcome != Outcome::Accepted
            || self.let_in.iter().any(|known| known.scheme == scheme)
        {
            return;
        }
        let kept_out = self
            .table
            .conversations
            .iter()
            .enumerate()
            .any(|(bare, other)| {
                let bare = At {
                    conversation: bare,
                    ..at
                };
                other.client.client.credential == CredentialState::None
                    && matches!(self.table.played(bare), Some(Played::Seen(seen))
                    if seen.outcome != Outcome::Accepted)
            });
        if let Some(then) = self.then(at).filter(|_| kept_out) {
            self.let_in.push(LetIn { scheme, then });
        }
    }

    /// Keeps the first case in which somebody without credentials was asked for some.
    pub(super) fn note_asked(&mut self, at: At) {
        if self.asked.is_some() {
            return;
        }
        if let (Some(client), Some(Played::Seen(seen))) = (
            self.table.conversations.get(at.conversation),
            self.table.played(at),
        ) && client.client.client.credential == CredentialState::None
            && matches!(seen.answer.response.status, 401 | 407)
        {
            self.asked = self.then(at);
        }
    }

    /// Keeps a case on which a rule held, for its client.
    pub(super) fn note_held(&mut self, rule: usize, at: At) {
        let (Some(setting), Some(Played::Seen(seen)), Some(tally)) = (
            self.table.settings.get(at.setting),
            self.table.played(at),
            self.tallies.get_mut(rule),
        ) else {
            return;
        };
        if tally.held.len() <= at.conversation {
            tally.held.resize(at.conversation + 1, None);
        }
        if let Some(held) = tally.held.get_mut(at.conversation) {
            *held = Some(Held {
                setting: Arc::clone(&setting.value),
                status: seen.answer.response.status,
                outcome: seen.outcome,
                sent: seen.sent,
            });
        }
    }

    /// A case as it was answered.
    pub(super) fn then(&self, at: At) -> Option<Then> {
        let case = self.table.case(at)?.to_case();
        let Some(Played::Seen(seen)) = self.table.played(at) else {
            return None;
        };
        Some(Then {
            case,
            status: seen.answer.response.status,
            outcome: seen.outcome,
            sent: seen.sent,
        })
    }

    /// Asks again what a finding's proof rests on, now that its case was played: the first answer that is
    /// not what it was.
    pub(super) async fn ask_again(
        &mut self,
        minimal: &Failure,
        sibling: Option<&Case>,
        proof: Option<&MinimalityProof>,
    ) -> Result<Option<Before>, Stopped> {
        let place = (self.table.place(&minimal.case)).map_err(Stopped::Unplayable)?;
        if let Some(asked) = self.asked.clone()
            && let Ok(witnessed) = self.lab.play_alone(&asked.case).await?
            && is_refused_otherwise(&asked, &witnessed.seen)
        {
            let answer = witnessed.seen;
            return self.before(place, asked, &answer).await.map(Some);
        }
        // Where the failure did not show each time, anybody's memory may be the reason.
        let schemes = proof.map(|_| schemes_of(&minimal.case, sibling));
        let mut logged_in = self.logged_in(schemes.as_deref());
        if logged_in.is_empty() && schemes.is_some_and(|schemes| !schemes.is_empty()) {
            // Nobody was ever let in with such credentials: whoever locks one user out may mean all of them.
            logged_in = self.logged_in(None);
        }
        for then in logged_in {
            if let Ok(witnessed) = self.lab.play_alone(&then.case).await?
                && witnessed.seen.outcome != then.outcome
            {
                let answer = witnessed.seen;
                return self.before(place, then, &answer).await.map(Some);
            }
        }
        let mut asked = match proof {
            Some(proof) => self.rests_on(minimal, proof)?,
            None => Vec::new(),
        };
        asked.extend(match self.lab.is_apart() {
            true => self.held_before.clone(),
            false => self.held(minimal),
        });
        match self.first_that_changed(minimal.rule, asked).await? {
            Some((then, answer)) => self.before(place, then, &answer).await.map(Some),
            None => Ok(None),
        }
    }

    /// The simpler cases of a proof that hold, or of which the rule does not speak for what was answered.
    fn rests_on(
        &mut self,
        minimal: &Failure,
        proof: &MinimalityProof,
    ) -> Result<Vec<Then>, Stopped> {
        let mut changes = self.spec.domain.simplifications(&minimal.case);
        changes.retain(|change| !self.spec.excludes(&change.case));
        let mut asked = Vec::new();
        for (change, step) in changes.iter().zip(&proof.steps) {
            if asked.len() >= NEIGHBOURS {
                break;
            }
            let rests = matches!(
                step.verdict,
                TriedVerdict::Passes | TriedVerdict::NotApplicable
            );
            let at = (self.table.place(&change.case)).map_err(Stopped::Unplayable)?;
            if rests && self.may_apply_at(minimal.rule, at) {
                asked.extend(self.then(at));
            }
        }
        Ok(asked)
    }

    /// Cases on which the rule held, those of the failing client first.
    pub(super) fn held(&self, minimal: &Failure) -> Vec<Then> {
        let Some(tally) = self.tallies.get(minimal.rule) else {
            return Vec::new();
        };
        let client = ClientCase::from_value(&minimal.case.client).unwrap_or_default();
        let mut held: Vec<_> = (self.table.conversations.iter())
            .zip(&tally.held)
            .filter_map(|(conversation, held)| Some((conversation, held.as_ref()?)))
            .collect();
        held.sort_by_key(|(other, _)| {
            let other = &other.client.client;
            (
                **other != client,
                other.scheme != client.scheme,
                other.credential != client.credential,
            )
        });
        let chosen = held.into_iter().take(HELD);
        chosen
            .map(|(conversation, held)| Then {
                case: Case::of(
                    Setting::clone(&held.setting),
                    Conversation::clone(&conversation.value),
                ),
                status: held.status,
                outcome: held.outcome,
                sent: held.sent,
            })
            .collect()
    }

    /// Who was let in with credentials of one of these schemes, or of any.
    fn logged_in(&self, schemes: Option<&[Scheme]>) -> Vec<Then> {
        let mut logged_in: Vec<Then> = Vec::new();
        // What an earlier run had sent by then is beyond this one's count.
        let earlier = self.options.let_in.iter().map(|known| LetIn {
            then: Then {
                sent: SentSoFar::default(),
                ..known.then.clone()
            },
            ..known.clone()
        });
        for known in self.let_in.iter().cloned().chain(earlier) {
            let again = logged_in.iter().any(|then| then.case == known.then.case);
            if schemes.is_none_or(|schemes| schemes.contains(&known.scheme)) && !again {
                logged_in.push(known.then);
            }
        }
        logged_in
    }

    /// Whether somebody without credentials who was asked for some is refused otherwise now.
    async fn is_refused_bare(&mut self) -> Result<bool, Stopped> {
        let Some(asked) = self.asked.clone() else {
            return Ok(false);
        };
        let now = self.lab.play_alone(&asked.case).await?;
        Ok(now.is_ok_and(|now| is_refused_otherwise(&asked, &now.seen)))
    }

    /// Plays cases anew, one after the other: the first that is answered otherwise, or on which the rule
    /// breaks now, with its answer.
    async fn first_that_changed(
        &mut self,
        rule: usize,
        asked: Vec<Then>,
    ) -> Result<Option<(Then, Seen)>, Stopped> {
        let aside = self.set_aside();
        self.lab.one_by_one(true);
        let changed = self.changed(rule, asked).await;
        self.lab.one_by_one(false);
        self.take_back(aside);
        changed
    }

    async fn changed(
        &mut self,
        rule: usize,
        asked: Vec<Then>,
    ) -> Result<Option<(Then, Seen)>, Stopped> {
        let mut places = Vec::new();
        for then in &asked {
            let at = (self.table.place(&then.case)).map_err(Stopped::Unplayable)?;
            self.find_siblings(rule, at).map_err(Stopped::Unplayable)?;
            places.push(at);
        }
        self.observe_for(rule, &places).await?;
        for (then, at) in asked.into_iter().zip(places) {
            let Some(Played::Seen(seen)) = self.table.played(at) else {
                continue;
            };
            let otherwise =
                seen.outcome != then.outcome || seen.answer.response.status != then.status;
            if otherwise || matches!(self.verdict(rule, at), Verdict::Fail { .. }) {
                let seen = seen.clone();
                return Ok(Some((then, seen)));
            }
        }
        Ok(None)
    }

    /// Tells of a case that is answered otherwise now.
    async fn before(&mut self, failing: At, then: Then, now: &Seen) -> Result<Before, Stopped> {
        let status = now.answer.response.status;
        let retry_after = retry_after(&now.answer);
        let mut transcript = Transcript::default();
        let mut is_back = false;
        for _ in 0..ONCE_MORE {
            let played = self.lab.play_alone(&then.case).await?;
            let Ok(witnessed) = played else { continue };
            let again = &witnessed.seen;
            is_back |= again.outcome == then.outcome && again.answer.response.status == then.status;
            if transcript.case.is_empty() || again.answer.response.status == status {
                transcript.case = witnessed.transcript;
            }
        }
        let likely = if status == 429 || retry_after.is_some() {
            Likely::RateLimit
        } else if is_back && status != then.status {
            Likely::Chance
        } else if self.is_refused_bare().await? {
            Likely::Ban
        } else if then.outcome == Outcome::Accepted && is_to_be_let_in(&then.case) {
            Likely::LockOut
        } else if then.outcome == Outcome::Accepted {
            Likely::Remembered
        } else {
            Likely::Unknown
        };
        // The failing case was the first to show it, as far as anybody knows.
        let since = match self.table.played(failing) {
            Some(Played::Seen(seen)) if seen.sent.requests > then.sent.requests => seen.sent,
            _ => now.sent,
        };
        Ok(Before {
            then: then.status,
            now: status,
            likely,
            requests: (then.sent.requests, since.requests),
            wrong: since.wrong.saturating_sub(then.sent.wrong),
            case: then.case,
            retry_after,
            transcript,
        })
    }
}

/// Whether somebody is refused in another way than before.
fn is_refused_otherwise(then: &Then, now: &Seen) -> bool {
    now.outcome != Outcome::Accepted && now.answer.response.status != then.status
}

/// Whether a client has good credentials for a scheme of the policy, or may have: keys are no profiles.
pub(super) fn is_to_be_let_in(case: &Case) -> bool {
    let client = ClientCase::from_value(&case.client);
    let takes_keys = || {
        let key = case.at("policy.key").and_then(Value::as_symbol);
        key.is_some_and(|key| key != "none")
    };
    client.is_ok_and(|client| client.credential == CredentialState::Valid)
        && (!is_stranger(case) || takes_keys())
}

/// The schemes of the credentials that the clients of a case and its sibling have.
fn schemes_of(case: &Case, sibling: Option<&Case>) -> Vec<Scheme> {
    [Some(case), sibling]
        .into_iter()
        .flatten()
        .filter_map(|case| ClientCase::from_value(&case.client).ok())
        .filter(|client| client.credential != CredentialState::None)
        .map(|client| client.scheme)
        .collect()
}

/// What an answer says of when to come again.
pub(super) fn retry_after(answer: &Answer) -> Option<String> {
    let mut values = answer.response.fields_named("Retry-After");
    values.next().map(|value| value.escape_ascii().to_string())
}

/// What a reader should know of findings that are told of as no accusation, for one reason: once for each.
pub(super) fn unsteady(findings: &[Finding]) -> Vec<String> {
    let mut told: Vec<(&Unsteady, Vec<&str>)> = Vec::new();
    for finding in findings {
        let Some(why) = finding.unsteady() else {
            continue;
        };
        match told.iter_mut().find(|(known, _)| known.is_as(why)) {
            Some((_, rules)) if rules.contains(&finding.rule.as_str()) => {}
            Some((_, rules)) => rules.push(&finding.rule),
            None => told.push((why, vec![&finding.rule])),
        }
    }
    told.into_iter()
        .map(|(why, rules)| {
            let accuse = match rules.len() {
                1 => "1 rule got no steady answer, and accuses".to_owned(),
                more => format!(
                    "{} rules got no steady answer, and accuse",
                    grouped(more as u64)
                ),
            };
            format!("{accuse} nobody: {why}")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Spec, read_case, shipped};
    use crate::yaml::Source;

    #[test]
    fn who_is_not_to_be_let_in_was_not_locked_out() {
        let spec = Spec::read(&shipped("http-authentication").unwrap()).unwrap();
        let may = |case: &str| {
            let case = read_case(&Source::new("case", case), &spec.domain).unwrap();
            is_to_be_let_in(&case)
        };
        assert!(may(
            "{policy: {profiles: [{scheme: basic}]}, client: {scheme: basic, credential: valid}}"
        ));
        assert!(!may(
            "{policy: {profiles: [{scheme: bearer}]}, client: {scheme: api-key, credential: valid}}"
        ));
        assert!(may(
            "{policy: {profiles: [{scheme: bearer}], key: field}, client: {scheme: api-key, credential: valid}}"
        ));
        assert!(!may(
            "{policy: {profiles: [{scheme: basic}]}, client: {scheme: basic, credential: none}}"
        ));
    }
}
