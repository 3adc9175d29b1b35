//! The platform of the API access policies: which of several policies decides, what comes before a log-in and behind it,
//! and what other profiles than those of Basic and OAuth take, as far as its documents say.

use std::net::IpAddr;

use countersign::credentials::{
    GROUP, Identity, KEY, KEY_PREFIX, ROLE, SIGNATURE, Scheme, SignatureHash, TokenState,
    is_signed_by,
};
use countersign::domain::{Setting, Value};
use countersign::vocabulary::ADDRESS_RANGE;

use super::answer::Answer;
use super::desk::Desk;
use super::liberty::{Liberty, Taken};
use super::login::{Good, Why};

/// What a policy can be for where it is for this request, by priority (*API access policy prioritization*).
const ORDER: [&str; 10] = [
    "get-resource-version",
    "get-resource",
    "resource-version",
    "resource",
    "get-version",
    "get",
    "version",
    "api",
    "global-get",
    "global",
];

/// What a 401 says (*Configure an OAuth OIDC provider for accepting third-party token*).
const UNKNOWN: &str = r#"{"error":{"message":"User Not Authenticated","detail":"Required to provide Auth information"},"status":"failure"}"#;

/// The same in another order, with more beside it.
const UNKNOWN_AND_MORE: &str = "{\n  \"status\" : \"failure\", \"session\": null,\n  \"error\": {\"detail\": \"Required to provide Auth information\", \"code\": 7, \"message\": \"User Not Authenticated\"}\n}\n";

/// What a token without the scope is told (*REST API scope troubleshooting*).
const UNSCOPED: &str = r#"{"error":{"message":"User Not Authorized","detail":"Missing required api access scope"},"status":"failure"}"#;

/// What a setting says of all that.
#[derive(Clone, Debug, Default)]
pub struct Platform {
    /// Whether keys and signatures stand in the query.
    in_query: bool,
    /// Whether a key has a prefix.
    prefix: bool,
    hash: SignatureHash,
    /// Whether the policy is global and has profiles of keys or signatures.
    keys_left_out: bool,
    /// Under which condition a log-in counts.
    condition: String,
    /// Whether the access control denies.
    denies: bool,
    /// With which status everybody is blocked.
    block: Option<u16>,
    sessions: bool,
    /// The word for what the policy that decides is for, where there are several.
    named: Option<String>,
    /// Whether no policy decides.
    by_default: bool,
}

/// A setting as the platform has it, and the schemes of the profiles that count; nothing where it is of another pack.
pub fn read(setting: &Setting, schemes: &[Scheme], on: &Taken) -> Option<(Platform, Vec<Scheme>)> {
    let Setting { policy, instance } = setting;
    let is_of = |name| policy.field(name).is_some();
    if !is_of("others") && !is_of("condition") && !is_of("auth_parameter") {
        return None;
    }
    let word = |record: &Value, name| {
        let word = record.field(name).and_then(Value::as_symbol);
        word.unwrap_or_default().to_owned()
    };
    let flag = |record: &Value, name| record.field(name).and_then(Value::as_bool) == Some(true);
    let mut hashes = SignatureHash::ALL.into_iter();
    let mut platform = Platform {
        in_query: word(policy, "auth_parameter") == "query",
        prefix: flag(policy, "prefix"),
        hash: hashes
            .find(|hash| hash.word() == word(policy, "hash"))
            .unwrap_or_default(),
        condition: word(policy, "condition"),
        denies: flag(policy, "access_control"),
        block: match word(instance, "blocking").as_str() {
            "forbidden" => Some(403),
            "not-found" => Some(404),
            _ => None,
        },
        sessions: flag(instance, "session_cookies"),
        ..Platform::default()
    };
    let mut schemes = schemes.to_vec();
    if is_of("others") {
        let decided = decided(policy, &schemes, on.contains(&Liberty::TieToTheLast));
        platform.by_default = decided.is_none();
        schemes = match decided {
            Some((named, schemes)) => {
                platform.named = Some(named);
                schemes
            }
            None => vec![Scheme::Basic, Scheme::Bearer],
        };
    }
    if flag(policy, "global") && is_of("auth_parameter") {
        let all = schemes.len();
        schemes.retain(|scheme| !matches!(scheme, Scheme::ApiKey | Scheme::Hmac));
        platform.keys_left_out = schemes.len() < all;
    }
    Some((platform, schemes))
}

/// What the policy that decides is for, and its schemes.
fn decided(policy: &Value, general: &[Scheme], last: bool) -> Option<(String, Vec<Scheme>)> {
    let flag = |record: &Value, name| record.field(name).and_then(Value::as_bool);
    let word = |record: &Value, name| {
        let word = record.field(name).and_then(Value::as_symbol);
        word.unwrap_or_default().to_owned()
    };
    let mut all = Vec::new();
    if flag(policy, "exists") != Some(false) && flag(policy, "active") != Some(false) {
        let named = match flag(policy, "global") {
            Some(true) => "global",
            _ => "api",
        };
        all.push((named.to_owned(), general.to_vec()));
    }
    let others = policy.field("others").and_then(Value::items);
    for other in others.unwrap_or_default() {
        let scheme = Scheme::from_word(&word(other, "scheme"));
        if flag(other, "active") != Some(false) {
            all.push((word(other, "for"), scheme.into_iter().collect()));
        }
    }
    if last {
        all.reverse();
    }
    let rank = |named: &str| ORDER.iter().position(|one| *one == named);
    all.retain(|(named, _)| rank(named).is_some());
    all.into_iter().min_by_key(|(named, _)| rank(named))
}

impl Desk<'_> {
    /// What is answered on the platform.
    pub fn on_the_platform(&self, platform: &Platform) -> Answer {
        if self.certificate == Some("") && self.has(Liberty::CertificatesAnswered) {
            return Answer::of(400);
        }
        let login = match self.session(platform) {
            Some(good) => Ok(good),
            None => self
                .login()
                .and_then(|good| self.conditioned(platform, good)),
        };
        // Whoever lacks a scope is known all the same.
        let asks_first = self.has(Liberty::BlockAsksFirst)
            && matches!(&login, Err(why) if !matches!(why, Why::Scope(_)));
        let mut answer = match platform.block {
            Some(status) if !asks_first => Answer::of(status),
            _ if self.is_outside(platform) && self.has(Liberty::AddressFirst) => Answer::of(403),
            _ => match &login {
                Ok(_) if platform.denies => Answer::of(403),
                Ok(good) => self.let_in(platform, good.clone()),
                Err(why) => self.kept_out(platform, why),
            },
        };
        match &login {
            Ok(good) if answer.logged_in => {
                answer.user.clone_from(&good.user);
                answer.scheme = good.scheme;
            }
            Err(why) if answer.status == 401 && *why != Why::Anonymous => {
                answer.failed = true;
                answer.scheme = self.presented();
            }
            _ => {}
        }
        answer.policy.clone_from(&platform.named);
        let json = |text: &str| Some(("application/json", text.as_bytes().to_vec()));
        if answer.status == 401 {
            answer.content = match self.has(Liberty::RefusalsSayMore) {
                true => json(UNKNOWN_AND_MORE),
                false => json(UNKNOWN),
            };
        } else if answer.status == 403 && matches!(login, Err(Why::Scope(_))) {
            answer.content = json(UNSCOPED);
        }
        answer
    }

    fn let_in(&self, platform: &Platform, good: Good) -> Answer {
        let in_session = good.scheme.is_none();
        let user = good.user.clone().unwrap_or_default();
        let answer = self.welcome(good);
        match platform.sessions && !in_session {
            true => answer.with("Set-Cookie", format!("login=of-{user}; HttpOnly")),
            false => answer,
        }
    }

    fn kept_out(&self, platform: &Platform, why: &Why) -> Answer {
        let keyed = self.key(platform).is_some() || self.signature(platform).is_some();
        if platform.keys_left_out && keyed && self.has(Liberty::GlobalKeysForbidden) {
            return Answer::of(403);
        }
        if platform.by_default && self.has(Liberty::DefaultNamesBasic) {
            let basic = "Basic realm=\"a realm\"";
            return Answer::of(401).with("WWW-Authenticate", basic);
        }
        self.refuse(why)
    }

    /// Whose session this is, where it is one.
    fn session(&self, platform: &Platform) -> Option<Good> {
        let taken = platform.sessions && !self.has(Liberty::SessionsNotTaken);
        let cookies = self.request.one("cookie").filter(|_| taken)?;
        let mut pairs = cookies.split(';').map(str::trim);
        let user = pairs.find_map(|pair| pair.strip_prefix("login=of-"))?;
        let known = self.cast.iter().find(|one| one.enabled && one.user == user);
        known.map(|one| Good {
            user: Some(one.user.clone()),
            ..Good::default()
        })
    }

    fn is_within(&self) -> bool {
        let [first, last] = ADDRESS_RANGE.map(IpAddr::from);
        (first..=last).contains(&self.from)
    }

    fn is_outside(&self, platform: &Platform) -> bool {
        platform.condition == "address" && !self.is_within()
    }

    /// A log-in counts where the condition is true.
    fn conditioned(&self, platform: &Platform, good: Good) -> Result<Good, Why> {
        let user = self
            .cast
            .iter()
            .find(|one| Some(&one.user) == good.user.as_ref());
        let has = |of: fn(&Identity) -> &[String], name: &str| {
            user.is_some_and(|user| of(user).iter().any(|one| one == name))
        };
        let in_role = || has(|user| &user.roles, ROLE);
        let is_true = match platform.condition.as_str() {
            "never" => false,
            "address" => self.is_within(),
            "role" => in_role(),
            "group" => has(|user| &user.groups, GROUP),
            "address-or-role" => self.is_within() || in_role(),
            _ => true,
        };
        is_true.then_some(good).ok_or(Why::Condition)
    }

    /// Who is known by a key, a signature or a certificate; nothing where there is none of a profile.
    pub fn by_other_profile(&self, platform: &Platform) -> Option<Result<Good, Why>> {
        let has = |scheme| self.policy.schemes.contains(&scheme);
        let enabled = || self.cast.iter().filter(|one| one.enabled);
        let known = |user: Option<&Identity>, scheme| match user {
            Some(one) => Ok(Good {
                user: Some(one.user.clone()),
                scheme: Some(scheme),
                ..Good::default()
            }),
            None => Err(Why::Key),
        };
        if let Some(user) = self.certificate.filter(|_| has(Scheme::Certificate)) {
            let user = self.cast.iter().find(|one| one.user == user);
            return Some(match user {
                Some(one) if !one.enabled => Err(Why::Disabled(Scheme::Certificate)),
                user => known(user, Scheme::Certificate),
            });
        }
        if let Some(key) = self.key(platform).filter(|_| has(Scheme::ApiKey)) {
            let key = match platform.prefix {
                false => Some(&*key),
                true => key.strip_prefix(KEY_PREFIX).and_then(|rest| {
                    match self.has(Liberty::PrefixJoined) {
                        true => Some(rest).filter(|rest| !rest.starts_with(' ')),
                        false => rest.strip_prefix(' '),
                    }
                }),
            };
            let is_one = |one: &&Identity| {
                let mut keys = one.api_keys.iter();
                keys.any(|known| {
                    Some(known.value.expose()) == key && known.state == TokenState::Valid
                })
            };
            return Some(known(enabled().find(is_one), Scheme::ApiKey));
        }
        let signature = self.signature(platform).filter(|_| has(Scheme::Hmac))?;
        let asked = (&*self.request.method, &*self.request.target);
        let is_one = |one: &&Identity| {
            let password = one.password.expose();
            is_signed_by(platform.hash, &signature, &one.user, password, asked)
        };
        Some(known(enabled().find(is_one), Scheme::Hmac))
    }

    fn key(&self, platform: &Platform) -> Option<String> {
        self.placed(platform, KEY)
    }

    fn signature(&self, platform: &Platform) -> Option<String> {
        self.placed(platform, SIGNATURE)
    }

    fn placed(&self, platform: &Platform, (field, parameter): (&str, &str)) -> Option<String> {
        match platform.in_query {
            true => self.request.parameter(parameter).map(decoded),
            false => { self.request.one(&field.to_ascii_lowercase()) }.map(str::to_owned),
        }
    }

    /// The scheme of what stands in Authorization.
    fn presented(&self) -> Option<Scheme> {
        let line = self.request.one("authorization")?;
        Scheme::from_name(line.split(' ').next()?)
    }
}

/// A value of a query without its percent-encoding (RFC 3986 §2.1).
fn decoded(value: &str) -> String {
    let mut parts = value.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        bytes.extend(u8::from_str_radix(code, 16));
        bytes.extend(rest.bytes());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
