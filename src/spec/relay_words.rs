//! The words for what an intermediary tells to whom.

/// Declares words of the language: each with what it means.
macro_rules! words {
    ($(#[$outer:meta])* $name:ident { $($(#[doc = $doc:literal])* $variant:ident, $word:literal;)* }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[doc = $doc])* $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: [Self; [$($word,)*].len()] = [$(Self::$variant,)*];

            /// The word for it in specs.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }
    };
}

words! {
    /// A part of what a client asked, as it is told to an upstream.
    AskedPart {
        /// The method.
        Method, "method";
        /// Path and query.
        Target, "target";
        /// Host and port.
        Host, "host";
        /// The lines of `Authorization`, byte for byte.
        Authorization, "authorization";
        /// The lines of `Cookie`, byte for byte.
        Cookie, "cookie";
    }
}

words! {
    /// What of a client's request none of those to an upstream has, wherever in it that might stand.
    WithheldPart {
        /// What stands behind the auth-scheme in `Authorization`.
        Credentials, "credentials";
    }
}

words! {
    /// Whose request the server behind is told that it is.
    IdentityFit {
        /// The lines of `X-User` are those of the service's answer, and there are no others.
        AsTold, "as-told";
        /// The same of every field that a server may take for it, because it differs in `_` for `-` only, as where
        /// fields become variables (RFC 3875 §4.1.18).
        InAnySpelling, "as-told-in-any-spelling";
    }
}

words! {
    /// What of the service's answer is passed on to the client.
    RelayedPart {
        /// The status.
        Status, "status";
        /// The challenges of `WWW-Authenticate`, all and in order.
        Challenges, "challenges";
        /// `Location`.
        Location, "location";
        /// `Retry-After`.
        RetryAfter, "retry-after";
        /// That it broke off, where it did: the client is told of trouble, or what it gets breaks off as well.
        BrokenOff, "broken-off";
    }
}
