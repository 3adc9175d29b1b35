//! Taking an `Authorization` value apart.

use crate::grammar::{is_space, is_tchar, latin1};

/// An `Authorization` value taken apart (RFC 9110 §11.4): the auth-scheme as sent, and whatever
/// follows its spaces. Nothing when it begins with no auth-scheme.
pub fn split_authorization(value: &[u8]) -> Option<(String, &[u8])> {
    let end = value.iter().take_while(|byte| is_tchar(**byte)).count();
    let (scheme, rest) = value.split_at_checked(end)?;
    let spaces = rest.iter().take_while(|byte| is_space(**byte)).count();
    if scheme.is_empty() || (spaces == 0 && !rest.is_empty()) {
        return None;
    }
    Some((latin1(scheme), rest.get(spaces..)?))
}
