//! Care for a server that other people use: how many requests it is sent, how fast, and how many log-ins
//! that fail, since platforms lock accounts after some.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::alike::{Alike, Equal, SameRequest};

/// The requests that are kept back for running findings again.
const KEPT_REQUESTS: u64 = 20;

/// The failed log-ins of an account that are kept back for the same: a finding is run again three times, so that
/// nothing is gained by keeping back fewer.
const KEPT_LOG_INS: u64 = 3;

/// The longest that is waited because a server asks for it, and how often.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
const MOST_WAITS: u32 = 3;

/// What is said of a play for which no requests are left.
pub const NO_REQUESTS: &str = "no requests were left for it";

/// What is said of a play that would cost a failed log-in, where none is left.
pub const NO_LOG_INS: &str = "it may end in a failed log-in, and none was left";

/// What is said of a play as whoever is not to log in any more.
pub const LOCKED: &str = "it would log in as somebody whose account seems to be locked";

/// What is said of a play after the server asked for an end.
pub const HALTED: &str = "the server was not to be asked any more";

/// Bounds on what a server is asked, shared by all who ask it.
#[derive(Clone, Debug)]
pub struct Care(Arc<Mutex<Spending>>);

/// How much a server may be asked.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The most requests.
    pub requests: u64,
    /// The most log-ins of each account that may fail.
    pub failed: u64,
    /// The most requests a second.
    pub rate: u32,
}

/// What is spent, and of how much.
#[derive(Debug)]
struct Spending {
    bounds: Bounds,
    apart: Duration,
    last: Option<Instant>,
    /// Nothing is asked before that.
    not_before: Option<Instant>,
    waits: u32,
    requests: u64,
    failed: BTreeMap<Account, u64>,
    left_out: LeftOut,
    /// Who is not to log in any more, and why.
    locked: BTreeMap<Account, String>,
    /// Why nothing more is asked.
    halted: Option<String>,
    /// Why a finding could not be run again.
    short: Option<&'static str>,
    /// Whether log-ins that may fail are left to whoever comes later.
    reserved: bool,
    /// Whose credentials are sent once more in the end, which may fail as well.
    to_be_checked: BTreeSet<Account>,
    alike: Alike,
}

/// How many plays were left out, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// No requests were left.
    pub requests: u64,
    /// They might have ended in a failed log-in, and none was left.
    pub log_ins: u64,
    /// They would have logged in as somebody whose account seems to be locked.
    pub locked: u64,
    /// The server was not to be asked any more.
    pub halted: u64,
}

/// Whose log-in a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Account {
    /// The user whose credentials were given.
    User,
    /// A second user.
    Second,
    /// A user whom nobody knows, or none that has a name.
    Nobody,
    /// Whoever the token is of that was given, and tokens that were made up. Whose one is that nobody was given is not known: all count together.
    Token,
    /// Whoever a token is of that lacks a scope: it is good, and only not for this.
    Reader,
    /// Whoever had a token or a key that is good no more.
    Past,
    /// Whoever an API key is of; in the same way.
    Key,
}

/// What a request carries, as far as an account is in danger by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Risk {
    /// No credentials.
    Bare,
    /// Credentials of which it is known that they are let in.
    Known(Account),
    /// Credentials that may be refused.
    Unknown(Account),
    /// Credentials that are wrong: whatever is no success is a failed log-in, also where a server says 400 or 500.
    Wrong(Account),
}

impl Risk {
    fn account(self) -> Option<Account> {
        match self {
            Self::Bare => None,
            Self::Known(account) | Self::Unknown(account) | Self::Wrong(account) => Some(account),
        }
    }

    /// Whether it may cost an account a failed log-in.
    pub fn may_fail(self) -> bool {
        matches!(self, Self::Unknown(_) | Self::Wrong(_))
    }
}

/// What an answer asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heed {
    /// Nothing: it is the answer.
    Answer,
    /// To be asked for the same once more, when it is due.
    Again,
    /// To be left alone; it says nothing of what was asked.
    Leave(&'static str),
}

impl Bounds {
    /// The most log-ins of an account that may fail. A token or a key that was made up is nobody's and locks no account:
    /// of such there may be some more, so that a finding can be run again.
    pub fn most_failed(&self, account: Account) -> u64 {
        match account {
            Account::Token | Account::Key => self.failed.saturating_mul(5),
            _ => self.failed,
        }
    }
}

impl Spending {
    fn failed(&self, account: Account) -> u64 {
        self.failed.get(&account).copied().unwrap_or_default()
    }

    /// How many more log-ins may fail that are not sure to succeed.
    fn log_ins_left(&self, account: Account) -> u64 {
        let kept = u64::from(self.to_be_checked.contains(&account));
        let most = self.bounds.most_failed(account);
        most.saturating_sub(self.failed(account).saturating_add(kept))
    }

    /// Whether as many log-ins failed as ever may, so that not even good credentials are sent.
    fn may_not_fail(&self, account: Account) -> bool {
        let failed = self.failed(account);
        failed > 0 && failed >= self.bounds.most_failed(account)
    }
}

impl Care {
    /// Within these bounds.
    pub fn new(bounds: Bounds) -> Self {
        Self(Arc::new(Mutex::new(Spending {
            bounds,
            apart: Duration::from_secs(1) / bounds.rate.max(1),
            last: None,
            not_before: None,
            waits: 0,
            requests: 0,
            failed: BTreeMap::new(),
            left_out: LeftOut::default(),
            locked: BTreeMap::new(),
            halted: None,
            short: None,
            reserved: false,
            to_be_checked: BTreeSet::new(),
            alike: Alike::default(),
        })))
    }

    fn spent(&self) -> MutexGuard<'_, Spending> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a play may begin; `again` where a finding is run again, for which some is kept back.
    ///
    /// # Errors
    ///
    /// Why not.
    pub fn may_begin(&self, risk: Risk, again: bool) -> Result<(), &'static str> {
        let mut spent = self.spent();
        let bounds = spent.bounds;
        let requests = match again {
            true => 0,
            false => KEPT_REQUESTS.min(bounds.requests / 2),
        };
        let has_log_in = |account: Account| {
            let kept = match !again && bounds.most_failed(account) > KEPT_LOG_INS {
                true => KEPT_LOG_INS,
                false => 0,
            };
            kept < spent.log_ins_left(account)
        };
        let why = if spent.halted.is_some() {
            HALTED
        } else if (risk.account()).is_some_and(|account| spent.locked.contains_key(&account)) {
            LOCKED
        } else if spent.requests.saturating_add(requests) >= bounds.requests {
            NO_REQUESTS
        } else if let Risk::Unknown(account) | Risk::Wrong(account) = risk
            && (!has_log_in(account) || spent.reserved && !again)
        {
            NO_LOG_INS
        } else if let Risk::Known(account) = risk
            && spent.may_not_fail(account)
        {
            NO_LOG_INS
        } else {
            return Ok(());
        };
        match (again, why) {
            (true, _) => spent.short = Some(why),
            (_, HALTED) => spent.left_out.halted += 1,
            (_, LOCKED) => spent.left_out.locked += 1,
            (_, NO_REQUESTS) => spent.left_out.requests += 1,
            _ => spent.left_out.log_ins += 1,
        }
        Err(why)
    }

    /// Whether log-ins that may fail are left to whoever comes later, from now on: off at first.
    pub fn reserve(&self, on: bool) {
        self.spent().reserved = on;
    }

    /// Keeps one failed log-in back for each of these, whose credentials are sent once more in the end: whoever is locked
    /// out by then is refused by good ones.
    pub fn keep_for_check(&self, accounts: impl IntoIterator<Item = Account>) {
        self.spent().to_be_checked.extend(accounts);
    }

    /// Whether one more request may be sent, by a play that has begun.
    ///
    /// # Errors
    ///
    /// Why not.
    pub fn may_send(&self, risk: Risk) -> Result<(), &'static str> {
        let mut spent = self.spent();
        let bounds = spent.bounds;
        let why = match risk {
            _ if spent.halted.is_some() => HALTED,
            _ if spent.requests >= bounds.requests => NO_REQUESTS,
            Risk::Known(account) | Risk::Unknown(account) | Risk::Wrong(account)
                if spent.locked.contains_key(&account) =>
            {
                LOCKED
            }
            Risk::Unknown(account) | Risk::Wrong(account) if spent.log_ins_left(account) == 0 => {
                NO_LOG_INS
            }
            // Whoever is locked out is refused by credentials that are right.
            Risk::Known(account) if spent.may_not_fail(account) => NO_LOG_INS,
            _ => return Ok(()),
        };
        spent.short = Some(why);
        Err(why)
    }

    /// Waits until a request is due, and counts it.
    pub async fn take_turn(&self) {
        let due = {
            let mut spent = self.spent();
            let now = Instant::now();
            let due = spent.last.map_or(now, |last| (last + spent.apart).max(now));
            let due = spent.not_before.map_or(due, |then| then.max(due));
            spent.last = Some(due);
            spent.requests += 1;
            due
        };
        tokio::time::sleep_until(due).await;
    }

    /// Takes note of an answer, which names a time for the next request or none, and says what to make of it.
    pub fn answered(&self, risk: Risk, status: u16, retry_after: Option<Duration>) -> Heed {
        let mut spent = self.spent();
        let account = risk.account();
        // 403 says that the token is good, and not for this (RFC 6750 §3.1).
        let is_refusal = match risk {
            _ if account == Some(Account::Reader) => matches!(status, 401 | 407),
            Risk::Wrong(_) => !matches!(status, 200..=299 | 429 | 503),
            _ => matches!(status, 401 | 403 | 407),
        };
        let failed_before = account.and_then(|account| spent.failed.get(&account).copied());
        let failed_before = failed_before.unwrap_or_default();
        if is_refusal && let Some(account) = account {
            *spent.failed.entry(account).or_default() += 1;
        }
        if let Some(wait) = retry_after.filter(|_| matches!(status, 429 | 503)) {
            spent.not_before = Some(Instant::now() + wait.min(LONGEST_WAIT));
        }
        let is_known = matches!(risk, Risk::Known(_));
        let so_many = match failed_before {
            1 => "a failed log-in".to_owned(),
            more => format!("{more} failed log-ins"),
        };
        let lock = match (status, account) {
            (423, Some(account)) => Some((account, "it answered 423 (RFC 4918 §11.3)".to_owned())),
            (429, Some(account)) if failed_before > 0 => Some((
                account,
                format!("it answered 429 (RFC 6585 §4) after {so_many}"),
            )),
            (401 | 403, Some(account)) if is_known && failed_before > 0 => Some((
                account,
                format!(
                    "credentials that were let in before were answered with {status} after {so_many}"
                ),
            )),
            _ => None,
        };
        if let Some((account, why)) = lock {
            spent.locked.entry(account).or_insert(why);
            spent.short = Some(LOCKED);
            return Heed::Leave(LOCKED);
        }
        let halt = match (status, retry_after) {
            (429 | 503, Some(wait)) if wait <= LONGEST_WAIT && spent.waits < MOST_WAITS => {
                spent.waits += 1;
                return Heed::Again;
            }
            (429, Some(wait)) if wait > LONGEST_WAIT => format!(
                "it answered 429 (RFC 6585 §4), and asks to be left alone for {} s",
                wait.as_secs()
            ),
            (429, _) => "it answered 429 (too many requests, RFC 6585 §4)".to_owned(),
            (423, _) => "it answered 423 (locked, RFC 4918 §11.3)".to_owned(),
            _ => return Heed::Answer,
        };
        spent.halted.get_or_insert(halt);
        spent.short = Some(HALTED);
        Heed::Leave(HALTED)
    }

    /// Why a finding could not be run again since this was asked last, if that is so.
    pub fn take_short(&self) -> Option<&'static str> {
        self.spent().short.take()
    }

    /// The same, without forgetting it.
    pub fn is_short(&self) -> Option<&'static str> {
        self.spent().short
    }

    /// Takes note of how a request was answered, beside those that are equal to it.
    pub fn note(&self, same: SameRequest, asked: &Equal) {
        self.spent().alike.note(same, asked);
    }

    /// How a request was answered so far.
    pub fn answers_to(&self, same: SameRequest) -> Option<Equal> {
        self.spent().alike.get(same).cloned()
    }

    /// Whether requests that are called so were sent, and never refused: with wrong credentials, always let in.
    pub fn was_let_in(&self, label: &str, wrong: bool) -> bool {
        self.spent().alike.is_let_in(label, wrong)
    }

    /// Requests that were answered in more than one way.
    pub fn differing(&self) -> Vec<Equal> {
        self.spent().alike.differing().cloned().collect()
    }

    /// Who is not to log in any more, and why.
    pub fn locked(&self) -> Vec<(Account, String)> {
        let spent = self.spent();
        let locked = spent.locked.iter();
        locked
            .map(|(account, why)| (*account, why.clone()))
            .collect()
    }

    /// Why nothing more is asked, if that is so.
    pub fn halted(&self) -> Option<String> {
        self.spent().halted.clone()
    }

    /// Whether requests are left, beyond those that are kept back.
    pub fn bounds(&self) -> Bounds {
        self.spent().bounds
    }

    /// How many requests were sent, and how many log-ins failed, of all accounts.
    pub fn counts(&self) -> (u64, u64) {
        let spent = self.spent();
        (spent.requests, spent.failed.values().sum())
    }

    /// How many log-ins of each account failed.
    pub fn failed(&self) -> Vec<(Account, u64)> {
        let spent = self.spent();
        spent
            .failed
            .iter()
            .map(|(account, count)| (*account, *count))
            .collect()
    }

    /// How many plays were left out.
    pub fn left_out(&self) -> LeftOut {
        self.spent().left_out
    }
}

/// How long a `Retry-After` asks to wait (RFC 9110 §10.2.3), in seconds or as a date of the usual form (§5.6.7), seen at
/// `now`, in seconds since 1970.
pub fn wait_of(value: &str, now: u64) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let mut words = value.split(' ');
    let _day_name = words.next()?;
    let day: u64 = words.next()?.parse().ok()?;
    let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let month = words.next()?;
    let month = months.iter().position(|name| *name == month)? as u64 + 1;
    let year: u64 = words
        .next()?
        .parse()
        .ok()
        .filter(|year| (1970..10_000).contains(year))?;
    let mut clock = words
        .next()?
        .split(':')
        .map(|part| part.parse::<u64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    if words.next() != Some("GMT") || day > 31 || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // Days since 1 March of the year 0, in years that end with February.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1;
    let then = days.checked_sub(719_468)? * 86_400 + hour * 3_600 + minute * 60 + second;
    Some(Duration::from_secs(then.saturating_sub(now)))
}

#[cfg(test)]
mod tests;
