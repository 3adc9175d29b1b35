//! What a probe could not judge, and what somebody would have to give so that it can.

use countersign::credentials::{CredentialState, Scheme};
use countersign::domain::counted;
use countersign::wire::Bounds;

use super::policy::{
    AUDIENCE_TOKEN, DISABLED_USER, EXPIRED_KEY, EXPIRED_TOKEN, ISSUER_TOKEN, REVOKED_KEY,
    REVOKED_TOKEN,
};
use super::show::Probed;

impl Probed {
    /// What was not judged, in lines.
    pub(super) fn not_judged(&self) -> Vec<String> {
        let lines = self.skipped.iter().cloned();
        lines.chain(self.left_out()).chain(self.lacks()).collect()
    }

    /// What was not tried for want of requests or log-ins.
    fn left_out(&self) -> Vec<String> {
        let left = self.care.left_out();
        let Bounds {
            requests, failed, ..
        } = self.care.bounds();
        let mut lines = Vec::new();
        let clients = |count| counted(count, "client", "clients");
        if left.requests > 0 {
            lines.push(format!(
                "{} not asked for, within {requests} requests (`--max-requests`; some are kept back for running \
                 findings again)",
                clients(left.requests)
            ));
        }
        if left.log_ins > 0 {
            lines.push(format!(
                "{} whose log-in may fail not tried, within {failed} failed log-ins of each user (`--failed-log-ins`; one is \
                 kept back, since good credentials are sent once more in the end)",
                clients(left.log_ins)
            ));
        }
        if left.locked > 0 {
            lines.push(format!(
                "{} not tried, who would log in to an account that seems to be locked",
                clients(left.locked)
            ));
        }
        if left.halted > 0 {
            let why = self.care.halted().unwrap_or_default();
            lines.push(format!("{} not asked for: {why}", clients(left.halted)));
        }
        lines
    }

    /// What would have to be given for more rules.
    fn lacks(&self) -> Vec<String> {
        let rules = |count| counted(count, "rule more", "rules more");
        let mut lines = Vec::new();
        let is_made =
            |scheme, state: CredentialState| state.needs_jwt() && given(scheme, state).is_none();
        let made = |(scheme, state, _): &&(Scheme, CredentialState, u64)| is_made(*scheme, *state);
        let jwts: u64 = { self.lacking.by_state.iter().filter(made) }
            .map(|(_, _, count)| count)
            .sum();
        for (scheme, state, count) in &self.lacking.by_state {
            if is_made(*scheme, *state) {
                continue;
            }
            lines.push(format!("{}: {}", needed(*scheme, *state), rules(*count)));
        }
        for (field, count) in &self.lacking.by_policy {
            let needed = match *field {
                "key" => {
                    "an API key (`--key-env`), or signatures (`--password-for hmac`), where the server takes them"
                }
                _ => {
                    "a scope that tokens must have, and a token that lacks it (`scope` and `token-without-scope` of \
                      `--policy`)"
                }
            };
            lines.push(format!("{needed}: {}", rules(*count)));
        }
        for (count, what) in [
            (
                jwts,
                "tokens that only their issuer could make (JWTs of another key, type or time), which cannot be given here",
            ),
            (
                self.lacking.elsewhere,
                "another policy, scheme, way or method than this endpoint has and is asked by",
            ),
            (
                self.lacking.inside,
                "a look inside, such as at audit events",
            ),
            (
                self.lacking.unmet,
                "nothing that was answered met their conditions, or their clients were not asked for",
            ),
        ] {
            if count > 0 {
                lines.push(format!("{what}: {}", rules(count)));
            }
        }
        lines
    }
}

/// What a policy can give of credentials in a state, and the word for it there.
fn given(scheme: Scheme, state: CredentialState) -> Option<(String, &'static str)> {
    let (what, word) = match (scheme, state) {
        (Scheme::Bearer, CredentialState::Expired) => ("an expired token", EXPIRED_TOKEN),
        (Scheme::Bearer, CredentialState::Revoked) => ("a token that was withdrawn", REVOKED_TOKEN),
        (Scheme::Bearer, CredentialState::WrongAudience) => {
            ("a token for another audience", AUDIENCE_TOKEN)
        }
        (Scheme::Bearer, CredentialState::WrongIssuer) => {
            ("a token of another issuer", ISSUER_TOKEN)
        }
        (Scheme::ApiKey, CredentialState::Expired) => ("an expired key", EXPIRED_KEY),
        (Scheme::ApiKey, CredentialState::Revoked) => ("a key that was withdrawn", REVOKED_KEY),
        (Scheme::Bearer, CredentialState::DisabledUser) => {
            ("the token of a disabled user", DISABLED_USER)
        }
        (Scheme::ApiKey, CredentialState::DisabledUser) => {
            ("the key of a disabled user", DISABLED_USER)
        }
        (_, CredentialState::DisabledUser) => {
            let what = format!("a second user who is disabled, for {}", scheme.name());
            return Some((what, DISABLED_USER));
        }
        _ => return None,
    };
    Some((what.to_owned(), word))
}

/// What somebody would have to have for credentials in a state.
fn needed(scheme: Scheme, state: CredentialState) -> String {
    let name = scheme.name();
    if let Some((what, word)) = given(scheme, state) {
        return format!("{what} (`{word}` of `--policy`)");
    }
    match state.in_words() {
        Some(words) => format!("{name} credentials, {words}"),
        None => format!("{name} credentials"),
    }
}
