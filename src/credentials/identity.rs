//! Identities: who may log in, and with what.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::scheme::Scheme;
use super::secret::Secret;
use super::state::CredentialState;
use super::{dpop, jwt};

/// Someone who can log in. What is shown of it has no secret, and it is written by nobody who does not say so
/// ([`Identity::told`]): it may be somebody's own.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Identity {
    /// The user-id.
    pub user: String,
    /// The password.
    pub password: Secret,
    /// Whether log-ins are allowed.
    pub enabled: bool,
    /// Role names.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Names of groups that they are in.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Bearer tokens that the implementation knows.
    #[serde(default)]
    pub tokens: Vec<Token>,
    /// API keys that the implementation knows.
    #[serde(default)]
    pub api_keys: Vec<Token>,
}

/// A token or key that an implementation is told about. What is shown of it has not its value.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Token {
    /// Its value, as a client sends it.
    pub value: Secret,
    /// Whether it is good.
    pub state: TokenState,
    /// What it allows.
    #[serde(default)]
    pub scopes: Vec<String>,
}

/// An identity as an implementation under test is told of it, secrets and all: the control protocol's JSON form, and what
/// templates of configurations see. Test identities are published; nobody is told of any other.
#[derive(Serialize)]
pub struct ToldIdentity<'a> {
    user: &'a str,
    password: &'a str,
    enabled: bool,
    roles: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    groups: &'a [String],
    tokens: Vec<ToldToken<'a>>,
    api_keys: Vec<ToldToken<'a>>,
}

/// The same of a token.
#[derive(Serialize)]
struct ToldToken<'a> {
    value: &'a str,
    state: TokenState,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    scopes: &'a [String],
}

impl<'a> ToldToken<'a> {
    fn all(tokens: &'a [Token]) -> Vec<Self> {
        let told = tokens.iter().map(|token| Self {
            value: token.value.expose(),
            state: token.state,
            scopes: &token.scopes,
        });
        told.collect()
    }
}

/// Without secrets.
impl fmt::Debug for ToldIdentity<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ToldIdentity")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Identity")
            .field("user", &self.user)
            .field("enabled", &self.enabled)
            .field("roles", &self.roles)
            .field("groups", &self.groups)
            .field("tokens", &self.tokens)
            .field("api_keys", &self.api_keys)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Token")
            .field("state", &self.state)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

/// The state of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenState {
    /// Accepted.
    Valid,
    /// Was valid once.
    Expired,
    /// Was withdrawn.
    Revoked,
    /// Good where it is meant for, which is elsewhere (RFC 7519 §4.1.3). Somebody's own: test identities have none.
    OtherAudience,
    /// Good for whoever trusts its issuer, and that is another (RFC 7519 §4.1.1). Somebody's own too.
    OtherIssuer,
}

impl TokenState {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Valid,
        Self::Expired,
        Self::Revoked,
        Self::OtherAudience,
        Self::OtherIssuer,
    ];

    /// The word for it in JSON and in saved cases.
    pub fn word(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::OtherAudience => "other-audience",
            Self::OtherIssuer => "other-issuer",
        }
    }

    /// What stands behind a token that is shown: nothing where it is good.
    pub fn remark(self) -> String {
        match self {
            Self::Valid => String::new(),
            state => format!(" ({})", state.word()),
        }
    }
}

/// What the good token of the user of [`Identity::alice`] allows, where scopes matter.
const SCOPES: [&str; 2] = ["read", "write"];

/// The role that the user of [`Identity::alice`] has where roles matter.
pub const ROLE: &str = "api_client";
/// The group that the user of [`Identity::alice`] is in where groups matter.
pub const GROUP: &str = "integrations";

/// What an implementation takes for a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenKind {
    /// A text that says nothing: the implementation is told of each token, or asks the issuer.
    #[default]
    Opaque,
    /// A JWT of the test issuer, which the implementation judges by the issuer's key (RFC 9068).
    Jwt,
    /// Whichever is sent: JWTs where the credentials of a domain need them, else opaque ones.
    Either,
}

impl TokenKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Opaque, Self::Jwt, Self::Either];

    /// The word for it in adapters and in the control protocol.
    pub fn word(self) -> &'static str {
        match self {
            Self::Opaque => "opaque",
            Self::Jwt => "jwt",
            Self::Either => "either",
        }
    }

    /// Whether JWTs are among what is taken.
    pub fn takes_jwts(self) -> bool {
        self != Self::Opaque
    }
}

impl Identity {
    /// What an implementation under test is told of them.
    pub fn told(&self) -> ToldIdentity<'_> {
        ToldIdentity {
            user: &self.user,
            password: self.password.expose(),
            enabled: self.enabled,
            roles: &self.roles,
            groups: &self.groups,
            tokens: ToldToken::all(&self.tokens),
            api_keys: ToldToken::all(&self.api_keys),
        }
    }

    /// Whether there is a token among theirs that says something of itself which only its issuer could have it say.
    pub fn has_tokens_of_others(&self) -> bool {
        let mut states = self.tokens.iter().map(|token| token.state);
        states.any(|state| matches!(state, TokenState::OtherAudience | TokenState::OtherIssuer))
    }

    /// The user that built-in cases log in as. She has one valid and one expired token.
    pub fn alice() -> Self {
        Self {
            tokens: vec![
                Token::new("alice-token-valid", TokenState::Valid),
                Token::new("alice-token-expired", TokenState::Expired),
            ],
            ..Self::named("alice", "open-sesame")
        }
    }

    /// Everybody whom clients need that speak these schemes with credentials in these states: alice,
    /// who is all that most need, then those who are not as she is. Their tokens are of this kind.
    pub fn needed_for(
        schemes: &[Scheme],
        states: &[CredentialState],
        kind: TokenKind,
    ) -> Vec<Self> {
        let mut identities = Self::opaque_needed_for(schemes, states);
        let bound = schemes.contains(&Scheme::Dpop);
        let needed = bound || states.iter().any(|state| state.needs_jwt());
        if kind == TokenKind::Jwt || kind == TokenKind::Either && needed {
            for identity in &mut identities {
                identity.take_jwts(bound);
            }
        }
        identities
    }

    fn opaque_needed_for(schemes: &[Scheme], states: &[CredentialState]) -> Vec<Self> {
        let needs = |state| states.contains(&state);
        let tokens = schemes.contains(&Scheme::Bearer) || schemes.contains(&Scheme::Dpop);
        let keys = schemes.contains(&Scheme::ApiKey);
        let mut alice = Self::alice();
        if tokens && needs(CredentialState::Revoked) {
            let revoked = Token::new("alice-token-revoked", TokenState::Revoked);
            alice.tokens.push(revoked);
        }
        if keys {
            alice.api_keys = vec![
                Token::new("alice-key-valid", TokenState::Valid),
                Token::new("alice-key-expired", TokenState::Expired),
                Token::new("alice-key-revoked", TokenState::Revoked),
            ];
        }
        let mut identities = Vec::new();
        if needs(CredentialState::DisabledUser) {
            let own = Token::new("mallory-key-valid", TokenState::Valid);
            identities.push(Self {
                enabled: false,
                tokens: vec![Token::new("mallory-token-valid", TokenState::Valid)],
                api_keys: keys.then_some(own).into_iter().collect(),
                ..Self::named("mallory", "let-me-in")
            });
        }
        if needs(CredentialState::OtherUser) {
            alice.roles = vec![ROLE.to_owned()];
            alice.groups = vec![GROUP.to_owned()];
            let own = Token::new("erin-key-valid", TokenState::Valid);
            identities.push(Self {
                tokens: vec![Token::new("erin-token-valid", TokenState::Valid)],
                api_keys: keys.then_some(own).into_iter().collect(),
                ..Self::named("erin", "so-am-i")
            });
        }
        if needs(CredentialState::ColonInPassword) {
            // Basic allows it (RFC 7617 §2), and careless servers cut at the wrong one.
            identities.push(Self::named("carol", "open:sesame"));
        }
        if needs(CredentialState::Utf8) || needs(CredentialState::Latin1) {
            // Within Latin-1, so that both encodings exist; the pound sign is RFC 7617's own example.
            identities.push(Self::named("z\u{f6}e", "open-\u{a3}same"));
        }
        if tokens && needs(CredentialState::InsufficientScope) {
            let [read, write] = SCOPES.map(str::to_owned);
            for token in &mut alice.tokens {
                token.scopes = vec![read.clone(), write.clone()];
            }
            let mut limited = Token::new("bob-token-valid", TokenState::Valid);
            limited.scopes = vec![read];
            identities.push(Self {
                tokens: vec![limited],
                ..Self::named("bob", "build-it")
            });
        }
        identities.insert(0, alice);
        identities
    }

    /// Makes the tokens JWTs that say the same, and behind them, where they are wanted, those that are
    /// bound to the client's key; one whose key cannot be read stays as it is.
    fn take_jwts(&mut self, bound: bool) {
        let key = dpop::own_thumbprint().ok().filter(|_| bound);
        let tokens = self.tokens.clone();
        self.become_jwts(None);
        if let Some(key) = key {
            let plain = std::mem::replace(&mut self.tokens, tokens);
            self.become_jwts(Some(&key));
            self.tokens.splice(0..0, plain);
        }
    }

    fn become_jwts(&mut self, key: Option<&str>) {
        for token in &mut self.tokens {
            let state = token.state.of_credentials();
            if let Ok(value) = jwt::token(state, &self.user, &token.scopes, key) {
                token.value = Secret::new(value);
            }
        }
    }

    /// Whether the tokens are JWTs of the test issuer, which makes others as they are needed.
    pub(super) fn has_jwts(&self) -> bool {
        let first = self.tokens.first();
        let is_of_issuer = |value| jwt::is_jwt(value) && jwt::is_of_test_issuer(value);
        first.is_some_and(|token| is_of_issuer(token.value.expose()))
    }

    /// The good token, where it is a JWT that another issuer than that of the tests has made.
    pub fn foreign_jwt(&self) -> Option<&str> {
        let mut tokens = self.tokens.iter();
        let good = tokens.find(|token| token.state == TokenState::Valid)?;
        let value = good.value.expose();
        (jwt::is_jwt(value) && !jwt::is_of_test_issuer(value)).then_some(value)
    }

    /// Whether a token of theirs allows something, and not everything.
    pub(super) fn is_limited(&self) -> bool {
        let allowed = self.tokens.first().map_or(0, |token| token.scopes.len());
        (1..SCOPES.len()).contains(&allowed)
    }

    fn named(user: &str, password: &str) -> Self {
        Self {
            user: user.to_owned(),
            password: Secret::new(password),
            enabled: true,
            roles: Vec::new(),
            groups: Vec::new(),
            tokens: Vec::new(),
            api_keys: Vec::new(),
        }
    }
}

impl Token {
    fn new(value: &str, state: TokenState) -> Self {
        Self {
            value: Secret::new(value),
            state,
            scopes: Vec::new(),
        }
    }
}

impl CredentialState {
    /// Whose credentials they are: the first identity's, or those of one who is as the state needs it.
    ///
    /// # Errors
    ///
    /// What no identity is.
    pub(super) fn identity(self, identities: &[Identity]) -> Result<&Identity, &'static str> {
        let find = |fits: &dyn Fn(&Identity) -> bool, why| {
            identities.iter().find(|one| fits(one)).ok_or(why)
        };
        match self {
            Self::DisabledUser => find(&|one| !one.enabled, "every identity may log in"),
            Self::OtherUser => {
                let (first, others) = identities.split_first().ok_or("there is no identity")?;
                let is_bare = |one: &Identity| one.roles.is_empty() && one.groups.is_empty();
                let mut others = others.iter();
                let other = others.find(|one| one.enabled && is_bare(one) && !is_bare(first));
                other.ok_or("nobody lacks the roles and groups of the first")
            }
            Self::ColonInPassword => find(
                &|one| one.enabled && one.password.expose().contains(':'),
                "no password has a colon",
            ),
            Self::Utf8 | Self::Latin1 => find(
                &|one| one.enabled && !one.user.is_ascii(),
                "every user-id is US-ASCII",
            ),
            Self::InsufficientScope => find(
                &|one| one.enabled && one.is_limited(),
                "every token has all scopes, or none is told of any",
            ),
            _ => identities.first().ok_or("there is no identity"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_has_no_secret() {
        let shown = format!("{:?}", Identity::alice());
        assert!(shown.contains("alice"), "{shown}");
        for secret in ["open-sesame", "alice-token-valid", "alice-token-expired"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    #[test]
    fn an_implementation_is_told_all_of_it_in_the_words_of_the_protocol() {
        let alice = Identity::alice();
        let told = serde_json::to_string(&alice.told()).unwrap();
        let wanted = r#"{"user":"alice","password":"open-sesame","enabled":true,"roles":[],"tokens":[{"value":"alice-token-valid","state":"valid"},{"value":"alice-token-expired","state":"expired"}],"api_keys":[]}"#;
        assert_eq!(told, wanted);
        assert_eq!(serde_json::from_str::<Identity>(&told).unwrap(), alice);
        for state in TokenState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.word());
        }
        assert!(!format!("{:?}", alice.told()).contains("open-sesame"));
    }

    #[test]
    fn tokens_of_others_are_sent_where_they_were_given() {
        use super::super::{Scheme, authorization};
        let sent = |given: Option<TokenState>, asked| {
            let mut guest = Identity::named("g", "p");
            guest.tokens = vec![Token::new("own", TokenState::Valid)];
            guest
                .tokens
                .extend(given.map(|state| Token::new("foreign", state)));
            authorization(Scheme::Bearer, asked, &guest).ok().flatten()
        };
        let foreign = Some("Bearer foreign".to_owned());
        for (state, asked) in [
            (TokenState::OtherAudience, CredentialState::WrongAudience),
            (TokenState::OtherIssuer, CredentialState::WrongIssuer),
        ] {
            assert_eq!(sent(Some(state), asked), foreign);
            assert_eq!(sent(None, asked), None);
        }
        let other = sent(
            Some(TokenState::OtherIssuer),
            CredentialState::WrongAudience,
        );
        assert_eq!(other, None);
    }
}
