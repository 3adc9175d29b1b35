//! The desk: what one request is answered, as a function of what is known when it comes.

use std::collections::HashSet;
use std::net::IpAddr;

use countersign::credentials::{Identity, Scheme};

use super::answer::Answer;
use super::liberty::{Liberty, Taken};
use super::login::{Good, Why};
use super::policy::Policy;
use super::request::Request;

/// Everything that an answer depends on.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    pub on: &'a Taken,
    pub policy: &'a Policy,
    pub cast: &'a [Identity],
    pub request: &'a Request,
    /// Another number for each request.
    pub serial: u64,
    /// Seconds since 1970.
    pub now: u64,
    /// Nonces, counts and proofs that were used.
    pub used: &'a HashSet<String>,
    /// The number of the connection.
    pub connection: u64,
    /// The address that it comes from.
    pub from: IpAddr,
    /// Who is known by the certificate that was shown on it, where one was.
    pub certificate: Option<&'a str>,
}

impl Desk<'_> {
    pub fn has(&self, liberty: Liberty) -> bool {
        self.on.contains(&liberty)
    }

    pub fn answer(&self) -> Answer {
        let mut answer = self.decide();
        if self.policy.cross_origin && self.request.has("origin") {
            answer = answer.with("Access-Control-Allow-Origin", "*").with(
                "Access-Control-Expose-Headers",
                "WWW-Authenticate, DPoP-Nonce",
            );
        }
        answer.decorate(self.on);
        answer
    }

    fn decide(&self) -> Answer {
        if self.request.broken || (self.request.folded && !self.has(Liberty::FoldsAreBlanks)) {
            return Answer::of(400);
        }
        if let Some(document) = self.metadata() {
            return document;
        }
        let method = self.request.method.as_str();
        let has = |liberty| self.has(liberty);
        let preflight = method == "OPTIONS" && self.request.has("access-control-request-method");
        if preflight && (self.policy.cross_origin || has(Liberty::PreflightsForAll)) {
            return self.preflight();
        }
        let without = |name: &str| {
            let all = ["GET", "HEAD", "POST", "OPTIONS"];
            let left: Vec<&str> = all.into_iter().filter(|one| *one != name).collect();
            Answer::of(405).with("Allow", left.join(", "))
        };
        match method {
            "POST" if has(Liberty::NoPost) => return without("POST"),
            "POST" if has(Liberty::PostNotImplemented) => return Answer::of(501),
            "POST" if has(Liberty::PostWantsContent) => {
                return Answer::of(415).with("Accept", "application/json");
            }
            "POST" if has(Liberty::PostUnprocessable) => return Answer::of(422),
            "POST" if has(Liberty::PostWantsCondition) => return Answer::of(428),
            "POST" if has(Liberty::PostWantsProof) => return Answer::of(403),
            "POST" if has(Liberty::OpenPost) => return Answer::of(200),
            "HEAD" if has(Liberty::NoHead) => return without("HEAD"),
            "HEAD" if has(Liberty::HeadNotImplemented) => return Answer::of(501),
            "OPTIONS" if has(Liberty::NoOptions) => return without("OPTIONS"),
            "OPTIONS" if has(Liberty::OptionsNotImplemented) => return Answer::of(501),
            "OPTIONS" if has(Liberty::OptionsChallenged) => {}
            "OPTIONS" => {
                let status = match has(Liberty::OptionsWithoutContent) {
                    true => 204,
                    false => 200,
                };
                return Answer::of(status).with("Allow", "GET, HEAD, POST, OPTIONS");
            }
            "GET" | "HEAD" | "POST" => {}
            _ => return Answer::of(405).with("Allow", "GET, HEAD, POST, OPTIONS"),
        }
        if let Some(platform) = &self.policy.platform {
            return self.on_the_platform(platform);
        }
        match self.login() {
            Ok(good) => self.welcome(good),
            Err(why) => self.refuse(&why),
        }
    }

    fn preflight(&self) -> Answer {
        let has = |liberty| self.has(liberty);
        let answer = Answer::of(match () {
            () if has(Liberty::PreflightWithContent) => 200,
            () if has(Liberty::PreflightRarelyOk) => 226,
            () => 204,
        })
        .with("Access-Control-Allow-Methods", "GET, POST");
        match () {
            () if has(Liberty::PreflightInCapitals) => {
                answer.with("Access-Control-Allow-Headers", "X-OTHER").with(
                    "Access-Control-Allow-Headers",
                    "ACCEPT,AUTHORIZATION , DPOP",
                )
            }
            () if has(Liberty::PreflightWithWildcard) => {
                answer.with("Access-Control-Allow-Headers", "*, Authorization, DPoP")
            }
            () => answer.with("Access-Control-Allow-Headers", "Authorization, DPoP"),
        }
    }

    pub fn welcome(&self, good: Good) -> Answer {
        let has = |liberty| self.has(liberty);
        let post = self.request.method == "POST";
        let mut answer = match () {
            () if has(Liberty::NoContent) => Answer::of(204),
            () if has(Liberty::AcceptedLater) => Answer::of(202),
            () if has(Liberty::Created) && post => Answer::of(201).with("Location", "/new"),
            () => Answer::of(200),
        };
        answer.logged_in = true;
        if let Some(info) = good.info {
            answer = answer.with("Authentication-Info", info);
        }
        if has(Liberty::ChallengesWithSuccess) {
            answer = self.with_challenges(answer, &Why::Anonymous);
        }
        if good.by_query {
            answer = answer.with("Cache-Control", "private");
        } else if has(Liberty::MeantForAll) {
            answer = answer.with("Cache-Control", "public, max-age=60");
        }
        answer.used = good.used;
        self.with_nonce(answer, false)
    }

    pub fn refuse(&self, why: &Why) -> Answer {
        let status = self.status(why);
        let mut answer = Answer::of(status);
        if status == 426 {
            // RFC 9110 §15.5.22: MUST.
            answer = answer
                .with("Upgrade", "HTTP/2.0")
                .with("Connection", "Upgrade");
        }
        let told = match status {
            401 => true,
            // RFC 6750 §3.
            400 | 403 => {
                matches!(why, Why::Scope(_) | Why::TwoWays)
                    || self.has(Liberty::BadTokensAreBadRequests)
            }
            300..=399 => {
                answer = answer.with("Location", self.elsewhere(status));
                false
            }
            _ => false,
        };
        // An error code would have a status of its own.
        let more = why.tried().is_none() && self.has(Liberty::ChallengesWithEachRefusal);
        if told || more {
            answer = self.with_challenges(answer, why);
        }
        self.with_nonce(answer, *why == Why::NonceWanted)
    }

    fn elsewhere(&self, status: u16) -> String {
        match status {
            308 => format!("{}/", self.request.path()),
            301 => format!("https://a.example{}", self.request.path()),
            _ => "/login".to_owned(),
        }
    }

    fn with_challenges(&self, mut answer: Answer, why: &Why) -> Answer {
        for line in self.challenges(why) {
            answer = answer.with("WWW-Authenticate", line);
        }
        answer
    }

    /// Adds a nonce for proofs, where one is wanted or told in any case.
    fn with_nonce(&self, answer: Answer, wanted: bool) -> Answer {
        let has = |liberty| self.has(liberty);
        if !self.policy.schemes.contains(&Scheme::Dpop) {
            return answer;
        }
        let plain = has(Liberty::NonceWithoutCacheControl) && answer.status == 401;
        let each = [
            Liberty::NonceInEachAnswer,
            Liberty::ProofNonceOnce,
            Liberty::NewNonceAges,
        ];
        let each = each.into_iter().any(has);
        if !wanted && !each && !plain {
            return answer;
        }
        let nonce = self.proof_nonce(answer.logged_in);
        let answer = answer.with("DPoP-Nonce", nonce);
        match plain {
            true => answer,
            false => answer.with("Cache-Control", "no-store"),
        }
    }

    fn status(&self, why: &Why) -> u16 {
        let has = |liberty| self.has(liberty);
        // The first of these that is taken, else what the server does without.
        let taken = |choices: &[(Liberty, u16)], otherwise: u16| {
            let mut choices = choices.iter();
            let taken = choices.find(|(liberty, _)| has(*liberty));
            taken.map_or(otherwise, |(_, status)| *status)
        };
        let stranger = *why == Why::Anonymous;
        let digest = self.policy.schemes.contains(&Scheme::Digest);
        let asks = matches!(why, Why::NonceWanted | Why::Stale) || (stranger && digest);
        if has(Liberty::LoginPage) && !asks && *why != Why::Closed && *why != Why::TooLarge {
            return 303;
        }
        match why {
            Why::Anonymous if self.policy.schemes.is_empty() => {
                taken(&[(Liberty::MissingKeyIsBadRequest, 400)], 401)
            }
            Why::Anonymous => taken(
                &[
                    (Liberty::SlashForStrangers, 308),
                    (Liberty::SecuredForStrangers, 301),
                    (Liberty::HiddenFromStrangers, 404),
                    (Liberty::DigestHiddenFromStrangers, 404),
                ],
                401,
            ),
            Why::Wrong(Scheme::Bearer) if has(Liberty::IdTokensForbidden) => 403,
            Why::Other | Why::Wrong(_) | Why::StepUp(_) | Why::NonceWanted | Why::Stale => 401,
            Why::Unreadable(_) => taken(&[(Liberty::UnreadableIsBadRequest, 400)], 401),
            Why::SeveralLines => taken(&[(Liberty::TwoLinesChallenged, 401)], 400),
            Why::TooLarge => taken(
                &[
                    (Liberty::TooLargeIsBadRequest, 400),
                    (Liberty::TooLargeChallenged, 401),
                    (Liberty::TooLargeForbidden, 403),
                    (Liberty::TooLargeHidden, 404),
                    (Liberty::TooLargeContent, 413),
                    (Liberty::TooLargeUnprocessable, 422),
                ],
                431,
            ),
            Why::Disabled(_) => taken(
                &[
                    (Liberty::DisabledForbidden, 403),
                    (Liberty::DisabledByLaw, 451),
                    (Liberty::DisabledHidden, 404),
                    (Liberty::CertificateUsersForbidden, 403),
                ],
                401,
            ),
            Why::BadToken(_) | Why::NotYetValid(_) => taken(
                &[
                    (Liberty::BadTokensHidden, 404),
                    (Liberty::BadTokensAreBadRequests, 400),
                    (Liberty::BadTokensForbidden, 403),
                    (Liberty::BadTokensGone, 410),
                    (Liberty::BadTokensTooMany, 429),
                    (Liberty::BadTokensUpgraded, 426),
                    (Liberty::BadTokensUnregistered, 499),
                    (Liberty::IdTokensForbidden, 403),
                ],
                401,
            ),
            Why::Scope(_) => taken(&[(Liberty::ScopeHidden, 404)], 403),
            Why::Proof | Why::Binding => taken(
                &[
                    (Liberty::BadProofsHidden, 404),
                    (Liberty::BadProofsForbidden, 403),
                    (Liberty::BadProofsUnprocessable, 422),
                    (Liberty::BadProofsMisdirected, 421),
                    (Liberty::BadProofsRedirected, 302),
                ],
                401,
            ),
            Why::Improper => taken(
                &[
                    (Liberty::ImproperHidden, 404),
                    (Liberty::ImproperForbidden, 403),
                    (Liberty::ImproperChallenged, 401),
                    (Liberty::ImproperUnprocessable, 422),
                    (Liberty::ImproperUnregistered, 499),
                ],
                400,
            ),
            Why::OtherUri | Why::TwoWays => 400,
            Why::Key => taken(
                &[
                    (Liberty::BadKeysForbidden, 403),
                    (Liberty::BadKeysHidden, 404),
                    (Liberty::ProfileKeysForbidden, 403),
                    (Liberty::ProfileKeysHidden, 404),
                ],
                401,
            ),
            Why::Condition => taken(
                &[
                    (Liberty::ConditionForbids, 403),
                    (Liberty::ConditionHides, 404),
                ],
                401,
            ),
            Why::Closed => taken(&[(Liberty::ClosedIsHidden, 404)], 403),
        }
    }
}
