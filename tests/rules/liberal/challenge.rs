//! Challenges: what they say, and how they are written.

use countersign::credentials::Scheme;

use super::desk::Desk;
use super::liberty::Liberty;
use super::login::Why;

/// A challenge.
#[derive(Clone, Debug)]
pub struct Challenge {
    scheme: &'static str,
    token68: Option<&'static str>,
    /// Name, value, and whether it stands in quotes.
    params: Vec<(&'static str, String, bool)>,
}

impl Challenge {
    pub fn new(scheme: &'static str) -> Self {
        Self {
            scheme,
            token68: None,
            params: Vec::new(),
        }
    }

    #[must_use]
    pub fn quoted(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.params.push((name, value.into(), true));
        self
    }

    #[must_use]
    pub fn token(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.params.push((name, value.into(), false));
        self
    }
}

impl Desk<'_> {
    /// The field lines of the challenges for a request that is not let in.
    pub fn challenges(&self, why: &Why) -> Vec<Vec<u8>> {
        let has = |liberty| self.has(liberty);
        let mut list = Vec::new();
        let mut schemes = self.policy.schemes.clone();
        let tried = why.tried().filter(|tried| schemes.contains(tried));
        if let (true, Some(tried)) = (has(Liberty::OnlyTheTried), tried) {
            schemes = vec![tried];
        }
        let turns = has(Liberty::OrderTurns) && self.serial.is_multiple_of(2);
        if has(Liberty::LastFirst) != turns {
            schemes.reverse();
        }
        for scheme in schemes {
            match scheme {
                Scheme::Basic => list.extend(self.basic()),
                Scheme::Bearer => list.extend(self.bearer(why)),
                Scheme::Digest => {
                    let error = tried.and_then(|tried| self.error(tried, why));
                    let error = error.filter(|_| has(Liberty::ErrorInDigest));
                    let stale = matches!(why, Why::Stale);
                    let digest = self.digest_challenges(stale).into_iter();
                    list.extend(digest.map(|one| match error {
                        Some(error) => one.quoted("error", error),
                        None => one,
                    }));
                }
                Scheme::Dpop => list.extend(self.dpop(why)),
                Scheme::ApiKey | Scheme::Hmac | Scheme::Certificate => {}
            }
        }
        let of_key = |scheme| matches!(scheme, Scheme::ApiKey | Scheme::Hmac | Scheme::Certificate);
        let keyed = self.policy.key != "none" || self.policy.schemes.iter().copied().any(of_key);
        if keyed && (list.is_empty() || (has(Liberty::KeyAsksAlone) && tried.is_none())) {
            list = vec![Challenge::new("ApiKey").quoted("realm", "a realm")];
        }
        if has(Liberty::UnknownSchemeFirst) {
            let unknown = Challenge::new("X-Session").quoted("realm", "a realm");
            list.insert(0, unknown.token("login", "here"));
        }
        if has(Liberty::OtherSchemesLast) {
            list.push(Challenge::new("Negotiate"));
            let gnap = Challenge::new("GNAP").quoted("as_uri", "https://as.example/tx");
            list.push(gnap);
        }
        if has(Liberty::Token68Beside) {
            list.push(Challenge {
                token68: Some("YS10b2tlbjY4LW9mLWEtc2NoZW1l=="),
                ..Challenge::new("X-Token68")
            });
        }
        self.lines(list)
    }

    fn realm(&self) -> String {
        let has = |liberty| self.has(liberty);
        let odd = match self.policy.realm.as_str() {
            "quotes" => Some("the \"inner\" realm"),
            "backslash" => Some("back\\slash"),
            "beyond-ascii" => Some("R\u{e4}ume f\u{fc}r alle"),
            // What no field value can have is left out.
            "line-break" => Some("first line"),
            _ => None,
        };
        if let Some(odd) = odd {
            return odd.to_owned();
        }
        match () {
            () if has(Liberty::RealmWithQuotes) => "a \"quoted\" realm \\ of ours".to_owned(),
            () if has(Liberty::RealmWithCommas) => "a, Basic realm=b, c=\"d\"".to_owned(),
            () if has(Liberty::RealmTurns) => format!("realm {}", self.serial),
            () if has(Liberty::RealmOfTarget) => {
                let host = self.request.one("host").unwrap_or_default();
                format!(
                    "{host}{} \"decoded\"",
                    self.request.target.replace("%22", "\"")
                )
            }
            () if has(Liberty::RealmEmpty) => String::new(),
            () if has(Liberty::RealmLong) => "a realm of many words ".repeat(50),
            () if has(Liberty::RealmBeyondAscii) => "un r\u{ea}ve \u{2014} \u{5883}".to_owned(),
            () => "a realm".to_owned(),
        }
    }

    fn basic(&self) -> Vec<Challenge> {
        let has = |liberty| self.has(liberty);
        let with = |realm: String| {
            let challenge = Challenge::new("Basic").quoted("realm", realm);
            match () {
                () if has(Liberty::BasicWithoutCharset) => challenge,
                () if has(Liberty::OddCase) => challenge.token("charset", "utf-8"),
                () if has(Liberty::TokensForQuotes) => challenge.token("charset", "UTF-8"),
                () => challenge.quoted("charset", "UTF-8"),
            }
        };
        let mut list = vec![with(self.realm())];
        if has(Liberty::TwoRealms) {
            list.insert(0, with("another realm".to_owned()));
        }
        list
    }

    /// The error that a challenge of a scheme tells of, if it was tried.
    fn error(&self, scheme: Scheme, why: &Why) -> Option<&'static str> {
        if why.tried() != Some(scheme) {
            return None;
        }
        Some(match why {
            Why::Scope(_) => "insufficient_scope",
            Why::StepUp(_) => "insufficient_user_authentication",
            Why::Proof => "invalid_dpop_proof",
            Why::Binding if self.has(Liberty::BindingIsTheProofs) => "invalid_dpop_proof",
            Why::NonceWanted => "use_dpop_nonce",
            Why::TwoWays => "invalid_request",
            Why::NotYetValid(_) if self.has(Liberty::NotYetValidSilently) => return None,
            _ => "invalid_token",
        })
    }

    fn bearer(&self, why: &Why) -> Vec<Challenge> {
        let has = |liberty| self.has(liberty);
        let mut challenge = Challenge::new("Bearer");
        let error = self.error(Scheme::Bearer, why);
        if !has(Liberty::BearerWithoutRealm) {
            challenge = challenge.quoted("realm", self.realm());
        }
        if let Some(error) = error {
            challenge = self.with_error(challenge, error);
        }
        let scope = match error {
            Some("insufficient_scope") => self.policy.scope.as_deref(),
            _ if has(Liberty::BearerWithoutRealm) || has(Liberty::ScopeTold) => Some("read write"),
            _ => None,
        };
        if let Some(scope) = scope {
            let token = has(Liberty::TokensForQuotes) && !scope.contains(' ');
            challenge.params.push(("scope", scope.to_owned(), !token));
        }
        if error == Some("insufficient_user_authentication") {
            challenge = challenge.quoted("acr_values", "urn:example:strong urn:example:key");
            challenge = match has(Liberty::MaxAgeQuoted) {
                true => challenge.quoted("max_age", "300"),
                false => challenge,
            };
        }
        if self.policy.metadata || has(Liberty::MetadataTold) {
            challenge = challenge.quoted("resource_metadata", self.metadata_url());
        }
        if has(Liberty::MoreParameters) {
            challenge = challenge.quoted("x-login", "a, b").token("x-mode", "any");
        }
        if !has(Liberty::SeveralBearers) {
            return vec![challenge];
        }
        let other = |realm: &str| Challenge::new("Bearer").quoted("realm", realm);
        vec![other("another realm"), other("a third"), challenge]
    }

    fn with_error(&self, challenge: Challenge, error: &'static str) -> Challenge {
        let challenge = match self.has(Liberty::TokensForQuotes) {
            true => challenge.token("error", error),
            false => challenge.quoted("error", error),
        };
        if !self.has(Liberty::ErrorsExplained) && !self.has(Liberty::ErrorUriEmpty) {
            return challenge;
        }
        let page = match self.has(Liberty::ErrorUriEmpty) {
            true => "",
            false => "/errors?which=this#there",
        };
        let description = "The token won't do: it's past its time, or [of] another {issuer}";
        challenge
            .quoted("error_description", description)
            .quoted("error_uri", page)
    }

    fn dpop(&self, why: &Why) -> Vec<Challenge> {
        let has = |liberty| self.has(liberty);
        let algorithms = match has(Liberty::NewProofAlgorithms) {
            true => "ML-DSA-44 Ed25519 https://a.example/alg HSS-LMS ESP256 ES256",
            false => "ES256",
        };
        let mut challenge = Challenge::new("DPoP");
        if has(Liberty::DpopWithRealm) {
            challenge = challenge
                .quoted("realm", self.realm())
                .quoted("scope", "read");
        }
        challenge = challenge.quoted("algs", algorithms);
        let alone = self.policy.schemes == [Scheme::Dpop];
        let alone = alone && matches!(why, Why::Anonymous | Why::Other);
        let unasked = alone && has(Liberty::DpopErrorUnasked);
        let error = self.error(Scheme::Dpop, why);
        if let Some(error) = error.or(unasked.then_some("invalid_token")) {
            challenge = self.with_error(challenge, error);
        }
        if has(Liberty::MoreParameters) {
            challenge = challenge.quoted("x-login", "a, b");
        }
        if !has(Liberty::SeveralDpops) {
            return vec![challenge];
        }
        let other = Challenge::new("DPoP").quoted("realm", "another realm");
        vec![other.quoted("algs", algorithms), challenge]
    }

    fn lines(&self, list: Vec<Challenge>) -> Vec<Vec<u8>> {
        let has = |liberty| self.has(liberty);
        let odd = |text: &str| -> String {
            let odd = |(at, c): (usize, char)| match at % 2 {
                0 => c.to_ascii_lowercase(),
                _ => c.to_ascii_uppercase(),
            };
            match has(Liberty::OddCase) {
                true => text.chars().enumerate().map(odd).collect(),
                false => text.to_owned(),
            }
        };
        let (gap, comma) = match has(Liberty::WideGaps) {
            true => ("   ", "  ,\t "),
            false => (" ", ", "),
        };
        let mut said: Vec<Vec<String>> = Vec::new();
        for mut challenge in list {
            if has(Liberty::RealmLast) {
                challenge.params.reverse();
            }
            let scheme = odd(challenge.scheme);
            let mut parts: Vec<String> = challenge
                .params
                .iter()
                .map(|(name, value, quoted)| match quoted {
                    true => format!("{}=\"{}\"", odd(name), escaped(value)),
                    false => format!("{}={value}", odd(name)),
                })
                .collect();
            parts.extend(challenge.token68.map(str::to_owned));
            match parts.first_mut() {
                Some(first) => *first = format!("{scheme}{gap}{first}"),
                None => parts.push(scheme),
            }
            said.push(parts);
        }
        let lines: Vec<String> = if has(Liberty::ContinuedLines) {
            said.into_iter().flatten().collect()
        } else {
            said.iter().map(|parts| parts.join(comma)).collect()
        };
        let lines = match () {
            () if has(Liberty::OneLine) => vec![lines.join(" , ")],
            () if has(Liberty::OneLineTabbed) => vec![lines.join("\t,\t")],
            () => lines,
        };
        let latin1 = |text: String| text.chars().filter_map(|c| u8::try_from(c).ok()).collect();
        lines
            .into_iter()
            .map(|line| match has(Liberty::DigestInLatin1) {
                true => latin1(line),
                false => line.into_bytes(),
            })
            .collect()
    }
}

/// What stands between the quotes: a backslash before what needs one (RFC 9110 §5.6.4).
pub fn escaped(value: &str) -> String {
    let mut text = String::new();
    for c in value.chars() {
        if c == '"' || c == '\\' {
            text.push('\\');
        }
        text.push(c);
    }
    text
}
