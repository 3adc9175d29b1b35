//! The origin server behind a proxy: asked in a certain way, it says what it was sent, and sends what
//! a proxy may not change.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use hyper::{Response, StatusCode};

/// The auth-scheme of the credentials that it answers; see [`crate::credentials::FOR_THE_ORIGIN`].
const SCHEME: &[u8] = b"x-origin ";

/// Its challenges, each in a field line: legal, of schemes that a proxy does not speak, and written in
/// ways that are tempting to tidy up.
pub(super) const CHALLENGES: [&str; 3] = [
    r#"vAPID realm="a, \"b\"",note=c"#,
    "negotiate",
    r#"GNAP  As_Uri="https://origin.example/""#,
];

/// The value of its `Authentication-Info`.
const INFO: &str = r#"Note="a, b",next=c"#;

/// The field by which it is known: nobody else's origin server has to tell what it was sent.
const MARK: HeaderName = HeaderName::from_static("countersign-origin");

/// Marks an answer as one of this origin server.
pub(crate) fn mark(answer: &mut Response<Full<Bytes>>) {
    let value = HeaderValue::from_static("yes");
    answer.headers_mut().insert(MARK, value);
}

/// What it answers to a request that asks it to say what it was sent: 401, with what it was sent as
/// `Authorization` in the body. Nothing to any other request.
pub(crate) fn describe_request(headers: &HeaderMap) -> Option<Response<Full<Bytes>>> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let asks = |value: &&HeaderValue| {
        let scheme = value.as_bytes().get(..SCHEME.len());
        scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME))
    };
    let value = sent.find(asks)?;
    let body = [b"authorization: ", value.as_bytes(), b"\n"].concat();
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    let fields = response.headers_mut();
    for challenge in CHALLENGES {
        fields.append(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    let name = HeaderName::from_static("authentication-info");
    fields.append(name, HeaderValue::from_static(INFO));
    mark(&mut response);
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{AuthenticationInfo, Challenges};

    use crate::credentials::FOR_THE_ORIGIN;

    #[test]
    fn it_tells_whoever_asks_in_its_scheme_and_what_it_says_is_legal() {
        let ask = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_static(value));
            describe_request(&headers)
        };
        assert!(ask("Basic eA==").is_none() && describe_request(&HeaderMap::new()).is_none());
        let response = ask(FOR_THE_ORIGIN).unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        let lines = response.headers().get_all(WWW_AUTHENTICATE).iter();
        let challenges = Challenges::parse(lines.map(HeaderValue::as_bytes));
        assert!(challenges.is_well_formed(), "{:?}", challenges.problems);
        assert_eq!(challenges.list.len(), CHALLENGES.len());
        let info = AuthenticationInfo::parse(std::iter::once(INFO.as_bytes()));
        assert!(info.is_well_formed(), "{:?}", info.problems);
    }
}
