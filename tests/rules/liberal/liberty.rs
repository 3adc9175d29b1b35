//! The liberties: choices that the documents leave to a server, each with the section that leaves it.
//!
//! *SHOULD given up* names a recommendation that a server may depart from with a reason (RFC 2119 §3): the
//! rules of that recommendation accuse it rightly, and are listed in [`Liberty::given_up`]. No rule of a
//! MUST may.

use std::collections::BTreeSet;

/// What a run has to be about so that a liberty shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum About {
    /// Basic and Bearer, one at a time.
    Plain,
    /// Basic and Bearer, beside one another.
    Both,
    /// Credentials in forms that two packs know nothing of.
    Odd,
    /// Bearer tokens that are JWTs, and what a policy asks of them.
    Tokens,
    /// Digest.
    Digest,
    /// DPoP.
    Dpop,
    /// API keys and signed requests.
    Keys,
    /// Pages of other origins.
    Pages,
    /// Bearer and DPoP beside one another.
    TwoTokens,
    /// Digest beside tokens.
    DigestBeside,
    /// Several policies of the platform of the API access policies.
    Several,
    /// What comes before a log-in on that platform, and behind it.
    Around,
    /// Keys, signatures and ID tokens of its profiles.
    Kinds,
    /// Certificates of its profiles.
    Certificates,
}

/// Declares the liberties: each with what shows it.
macro_rules! liberties {
    ($($(#[doc = $doc:literal])* $variant:ident, $about:ident;)*) => {
        /// A choice that the documents leave to a server.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Liberty {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Liberty {
            /// Every liberty.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// What a run has to be about so that it shows.
            pub fn about(self) -> About {
                match self {
                    $(Self::$variant => About::$about,)*
                }
            }
        }
    };
}

/// Liberties that are taken at once.
pub type Taken = BTreeSet<Liberty>;

liberties! {
    // How an answer is carried.

    /// A refusal has no content (RFC 9110 §6.4: content is optional; §15.5: SHOULD explain, to people).
    NoContentInRefusals, Plain;
    /// The end of the connection ends the content (RFC 9112 §6.3).
    EndsWithTheConnection, Plain;
    /// `Connection: close` in each answer (RFC 9112 §9.6).
    ClosesEach, Plain;
    /// `Keep-Alive`, which no document needs, and the connection option beside it (RFC 9110 §7.6.1).
    KeepsAlive, Plain;
    /// Chunked content (RFC 9112 §7.1).
    Chunked, Plain;
    /// Chunks of a few bytes with extensions, sizes with leading zeros, and a trailer section (RFC 9112
    /// §7.1.1 and §7.1.2).
    ChunkedFinely, Plain;
    /// Answers of HTTP/1.0, the connection closed behind each (RFC 9112 §2.3: MAY, to a client that it suspects;
    /// §9.3: what does not persist).
    AnswersOfHttp10, Plain;
    /// No reason phrase (RFC 9112 §4).
    NoReason, Plain;
    /// Any reason phrase (RFC 9112 §4: a client ignores it).
    AnyReason, Plain;
    /// `Date` and `Server` (RFC 9110 §6.6.1 and §10.2.4); otherwise there is neither, as of a server without
    /// a clock.
    Dated, Plain;
    /// Field names in capitals (RFC 9110 §5.1).
    CapitalNames, Plain;
    /// Field names in small letters (RFC 9110 §5.1).
    SmallNames, Plain;
    /// White space around each field value (RFC 9112 §5: OWS).
    PaddedValues, Plain;
    /// No white space before a field value (RFC 9112 §5: OWS).
    TightValues, Plain;
    /// 103 before each answer (RFC 8297 §2).
    EarlyHints, Plain;
    /// Several interim answers, one of them of no registered code (RFC 9110 §15.2).
    SeveralInterim, Plain;
    /// Fields that nobody knows, those of rate limits among them (RFC 9110 §5.1: unrecognized fields are
    /// ignored).
    UnknownFields, Plain;
    /// Two hundred field lines (RFC 9110 §5.4: no limit is set).
    ManyFields, Plain;
    /// Cookies with each answer (RFC 6265 §3).
    Cookies, Plain;
    /// A field value that goes on in another line is read as though a blank stood there (RFC 9112 §5.2: that, or 400).
    FoldsAreBlanks, Plain;
    /// `Vary: *` (RFC 9110 §12.5.5).
    VariesByAnything, Plain;
    /// CORS fields that nobody asked for (Fetch §3.3.3: they say what is shared, in whichever answer).
    CorsUnasked, Plain;
    /// `Retry-After` in refusals (RFC 9110 §10.2.3: how long to wait before a follow-up request).
    RetryAfter, Plain;
    /// Thirty kilobytes of content (RFC 9110 §6.4).
    LongContent, Plain;
    /// Content that is compressed, since nobody said that it must not be (RFC 9110 §12.5.3: without
    /// Accept-Encoding any coding is acceptable).
    Compressed, Plain;
    /// `Cache-Control: no-store` and its old friends in each answer (RFC 9111 §5.2.2.5).
    NotStored, Plain;
    /// What credentials open may be kept by every cache, for the server means it so (RFC 9111 §3.5).
    MeantForAll, Plain;
    /// The challenges stand apart from one another, other fields between them (RFC 9110 §5.3: only the
    /// order of lines of one name matters).
    ChallengesApart, Both;
    /// Refusals in JSON (RFC 9457).
    ProblemDetails, Plain;
    /// The answer to HEAD does not say how long the content would be (RFC 9110 §8.6: MAY).
    HeadUnsized, Plain;

    // Where it is.

    /// It listens on `[::1]` (RFC 3986 §3.2.2), where the machine has such an address.
    OverIpv6, Plain;
    /// One policy at a time is in force (docs/control-protocol.md: `slots`).
    OneSlot, Plain;

    // Those who get in.

    /// 204 (RFC 9110 §15.3.5).
    NoContent, Plain;
    /// 201 with a location to POST (RFC 9110 §9.3.3).
    Created, Plain;
    /// 202 (RFC 9110 §15.3.3).
    AcceptedLater, Plain;
    /// Challenges in the answer to those who got in (RFC 9110 §11.6.1: MAY, in other responses).
    ChallengesWithSuccess, Plain;

    // Methods.

    /// POST is not offered, whoever asks: 405 (RFC 9110 §9.1).
    NoPost, Plain;
    /// POST is not implemented: 501 (RFC 9110 §9.1).
    PostNotImplemented, Plain;
    /// POST wants content, whoever asks: 415 (RFC 9110 §15.5.16).
    PostWantsContent, Plain;
    /// POST wants content that makes sense, whoever asks: 422 (RFC 9110 §15.5.21).
    PostUnprocessable, Plain;
    /// POST is to be conditional, whoever asks: 428 (RFC 6585 §3).
    PostWantsCondition, Plain;
    /// POST wants a proof that no other page made the request, whoever asks: 403 (RFC 9110 §15.5.4: for reasons
    /// unrelated to the credentials).
    PostWantsProof, Plain;
    /// HEAD is not offered: 405 (RFC 9110 §9.1: only general-purpose servers must).
    NoHead, Plain;
    /// HEAD is not implemented: 501 (RFC 9110 §9.1).
    HeadNotImplemented, Plain;
    /// Anybody may POST, as to a form for comments (RFC 9110 §11.4 speaks of protected resources).
    OpenPost, Plain;
    /// OPTIONS is answered with 204 (RFC 9110 §9.3.7).
    OptionsWithoutContent, Tokens;
    /// OPTIONS is not offered: 405 (RFC 9110 §9.1).
    NoOptions, Tokens;
    /// OPTIONS is not implemented: 501 (RFC 9110 §9.1).
    OptionsNotImplemented, Tokens;
    /// OPTIONS needs credentials (RFC 9110 §9.3.7 does not say).
    OptionsChallenged, Tokens;
    /// A preflight is answered in front of the resource, whatever the policy says of pages (Fetch §4.8: an ok
    /// status; RFC 9110 §9.3.7 does not say who may ask).
    PreflightsForAll, Tokens;
    /// A preflight is answered with 200 and content (Fetch §4.8: an ok status).
    PreflightWithContent, Pages;
    /// A preflight is answered with a status that is ok and rare (Fetch §2.2.3: 200 to 299).
    PreflightRarelyOk, Pages;
    /// What a page may send is told in several lines and in capitals (RFC 9110 §5.1 and §5.3).
    PreflightInCapitals, Pages;
    /// A preflight allows each field by name and `*` too (Fetch §3.3.3).
    PreflightWithWildcard, Pages;

    // Those who do not get in.

    /// Who is not let in is sent to a page to log in, save who could not answer without a nonce. SHOULD given
    /// up: RFC 9110 §11.4, RFC 6750 §3.1.
    LoginPage, Plain;
    /// Who asks without credentials is sent to the same path with a slash. SHOULD given up: RFC 9110 §11.4.
    SlashForStrangers, Plain;
    /// Who asks without credentials is sent to the same by https (RFC 9110 §4.2.2, §15.4.2). SHOULD given up:
    /// RFC 9110 §11.4.
    SecuredForStrangers, Plain;
    /// Nothing is there for whoever asks without credentials (RFC 9110 §15.5.5: not willing to disclose).
    /// SHOULD given up: §11.4.
    HiddenFromStrangers, Plain;
    /// Digest is asked for by nobody: a stranger is told that there is nothing. SHOULD given up: RFC 9110
    /// §11.4.
    DigestHiddenFromStrangers, Digest;
    /// A token that is not good for this resource is answered with 404 (RFC 9110 §15.5.4; RFC 9068 §4 and RFC
    /// 7519 §7.2: rejected).
    BadTokensHidden, Tokens;
    /// … with 400 and the error (RFC 9068 §4: rejected). SHOULD given up: RFC 6750 §3.1, 401 beside
    /// `invalid_token`.
    BadTokensAreBadRequests, Tokens;
    /// … with 403 (RFC 9068 §4: rejected).
    BadTokensForbidden, Tokens;
    /// … with 410 (RFC 9068 §4: rejected).
    BadTokensGone, Tokens;
    /// … with 429 (RFC 9068 §4: rejected; RFC 6585 §4).
    BadTokensTooMany, Tokens;
    /// … with 426, another protocol being wanted for it (RFC 9068 §4: rejected; RFC 9110 §15.5.22).
    BadTokensUpgraded, Tokens;
    /// … with a code of the class that nobody registered (RFC 9110 §15: as 400).
    BadTokensUnregistered, Tokens;
    /// A proof that is not good is answered with 404 (RFC 9449 §7.1: access is not granted; RFC 9110 §15.5.5).
    BadProofsHidden, Dpop;
    /// … with 403.
    BadProofsForbidden, Dpop;
    /// … with 422.
    BadProofsUnprocessable, Dpop;
    /// … with 421.
    BadProofsMisdirected, Dpop;
    /// … with a redirect to where keys are told of (RFC 9449 §7.1: access is not granted).
    BadProofsRedirected, Dpop;
    /// Digest parameters that are improper or missing are answered with 404 (RFC 7616 §3.4: a 4xx).
    ImproperHidden, Digest;
    /// … with 403.
    ImproperForbidden, Digest;
    /// … with 401 and challenges.
    ImproperChallenged, Digest;
    /// … with 422.
    ImproperUnprocessable, Digest;
    /// … with a code of the class that nobody registered (RFC 9110 §15: as 400).
    ImproperUnregistered, Digest;
    /// Credentials that cannot be read are a bad request (RFC 9110 §15.5.1).
    UnreadableIsBadRequest, Plain;
    /// Who may not log in is told 403 (RFC 9110 §15.5.4).
    DisabledForbidden, Odd;
    /// Who may not log in is told 451 (RFC 7725 §3).
    DisabledByLaw, Odd;
    /// Who may not log in is told 404 (RFC 9110 §15.5.4, the last sentence).
    DisabledHidden, Odd;
    /// A field that is too large is answered with 400 (RFC 9110 §5.4: an appropriate 4xx).
    TooLargeIsBadRequest, Odd;
    /// … with 401 and challenges, as credentials that are wrong.
    TooLargeChallenged, Odd;
    /// … with 403.
    TooLargeForbidden, Odd;
    /// … with 404.
    TooLargeHidden, Odd;
    /// … with 413.
    TooLargeContent, Odd;
    /// … with 422.
    TooLargeUnprocessable, Odd;
    /// The first of two Authorization lines is read (RFC 9110 §5.3 forbids them to senders, and says nothing of
    /// recipients).
    FirstLineRead, Odd;
    /// Two Authorization lines are credentials that are not good: 401 (the same).
    TwoLinesChallenged, Odd;
    /// A resource that nobody has access to is not there (RFC 9110 §15.5.4, the last sentence).
    ClosedIsHidden, Plain;
    /// A token without the scope is answered with 404 (RFC 9110 §15.5.4). SHOULD given up: RFC 6750 §3.1.
    ScopeHidden, Tokens;
    /// Challenges in refusals that are no 401 (RFC 9110 §11.6.1: MAY, in other responses).
    ChallengesWithEachRefusal, Odd;
    /// A bad key is answered with 403 (RFC 9110 §15.5.4).
    BadKeysForbidden, Keys;
    /// A bad key is answered with 404 (RFC 9110 §15.5.4, the last sentence).
    BadKeysHidden, Keys;
    /// Where nothing but a key would do, a request without one is a bad request (RFC 9110 §15.5.1 and §15.5.4).
    MissingKeyIsBadRequest, Keys;
    /// Where a key is taken, the one challenge is for it (RFC 9110 §15.5.2: at least one that applies).
    KeyAsksAlone, Keys;

    // How challenges are written.

    /// Schemes and parameters in any case (RFC 9110 §11.1 and §11.2).
    OddCase, Plain;
    /// A challenge of a scheme that nobody registered stands first (RFC 9110 §11.6.1: more than one).
    UnknownSchemeFirst, Plain;
    /// Challenges of registered schemes that no client here speaks stand last (IANA HTTP Authentication
    /// Schemes).
    OtherSchemesLast, Plain;
    /// A challenge of a token68 (RFC 9110 §11.3).
    Token68Beside, Plain;
    /// All challenges in one line (RFC 9110 §11.6.1: a list).
    OneLine, Both;
    /// The same with tabs around the commas (RFC 9110 §5.6.1: OWS).
    OneLineTabbed, Both;
    /// The last profile is asked for first (RFC 9110 §11.6.1: no order is demanded).
    LastFirst, Both;
    /// The realm is the last parameter (RFC 9110 §11.2: no order).
    RealmLast, Plain;
    /// Each parameter in a line of its own (RFC 9110 §5.3: lines are joined by commas).
    ContinuedLines, Plain;
    /// Only the scheme that was tried is asked for again (RFC 9110 §11.4: at least one, possibly new).
    OnlyTheTried, Both;
    /// Two realms of Basic (RFC 9110 §11.5).
    TwoRealms, Plain;
    /// Several challenges of Bearer, each with its realm, the error in the last (RFC 9110 §11.5, RFC 6750 §3).
    SeveralBearers, Tokens;
    /// Two challenges of DPoP, each with its realm, the error in the last (RFC 9110 §11.5).
    SeveralDpops, Dpop;
    /// A realm with quotes and a backslash (RFC 9110 §5.6.4).
    RealmWithQuotes, Plain;
    /// A realm that looks like challenges (RFC 9110 §5.6.4).
    RealmWithCommas, Plain;
    /// An empty realm (RFC 9110 §11.5: a quoted-string).
    RealmEmpty, Plain;
    /// A realm of a thousand characters (RFC 9110 §5.4: no limit is set).
    RealmLong, Plain;
    /// A realm beyond US-ASCII (RFC 9110 §5.5: obs-text; §5.5 SHOULD, for new fields).
    RealmBeyondAscii, Plain;
    /// Bearer without a realm (RFC 6750 §3: MAY be included), with a scope.
    BearerWithoutRealm, Plain;
    /// Tokens where other servers write quoted-strings (RFC 9110 §11.2: either).
    TokensForQuotes, Tokens;
    /// Errors are described and have a page (RFC 6750 §3: MAY).
    ErrorsExplained, Tokens;
    /// The page of an error is the empty reference (RFC 6750 §3: a URI-reference; RFC 3986 §4.2).
    ErrorUriEmpty, Tokens;
    /// Every Bearer challenge names a scope (RFC 6750 §3: MAY).
    ScopeTold, Tokens;
    /// Parameters of the server's own, in schemes that allow them (RFC 6750 §3, RFC 7616 §3.3, RFC 9449 §7.1).
    MoreParameters, Plain;
    /// Several spaces behind the scheme, blanks around the commas (RFC 9110 §11.3 and §5.6.1).
    WideGaps, Plain;
    /// Basic without `charset` (RFC 7617 §2.1: purely advisory).
    BasicWithoutCharset, Plain;
    /// Metadata of the resource in every Bearer challenge (RFC 9728 §5.1).
    MetadataTold, Tokens;
    /// The order of challenges is another from ask to ask (RFC 9110 §11.6.1: no order is demanded).
    OrderTurns, Both;
    /// The realm is another from ask to ask (RFC 9110 §11.5: a string that the server assigns).
    RealmTurns, Plain;
    /// The realm is what is asked for, and of whom (RFC 9110 §11.5: a string that the server assigns).
    RealmOfTarget, Plain;

    // Metadata of the resource.

    /// It has members that nobody knows (RFC 9728 §2 and §3.2: MAY), and its slashes are escaped (RFC 8259
    /// §7, RFC 9728 §6: escapes are removed before strings are compared).
    MetadataWithMore, Tokens;
    /// Challenges name it at another host (RFC 9728 §5.1: a URL).
    MetadataElsewhere, Tokens;
    /// Its type has a parameter and is in capitals (RFC 9110 §8.3.1, RFC 8259 §11: no parameter has an effect).
    MetadataTyped, Tokens;
    /// The resource is called by the scheme https, which something in front speaks (RFC 9728 §1.2).
    MetadataSecured, Tokens;
    /// It is somewhere else for the time being (RFC 9110 §15.4.8).
    MetadataMoved, Tokens;
    /// It is compressed (RFC 9110 §12.5.3: without Accept-Encoding any coding is acceptable).
    MetadataCompressed, Tokens;

    // Tokens.

    /// A JWT is judged by what it says, and nobody is asked whether it was withdrawn (RFC 9068 §4; RFC 7009 §3
    /// and RFC 7662 §4).
    JwtsByThemselves, Tokens;
    /// A token whose time has not come is refused without an error code (RFC 9068 §4 does not list `nbf`).
    NotYetValidSilently, Tokens;
    /// A token in the query is read (RFC 6750 §2.3: MAY), and two are refused (§2).
    QueryRead, Tokens;
    /// How recent a log-in must be, in quotes and beside the context (RFC 9470 §3: a token or a quoted-string).
    MaxAgeQuoted, Tokens;

    // Digest.

    /// `domain=""` and `stale=FALSE` in each challenge (RFC 7616 §3.3: an empty value; in any case).
    EmptyDomain, Digest;
    /// A list of domains, of other hosts too (RFC 7616 §3.3).
    ManyDomains, Digest;
    /// `stale=no`, which means false (RFC 7616 §3.3: anything other than true).
    StaleIsNo, Digest;
    /// A token's error stands in the challenge of Digest too (RFC 7616 §3.3 lists what can be there and forbids
    /// nothing; RFC 9110 §11.2).
    ErrorInDigest, DigestBeside;
    /// SHA-256 alone (RFC 7616 §3.7: others are optional).
    Sha256Alone, Digest;
    /// MD5 before SHA-256 (RFC 7616 §3.7: the server's preference).
    Md5First, Digest;
    /// An algorithm first that is not registered yet (RFC 7616 §6.1).
    NewAlgorithmFirst, Digest;
    /// A session algorithm beside (RFC 7616 §3.4.2).
    SessionToo, Digest;
    /// No `opaque` (RFC 7616 §3.3 lists it among what may be there).
    NoOpaque, Digest;
    /// An `opaque` with quotes and commas (RFC 9110 §5.6.4).
    OpaqueWithQuotes, Digest;
    /// No `charset` (RFC 7616 §3.3: an optional parameter; §4 SHOULD, of new servers).
    DigestWithoutCharset, Digest;
    /// `userhash=false` (RFC 7616 §3.3).
    UserhashFalse, Digest;
    /// Both qualities (RFC 7616 §3.3).
    BothQualities, Digest;
    /// Both qualities, with blanks around the comma (RFC 7616 §3.3: 1#qop-value).
    SpacedQualities, Digest;
    /// Realm, nonce and `opaque` in Latin-1, which is no UTF-8 (RFC 9110 §5.5: obs-text is opaque data).
    DigestInLatin1, Digest;
    /// Nonces of letters beyond hexadecimal (RFC 7616 §3.3: the contents are implementation dependent).
    NonceOfLetters, Digest;
    /// Nonces in base64 (the same).
    NonceInBase64, Digest;
    /// Nonces of punctuation, some of it escaped (the same).
    NonceOfPunctuation, Digest;
    /// A nonce of one character (the same; §5.12 leaves how it is made to the server).
    NonceOfOneCharacter, Digest;
    /// One nonce for ever (the same).
    NonceForEver, Digest;
    /// A nonce is good once (RFC 7616 §3.3: one-time nonces).
    NonceOnce, Digest;
    /// A first, good response comes late: `stale=true` with a new nonce (RFC 7616 §3.3).
    NonceAgesFast, Digest;
    /// A nonce is good on the connection that it was told on (RFC 7616 §3.3: the contents are implementation
    /// dependent, `stale=true` elsewhere).
    NonceOfConnection, Digest;
    /// The next nonce is past its time when it comes: `stale=true` with a new one (RFC 7616 §3.3 and §3.6).
    NextNonceAges, Digest;
    /// Counts are remembered, and a response that was seen is stale (RFC 7616 §3.4, `nc`).
    CountsRemembered, Digest;
    /// No Authentication-Info (RFC 7616 §3.5: MAY).
    NoInfo, Digest;
    /// Authentication-Info with `nextnonce` alone (RFC 7616 §3.5: an optional response digest).
    NextNonceAlone, Digest;
    /// Authentication-Info in the trailer section of chunked content (RFC 7616 §3.5: is allowed there).
    InfoInTrailer, Digest;
    /// Authentication-Info with everything (RFC 7616 §3.5).
    NextNonceToo, Digest;

    // DPoP.

    /// A nonce in every answer, not to be kept (RFC 9449 §8.2).
    NonceInEachAnswer, Dpop;
    /// A nonce in a 401 that says nothing of caches, as in RFC 9449 §9's example (RFC 9110 §15.1: not cacheable).
    NonceWithoutCacheControl, Dpop;
    /// A nonce is demanded whatever the policy says of it (RFC 9449 §9: at any time).
    NonceDemanded, Dpop;
    /// A nonce is good for one proof (RFC 9449 §8: may be unique to each request).
    ProofNonceOnce, Dpop;
    /// A nonce that came with a 200 is past its time when it comes back: another is asked for (RFC 9449 §8: the
    /// server determines when; §8.2).
    NewNonceAges, Dpop;
    /// Algorithms that are newer than RFC 9449 (RFC 9864).
    NewProofAlgorithms, Dpop;
    /// Where DPoP alone is asked for, whoever has not tried it is told an error (RFC 9449 §7.1 says when there
    /// is to be one, and §7.2 when not, of two schemes).
    DpopErrorUnasked, Dpop;
    /// DPoP with a realm and a scope (RFC 9449 §7.1: as defined by RFC 6750).
    DpopWithRealm, Dpop;
    /// That the proof's key is not the token's is the proof's fault (RFC 9449 §7.1 shows it as the token's, and
    /// demands neither).
    BindingIsTheProofs, Dpop;
    /// The proof is looked at before the token (RFC 9449 §7.1 has no order).
    ProofBeforeToken, Dpop;

    // The platform of the API access policies.

    /// Of two policies that are as specific as each other, the one that was created last decides (*API access policy
    /// prioritization* is silent).
    TieToTheLast, Several;
    /// Where no policy decides, a 401 names Basic alone (what it names there is told nowhere).
    DefaultNamesBasic, Several;
    /// A log-in whose condition is not true is answered with 403 (*Create an API authentication policy* names no status).
    ConditionForbids, Around;
    /// … with 404.
    ConditionHides, Around;
    /// Addresses are looked at before anything else: 403 (*Create IP filter criteria* does not say when).
    AddressFirst, Around;
    /// Who is blocked and is not known is asked for credentials (no document says what he gets).
    BlockAsksFirst, Around;
    /// A policy takes no session (*REST API scope troubleshooting* says only that none has a scope).
    SessionsNotTaken, Around;
    /// A 401 says more than is shown, in another order (*Configure an OAuth OIDC provider for accepting third-party
    /// token* shows members of an object; RFC 8259 §4: no order).
    RefusalsSayMore, Around;
    /// A bad key of a profile is answered with 403 (*Configure API key* names no status).
    ProfileKeysForbidden, Kinds;
    /// … with 404.
    ProfileKeysHidden, Kinds;
    /// A key follows its prefix without a blank (*Configure API key* does not say).
    PrefixJoined, Kinds;
    /// A key or a signature is answered with 403 by a global policy (*Configure API key*: not allowed there).
    GlobalKeysForbidden, Kinds;
    /// An ID token that is not good is answered with 403 (the page on providers has no status for it).
    IdTokensForbidden, Kinds;
    /// A certificate that is not good is refused by an answer, 400, and not by TLS (*Certificate based authentication*
    /// does not say).
    CertificatesAnswered, Certificates;
    /// … by an answer, 401, which names what else would do.
    CertificatesChallenged, Certificates;
    /// Who shows a good certificate of somebody who may not log in is told 403 (*Prevent inactive users from logging in*).
    CertificateUsersForbidden, Certificates;
}

/// A recommendation that a liberty gives up: the rule that rightly says so, and its sentence.
pub type GivenUp = (&'static str, &'static str);

const CHALLENGE_401: &str = "RFC 9110 §11.4: an origin server SHOULD send 401 with a challenge to whoever has no valid credentials";
const TOKEN_401: &str = "RFC 6750 §3.1: invalid_token SHOULD come with 401";
const ASCII: &str = "RFC 9110 §5.5: fields SHOULD limit their values to US-ASCII";

impl Liberty {
    /// The `should` rules that rightly accuse it, because it gives up a recommendation.
    pub fn given_up(self) -> &'static [GivenUp] {
        match self {
            Self::LoginPage => &[
                ("no-credentials-are-challenged", CHALLENGE_401),
                ("bad-credentials-are-challenged", CHALLENGE_401),
                ("other-schemes-are-challenged", CHALLENGE_401),
                ("unknown-schemes-are-challenged", CHALLENGE_401),
                ("a-scheme-alone-is-refused", CHALLENGE_401),
                ("an-empty-field-is-refused", CHALLENGE_401),
                ("malformed-credentials-are-refused", CHALLENGE_401),
                ("an-empty-password-is-wrong", CHALLENGE_401),
                ("an-empty-user-id-is-wrong", CHALLENGE_401),
                ("challenge-driven-client-gets-in", CHALLENGE_401),
                ("where-credentials-help-they-are-asked-for", CHALLENGE_401),
                ("a-disabled-user-stays-out", CHALLENGE_401),
                ("a-missing-colon-is-refused", CHALLENGE_401),
                ("control-characters-are-refused", CHALLENGE_401),
                ("other-encodings-do-not-break", CHALLENGE_401),
                ("what-follows-credentials-is-not-ignored", CHALLENGE_401),
            ],
            Self::SlashForStrangers | Self::SecuredForStrangers | Self::HiddenFromStrangers => &[
                ("no-credentials-are-challenged", CHALLENGE_401),
                ("challenge-driven-client-gets-in", CHALLENGE_401),
                ("where-credentials-help-they-are-asked-for", CHALLENGE_401),
            ],
            Self::DigestHiddenFromStrangers => &[("no-credentials-are-challenged", CHALLENGE_401)],
            Self::BadTokensAreBadRequests => &[("an-invalid-token-gets-401", TOKEN_401)],
            Self::DigestWithoutCharset => &[(
                "digest-names-its-charset",
                "RFC 7616 §4: in challenges, servers SHOULD use the charset",
            )],
            _ => &[],
        }
    }

    /// The rules of opinion (`advice`) that it is not of.
    pub fn frowned_upon(self) -> &'static [GivenUp] {
        match self {
            Self::OneLine | Self::OneLineTabbed => &[(
                "one-challenge-a-field-line",
                "RFC 9110 §11.6.1 notes that several in one line might not be interoperable",
            )],
            Self::ContinuedLines => &[
                (
                    "field-lines-stand-alone",
                    "many clients read each line for itself",
                ),
                (
                    "lines-say-alone-what-they-say-joined",
                    "many clients read each line for itself",
                ),
            ],
            Self::RealmBeyondAscii | Self::DigestInLatin1 => &[("challenges-are-us-ascii", ASCII)],
            Self::MeantForAll => &[(
                "what-credentials-opened-is-not-public",
                "whoever means it so may, and few do",
            )],
            Self::OnlyTheTried => &[(
                "refused-credentials-see-the-same-set",
                "who tried one scheme is not told of the others",
            )],
            Self::KeyAsksAlone => &[(
                "a-key-shuts-nobody-out",
                "who waits for a challenge of its scheme is shut out",
            )],
            Self::MetadataElsewhere => &[(
                "metadata-is-at-the-host-that-was-asked",
                "whoever has it elsewhere on purpose may",
            )],
            Self::RealmOfTarget => &[(
                "the-realm-does-not-say-what-was-asked",
                "whoever has a realm for each resource may",
            )],
            Self::StaleIsNo => &[(
                "digest-stale-is-true-or-false",
                "a client may know two values only",
            )],
            Self::NewAlgorithmFirst => &[(
                "digest-algorithms-are-known-ones",
                "a client passes over what it does not know",
            )],
            _ => &[],
        }
    }

    /// The packs that it can be held against: those that can show anything of what it is about, and whose
    /// documents leave it.
    pub fn packs(self) -> Vec<&'static str> {
        let mut packs = self.about().packs().to_vec();
        packs.retain(|pack| !self.clashes(pack));
        packs
    }

    /// Whether the documents of a pack say otherwise.
    pub fn clashes(self, pack: &str) -> bool {
        match self {
            // The policies of other packs are of every method.
            Self::OpenPost => pack != "reachability",
            // The platform's documents say which challenges there are, and that there are some.
            Self::UnknownSchemeFirst
            | Self::OtherSchemesLast
            | Self::Token68Beside
            | Self::OnlyTheTried
            | Self::TwoRealms
            | Self::LoginPage
            | Self::SlashForStrangers
            | Self::SecuredForStrangers
            | Self::HiddenFromStrangers => pack.starts_with("api-access-"),
            // And what a refusal says, and how a missing scope is refused.
            Self::NoContentInRefusals | Self::ScopeHidden => pack == "api-access-outcome",
            // A token of another kind has RFC 6750.
            Self::IdTokensForbidden => pack != "api-access-profiles",
            _ => false,
        }
    }
}

/// The packs that ship about origin servers, those that need a part of their own last.
pub const PACKS: [&str; 7] = [
    "http-authentication",
    "every-scheme",
    "reachability",
    "api-access-policy",
    "api-access-instance",
    "api-access-outcome",
    "api-access-profiles",
];

impl About {
    pub const ALL: [Self; 14] = [
        Self::Plain,
        Self::Both,
        Self::Odd,
        Self::Tokens,
        Self::Digest,
        Self::Dpop,
        Self::Keys,
        Self::Pages,
        Self::TwoTokens,
        Self::DigestBeside,
        Self::Several,
        Self::Around,
        Self::Kinds,
        Self::Certificates,
    ];

    /// The packs that can show anything of it.
    pub fn packs(self) -> &'static [&'static str] {
        match self {
            Self::Plain | Self::Both => &PACKS[..4],
            Self::Tokens => &PACKS[..3],
            Self::Digest | Self::Dpop | Self::TwoTokens | Self::DigestBeside => &PACKS[..2],
            Self::Several => &PACKS[4..5],
            Self::Around => &PACKS[5..6],
            Self::Kinds | Self::Certificates => &PACKS[6..],
            Self::Odd | Self::Keys | Self::Pages => &PACKS[..1],
        }
    }
}
