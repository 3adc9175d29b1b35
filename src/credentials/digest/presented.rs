//! Digest credentials as a server reads and judges them.

use std::fmt;

use super::algorithm::{Algorithm, Qop};
use super::hash::{Input, user_hash};
use crate::auth::grammar::{bytes, utf8};
use crate::auth::{Challenge, Param};

/// Digest credentials that have every parameter they need (RFC 7616 §3.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presented {
    /// The user-id, or its hash.
    pub user: String,
    /// Whether the user-id is hashed.
    pub is_hashed: bool,
    /// The realm.
    pub realm: String,
    /// The nonce.
    pub nonce: String,
    /// The request target that the client means.
    pub uri: String,
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The quality of protection; nothing in credentials of RFC 2069.
    pub qop: Option<Qop>,
    /// How many requests the client sent with the nonce, this one included; 0 without `qop`.
    pub count: u32,
    /// The client's nonce; empty without `qop`.
    pub cnonce: String,
    /// What the challenge had as `opaque`.
    pub opaque: Option<String>,
    response: String,
    /// Realm and nonce as sent, which is what was hashed.
    sent: (Vec<u8>, Vec<u8>),
    /// `nc` as sent, which is what was hashed.
    count_text: String,
}

/// What is wrong with Digest credentials, whoever's they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigestFault {
    /// A parameter that is needed is not there.
    Missing(&'static str),
    /// `username` and `username*` are both there (RFC 7616 §3.4).
    TwoUsernames,
    /// `username*` cannot be decoded, or is hashed as well.
    UnreadableUser,
    /// The algorithm is unknown.
    UnknownAlgorithm,
    /// The quality of protection is unknown.
    UnknownQop,
    /// `nc` is not eight hexadecimal digits, or is zero.
    BadCount,
}

impl fmt::Display for DigestFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => write!(out, "there is no `{name}`"),
            Self::TwoUsernames => out.write_str("there are `username` and `username*`"),
            Self::UnreadableUser => out.write_str("`username*` cannot be read"),
            Self::UnknownAlgorithm => out.write_str("the algorithm is unknown"),
            Self::UnknownQop => out.write_str("the quality of protection is unknown"),
            Self::BadCount => out.write_str("`nc` is no count"),
        }
    }
}

impl std::error::Error for DigestFault {}

impl Presented {
    /// Reads the credentials of an `Authorization` field.
    ///
    /// # Errors
    ///
    /// The first [`DigestFault`]. Whether nonce, realm and `uri` are the right ones is for the caller
    /// to judge.
    pub fn read(credentials: &Challenge) -> Result<Self, DigestFault> {
        let text = |name: &'static str| {
            let value = credentials.param(name);
            value.map(utf8).ok_or(DigestFault::Missing(name))
        };
        let sent = |name| credentials.param(name).map(bytes).unwrap_or_default();
        let flag = |name| {
            let value = credentials.param(name);
            value.is_some_and(|value| value.eq_ignore_ascii_case("true"))
        };
        let is_hashed = flag("userhash");
        let user = match (
            credentials.param("username"),
            credentials.param("username*"),
        ) {
            (Some(_), Some(_)) => return Err(DigestFault::TwoUsernames),
            (None, None) => return Err(DigestFault::Missing("username")),
            (Some(user), None) => utf8(user),
            (None, Some(_)) if is_hashed => return Err(DigestFault::UnreadableUser),
            (None, Some(user)) => extended(user).ok_or(DigestFault::UnreadableUser)?,
        };
        let algorithm = match credentials.param("algorithm") {
            Some(name) => Algorithm::from_name(name).ok_or(DigestFault::UnknownAlgorithm)?,
            None => Algorithm::Md5,
        };
        let mut presented = Self {
            user,
            is_hashed,
            realm: text("realm")?,
            nonce: text("nonce")?,
            uri: text("uri")?,
            algorithm,
            qop: None,
            count: 0,
            cnonce: String::new(),
            opaque: credentials.param("opaque").map(utf8),
            response: text("response")?,
            sent: (sent("realm"), sent("nonce")),
            count_text: String::new(),
        };
        if let Some(name) = credentials.param("qop") {
            presented.qop = Some(Qop::from_name(name).ok_or(DigestFault::UnknownQop)?);
            presented.cnonce = text("cnonce")?;
            presented.count_text = text("nc")?;
            presented.count = count(&presented.count_text).ok_or(DigestFault::BadCount)?;
        }
        Ok(presented)
    }

    /// The same, as though they were for this realm.
    #[must_use]
    pub fn of_realm(mut self, realm: &str) -> Self {
        realm.clone_into(&mut self.realm);
        self.sent.0 = realm.as_bytes().to_vec();
        self
    }

    /// Whether they claim to be this user's.
    pub fn is_of(&self, user: &str) -> bool {
        if self.is_hashed {
            let hash = user_hash(self.algorithm, user, &self.sent.0);
            self.user.eq_ignore_ascii_case(&hash)
        } else {
            self.user == user
        }
    }

    /// Whether the response is right for a user's password, the method and the body of the request.
    pub fn is_right(&self, user: &str, password: &str, method: &str, body: &[u8]) -> bool {
        let right = self.input(user, password, method, body).response();
        self.response.eq_ignore_ascii_case(&right)
    }

    /// The parameters of `Authentication-Info` for a response with this body (RFC 7616 §3.5), with
    /// the nonce for the next request where there is one.
    pub fn info(
        &self,
        user: &str,
        password: &str,
        body: &[u8],
        next_nonce: Option<&str>,
    ) -> Vec<Param> {
        let mut params = Vec::new();
        if let Some(next) = next_nonce {
            params.push(Param::quoted("nextnonce", next));
        }
        if let Some(qop) = self.qop {
            let rspauth = self.input(user, password, "", body).rspauth();
            params.push(Param::token("qop", qop.name()));
            params.push(Param::quoted("rspauth", rspauth));
            params.push(Param::quoted("cnonce", self.cnonce.as_str()));
            params.push(Param::token("nc", self.count_text.as_str()));
        }
        params
    }

    fn input<'a>(
        &'a self,
        user: &'a str,
        password: &'a str,
        method: &'a str,
        body: &'a [u8],
    ) -> Input<'a> {
        Input {
            algorithm: self.algorithm,
            user,
            realm: &self.sent.0,
            password,
            nonce: &self.sent.1,
            count: &self.count_text,
            cnonce: &self.cnonce,
            qop: self.qop.map(Qop::name),
            method,
            uri: &self.uri,
            body,
        }
    }
}

/// A nonce count: eight hexadecimal digits, not all of them 0 (RFC 7616 §3.4).
fn count(text: &str) -> Option<u32> {
    let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let count = u32::from_str_radix(text, 16).ok().filter(|_| digits)?;
    (count > 0).then_some(count)
}

/// An extended value in UTF-8 (RFC 8187 §3.2).
fn extended(value: &str) -> Option<String> {
    let (charset, rest) = value.split_once('\'')?;
    let (_, text) = rest.split_once('\'')?;
    if !charset.eq_ignore_ascii_case("utf-8") {
        return None;
    }
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}
