//! Seeded faults: departures that the harness must find, or it is not worth its run time.

use std::fmt;

/// Declares the catalogue by pack: each fault with its name, its sentence and, where it was seen in a
/// real product, that product and where it is told of.
macro_rules! faults {
    ($($pack:literal: {
        $($variant:ident, $name:literal, $summary:literal $(, seen: $seen:literal)?;)*
    })*) => {
        /// One departure of the reference implementation from its own rules.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Fault {
            $($(#[doc = $summary] $variant,)*)*
        }

        impl Fault {
            /// Every fault.
            pub const ALL: &'static [Self] = &[$($(Self::$variant,)*)*];

            /// Its name on the command line and in reports, in kebab case.
            pub fn name(self) -> &'static str {
                match self {
                    $($(Self::$variant => $name,)*)*
                }
            }

            /// What the reference implementation then does, in one sentence.
            pub fn summary(self) -> &'static str {
                match self {
                    $($(Self::$variant => $summary,)*)*
                }
            }

            /// The shipped pack for whose rules it was seeded. Rules of others may see it too.
            pub fn pack(self) -> &'static str {
                match self {
                    $($(Self::$variant => $pack,)*)*
                }
            }

            /// The real product in which it was seen and the thread that tells of it, where there is
            /// one.
            pub fn seen(self) -> Option<&'static str> {
                match self {
                    $($(Self::$variant => faults!(@seen $($seen)?),)*)*
                }
            }
        }
    };
    (@seen) => { None };
    (@seen $seen:literal) => { Some($seen) };
}

faults! {
    "api-access-policy": {
        AcceptsWrongSecret, "accepts-wrong-secret",
            "A known user gets in with any password, and anybody with any well-formed token.";
        AcceptsUnknownUser, "accepts-unknown-user",
            "A user whom nobody knows gets in.";
        AcceptsMalformed, "accepts-malformed",
            "Credentials that cannot be read let their sender in.";
        AcceptsExpired, "accepts-expired",
            "A token lets its sender in after its time.";
        AcceptsAnonymous, "accepts-anonymous",
            "A request without credentials gets in.";
        AcceptsInactiveProfile, "accepts-inactive-profile",
            "The schemes of inactive profiles are accepted too.";
        FlagOpensEveryScheme, "flag-opens-every-scheme",
            "The flag that advertises all schemes makes every scheme acceptable.";
        PropertyOpensEveryScheme, "property-opens-every-scheme",
            "The property that advertises all schemes makes every scheme acceptable.";
        AdvertisesFirstInsteadOfLast, "advertises-first-instead-of-last",
            "Where one scheme is advertised, it is the one configured first.",
            seen: "encode/django-rest-framework #4680";
        AdvertisesInactiveProfiles, "advertises-inactive-profiles",
            "The schemes of inactive profiles are advertised too.";
        AdvertisesUnacceptedScheme, "advertises-unaccepted-scheme",
            "A scheme that the policy does not accept is advertised beside those that it does.",
            seen: "joyent/conch-api #1042";
        AdvertisesRegardlessOfFlag, "advertises-regardless-of-flag",
            "All schemes are advertised whatever the flag and the property say.";
        FlagIgnored, "flag-ignored",
            "The flag that advertises all schemes has no effect.";
        PropertyIgnored, "property-ignored",
            "The property that advertises all schemes has no effect.";
        UnauthorizedWithoutChallenge, "unauthorized-without-challenge",
            "A 401 carries no challenge.",
            seen: "envoyproxy/envoy #34015";
        NoChallengeAfterCredentials, "no-challenge-after-credentials",
            "A 401 carries no challenge when credentials were sent and refused.",
            seen: "jetty/jetty.project #1698";
        ChallengeWithoutRealm, "challenge-without-realm",
            "Challenges name their scheme only.";
        MalformedChallenge, "malformed-challenge",
            "The realm of a challenge lacks its closing quote.";
        ForbiddenInsteadOfUnauthorized, "forbidden-instead-of-unauthorized",
            "Credentials that are refused are answered with 403, which asks for no others.";
        UnauthorizedInsteadOfForbidden, "unauthorized-instead-of-forbidden",
            "A policy that lets nobody in answers 401, as though credentials could help.";
        NoProfileMeansOpen, "no-profile-means-open",
            "A policy without an active profile lets everybody in.";
        IgnoresInactivePolicyFlag, "ignores-inactive-policy-flag",
            "An inactive policy is enforced all the same.";
        RejectsSecondProfile, "rejects-second-profile",
            "The second scheme of a policy is advertised and not accepted.";
        SchemeNamesCaseSensitive, "scheme-names-case-sensitive",
            "A scheme is recognised only in the letters in which it is advertised.",
            seen: "thephpleague/oauth2-server #1399";
        SplitsPasswordAtLastColon, "splits-password-at-last-colon",
            "A password that contains a colon is read wrongly.";
        FailsOnMalformed, "fails-on-malformed",
            "Credentials that cannot be read are answered with 500.";
        SuccessLoggedBeside401, "success-logged-beside-401",
            "A log-in that is refused with 401 is logged as a success as well.";
        SuccessNotLogged, "success-not-logged",
            "A log-in that succeeds is not logged.";
    }
    "reachability": {
        NarrowsToTheSchemeTried, "narrows-to-the-scheme-tried",
            "Refused credentials are challenged for their own scheme only.",
            seen: "miguelgrinberg/Flask-HTTPAuth #125";
        RefusedTokenSeesBasicOnly, "refused-token-sees-basic-only",
            "A token that is refused is answered with a challenge for Basic.",
            seen: "goharbor/harbor #18856";
        NoChallengeForUnknownScheme, "no-challenge-for-unknown-scheme",
            "Credentials of a scheme that nobody knows are answered with a 401 without a challenge.",
            seen: "jetty/jetty.project #1698";
        ChallengesGetOnly, "challenges-get-only",
            "A request without credentials is challenged only where its method is GET.";
        NamesSchemesOnce, "names-schemes-once",
            "Only the first request without credentials is told of every scheme, later ones of one.";
        ErrorWithoutCredentials, "error-without-credentials",
            "A request without credentials is told that its token is invalid.",
            seen: "wso2/product-microgateway #1713";
        ErrorForAnotherScheme, "error-for-another-scheme",
            "Credentials for Basic that are refused are answered with an invalid token.";
        SplitsChallengeOverLines, "splits-challenge-over-lines",
            "A parameter of the challenge for Basic stands in a field line of its own.";
        ForbiddenWithoutCredentials, "forbidden-without-credentials",
            "A request without credentials is answered with 403, although credentials would help.",
            seen: "fastapi/fastapi #10177 and oauth2-proxy/oauth2-proxy #3284";
        HeadIsOpen, "head-is-open",
            "A HEAD request is let in without credentials.",
            seen: "JBoss Application Server (CVE-2010-0738)";
    }
}

impl Fault {
    /// The fault of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fault| fault.name() == name)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// The faults that are seeded in one reference implementation; usually none.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    /// These faults.
    pub(super) fn new(faults: &[Fault]) -> Self {
        Self(faults.to_vec())
    }

    /// Whether this one is among them.
    pub(super) fn has(&self, fault: Fault) -> bool {
        self.0.contains(&fault)
    }
}
