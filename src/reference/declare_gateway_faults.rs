//! The faults of the gateway, declared beside the others.

/// Declares faults, those of the gateway behind them, and more behind those.
macro_rules! with_gateway_faults {
    ($declare:ident! { $($others:tt)* } $($behind:tt)*) => {
        $declare! {
            $($others)*
            "external-authorization": {
                EverySuccessLetsThrough, "every-success-lets-through",
                    "A gateway takes a 201 or a 204 of its auth service for a 200.";
                ForbiddenLetsThrough, "forbidden-lets-through",
                    "A gateway lets through what its auth service answered 403 to.";
                ServiceErrorsLetThrough, "service-errors-let-through",
                    "A gateway lets through what its auth service answered 5xx to.";
                HeadOfRefusedLetsThrough, "head-of-refused-lets-through",
                    "A gateway lets a HEAD request through whatever its auth service says.";
                FailsOpen, "fails-open",
                    "A gateway lets everything through where its auth service gives no answer.";
                ReachesBackendFirst, "reaches-backend-first",
                    "A gateway reaches the server behind before it knows what its auth service says.";
                ReachesBackendTwice, "reaches-backend-twice",
                    "A gateway sends the server behind what is let through two times.";
                AsksTwice, "asks-twice", "A gateway asks its auth service two times about one request.";
                FollowsRedirects, "follows-redirects",
                    "A gateway follows a redirect of its auth service, and takes what it finds there for the decision.";
                ChallengesAreLost, "challenges-are-lost",
                    "The challenges of the auth service's 401 are not passed on.";
                FirstChallengeOnly, "first-challenge-only",
                    "Of several challenge lines of the auth service the first is passed on only.";
                LastChallengeOnly, "last-challenge-only",
                    "Of several challenge lines of the auth service the last is passed on only.";
                ChallengesAreReversed, "challenges-are-reversed",
                    "The challenge lines of the auth service are passed on in the opposite order.";
                ChallengesAreRewritten, "challenges-are-rewritten",
                    "The auth service's challenges are passed on with other quotes in them.";
                AddsItsOwnChallenge, "adds-its-own-challenge",
                    "A gateway adds a challenge of its own to those of its auth service.";
                RefusalsAreForbidden, "refusals-are-forbidden",
                    "A 401 of the auth service becomes a 403.";
                ForbiddenAsUnauthorized, "forbidden-as-unauthorized",
                    "A 403 of the auth service becomes a 401.";
                RefusalsAreServerErrors, "refusals-are-server-errors",
                    "What the auth service answers other than 2xx and 401 becomes a 500.";
                LocationIsLost, "location-is-lost",
                    "The Location of the auth service's redirect is not passed on.";
                RetryAfterIsLost, "retry-after-is-lost",
                    "The Retry-After of the auth service's 429 is not passed on.";
                CheckHasNoCredentials, "check-has-no-credentials",
                    "The auth service is not given the client's Authorization field.";
                CheckTidiesCredentials, "check-tidies-credentials",
                    "The auth service is given the client's credentials in another spelling.";
                CheckHasOneCredentialsLine, "check-has-one-credentials-line",
                    "Of two Authorization lines the auth service is given the first only.";
                CheckIsAlwaysGet, "check-is-always-get",
                    "The auth service is asked by GET, whatever the client's method, and is not told that.";
                CheckLacksTheQuery, "check-lacks-the-query",
                    "The auth service is told the path without the query.";
                CheckLacksTheHost, "check-lacks-the-host",
                    "The auth service is not told which host was asked.";
                CheckTrustsTheClient, "check-trusts-the-client",
                    "The auth service is told what was asked as the client says it in X-Forwarded fields.";
                CheckHasEveryField, "check-has-every-field",
                    "The auth service is given every field of the client's request.";
                ForgedIdentitySurvives, "forged-identity-survives",
                    "Where the auth service tells no identity, the server behind is told the client's own.";
                ForgedIdentityStaysBeside, "forged-identity-stays-beside",
                    "The server behind is told the client's identity beside that of the auth service.";
                ForgedSpellingSurvives, "forged-spelling-survives",
                    "The server behind is told an identity that the client wrote with an underscore.";
                IdentityIsNotTold, "identity-is-not-told",
                    "The server behind is not told the identity that the auth service tells.";
                ConnectionTakesTheIdentity, "connection-takes-the-identity",
                    "A client's Connection field takes away the identity that the auth service tells.";
                NamedFieldsSurvive, "named-fields-survive",
                    "An identity that the client's Connection names reaches the server behind.";
                NamedOthersSurvive, "named-others-survive",
                    "A field that the client's Connection names, other than an identity, reaches the server behind.";
                HeadIsNotAskedAbout, "head-is-not-asked-about", "A HEAD request is passed on unasked.";
                OptionsIsNotAskedAbout, "options-is-not-asked-about", "An OPTIONS request is passed on unasked.";
                DoubleSlashIsNotAskedAbout, "double-slash-is-not-asked-about",
                    "A request whose path has two slashes is passed on unasked.";
                EncodedPathIsNotAskedAbout, "encoded-path-is-not-asked-about",
                    "A request whose path has a percent-encoded letter is passed on unasked.";
                EveryRouteIsAskedAbout, "every-route-is-asked-about",
                    "Requests of a route without an auth service are asked about too.";
                UpgradeIsNotAskedAbout, "upgrade-is-not-asked-about",
                    "A request with an Upgrade field is passed on unasked.";
                ExpectIsNotAskedAbout, "expect-is-not-asked-about",
                    "A request with an Expect field is passed on unasked.";
                RespeltRouteIsAskedAbout, "respelt-route-is-asked-about",
                    "A request of a route without an auth service is asked about where its path has two slashes.";
                CheckHasTheContent, "check-has-the-content",
                    "The auth service is given the content of a request, though nobody said so.";
                CheckLacksTheContent, "check-lacks-the-content",
                    "The auth service is not given the content of a request, though it should be.";
                LongContentIsPassedOn, "long-content-is-passed-on",
                    "The auth service is given content that is longer than it should be.";
                LongContentIsCut, "long-content-is-cut",
                    "Of content that is too long for the auth service it is given the beginning.";
                BackendLacksTheContent, "backend-lacks-the-content",
                    "The server behind is not given the content of what is let through.";
                StripsAuthorization, "strips-authorization",
                    "The server behind is not given the client's Authorization field.";
                OverwritesAuthorization, "overwrites-authorization",
                    "The server behind is given credentials of the gateway's in place of the client's.";
                PassesProxyCredentials, "passes-proxy-credentials",
                    "The server behind is given credentials that are for a proxy.";
                BackendsChallengesAreLost, "backends-challenges-are-lost",
                    "The challenges of the server behind are not passed on.";
                BackendsChallengesAreRewritten, "backends-challenges-are-rewritten",
                    "The challenges of the server behind are passed on with other quotes in them.";
                BackendsRefusalIsAServerError, "backends-refusal-is-a-server-error",
                    "A 401 of the server behind becomes a 502.";
                StoresWhatIsPrivate, "stores-what-is-private",
                    "What the server behind answered to one client's credentials is stored, and answered to the next.";
                DecisionsAreShared, "decisions-are-shared",
                    "What the auth service decided on one request holds for the next.";
                PassesOnProxyAuthentication, "passes-on-proxy-authentication",
                    "A 407 of the auth service is passed on to a client, which asked no proxy.";
                LimitsLetThrough, "limits-let-through",
                    "A gateway lets through what its auth service answered 429 to.";
                HalfAnAnswerLetsThrough, "half-an-answer-lets-through",
                    "A gateway takes the status of an answer that breaks off for the decision.";
                StalledSuccessLetsThrough, "stalled-success-lets-through",
                    "A gateway takes a 200 of its auth service for the decision of which half the content never comes.";
                HalfAContentIsWhole, "half-a-content-is-whole",
                    "A gateway passes half the content of the server behind on as all of it, where no more comes.";
                TroubleBehindIsSuccess, "trouble-behind-is-success",
                    "A gateway answers 200 where the server behind gives no answer.";
                TroubleBehindIsNotFound, "trouble-behind-is-not-found",
                    "A gateway answers 404 where the server behind gives no answer.";
                RepeatsWhatWrites, "repeats-what-writes",
                    "A gateway sends the server behind once more what it gave no answer to, whatever the method.";
                LeftOverAnswersDecide, "left-over-answers-decide",
                    "A gateway takes an answer that nobody asked for for what its auth service says of the next request.";
                LeftOverAnswersArePassedOn, "left-over-answers-are-passed-on",
                    "A gateway passes on an answer of the server behind that nobody asked for to whoever asks next.";
                AbsoluteFormIsNotAskedAbout, "absolute-form-is-not-asked-about",
                    "The auth service is not asked about a request for a whole URL.";
                RefusesTheAbsoluteForm, "refuses-the-absolute-form",
                    "A request for a whole URL is refused.";
                HostBeatsTheTarget, "host-beats-the-target",
                    "The auth service is told the host of the Host field where the target is a whole URL of another.";
                Http2IsNotAskedAbout, "http2-is-not-asked-about",
                    "The auth service is not asked about a request by HTTP/2.";
                UpgradeToHttp2IsNotAskedAbout, "upgrade-to-http2-is-not-asked-about",
                    "The auth service is not asked about a request that would go on in HTTP/2.";
                PassesUpgradeToHttp2, "passes-upgrade-to-http2",
                    "The server behind is told that the client would go on in HTTP/2.";
                PassesHttp2Settings, "passes-http2-settings",
                    "The server behind is given the settings of a client that would go on in HTTP/2.";
                CheckLacksWhatIsAllowed, "check-lacks-what-is-allowed",
                    "The auth service is not given a field that the policy allows it.";
                AllowingOneAllowsAll, "allowing-one-allows-all",
                    "The auth service is given every field where the policy allows it one.";
                PreflightsAreChecked, "preflights-are-checked",
                    "Preflights are checked where the filter for CORS stands before the check.";
                PreflightsAreNotChecked, "preflights-are-not-checked",
                    "Preflights are answered unchecked where the filter for CORS stands behind the check.";
                PagesCannotReadRefusals, "pages-cannot-read-refusals",
                    "A refusal has no fields for pages where the filter for CORS stands before the check.";
            }
            $($behind)*
        }
    };
}

pub(super) use with_gateway_faults;
