//! A proof for a program that signs it itself.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

use super::keys::{OWN_PEM, STRANGER_PEM};
use super::make::{hashed, signs_as_stranger};
use crate::credentials::{Context, CredentialState, Credentials};

/// How a proof is made (RFC 9449 §4.2), for programs that make it themselves: what is another one each time is named, and all
/// else is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofOutline {
    /// The header of the JWT, in JSON.
    pub header: String,
    /// The claims in their order: name, and what it says.
    pub claims: Vec<(String, ProofClaim)>,
    /// The PEM file (PKCS #8) of the key that signs it by ES256. It is published.
    pub pem: &'static str,
}

/// What a claim of a proof says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProofClaim {
    /// The same each time.
    Text(String),
    /// Another one for each proof.
    Id,
    /// The URL of the request, without its query.
    Uri,
    /// When it is made and so many seconds later, in seconds since 1970.
    Time(i64),
    /// The hash of the token that it goes with.
    TokenHash,
    /// The nonce that the answer before told.
    Nonce,
}

impl ProofOutline {
    /// What stands in the field in place of a proof.
    pub const MARK: &str = "<<proof>>";

    /// DPoP credentials that were made in a state for a context, with a mark in place of each proof; and how these are made.
    ///
    /// # Errors
    ///
    /// What of a proof no such program can make.
    pub fn taken_out(
        credentials: Credentials,
        state: CredentialState,
        context: &Context<'_>,
    ) -> Result<(Credentials, Vec<Self>), &'static str> {
        let token = { credentials.fields.iter() }
            .find(|(name, _)| *name == "Authorization")
            .and_then(|(_, value)| value.split_once(' '));
        let token = token.map_or("", |(_, token)| token);
        let mut outlines = Vec::new();
        let mut fields = Vec::new();
        for (name, value) in &credentials.fields {
            if *name != "DPoP" {
                fields.push((*name, value.clone()));
                continue;
            }
            outlines.push(Self::of(value, token, state, context)?);
            fields.push((*name, Self::MARK.to_owned()));
        }
        let credentials = Credentials {
            fields,
            ..credentials
        };
        Ok((credentials, outlines))
    }

    fn of(
        proof: &str,
        token: &str,
        state: CredentialState,
        context: &Context<'_>,
    ) -> Result<Self, &'static str> {
        use CredentialState as State;
        let pem = match state {
            State::UnsignedProof | State::SymmetricProof => {
                return Err("its proof is not signed by ES256");
            }
            _ if signs_as_stranger(state) => STRANGER_PEM,
            _ => OWN_PEM,
        };
        let unread = "its proof cannot be read";
        let decoded = |part: Option<&str>| {
            let bytes = URL_SAFE_NO_PAD.decode(part?).ok()?;
            String::from_utf8(bytes).ok()
        };
        let mut parts = proof.split('.');
        let header = decoded(parts.next()).ok_or(unread)?;
        let claims = decoded(parts.next()).ok_or(unread)?;
        let claims: serde_json::Map<String, Value> =
            serde_json::from_str(&claims).map_err(|_| unread)?;
        let path = context.target.split('?').next().unwrap_or_default();
        let uri = format!("http://{}{path}", context.authority);
        let claims = claims.into_iter().map(|(name, value)| {
            let claim = match (name.as_str(), &value) {
                ("jti", _) => ProofClaim::Id,
                ("htu", Value::String(text)) if *text == uri => ProofClaim::Uri,
                ("htu", _) => return Err("its proof is for another URL"),
                ("ath", Value::String(text)) if *text == hashed(token) => ProofClaim::TokenHash,
                ("nonce", Value::String(text)) if Some(text.as_str()) == context.nonce => {
                    ProofClaim::Nonce
                }
                ("nonce", _) if context.nonce.is_some() => {
                    return Err("its proof has a nonce that is made of the one that was told");
                }
                (_, Value::Number(number)) => {
                    let made = number.as_i64().ok_or(unread)?;
                    ProofClaim::Time(made.saturating_sub_unsigned(context.now))
                }
                (_, Value::String(text)) => ProofClaim::Text(text.clone()),
                _ => return Err(unread),
            };
            Ok((name, claim))
        });
        Ok(Self {
            header,
            claims: claims.collect::<Result<_, _>>()?,
            pem,
        })
    }

    /// The key that signs it, as bytes of PKCS #8.
    pub fn key(&self) -> Vec<u8> {
        let lines = self.pem.lines().filter(|line| !line.starts_with('-'));
        STANDARD
            .decode(lines.collect::<String>())
            .unwrap_or_default()
    }

    /// The number that is the key (RFC 5915 §3), in its 32 bytes; nothing where it is written in another way.
    pub fn number(&self) -> Option<Vec<u8>> {
        const BEFORE: [u8; 5] = [2, 1, 1, 4, 32];
        let key = self.key();
        let at = key.windows(BEFORE.len()).position(|some| some == BEFORE)?;
        let behind = key.get(at.checked_add(BEFORE.len())?..)?;
        behind.get(..32).map(<[u8]>::to_vec)
    }
}
