//! The one rule by which secrets are masked, wherever a message is shown or kept.
//!
//! Secret are the credentials of `Authorization` and `Proxy-Authorization` (RFC 9110 §11.6.2, §11.7.2),
//! API keys, tokens and signatures in other fields and in the query, proofs (`DPoP`, RFC 9449 §4.1) and
//! cookies. The name of an auth-scheme is none.

use super::dress::Dressed;

/// What stands in place of a secret.
pub const MASK: &str = "***";

/// Names that are secret as they are, in lower case.
const WHOLE: [&str; 8] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "dpop",
    "key",
    "sig",
    "code",
    "auth",
];

/// Parts of names that are secret, in lower case and without hyphens and underscores.
const PARTS: [&str; 7] = [
    "apikey",
    "token",
    "signature",
    "secret",
    "password",
    "passwd",
    "assertion",
];

/// The shortest secret that is looked for in an answer: one of a few letters stands in any text by
/// chance.
const SHORTEST: usize = 6;

/// The longest name of a scheme that may stand alone in a field: anything longer may be a token.
const LONGEST_SCHEME: usize = 12;

/// Masks one exchange: the request first, then the answer, in which it hides what it masked before.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    secrets: Dressed,
}

impl Mask {
    /// A request line, or any other text with a request target, with the secrets of its query masked.
    pub fn target(&mut self, line: &str) -> String {
        let Some((path, rest)) = line.split_once('?') else {
            return line.to_owned();
        };
        let (query, behind) = rest.split_at(rest.find(' ').unwrap_or(rest.len()));
        let pairs: Vec<String> = query
            .split('&')
            .map(|pair| match pair.split_once('=') {
                Some((name, value)) if is_secret(name) => {
                    self.learn(value);
                    format!("{name}={MASK}")
                }
                _ => pair.to_owned(),
            })
            .collect();
        format!("{path}?{}{behind}", pairs.join("&"))
    }

    /// A field line of the request with its secret masked.
    pub fn field(&mut self, line: &str) -> String {
        let Some((name, value)) = line.split_once(':') else {
            return line.to_owned();
        };
        if !is_secret(name) {
            return line.to_owned();
        }
        let value = value.trim_matches([' ', '\t']);
        let has_scheme = ["authorization", "proxy-authorization"]
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known));
        let end = value.find([' ', '\t']).unwrap_or(value.len());
        let (scheme, rest) = match has_scheme {
            true => value.split_at(end),
            false => ("", value),
        };
        let secret = rest.trim_start_matches([' ', '\t']);
        let gap = rest.get(..rest.len() - secret.len()).unwrap_or_default();
        let is_name = scheme.len() <= LONGEST_SCHEME
            && scheme.chars().all(|c| c.is_ascii_alphabetic() || c == '-');
        if value.is_empty() {
            format!("{name}:")
        } else if secret.is_empty() && is_name {
            format!("{name}: {scheme}")
        } else if secret.is_empty() || scheme.is_empty() {
            self.learn(value);
            format!("{name}: {MASK}")
        } else {
            self.learn(secret);
            format!("{name}: {scheme}{gap}{MASK}")
        }
    }

    /// A field line of the answer: a cookie that it sets is a secret as well.
    pub fn answer_field(&mut self, line: &str) -> String {
        let cookie = line.split_once(':').and_then(|(name, value)| {
            let name_of = name.eq_ignore_ascii_case("set-cookie");
            let (cookie, rest) = value.split_once('=').filter(|_| name_of)?;
            let attributes = rest
                .split_once(';')
                .map_or("", |(_, attributes)| attributes);
            let sign = if attributes.is_empty() { "" } else { ";" };
            Some(format!("{name}:{cookie}={MASK}{sign}{attributes}"))
        });
        cookie.unwrap_or_else(|| self.hide(line))
    }

    /// A text of the answer without what was masked in the request, in whatever dress it comes back.
    pub fn hide(&self, text: &str) -> String {
        self.secrets.hidden(text, MASK)
    }

    fn learn(&mut self, secret: &str) {
        if secret.len() >= SHORTEST {
            self.secrets.add(secret);
        }
    }
}

/// Whether what stands under this name, in a field or in a query, is a secret.
fn is_secret(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    let plain: String = name.chars().filter(|c| !"-_".contains(*c)).collect();
    WHOLE.contains(&name.as_str()) || PARTS.iter().any(|part| plain.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_carry_secrets_are_masked() {
        for (line, masked) in [
            (
                "authorization: Basic YWxpY2U6eA==",
                "authorization: Basic ***",
            ),
            (
                "Authorization:  bAsIc   YWxpY2U6eA==",
                "Authorization: bAsIc   ***",
            ),
            ("authorization: Basic", "authorization: Basic"),
            ("authorization:", "authorization:"),
            ("authorization: token-of-alice-123", "authorization: ***"),
            (
                "proxy-authorization: Digest username=\"a\"",
                "proxy-authorization: Digest ***",
            ),
            ("X-API-Key: k", "X-API-Key: ***"),
            ("x-hmac-signature: alice:c2ln", "x-hmac-signature: ***"),
            ("dpop: eyJ.eyJ.sig", "dpop: ***"),
            ("cookie: session=1", "cookie: ***"),
            ("x-auth-token: abc", "x-auth-token: ***"),
            ("dpop-nonce: abc", "dpop-nonce: abc"),
            ("accept: */*", "accept: */*"),
            ("no colon", "no colon"),
        ] {
            assert_eq!(Mask::default().field(line), masked);
        }
    }

    #[test]
    fn a_query_keeps_its_names() {
        for (line, masked) in [
            (
                "GET /resource?access_token=t&x=1 HTTP/1.1",
                "GET /resource?access_token=***&x=1 HTTP/1.1",
            ),
            (
                "GET /r?api_key=k&signature=s HTTP/1.1",
                "GET /r?api_key=***&signature=*** HTTP/1.1",
            ),
            ("GET /r?page=2", "GET /r?page=2"),
            ("GET /r HTTP/1.1", "GET /r HTTP/1.1"),
        ] {
            assert_eq!(Mask::default().target(line), masked);
        }
    }

    #[test]
    fn an_answer_does_not_repeat_them() {
        let mut mask = Mask::default();
        mask.field("authorization: Bearer token-of-alice");
        mask.target("GET /r?api_key=key-of-alice HTTP/1.1");
        assert_eq!(
            mask.hide("you sent token-of-alice, key-of-alice"),
            "you sent ***, ***"
        );
        assert_eq!(
            mask.answer_field("set-cookie: session=0123456789; Path=/"),
            "set-cookie: session=***; Path=/"
        );
        assert_eq!(mask.answer_field("x-echo: token-of-alice"), "x-echo: ***");
        mask.field("authorization: Basic YQ==");
        assert_eq!(mask.hide("YQ=="), "YQ==", "too short to be looked for");
    }
}
