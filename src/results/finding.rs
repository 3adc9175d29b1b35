//! Findings: a rule broken by a minimal case, with all that a reader needs to act on it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::credentials::Identity;
use crate::domain::{Case, Fact};
use crate::spec::{About, Certainty, DecisionFlaw, Discrepancy, Level, Stated};
use crate::user_agents::catalogue::PlayedBy;

use super::accused::Accused;
use super::before::{Before, Likely};
use super::demand::ResolvedDemand;
use super::followed::Followed;

/// A rule broken by a minimal case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The pack's name and version.
    #[serde(with = "super::serial::product")]
    pub pack: (String, u32),
    /// What `--spec` takes for the pack: its name where it ships, otherwise its file.
    pub spec: String,
    /// The rule's id.
    pub rule: String,
    /// Where the rule stands among those of its spec.
    pub place: usize,
    /// How strongly it binds.
    pub level: Level,
    /// Whether it is scored; a rule that is not is reported beside the findings.
    pub scored: bool,
    /// What is wrong, in a phrase, from the server's side: *who waits for a challenge is shut out*.
    pub defect: String,
    /// Where it is stated.
    pub stated: Stated,
    /// Where the rule stands in its spec: `specs/reachability.yaml:74`.
    pub at: String,
    /// Who is hurt.
    pub impact: String,
    /// The choices between a spec's alternatives under which the rule applies at all.
    pub presumes: Vec<Presumed>,
    /// The case in one sentence: *two profiles, flag false, Basic client*.
    pub sentence: String,
    /// The facts that make the sentence.
    pub facts: Vec<Fact>,
    /// The minimal case.
    pub case: Case,
    /// The minimal case in brief, as `--case` takes it.
    pub brief: String,
    /// What the client that is accused is odd in: each field that has not its simplest value, with
    /// the value, such as `form: odd-case`.
    pub oddities: Vec<String>,
    /// The sibling that it is compared with, and how that differs, where the rule is a relation.
    pub sibling: Option<(Case, String)>,
    /// What is accused, for other findings to be held against: the case, or the sibling, or either.
    pub evidence: Vec<Accused>,
    /// What was expected and what came instead.
    pub discrepancy: Discrepancy,
    /// What the rule demands of this case, with every set written out.
    pub demand: ResolvedDemand,
    /// Why it is minimal.
    pub proof: MinimalityProof,
    /// Every variation of one field and what the rule then says.
    pub variations: Vec<TriedChange>,
    /// Single changes of the policy or the instance that make the rule hold.
    pub cures: Vec<Cure>,
    /// Every single change of the policy or the instance, in words, after which the rule no longer
    /// breaks: the cures, and those after which it does not apply any more.
    pub reliefs: Vec<String>,
    /// The programs that played it: of the case first, then of the sibling. None where no real one did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub played_by: Vec<PlayedBy>,
    /// What went over the wire.
    pub transcript: Transcript,
    /// How many cases broke the rule in the same way.
    pub failures: u64,
    /// Set where it did not break the same way each time.
    pub flaky: Option<Flaky>,
    /// Requests from the first failure until the case was proven minimal; 0 in runs that were saved before it was
    /// told.
    #[serde(default)]
    pub requests_to_proof: u64,
    /// Requests from the first failure to the end of its confirmation: those to the proof, and what explains it.
    pub requests: u64,
    /// Who could log in: test identities, also where a deployed server was asked as somebody else.
    #[serde(serialize_with = "super::serial::identities::told")]
    pub identities: Vec<Identity>,
}

impl Finding {
    /// The finding in one line, for lists, file names and programs: its defect and its sentence, or why it
    /// accuses nobody.
    pub fn title(&self) -> String {
        match self.unsteady() {
            Some(why) => why.headline(),
            None => format!("{}: {}", self.defect, self.sentence),
        }
    }

    /// Why the implementation does not answer the same each time, where it does not, that is known and no other
    /// finding accounts for it.
    pub fn unsteady(&self) -> Option<&Unsteady> {
        let flaky = self.flaky.as_ref()?;
        match flaky.follows {
            Some(_) => None,
            None => flaky.why.as_ref(),
        }
    }

    /// The finding behind whose course it shows each time, where it did not show each time by itself.
    pub fn follows(&self) -> Option<&Followed> {
        self.flaky.as_ref()?.follows.as_ref()
    }

    /// What can be done where it did not show each time and nobody can tell why: about a server that now and then
    /// keeps out who is to be let in.
    pub fn remedy_of_flaky(&self) -> Option<&'static str> {
        let keeps_out = |accused: &Accused| {
            let kept_out = DecisionFlaw::KeptOut;
            matches!(&accused.about, About::Answer { turn, .. } if *turn == kept_out)
                && accused.certainty == Certainty::Certain
        };
        let is_open = |flaky: &Flaky| flaky.why.is_none() && flaky.follows.is_none();
        let unexplained = self.flaky.as_ref().is_some_and(is_open);
        (unexplained && self.evidence.iter().any(keeps_out)).then_some(UNSTEADY)
    }

    /// Whether it counts against the implementation: scored and not flaky.
    pub fn accuses(&self) -> bool {
        self.scored && self.flaky.is_none()
    }
}

/// A choice between alternatives that an implementation must take for a rule to apply to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presumed {
    /// The alternative's name.
    pub alternative: String,
    /// The choice's name.
    pub choice: String,
    /// Whether an implementation that declares nothing counts as taking it.
    pub default: bool,
}

/// Why a case is minimal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MinimalityProof {
    /// Every one-step simplification and what the rule says of it.
    pub steps: Vec<TriedChange>,
    /// Set where no simpler case of the whole space breaks the rule in this way: how many there are.
    pub simpler_cases: Option<u64>,
    /// Whether a budget ended the search before every step was tried.
    pub cut_short: bool,
}

impl MinimalityProof {
    /// Of a case of which nothing is proven.
    pub fn unproven() -> Self {
        Self {
            cut_short: true,
            ..Self::default()
        }
    }
}

/// One change of the minimal case and what the rule says of the result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriedChange {
    /// The change in words.
    pub change: String,
    /// What the rule says.
    pub verdict: TriedVerdict,
}

/// What a rule says of a changed case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TriedVerdict {
    /// It holds.
    Passes,
    /// It does not apply.
    NotApplicable,
    /// It breaks in the same way.
    FailsAlike,
    /// It breaks in another way, which is a finding of its own.
    FailsDifferently,
    /// Nobody could tell.
    Inconclusive,
    /// The budget ended before it was tried.
    NotTried,
}

impl TriedVerdict {
    /// Every verdict.
    pub const ALL: [Self; 6] = [
        Self::Passes,
        Self::NotApplicable,
        Self::FailsAlike,
        Self::FailsDifferently,
        Self::Inconclusive,
        Self::NotTried,
    ];

    /// The verdict that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.word() == word)
    }

    /// The word for it in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passes => "passes",
            Self::NotApplicable => "does not apply",
            Self::FailsAlike => "fails alike",
            Self::FailsDifferently => "fails differently",
            Self::Inconclusive => "inconclusive",
            Self::NotTried => "not tried",
        }
    }
}

/// A single change that makes the rule hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cure {
    /// The field, such as `policy.advertise_all`.
    pub path: String,
    /// The value that cures.
    pub to: String,
}

/// What went over the wire for a case and, where there is one, its sibling.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcript {
    /// The case's exchanges.
    pub case: Vec<TranscriptEntry>,
    /// The sibling's.
    pub sibling: Vec<TranscriptEntry>,
}

/// One exchange as bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranscriptEntry {
    /// The request as sent.
    #[serde(with = "super::serial::bytes")]
    pub sent: Vec<u8>,
    /// Status line and field lines as received.
    #[serde(with = "super::serial::bytes")]
    pub head: Vec<u8>,
    /// The beginning of the body.
    #[serde(with = "super::serial::bytes")]
    pub body: Vec<u8>,
}

impl TranscriptEntry {
    /// The lines of the request's head, as a person reads them: every byte that is no printable ASCII is
    /// escaped, and nothing else. Secrets are not masked yet.
    pub fn sent_lines(&self) -> Vec<String> {
        head(&self.sent)
    }

    /// The lines of the answer's head, in the same way.
    pub fn head_lines(&self) -> Vec<String> {
        head(&self.head)
    }

    /// The lines of the beginning of the answer's body, in the same way.
    pub fn body_lines(&self) -> Vec<String> {
        let body = self.body.strip_suffix(b"\n").unwrap_or(&self.body);
        match body {
            [] => Vec::new(),
            body => lines(body).map(readable).collect(),
        }
    }
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = bytes.split(|byte| *byte == b'\n');
    lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

fn head(bytes: &[u8]) -> Vec<String> {
    let head = lines(bytes).take_while(|line| !line.is_empty());
    head.map(readable).collect()
}

fn readable(line: &[u8]) -> String {
    let shown = |byte: &u8| match byte {
        b' '..=b'~' => char::from(*byte).to_string(),
        other => other.escape_ascii().to_string(),
    };
    line.iter().map(shown).collect()
}

/// How often a finding showed when it was run again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flaky {
    /// So often it broke in the same way.
    pub failed: u32,
    /// Out of so many runs.
    pub runs: u32,
    /// A run that went another way.
    pub otherwise: Transcript,
    /// Why, as far as anybody can tell.
    pub why: Option<Unsteady>,
    /// The finding behind whose course it shows each time, and without which never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<Followed>,
}

/// Why an implementation does not answer the same each time. Findings with the same reason are told as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unsteady {
    /// What the proof rests on is answered otherwise by now: answers depend on what went before.
    Before(Box<Before>),
    /// Some of the runs met this status, which speaks of the server's state and not of the request; or each that
    /// departed met 429, which speaks of how often was asked before (RFC 6585 §4).
    Status {
        /// The status.
        status: u16,
        /// What it says of when to come again (`Retry-After`).
        retry_after: Option<String>,
    },
    /// Bytes came that were the answer to no request, so that answers cannot be put down to requests.
    Stray(String),
}

/// What to do about a server that counts and then refuses.
const LOCK_OUTS: &str = "switch lock-outs and rate limits off for the identities under test, or start anew what counts \
                         them, and run again";

/// What to do where somebody is kept out now and then, and nobody can tell why.
const UNSTEADY: &str = "see what changes from one request to the next, such as what a lock-out or a rate limit counts; \
                        `--connections 1` asks one thing at a time";

impl Unsteady {
    /// Whether another has the same reason.
    pub fn is_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Before(_), Self::Before(_)) | (Self::Stray(_), Self::Stray(_)) => true,
            (Self::Status { status: one, .. }, Self::Status { status: other, .. }) => one == other,
            _ => false,
        }
    }

    /// What can be done about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Before(before) if before.likely == Likely::Chance => {
                "see whether several servers answer in turn, or what else changes from one request to the \
                 next; `--connections 1` asks one thing at a time"
            }
            Self::Before(before) if before.likely == Likely::Remembered => {
                "see what the implementation remembers of a log-in, and for whom: a user's address, a connection, \
                 a cache; a rule with `then` shows it by itself"
            }
            Self::Before(before) if before.likely == Likely::Unknown => {
                "see what the implementation remembers of earlier requests, and what else changes from one to the \
                 next; `--connections 1` asks one thing at a time"
            }
            Self::Before(_) => LOCK_OUTS,
            Self::Status { .. } => {
                "see why the implementation is not always able to answer; `--connections 1` asks less \
                 at a time"
            }
            Self::Stray(_) => {
                "see who sends what nobody asked for, the implementation or what stands before it"
            }
        }
    }

    /// The reason in one line, without the details.
    pub fn headline(&self) -> String {
        match self {
            Self::Before(before) => before.headline().to_owned(),
            Self::Status { status: 429, .. } => {
                "status 429 came, which speaks of how often was asked before".to_owned()
            }
            Self::Status { status, .. } => {
                format!("status {status} came in some runs and not in others")
            }
            Self::Stray(_) => "answers came that belong to no request".to_owned(),
        }
    }
}

/// The reason in full.
impl fmt::Display for Unsteady {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Before(before) => write!(out, "{}, {before}", before.headline()),
            Self::Status {
                status,
                retry_after,
            } => {
                match status {
                    429 => out.write_str(
                        "status 429 came, which speaks of how often was asked before (RFC 6585 §4)",
                    )?,
                    _ => write!(
                        out,
                        "status {status} came in some runs of a case and not in others"
                    )?,
                }
                match retry_after {
                    Some(when) => write!(out, " (Retry-After: {when})"),
                    None => Ok(()),
                }
            }
            Self::Stray(what) => out.write_str(what),
        }
    }
}
