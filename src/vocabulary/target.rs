//! Targets: what a client asks for.

use std::fmt;

use crate::wire::Way;

/// Declares the targets: each with what it is and its word.
macro_rules! targets {
    ($($(#[doc = $doc:literal])* $variant:ident, $word:literal;)*) => {
        /// What a client asks for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum RequestTarget {
            $($(#[doc = $doc])* $variant,)*
        }

        impl RequestTarget {
            /// Every target, in the order of simplicity.
            pub const ALL: [Self; [$($word,)*].len()] = [$(Self::$variant,)*];

            /// The word for it in specs.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// What it is, in a sentence.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc),*).trim_ascii(),)*
                }
            }
        }
    };
}

targets! {
    /// The resource.
    Resource, "resource";
    /// The metadata of the resource, at the URL that a challenge named just before (RFC 9728 §5.1): with one
    /// `GET` and no credentials, for everybody may read it.
    Metadata, "resource-metadata";
    /// The same at the well-known URI that is made of the URL of the resource (RFC 9728 §3.1).
    WellKnownMetadata, "well-known-metadata";
    /// The same as a client of the Model Context Protocol looks for it: at the URL that a challenge named just before; else
    /// at the well-known URI made of the URL of the resource; where nothing is there (404, 405, 410), at that of the whole server.
    MetadataLookedFor, "metadata-looked-for";
    /// The metadata of the authorization server whose issuer identifier is the URL of the resource, at the well-known URI
    /// that is made of it (RFC 8414 §3): with one `GET` and no credentials.
    IssuerMetadata, "issuer-metadata";
    /// The resource with a query.
    Query, "query";
    /// The resource with a query whose text has quotes once it is decoded: `%22` is a quote (RFC 3986 §2.1).
    QuotesInQuery, "quotes-in-query";
    /// What is below the resource, by a segment whose text has quotes once it is decoded.
    QuotesInPath, "quotes-in-path";
    /// The resource with a query that has a line break once it is decoded, and the name of a field behind that:
    /// `%0D%0A` is a line break.
    LineBreakInQuery, "line-break-in-query";
    /// The resource with an empty segment before it: a path that many servers take for the resource's.
    DoubleSlash, "double-slash";
    /// The resource behind a segment and `..`, which takes it away again (RFC 3986 §5.2.4).
    Dots, "dots";
    /// The same with the dots percent-encoded, which means the same (RFC 3986 §2.3, §6.2.2.2).
    EncodedDots, "encoded-dots";
    /// The resource with its first letter percent-encoded, which means the same (RFC 3986 §2.3, §6.2.2.2).
    EncodedLetter, "encoded-letter";
    /// The resource with a parameter behind it, which some servers cut off (RFC 3986 §3.3).
    PathParameter, "path-parameter";
    /// The resource by its whole URL, as a proxy is asked and every server must take it (RFC 9112 §3.2.2).
    AbsoluteForm, "absolute-form";
}

impl RequestTarget {
    /// The target for a path below an endpoint, which may have a query, and whether it has a query of its own.
    pub fn below(self, path: &str) -> (String, bool) {
        if let Some((path, query)) = path.split_once('?') {
            let (spelt, own) = self.below(path);
            let joint = if own { '&' } else { '?' };
            return (format!("{spelt}{joint}{query}"), true);
        }
        let letter = |path: &str| {
            let mut rest = path.chars();
            match (rest.next(), rest.next()) {
                (Some('/'), Some(first)) if first.is_ascii() => {
                    format!("/%{:02X}{}", u32::from(first), rest.as_str())
                }
                _ => path.to_owned(),
            }
        };
        match self {
            Self::Resource
            | Self::Metadata
            | Self::WellKnownMetadata
            | Self::MetadataLookedFor
            | Self::IssuerMetadata
            | Self::AbsoluteForm => (path.to_owned(), false),
            Self::Query => (format!("{path}?page=2"), true),
            Self::QuotesInQuery => (format!("{path}?page=%22of-the-query%22"), true),
            Self::QuotesInPath => (format!("{path}/%22of-the-path%22"), false),
            Self::LineBreakInQuery => (
                format!("{path}?page=2%0D%0AX-Second-Line:%20of-the-query"),
                true,
            ),
            Self::DoubleSlash => (format!("/{path}"), false),
            Self::Dots => (format!("/x/..{path}"), false),
            Self::EncodedDots => (format!("/x/%2e%2e{path}"), false),
            Self::EncodedLetter => (letter(path), false),
            Self::PathParameter => (format!("{path};v=1"), false),
        }
    }

    /// Whether it is the resource itself, in another spelling.
    pub fn is_respelt(self) -> bool {
        !matches!(self, Self::Resource | Self::QuotesInPath) && !self.is_metadata()
    }

    /// Whether a request for it can go by a way.
    pub(super) fn goes_by(self, way: Way) -> Result<(), &'static str> {
        match self == Self::AbsoluteForm && (way.is_framed() || way.is_proxy()) {
            true => Err(
                "HTTP/2 and HTTP/3 have no whole URL for a target, and a proxy is asked by one anyway",
            ),
            false => Ok(()),
        }
    }

    /// Whether it is the metadata of the resource.
    pub fn is_metadata(self) -> bool {
        matches!(
            self,
            Self::Metadata
                | Self::WellKnownMetadata
                | Self::MetadataLookedFor
                | Self::IssuerMetadata
        )
    }
}

impl fmt::Display for RequestTarget {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resource_is_asked_for_in_many_spellings() {
        let all: Vec<String> = RequestTarget::ALL
            .iter()
            .map(|target| target.below("/resource").0)
            .collect();
        // What a challenge names, and where metadata is looked for without one, is worked out elsewhere.
        let expected = [
            "/resource",
            "/resource",
            "/resource",
            "/resource",
            "/resource",
            "/resource?page=2",
            "/resource?page=%22of-the-query%22",
            "/resource/%22of-the-path%22",
            "/resource?page=2%0D%0AX-Second-Line:%20of-the-query",
            "//resource",
            "/x/../resource",
            "/x/%2e%2e/resource",
            "/%72esource",
            "/resource;v=1",
            // What stands before the path depends on whom it goes to.
            "/resource",
        ];
        assert_eq!(all, expected);
        assert_eq!(RequestTarget::EncodedLetter.below("").0, "");
        let queried = |target: RequestTarget| target.below("/v2/?a=b").0;
        assert_eq!(queried(RequestTarget::Resource), "/v2/?a=b");
        assert_eq!(queried(RequestTarget::Query), "/v2/?page=2&a=b");
        assert_eq!(queried(RequestTarget::PathParameter), "/v2/;v=1?a=b");
    }
}
