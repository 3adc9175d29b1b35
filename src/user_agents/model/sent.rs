//! What a request carries, as the measurements name it.

use std::fmt;

/// How a user and a password were encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// US-ASCII throughout.
    Plain,
    /// A password outside US-ASCII, in UTF-8.
    Utf8,
    /// No password: it has none.
    Null,
    /// Empty user and password.
    Empty,
    /// Latin-1 with question marks.
    Latin1,
    /// US-ASCII with question marks.
    Ascii,
    /// Cut off.
    CutOff,
    /// Percent-encoded.
    PercentEncoded,
}

/// A Digest response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DigestSent<'l> {
    /// The algorithm that it names.
    pub algorithm: &'l str,
    /// The qop that it names.
    pub qop: Option<&'l str>,
    /// Whether `response` is not what its own parameters make it.
    pub wrong: bool,
    /// Whether realm and nonce are not those of one challenge of that algorithm, which has both.
    pub mixed: bool,
    /// Whether no challenge has that algorithm.
    pub not_offered: bool,
}

/// The `Authorization` of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SentAuthorization<'l> {
    /// None.
    Bare,
    /// None, but credentials in `Proxy-Authorization`, which the origin server asked for.
    BareWithProxy,
    /// Basic credentials.
    Basic(Encoding),
    /// A bearer token; an empty one if it has none.
    Bearer(bool),
    /// A Digest response.
    Digest(DigestSent<'l>),
    /// A token of Negotiate.
    Negotiate,
    /// A message of NTLM.
    Ntlm,
    /// Parameters of Digest under the first word of the challenge.
    Echo(&'l str),
    /// The word `None`.
    None,
    /// Nothing, under the field's name.
    Empty,
}

impl SentAuthorization<'_> {
    /// Whether the request carries something in `Authorization`.
    pub fn is_authorized(&self) -> bool {
        !matches!(self, Self::Bare | Self::BareWithProxy)
    }
}

impl fmt::Display for SentAuthorization<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bare | Self::BareWithProxy => out.write_str("none"),
            Self::Basic(encoding) => out.write_str(match encoding {
                Encoding::Plain => "Basic",
                Encoding::Utf8 => "Basic[utf8]",
                Encoding::Null => "Basic[null:]",
                Encoding::Empty => "Basic[:]",
                Encoding::Latin1 => "Basic[latin1+?]",
                Encoding::Ascii => "Basic[user:p?ss?]",
                Encoding::CutOff => "Basic[user:p]",
                Encoding::PercentEncoded => "Basic[user:p%C3%A4ss%E2%82%AC]",
            }),
            Self::Bearer(true) => out.write_str("Bearer"),
            Self::Bearer(false) => out.write_str("Bearer()"),
            Self::Digest(sent) => {
                write!(out, "Digest-{}", sent.algorithm.to_ascii_uppercase())?;
                if let Some(qop) = sent.qop {
                    write!(out, "/{qop}")?;
                }
                let flags = [
                    (sent.wrong, "(WRONG)"),
                    (sent.mixed, "(REALM/NONCE-MIX)"),
                    (sent.not_offered, "(ALGNOTOFFERED)"),
                ];
                for (_, flag) in flags.iter().filter(|(set, _)| *set) {
                    out.write_str(flag)?;
                }
                Ok(())
            }
            Self::Negotiate => out.write_str("Negotiate"),
            Self::Ntlm => out.write_str("NTLM"),
            Self::Echo(word) if word.eq_ignore_ascii_case("Basic") => {
                out.write_str("Basic(not-base64)")
            }
            Self::Echo(word) if word.eq_ignore_ascii_case("Bearer") => {
                out.write_str("Bearer(username=\"us)")
            }
            Self::Echo(word) => out.write_str(word),
            Self::None => out.write_str("None"),
            Self::Empty => out.write_str("Empty()"),
        }
    }
}
