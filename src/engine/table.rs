//! The table: what was seen of each case, so that no case is played twice without need.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Deref;
use std::sync::Arc;

use crate::auth::{Challenge, Param};
use crate::client::Play;
use crate::domain::{Case, CaseRef, Conversation, Setting};
use crate::observation::{Answer, Arrival, Asked, Exchange, LoggedEvent, Outcome};
use crate::results::SentSoFar;
use crate::spec::{
    Datum, Env, KnownOfConversation, KnownOfSetting, Observation, Rule, RuleSet, Spec,
};
use crate::wire::{FieldLine, WireFault};

use super::act::{Act, Asker, acts_of};

/// What was seen of a case, without the bytes.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Shared: most cases of a run end in one of a few ways.
    pub(crate) play: Arc<PlaySeen>,
    /// What had been sent by then.
    pub(crate) sent: SentSoFar,
}

impl Deref for Seen {
    type Target = PlaySeen;

    fn deref(&self) -> &PlaySeen {
        &self.play
    }
}

/// What was seen of a play, whenever that was.
#[derive(Clone, Debug)]
pub(crate) struct PlaySeen {
    pub(crate) outcome: Outcome,
    /// The last answer. Shared: most cases of a run meet one of a few answers.
    pub(crate) answer: Arc<Answer>,
    pub(crate) events: Option<Arc<[LoggedEvent]>>,
    /// The exchanges of the client that asked last.
    pub(crate) exchanges: Vec<Exchange>,
    /// What came of the asks before.
    pub(crate) before: Arc<[Asked]>,
    /// What reached the backend, where the implementation tells.
    pub(crate) arrivals: Option<Arc<[Arrival]>>,
    /// In how many of several tries it ended so, where a client asked beside others.
    pub(crate) rate: Option<(u32, u32)>,
}

impl Seen {
    /// What a play came to, behind what came of the asks before it; nothing where the client did not come
    /// to send what its case is about, or nothing was exchanged.
    pub(super) fn new(
        play: Play,
        before: Vec<Asked>,
        watched: Watched,
        rate: Option<(u32, u32)>,
        sent: SentSoFar,
    ) -> Option<Self> {
        let last = play.exchanges.last().filter(|_| !play.not_applicable)?;
        Some(Self {
            play: Arc::new(PlaySeen {
                outcome: play.outcome,
                answer: Arc::clone(&last.answer),
                events: watched.events,
                arrivals: watched.arrivals,
                exchanges: play.exchanges,
                before: match before.is_empty() {
                    true => Arc::default(),
                    false => before.into(),
                },
                rate,
            }),
            sent,
        })
    }
}

impl PlaySeen {
    /// Roughly how many bytes it takes to keep it beside these answers, by where they are kept; its own become
    /// some of them.
    fn bytes(&self, kept: &mut HashSet<usize>) -> usize {
        let mut of_answer = |answer: &Arc<Answer>| match kept.insert(Arc::as_ptr(answer).addr()) {
            true => bytes_of(answer),
            false => 0,
        };
        let before = self.before.iter().flat_map(|asked| &asked.exchanges);
        let exchanges = self.exchanges.iter().chain(before);
        let exchanges: usize = exchanges.map(|one| of_answer(&one.answer) + 64).sum();
        of_answer(&self.answer) + exchanges + size_of::<Self>()
    }

    /// What rules may look at.
    pub(crate) fn observation(&self) -> Observation<'_> {
        Observation {
            outcome: self.outcome,
            answer: &self.answer,
            events: self.events.as_deref(),
            exchanges: &self.exchanges,
            before: &self.before,
            arrivals: self.arrivals.as_deref(),
            rate: self.rate,
        }
    }
}

/// Roughly how many bytes an answer takes: its text stands in its head, in its fields and in its challenges, and
/// what they are read into takes more than the text where there are many.
fn bytes_of(answer: &Answer) -> usize {
    const ALLOCATION: usize = 32;
    let response = &answer.response;
    let challenges = &answer.challenges.list;
    let params: usize = challenges.iter().map(|one| one.params.len()).sum();
    let text = response.head.len() * 3 + response.body.len();
    let fields = response.fields.len() * (size_of::<FieldLine>() + 2 * ALLOCATION);
    let challenges = challenges.len() * (size_of::<Challenge>() + 2 * ALLOCATION);
    let params = params * (size_of::<Param>() + 3 * ALLOCATION);
    text + fields + challenges + params + 512
}

/// What an implementation told of what happened in it meanwhile.
#[derive(Clone, Debug, Default)]
pub(super) struct Watched {
    pub(super) events: Option<Arc<[LoggedEvent]>>,
    pub(super) arrivals: Option<Arc<[Arrival]>>,
}

/// What became of a case that was played.
#[derive(Clone, Debug)]
pub(super) enum Played {
    Seen(Seen),
    /// The client had no occasion to be what the case says; see [`Play::not_applicable`](crate::client::Play).
    NotApplicable,
    /// No response: whose fault that is, nobody knows.
    Fault(Arc<WireFault>),
}

/// The place of a case in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct At {
    pub(super) setting: usize,
    pub(super) conversation: usize,
}

/// A setting and what was seen of it.
#[derive(Debug)]
pub(super) struct SettingRow {
    pub(super) value: Arc<Setting>,
    pub(super) known: KnownOfSetting,
    /// By conversation.
    pub(super) played: Vec<Option<Played>>,
    /// Whether it is tried because another is compared with it, and is compared with no other setting itself.
    pub(super) beside: bool,
    /// Why the implementation cannot express it.
    pub(super) unsupported: Option<String>,
}

/// A conversation, and how it is played.
#[derive(Debug)]
pub(super) struct ConversationRow {
    pub(super) value: Arc<Conversation>,
    pub(super) known: KnownOfConversation,
    /// Who asks at its end.
    pub(super) client: Asker,
    /// What comes before.
    pub(super) acts: Arc<[Act]>,
}

/// What was seen of every case of an epoch.
#[derive(Debug)]
pub(super) struct Table<'s> {
    pub(super) spec: &'s Spec,
    pub(super) settings: Vec<SettingRow>,
    pub(super) conversations: Vec<ConversationRow>,
    by_setting: HashMap<Arc<Setting>, usize>,
    by_conversation: HashMap<Arc<Conversation>, usize>,
    /// Whether a rule looks at more than the last answer, so that every exchange is kept.
    keeps_exchanges: bool,
    /// What was seen, each kept once.
    kept: HashMap<Ending, Arc<PlaySeen>>,
    /// The answers of it all, by where they are kept: most are shared.
    answers: HashSet<usize>,
    /// Roughly how many bytes that takes.
    bytes: usize,
    /// Cases that were let in behind others and asked once more by themselves, and whether they were kept out then.
    by_itself: HashMap<At, bool>,
    /// Why cases were not applicable that could not be played, each reason once.
    pub(super) undone: Vec<String>,
}

/// How a play ended: outcome, last answer and events by where they are kept, and the rate of several tries.
type Ending = (Outcome, usize, usize, Option<(u32, u32)>);

/// The most bytes of what was seen that are kept, or a little more: those of a batch are kept until it is judged.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// The most reasons that are told why cases could not be played.
const MOST_UNDONE: usize = 4;

impl<'s> Table<'s> {
    pub(super) fn new(spec: &'s Spec) -> Self {
        Self {
            spec,
            settings: Vec::new(),
            conversations: Vec::new(),
            by_setting: HashMap::new(),
            by_conversation: HashMap::new(),
            keeps_exchanges: spec.rules.iter().any(Rule::uses_exchanges),
            kept: HashMap::new(),
            answers: HashSet::new(),
            bytes: 0,
            by_itself: HashMap::new(),
            undone: Vec::new(),
        }
    }

    /// Takes note of why a case could not be played.
    pub(super) fn note_undone(&mut self, why: String) {
        if self.undone.len() < MOST_UNDONE && !self.undone.contains(&why) {
            self.undone.push(why);
        }
    }

    /// The place of a setting, which is new where it was not known.
    pub(super) fn setting(&mut self, value: Setting) -> usize {
        if let Some(index) = self.by_setting.get(&value) {
            return *index;
        }
        let index = self.settings.len();
        let known = self.spec.known_of_setting(&value);
        let value = Arc::new(value);
        self.by_setting.insert(value.clone(), index);
        self.settings.push(SettingRow {
            value,
            known,
            played: Vec::new(),
            beside: false,
            unsupported: None,
        });
        index
    }

    /// The place of a conversation; an error names what it is that cannot be played.
    pub(super) fn conversation(&mut self, value: Conversation) -> Result<usize, String> {
        if let Some(index) = self.by_conversation.get(&value) {
            return Ok(*index);
        }
        let (acts, client) = acts_of(&value)?;
        let index = self.conversations.len();
        let known = self.spec.known_of_conversation(&value);
        let value = Arc::new(value);
        self.by_conversation.insert(value.clone(), index);
        self.conversations.push(ConversationRow {
            value,
            known,
            client,
            acts,
        });
        Ok(index)
    }

    /// The place of a case.
    pub(super) fn place(&mut self, case: &Case) -> Result<At, String> {
        let conversation = self.conversation(case.conversation())?;
        let setting = self.setting(case.setting());
        Ok(At {
            setting,
            conversation,
        })
    }

    /// The case at a place.
    pub(super) fn case(&self, at: At) -> Option<CaseRef<'_>> {
        let setting = self.settings.get(at.setting)?;
        let conversation = self.conversations.get(at.conversation)?;
        Some(CaseRef::of(&setting.value, &conversation.value))
    }

    /// The definitions of a case.
    pub(super) fn definitions(&self, at: At) -> Cow<'_, [Datum]> {
        let Some(setting) = self.settings.get(at.setting) else {
            return Cow::Borrowed(&[]);
        };
        let known = &setting.known.definitions;
        let case = self.case(at);
        case.and_then(|case| self.spec.define_beside(case, known))
            .map_or(Cow::Borrowed(known), Cow::Owned)
    }

    /// Looks at a case as before it is played.
    pub(super) fn before<T>(&self, at: At, look: impl FnOnce(&Env<'_>) -> T) -> Option<T> {
        let case = self.case(at)?;
        let definitions = self.definitions(at);
        Some(look(&Env::of(case, &definitions)))
    }

    /// Looks at a case, and at what was seen of it where it was played.
    pub(super) fn with_env<T>(&self, at: At, look: impl FnOnce(&Env<'_>) -> T) -> Option<T> {
        let case = self.case(at)?;
        let definitions = self.definitions(at);
        let observation = match self.played(at) {
            Some(Played::Seen(seen)) => Some(seen.observation()),
            Some(Played::Fault(_) | Played::NotApplicable) | None => None,
        };
        Some(look(&Env {
            observation,
            ..Env::of(case, &definitions)
        }))
    }

    /// Whether a constraint excludes the case at a place.
    pub(super) fn is_excluded(&self, at: At) -> bool {
        let setting = self.settings.get(at.setting);
        let conversation = self.conversations.get(at.conversation);
        let parts = setting.zip(conversation).zip(self.case(at));
        parts.is_none_or(|((setting, conversation), case)| {
            (self.spec).excludes_known(case, &setting.known, &conversation.known)
        })
    }

    /// The rules of these that may apply to a case by its setting and by its conversation, in order.
    pub(super) fn rules_at<'t>(
        &'t self,
        at: At,
        among: &'t RuleSet,
    ) -> impl Iterator<Item = usize> {
        let setting = self.settings.get(at.setting);
        let conversation = self.conversations.get(at.conversation);
        let known = setting.zip(conversation);
        known.into_iter().flat_map(|(setting, conversation)| {
            RuleSet::in_all([&setting.known.rules, &conversation.known.rules, among])
        })
    }

    /// Whether a constraint keeps a case from being compared with a sibling; see [`Spec::allows_beside`].
    pub(super) fn may_be_compared(&self, at: At, sibling: At) -> bool {
        let row = |at: At| self.conversations.get(at.conversation);
        let (Some(here), Some(there)) = (row(at), row(sibling)) else {
            return false;
        };
        let is_made =
            at.conversation != sibling.conversation && here.value.course != there.value.course;
        match is_made {
            true => !there.known.impossible,
            false => !self.is_excluded(sibling),
        }
    }

    /// What became of a case; nothing where it was not played.
    pub(super) fn played(&self, at: At) -> Option<&Played> {
        self.settings
            .get(at.setting)?
            .played
            .get(at.conversation)?
            .as_ref()
    }

    /// Whether a case was played and its client had no occasion to be what the case says.
    pub(super) fn is_not_applicable(&self, case: &Case) -> bool {
        let setting = self.by_setting.get(&case.setting());
        let conversation = self.by_conversation.get(&case.conversation());
        let place = setting.zip(conversation);
        place.is_some_and(|(&setting, &conversation)| {
            let at = At {
                setting,
                conversation,
            };
            matches!(self.played(at), Some(Played::NotApplicable))
        })
    }

    /// Whether there is nothing more to be learnt of a case by playing it.
    pub(super) fn is_settled(&self, at: At) -> bool {
        self.settings.get(at.setting).is_some_and(|setting| {
            setting.unsupported.is_some()
                || setting
                    .played
                    .get(at.conversation)
                    .is_some_and(Option::is_some)
        })
    }

    pub(super) fn set_played(&mut self, at: At, mut played: Played) {
        if let Played::Seen(seen) = &mut played {
            self.share(seen);
        }
        if let Some(setting) = self.settings.get_mut(at.setting) {
            if setting.played.len() <= at.conversation {
                setting.played.resize(at.conversation + 1, None);
            }
            if let Some(slot) = setting.played.get_mut(at.conversation) {
                *slot = Some(played);
            }
        }
    }

    /// Keeps what was seen once, where it was seen before.
    fn share(&mut self, seen: &mut Seen) {
        let tells_more = self.keeps_exchanges && !seen.exchanges.is_empty();
        if tells_more || !seen.before.is_empty() || seen.arrivals.is_some() {
            self.bytes += seen.bytes(&mut self.answers);
            return;
        }
        let events = seen
            .events
            .as_ref()
            .map_or(0, |events| Arc::as_ptr(events).addr());
        let answer = Arc::as_ptr(&seen.answer).addr();
        let kept = self.kept.entry((seen.outcome, answer, events, seen.rate));
        let kept = kept.or_insert_with(|| {
            let play = PlaySeen {
                exchanges: Vec::new(),
                ..PlaySeen::clone(&seen.play)
            };
            self.bytes += play.bytes(&mut self.answers);
            Arc::new(play)
        });
        seen.play = Arc::clone(kept);
    }

    /// Whether what was seen takes too much to be kept.
    pub(super) fn is_full(&self) -> bool {
        self.bytes > MOST_BYTES
    }

    /// Forgets what was seen, where that takes too much to keep: an implementation may answer each request
    /// otherwise. Whatever others are compared with is then played again. Answers with whether it did.
    pub(super) fn keep_to_bounds(&mut self) -> bool {
        let is_full = self.is_full();
        if is_full {
            for setting in &mut self.settings {
                setting.played = Vec::new();
            }
            self.kept = HashMap::new();
            self.by_itself = HashMap::new();
            self.answers = HashSet::new();
            self.bytes = 0;
        }
        is_full
    }

    /// Takes note of what a case came to by itself that was let in behind others: what it came to behind them is
    /// kept where it is let in by itself as well.
    pub(super) fn set_by_itself(&mut self, at: At, played: Played) {
        let kept_out = matches!(&played, Played::Seen(seen) if seen.outcome != Outcome::Accepted);
        self.by_itself.insert(at, kept_out);
        if kept_out {
            self.set_played(at, played);
        }
    }

    /// Whether a case that was let in behind others was asked once more by itself.
    pub(super) fn is_asked_by_itself(&self, at: At) -> bool {
        self.by_itself.contains_key(&at)
    }

    /// Whether a case was let in behind others, and kept out by itself.
    pub(super) fn needs_others(&self, at: At) -> bool {
        self.by_itself.get(&at) == Some(&true)
    }

    /// Forgets that cases had no response, so that they are played again.
    pub(super) fn forget_faults(&mut self, cases: &[At]) {
        for at in cases {
            let setting = self.settings.get_mut(at.setting);
            if let Some(slot) = setting.and_then(|setting| setting.played.get_mut(at.conversation))
                && let Some(Played::Fault(fault)) = slot
                && !fault.shows_life()
            {
                *slot = None;
            }
        }
    }

    /// Says whether a setting is tried because another is compared with it.
    pub(super) fn set_beside(&mut self, setting: usize, beside: bool) {
        if let Some(setting) = self.settings.get_mut(setting) {
            setting.beside = beside;
        }
    }

    /// Whether a setting is tried because another is compared with it.
    pub(super) fn is_beside(&self, setting: usize) -> bool {
        self.settings.get(setting).is_some_and(|row| row.beside)
    }

    pub(super) fn set_unsupported(&mut self, setting: usize, reason: String) {
        if let Some(setting) = self.settings.get_mut(setting) {
            setting.unsupported = Some(reason);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::shipped;
    use crate::wire::{BodyEnd, Response};

    fn seen(answer: &Arc<Answer>) -> Played {
        let play = PlaySeen {
            outcome: Outcome::Refused,
            answer: Arc::clone(answer),
            events: None,
            exchanges: Vec::new(),
            before: Arc::default(),
            arrivals: None,
            rate: None,
        };
        Played::Seen(Seen {
            play: Arc::new(play),
            sent: SentSoFar::default(),
        })
    }

    fn answer(body: usize) -> Arc<Answer> {
        Arc::new(Answer::new(Response {
            status: 401,
            fields: Vec::new(),
            body: vec![b'x'; body],
            body_end: BodyEnd::Complete,
            head: Vec::new(),
        }))
    }

    /// A million cases that end alike take no more than one of them, and answers that all differ are forgotten.
    #[test]
    fn what_was_seen_is_kept_once_and_within_bounds() {
        let spec = Spec::read(&shipped("api-access-policy").unwrap()).unwrap();
        let mut table = Table::new(&spec);
        let at = table.place(&spec.domain.simplest()).unwrap();
        let like = answer(100);
        for _ in 0..100_000 {
            table.set_played(at, seen(&like));
        }
        assert!(!table.keep_to_bounds());
        assert!(table.played(at).is_some());

        let other = |place: usize| At {
            conversation: at.conversation + place,
            ..at
        };
        for place in 0..40 {
            table.set_played(other(place), seen(&answer(1024 * 1024)));
        }
        assert!(table.keep_to_bounds());
        assert!((0..40).all(|place| table.played(other(place)).is_none()));
        assert!(!table.keep_to_bounds());
        // What is forgotten can be played again.
        assert!(!table.is_settled(at));
        table.set_played(at, seen(&like));
        assert!(table.played(at).is_some());
    }
    /// What many challenges are read into takes many times their text.
    #[test]
    fn many_challenges_count_for_what_they_take() {
        let spec = Spec::read(&shipped("api-access-policy").unwrap()).unwrap();
        let mut table = Table::new(&spec);
        let at = table.place(&spec.domain.simplest()).unwrap();
        let value = "X r=y, ".repeat(2_000).into_bytes();
        for place in 0..150 {
            let field = FieldLine {
                name: "www-authenticate".to_owned(),
                value: value.clone(),
            };
            let many = Arc::new(Answer::new(Response {
                status: 401,
                fields: vec![field],
                body: Vec::new(),
                body_end: BodyEnd::Complete,
                head: value.clone(),
            }));
            let conversation = at.conversation + place;
            table.set_played(At { conversation, ..at }, seen(&many));
        }
        assert!(table.keep_to_bounds());
    }
}
