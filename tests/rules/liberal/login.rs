//! Who is asking, and why somebody is not let in.

use countersign::auth::split_authorization;

use countersign::credentials::{
    Claims, KEY, SIGNATURE, Scheme, TokenFault, TokenState, is_signed, read_basic, read_bearer,
    read_dpop, read_jwt,
};

use super::desk::Desk;
use super::liberty::Liberty;

/// The longest Authorization that is read, in bytes.
const MOST: usize = 8 * 1024;

/// How far from the server's clock a proof may be made, in seconds (RFC 9449 §11.1).
const PROOF_AGE: u64 = 300;

/// Who was let in.
#[derive(Clone, Debug, Default)]
pub struct Good {
    /// The value of Authentication-Info.
    pub info: Option<String>,
    /// Whether the token stood in the query.
    pub by_query: bool,
    /// What must not be used again.
    pub used: Vec<String>,
    /// Whose credentials they are, and of which scheme, where the log is to say so.
    pub user: Option<String>,
    pub scheme: Option<Scheme>,
}

impl Good {
    fn of(user: &str, scheme: Scheme) -> Self {
        Self {
            user: Some(user.to_owned()),
            scheme: Some(scheme),
            ..Self::default()
        }
    }
}

/// Why a request is not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// There are no credentials.
    Anonymous,
    /// They are of a scheme that is not accepted.
    Other,
    /// They cannot be read.
    Unreadable(Option<Scheme>),
    /// There are several lines of them.
    SeveralLines,
    /// They are too large.
    TooLarge,
    /// They are not anybody's, or past their time, or were withdrawn.
    Wrong(Scheme),
    /// They are of somebody who may not log in.
    Disabled(Scheme),
    /// The token is not one of the issuer's for this resource.
    BadToken(Scheme),
    /// The token's time has not come.
    NotYetValid(Scheme),
    /// The token lacks the scope.
    Scope(Scheme),
    /// The log-in is not strong enough.
    StepUp(Scheme),
    /// The proof is not good, or not one.
    Proof,
    /// The proof's key is not the token's, or the token has none.
    Binding,
    /// The proof lacks a nonce of ours.
    NonceWanted,
    /// A parameter of Digest is improper or missing.
    Improper,
    /// Digest for another resource.
    OtherUri,
    /// The nonce of Digest is none of ours, or was used.
    Stale,
    /// A token stands in two places.
    TwoWays,
    /// The key or signature is not good.
    Key,
    /// They are good, and the condition of their profile is not true.
    Condition,
    /// Nobody is let in.
    Closed,
}

impl Why {
    /// The scheme that was tried.
    pub fn tried(&self) -> Option<Scheme> {
        match self {
            Self::Unreadable(scheme) => *scheme,
            Self::Wrong(scheme)
            | Self::Disabled(scheme)
            | Self::BadToken(scheme)
            | Self::NotYetValid(scheme)
            | Self::Scope(scheme)
            | Self::StepUp(scheme) => Some(*scheme),
            Self::Proof | Self::Binding | Self::NonceWanted => Some(Scheme::Dpop),
            Self::Improper | Self::OtherUri | Self::Stale => Some(Scheme::Digest),
            Self::TwoWays => Some(Scheme::Bearer),
            _ => None,
        }
    }
}

impl Desk<'_> {
    /// Judges the credentials of a request.
    pub fn login(&self) -> Result<Good, Why> {
        if self.policy.open {
            return Ok(Good::default());
        }
        if self.policy.is_closed() {
            return Err(Why::Closed);
        }
        let mut lines: Vec<&[u8]> = self.request.all("authorization").collect();
        if lines.iter().map(|line| line.len()).sum::<usize>() > MOST {
            return Err(Why::TooLarge);
        }
        if lines.len() > 1 && self.has(Liberty::FirstLineRead) {
            lines.truncate(1);
        }
        match lines.as_slice() {
            [] => self.beside_the_field(),
            [line] => self.by_field(line),
            _ => Err(Why::SeveralLines),
        }
    }

    /// Who says nothing in Authorization may have a key, or a token in the query.
    fn beside_the_field(&self) -> Result<Good, Why> {
        let request = self.request;
        let platform = self.policy.platform.as_ref();
        if let Some(login) = platform.and_then(|platform| self.by_other_profile(platform)) {
            return login;
        }
        let in_query = || request.parameter("access_token");
        if let (true, Some(token)) = (self.reads_query(), in_query()) {
            let token = token.as_bytes();
            let good = self.bearer_token(token)?;
            return Ok(Good {
                by_query: true,
                ..good
            });
        }
        let listed = |value: &str| {
            let mut cast = self.cast.iter().filter(|one| one.enabled);
            cast.any(|one| {
                let mut keys = one.api_keys.iter();
                keys.any(|key| key.value == value && key.state == TokenState::Valid)
            })
        };
        let signed = |value: &str| {
            let mut cast = self.cast.iter().filter(|one| one.enabled);
            cast.any(|one| {
                let (user, password) = (&one.user, one.password.expose());
                is_signed(value, user, password, &request.method, &request.target)
            })
        };
        let good = match self.policy.key.as_str() {
            "field" => request.one(&KEY.0.to_ascii_lowercase()).map(listed),
            "query" => request.parameter(KEY.1).map(listed),
            "signature" => request.one(&SIGNATURE.0.to_ascii_lowercase()).map(signed),
            _ => None,
        };
        match good {
            Some(true) => Ok(Good::default()),
            Some(false) => Err(Why::Key),
            None => Err(Why::Anonymous),
        }
    }

    fn reads_query(&self) -> bool {
        self.has(Liberty::QueryRead) && self.policy.schemes.contains(&Scheme::Bearer)
    }

    fn by_field(&self, line: &[u8]) -> Result<Good, Why> {
        let (name, secret) = split_authorization(line).ok_or(Why::Unreadable(None))?;
        let scheme = Scheme::from_name(&name);
        let scheme = scheme.filter(|scheme| self.policy.schemes.contains(scheme));
        match scheme.ok_or(Why::Other)? {
            Scheme::Basic => self.by_basic(secret),
            Scheme::Bearer if self.reads_query() && self.request.has_token_in_query() => {
                Err(Why::TwoWays)
            }
            Scheme::Bearer => self.bearer_token(secret),
            Scheme::Dpop => self.by_dpop(secret),
            Scheme::Digest => self.by_digest(line),
            Scheme::ApiKey | Scheme::Hmac | Scheme::Certificate => Err(Why::Other),
        }
    }

    fn by_basic(&self, secret: &[u8]) -> Result<Good, Why> {
        let scheme = Scheme::Basic;
        let (user, password) = read_basic(secret).ok_or(Why::Unreadable(Some(scheme)))?;
        // RFC 7617 §2: neither may contain control characters.
        if user.chars().chain(password.chars()).any(char::is_control) {
            return Err(Why::Unreadable(Some(scheme)));
        }
        let known = self.cast.iter().find(|one| one.user == user);
        match known.filter(|one| one.password == password) {
            None => Err(Why::Wrong(scheme)),
            Some(one) if !one.enabled => Err(Why::Disabled(scheme)),
            Some(one) => Ok(Good::of(&one.user, scheme)),
        }
    }

    fn bearer_token(&self, secret: &[u8]) -> Result<Good, Why> {
        let scheme = Scheme::Bearer;
        let token = read_bearer(secret).ok_or(Why::Unreadable(Some(scheme)))?;
        let claims = self.token(&token, scheme)?;
        // RFC 9449 §7.2: one that is bound to a key is no bearer token.
        if claims.key.is_some() {
            return Err(Why::BadToken(scheme));
        }
        self.allowed(&claims, scheme)
    }

    /// What a good token says.
    fn token(&self, token: &str, scheme: Scheme) -> Result<Claims, Why> {
        let listed = self.cast.iter().find_map(|one| {
            let mut tokens = one.tokens.iter();
            Some((one, tokens.find(|known| known.value == token)?))
        });
        let jwt = token.split('.').count() == 3;
        if !jwt {
            let (one, known) = listed.ok_or(Why::Wrong(scheme))?;
            if known.state != TokenState::Valid {
                return Err(Why::Wrong(scheme));
            }
            if !one.enabled {
                return Err(Why::Disabled(scheme));
            }
            return Ok(Claims {
                user: one.user.clone(),
                scopes: known.scopes.clone(),
                key: None,
            });
        }
        let claims = read_jwt(token, self.now).map_err(|fault| match fault {
            TokenFault::Expired | TokenFault::Signature => Why::Wrong(scheme),
            TokenFault::NotYetValid => Why::NotYetValid(scheme),
            _ => Why::BadToken(scheme),
        })?;
        if self.has(Liberty::JwtsByThemselves) {
            return Ok(claims);
        }
        if listed.is_some_and(|(_, known)| known.state == TokenState::Revoked) {
            return Err(Why::Wrong(scheme));
        }
        let whose = self.cast.iter().find(|one| one.user == claims.user);
        match whose {
            None => Err(Why::Wrong(scheme)),
            Some(one) if !one.enabled => Err(Why::Disabled(scheme)),
            Some(_) => Ok(claims),
        }
    }

    fn allowed(&self, claims: &Claims, scheme: Scheme) -> Result<Good, Why> {
        let lacks = |scope: &String| !claims.scopes.contains(scope);
        if self.policy.scope.as_ref().is_some_and(lacks) {
            return Err(Why::Scope(scheme));
        }
        if self.policy.step_up {
            return Err(Why::StepUp(scheme));
        }
        Ok(Good::of(&claims.user, scheme))
    }

    fn by_dpop(&self, secret: &[u8]) -> Result<Good, Why> {
        let scheme = Scheme::Dpop;
        let token = read_bearer(secret).ok_or(Why::Unreadable(Some(scheme)))?;
        if self.has(Liberty::ProofBeforeToken) {
            let (key, used) = self.proof(&token)?;
            let claims = self.token(&token, scheme)?;
            return self.proven(&claims, key, used);
        }
        let claims = self.token(&token, scheme)?;
        let (key, used) = self.proof(&token)?;
        self.proven(&claims, key, used)
    }

    fn proven(&self, claims: &Claims, key: String, used: Vec<String>) -> Result<Good, Why> {
        if claims.key != Some(key) {
            return Err(Why::Binding);
        }
        let good = self.allowed(claims, Scheme::Dpop)?;
        Ok(Good { used, ..good })
    }

    /// The key of a good proof, and what must not be used again.
    fn proof(&self, token: &str) -> Result<(String, Vec<String>), Why> {
        let proof = self.request.one("dpop").ok_or(Why::Proof)?;
        let host = self.request.one("host").unwrap_or_default();
        let uri = format!("http://{host}{}", self.request.path());
        let proof = read_dpop(proof, token, &self.request.method, &uri).map_err(|_| Why::Proof)?;
        if proof.made.abs_diff(self.now) > PROOF_AGE {
            return Err(Why::Proof);
        }
        let mut used = Vec::new();
        let once = self.has(Liberty::ProofNonceOnce);
        if self.policy.dpop_nonce || self.has(Liberty::NonceDemanded) || once {
            let nonce = proof.nonce.ok_or(Why::NonceWanted)?;
            if !self.has_issued_for_proofs(&nonce) || self.used.contains(&nonce) {
                return Err(Why::NonceWanted);
            }
            used.extend(once.then_some(nonce));
        }
        Ok((proof.key, used))
    }
}
