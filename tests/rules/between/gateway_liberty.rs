//! What is left to a gateway that asks an auth service: each choice with the text that leaves it. `GA` is the comment on
//! `HTTPExternalAuthFilter` of the Kubernetes Gateway API.

use std::collections::BTreeSet;

use super::{GivenUp, LiberalGateway, Liberty, Taker};

/// Declares liberties: each with its matter.
macro_rules! liberties {
    ($name:ident { $($(#[doc = $doc:literal])* $variant:ident, $matter:literal;)* }) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[doc = $doc])* $variant,)*
        }

        impl $name {
            pub const EVERY: &'static [Self] = &[$(Self::$variant,)*];

            pub fn is_in(self) -> &'static str {
                match self {
                    $(Self::$variant => $matter,)*
                }
            }
        }
    };
}

pub(super) use liberties;

liberties! { GatewayLiberty {
    // What lets through.

    /// 200 does and no other status, and another is told as 403 (GA, `protocol`: any other code is a failure).
    Only200, "success";
    /// The same, and who is refused by a 201 or a 204 is told so (GA says nothing of what the client gets).
    Only200AsItIs, "success";

    // Trouble with the service, of which GA says that it fails closed, and not how.

    /// 500 (RFC 9110 §15.6.1), as nginx has it.
    TroubleIsAnError, "trouble";
    /// 502 (RFC 9110 §15.6.3).
    TroubleIsABadGateway, "trouble";
    /// 504 (RFC 9110 §15.6.5).
    TroubleIsATimeout, "trouble";
    /// 403, as Envoy has it (RFC 9110 §15.5.4: reasons unrelated to credentials).
    TroubleIsForbidden, "trouble";
    /// 503 with `Retry-After` (RFC 9110 §15.6.4).
    TroubleIsTemporary, "trouble";

    /// Asked again where no answer came (RFC 9110 §9.2.2: an idempotent request; a check changes nothing).
    AsksAgain, "repetition";

    // What a check is.

    /// A `GET` that tells method and target in `X-Forwarded-*` (Traefik's forwardAuth, Caddy's forward_auth).
    CheckIsAGet, "check";
    /// Behind a prefix (GA, `path`).
    CheckBehindAPrefix, "check";
    /// At a path of its own, with `X-Original-URL` and `X-Original-Method` (ingress-nginx).
    CheckAtItsOwnPath, "check";
    /// `Host` is the service's, and the client's stands in `X-Forwarded-Host`; the target in `X-Original-URI` (nginx).
    CheckForItsOwnHost, "check";
    /// Every field of the request that is not for one hop: nobody but GA says which there are.
    CheckHasEveryField, "fields of a check";
    /// The five that GA names, and content where the policy has it (GA, `allowedHeaders`).
    CheckHasFiveFields, "fields of a check";
    /// `X-Forwarded-For`, `Forwarded` and `Via` of the gateway's own (RFC 7239 §4; RFC 9110 §7.6.3).
    CheckSaysFromWhom, "fields of a check";
    /// The content of any request: nobody but GA says that there is none.
    CheckHasTheContent, "content of a check";
    /// HTTP/1.0 to the service (RFC 9110 §2.5; nginx's `proxy_http_version`).
    CheckOfHttp10, "content of a check";

    // Long content, of which GA says that it is refused "with a 4xx series error", and elsewhere that it is cut.

    /// 400.
    LongContentIsABadRequest, "long content";
    /// 403.
    LongContentIsForbidden, "long content";
    /// The service has the beginning.
    LongContentIsCut, "cutting";

    // What is refused before anybody is asked.

    /// 400 to a path that is not in its normal form (RFC 9110 §15.5.1; RFC 3986 §6.2.2).
    OddPathsAreBadRequests, "odd paths";
    /// 404 to it: nobody need take two paths for one (RFC 9110 §4.2.3 and §15.5.5).
    OddPathsAreNotThere, "odd paths";
    /// 301 to its normal form (RFC 9110 §15.4.2).
    OddPathsAreMoved, "odd paths";
    /// The normal form is asked about and passed on (RFC 3986 §6.2.2).
    OddPathsAreMadeNormal, "odd paths";
    /// 405 to what writes (RFC 9110 §9.1: methods other than GET and HEAD are optional).
    WritingIsNotAllowed, "methods";
    /// 501 to the same (RFC 9110 §9.1, §15.6.2).
    WritingIsNotImplemented, "methods";
    /// 403 to the same (RFC 9110 §15.5.4).
    WritingIsForbidden, "methods";
    /// OPTIONS is answered by the gateway itself, which tells what may be asked (RFC 9110 §9.3.7), and asks nobody.
    OptionsIsAnsweredHere, "methods";
    /// 403 to whoever would go on in another protocol, as Envoy has it (RFC 9110 §7.8: a server may ignore it).
    UpgradeIsForbidden, "oddities";
    /// 400 to two lines of credentials (RFC 9110 §5.3: none may be sent).
    TwoLinesAreABadRequest, "oddities";
    /// 417 to `Expect` (RFC 9110 §10.1.1: the client must be ready for it).
    ExpectationsFail, "oddities";
    /// 400 to a name with an underscore (Envoy's `headers_with_underscores_action`; RFC 9110 §15.5.1).
    UnderscoresAreBadRequests, "spellings";
    /// 403 to whoever forges an identity (RFC 9110 §15.5.4).
    ForgeriesAreForbidden, "spellings";
    /// Nobody is told to go on whose content is there already (RFC 9110 §10.1.1).
    NobodyIsToldToGoOn, "go on";

    // Pages of other origins.

    /// 204 to a preflight (Fetch, CORS-preflight fetch: any ok status).
    PreflightsGetNoContent, "preflights";
    /// `Access-Control-Allow-Origin: *` (Fetch, CORS check: where no credentials of the browser's own are sent).
    EveryOriginIsAllowed, "preflights";
    /// Refusals have no fields for pages: nobody says that a filter adds them to what another answered.
    PagesReadNoRefusals, "refusals to pages";

    // What the client is told.

    /// Challenge lines are joined, in order (RFC 9110 §5.3).
    ChallengesInOneLine, "challenges";
    /// The same without a blank behind the comma (RFC 9110 §5.3: optional whitespace).
    ChallengesTightly, "challenges";
    /// The same with a tab before and behind it.
    ChallengesWithTabs, "challenges";
    /// Other fields between the lines (RFC 9110 §5.3: the order of different names is not significant).
    ChallengesApart, "challenges";
    /// Content of its own for whoever is refused (RFC 9110 §15.5: a representation that explains).
    RefusalsAreExplained, "refusals";
    /// 403 for each refusal that is no 401 (GA: a failure, whose status is left open).
    OtherRefusalsAreForbidden, "refusals";
    /// 404 for a 403 (RFC 9110 §15.5.4).
    ForbiddenIsHidden, "refusals";
    /// A redirection of the service is 401 with a challenge of the gateway's own (RFC 9110 §15.5.2).
    RedirectsAreChallenged, "refusals";
    /// The service's 5xx is 502 (RFC 9110 §15.6.3).
    ErrorsAreOfAGateway, "errors";
    /// The service's 5xx is 503 (RFC 9110 §15.6.4).
    ErrorsAreUnavailability, "errors";

    // How answers are carried.

    /// `Date`, `Server` and `Via` of the gateway (RFC 9110 §6.6.1, §7.6.3, §10.2.4).
    Dated, "carriage";
    /// Chunked (RFC 9112 §7.1).
    Chunked, "carriage";
    /// The connection ends with each answer (RFC 9112 §9.6).
    ClosesEach, "carriage";
    /// No reason phrase (RFC 9112 §4).
    NoReason, "carriage";
    /// Names in small letters, and cookies of the gateway (RFC 9110 §5.1; RFC 6265 §4.1).
    SmallNames, "carriage";
    /// An interim answer first (RFC 8297; RFC 9110 §15.2).
    EarlyHints, "carriage";

    // What the backend gets.

    /// HTTP/1.0 (RFC 9110 §2.5).
    BackendByHttp10, "backend";
    /// `Via`, `X-Forwarded-*` and `Forwarded` (RFC 9110 §7.6.3; RFC 7239 §4).
    BackendIsToldFromWhom, "backend";
    /// Content in chunks (RFC 9112 §7.1).
    BackendGetsChunks, "backend";
    /// By connections that are kept, and so is the service (RFC 9112 §9.3).
    ConnectionsAreKept, "connections";
    /// Credentials for a proxy are passed on (RFC 9110 §11.7.2: may relay them).
    ProxyCredentialsArePassedOn, "beside";
    /// The client's `Authorization` goes no further (RFC 9110 §11.6.2 binds proxies; Traefik and Envoy can be told to).
    CredentialsEndHere, "beside";

    // Who stalls, and trouble with the backend, which RFC 9110 §15.6 has several statuses for.

    /// The status of a success whose content stalls lets through, as nginx has it (RFC 9112 §6.3 says that such a message
    /// is incomplete, and not that its status means nothing).
    TheHeadDecides, "incomplete successes";
    /// 504 whatever it is (RFC 9110 §15.6.5).
    TroubleBehindIsATimeout, "trouble behind";
    /// 500 (RFC 9110 §15.6.1).
    TroubleBehindIsAnError, "trouble behind";
    /// What came of a content is passed on as it comes, and the connection ends where no more does (RFC 9112 §8).
    ContentBreaksOff, "incomplete content";
} }

impl Liberty for GatewayLiberty {
    const PACK: &'static str = "external-authorization";
    const ALL: &'static [Self] = Self::EVERY;

    fn matter(self) -> &'static str {
        self.is_in()
    }

    fn given_up(self) -> &'static [GivenUp] {
        match self {
            Self::OtherRefusalsAreForbidden | Self::RedirectsAreChallenged => &[],
            Self::TheHeadDecides => &[(
                "a-success-that-stalls-lets-nobody-in",
                "nobody says that the status means nothing",
            )],
            Self::ForbiddenIsHidden => {
                &[("forbidden-stays-forbidden", "others pass it on as it is")]
            }
            Self::ProxyCredentialsArePassedOn => &[(
                "credentials-for-a-proxy-go-no-further",
                "who does so on purpose may",
            )],
            Self::CredentialsEndHere => &[(
                "the-backend-has-the-credentials",
                "RFC 9110 §11.6.2: no policy of the pack tells it to",
            )],
            Self::PagesReadNoRefusals => {
                &[("pages-can-read-a-refusal", "said nowhere of a filter")]
            }
            _ => &[],
        }
    }

    fn takes(taken: BTreeSet<Self>) -> impl Taker<Self> {
        LiberalGateway::taking(taken)
    }
}
