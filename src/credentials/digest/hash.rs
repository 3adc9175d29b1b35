//! The calculation (RFC 7616 §3.4.1 to §3.4.3).

use super::algorithm::{Algorithm, Qop};

/// Everything that goes into a response.
#[derive(Clone, Copy, Debug)]
pub(super) struct Input<'a> {
    pub(super) algorithm: Algorithm,
    pub(super) user: &'a str,
    pub(super) realm: &'a [u8],
    pub(super) password: &'a str,
    pub(super) nonce: &'a [u8],
    /// The nonce count as sent: eight hexadecimal digits.
    pub(super) count: &'a str,
    pub(super) cnonce: &'a str,
    /// The quality as sent; nothing stands for the calculation of RFC 2069, which servers still ask
    /// for that send no `qop`.
    pub(super) qop: Option<&'a str>,
    pub(super) method: &'a str,
    pub(super) uri: &'a str,
    pub(super) body: &'a [u8],
}

impl Input<'_> {
    /// The value of `response` in a request.
    pub(super) fn response(&self) -> String {
        self.keyed(self.method)
    }

    /// The value of `rspauth` in `Authentication-Info`, which leaves the method out (RFC 7616 §3.5).
    /// The body is the response's.
    pub(super) fn rspauth(&self) -> String {
        self.keyed("")
    }

    fn keyed(&self, method: &str) -> String {
        let Self {
            algorithm,
            nonce,
            count,
            cnonce,
            uri,
            ..
        } = *self;
        let secret = self.secret();
        let covers_body = self
            .qop
            .is_some_and(|qop| Qop::from_name(qop) == Some(Qop::AuthInt));
        let request = if covers_body {
            let body = algorithm.hash(&[self.body]);
            algorithm.hash(&[method.as_bytes(), uri.as_bytes(), body.as_bytes()])
        } else {
            algorithm.hash(&[method.as_bytes(), uri.as_bytes()])
        };
        let (secret, request) = (secret.as_bytes(), request.as_bytes());
        match self.qop {
            Some(qop) => algorithm.hash(&[
                secret,
                nonce,
                count.as_bytes(),
                cnonce.as_bytes(),
                qop.as_bytes(),
                request,
            ]),
            None => algorithm.hash(&[secret, nonce, request]),
        }
    }

    /// `H(A1)`.
    fn secret(&self) -> String {
        let (user, realm) = (self.user.as_bytes(), self.realm);
        let secret = self
            .algorithm
            .hash(&[user, realm, self.password.as_bytes()]);
        if self.algorithm.is_session() {
            let (nonce, cnonce) = (self.nonce, self.cnonce.as_bytes());
            return self.algorithm.hash(&[secret.as_bytes(), nonce, cnonce]);
        }
        secret
    }
}

/// The user-id as `userhash` has it (RFC 7616 §3.4.4).
pub(super) fn user_hash(algorithm: Algorithm, user: &str, realm: &[u8]) -> String {
    algorithm.hash(&[user.as_bytes(), realm])
}
