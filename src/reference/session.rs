//! The cookie of a session. It tells whose the session is, so that equal requests get equal answers; those of a server
//! that is in use must not be guessed.

use hyper::header::{COOKIE, HeaderMap, HeaderName, HeaderValue, SET_COOKIE};

/// The name of the cookie.
const NAME: &str = "session";

/// What stands before the user in its value.
const OF: &str = "of-";

/// The field line that sets the cookie: for a session of a user, where his name can stand in one (RFC 6265 §4.1.1),
/// otherwise for none, as such platforms do for whoever they refuse.
pub(super) fn begun(user: Option<&str>) -> (HeaderName, HeaderValue) {
    let user = user
        .filter(|user| !user.is_empty() && user.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let line = user.and_then(|user| {
        HeaderValue::from_str(&format!("{NAME}={OF}{user}; Path=/; HttpOnly")).ok()
    });
    let of_nobody = HeaderValue::from_static("session=of; Path=/; HttpOnly");
    (SET_COOKIE, line.unwrap_or(of_nobody))
}

/// Whose session a request belongs to, if it belongs to one.
pub(super) fn user_of(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(COOKIE).iter();
    let pairs = lines.filter_map(|line| line.to_str().ok());
    let mut pairs = pairs.flat_map(|line| line.split(';'));
    pairs.find_map(|pair| {
        let value = pair.trim().strip_prefix(NAME)?.strip_prefix('=')?;
        value.strip_prefix(OF)
    })
}
