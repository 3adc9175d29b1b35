//! Seeded faults: departures that the harness must find, or it is not worth its run time.

use super::declare_faults::faults;
use super::declare_gateway_faults::with_gateway_faults;

with_gateway_faults! { faults! {
    "api-access-policy": {
        AcceptsWrongSecret, "accepts-wrong-secret",
            "A known user gets in with any password, and anybody with any well-formed token.";
        AcceptsUnknownUser, "accepts-unknown-user", "A user whom nobody knows gets in.";
        AcceptsMalformed, "accepts-malformed", "Credentials that cannot be read let their sender in.";
        AcceptsExpired, "accepts-expired", "A token lets its sender in after its time.";
        AcceptsAnonymous, "accepts-anonymous", "A request without credentials gets in.";
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
        FlagIgnored, "flag-ignored", "The flag that advertises all schemes has no effect.";
        PropertyIgnored, "property-ignored", "The property that advertises all schemes has no effect.";
        UnauthorizedWithoutChallenge, "unauthorized-without-challenge",
            "A 401 carries no challenge.", seen: "envoyproxy/envoy #34015";
        NoChallengeAfterCredentials, "no-challenge-after-credentials",
            "A 401 carries no challenge when credentials were sent and refused.",
            seen: "jetty/jetty.project #1698";
        ChallengeWithoutRealm, "challenge-without-realm", "Challenges name their scheme only.";
        MalformedChallenge, "malformed-challenge", "The realm of a challenge lacks its closing quote.";
        ForbiddenInsteadOfUnauthorized, "forbidden-instead-of-unauthorized",
            "Credentials that are refused are answered with 403, which asks for no others.";
        UnauthorizedInsteadOfForbidden, "unauthorized-instead-of-forbidden",
            "A policy that lets nobody in answers 401, as though credentials could help.";
        NoProfileMeansOpen, "no-profile-means-open", "A policy without an active profile lets everybody in.";
        IgnoresInactivePolicyFlag, "ignores-inactive-policy-flag",
            "An inactive policy is enforced all the same.";
        RejectsSecondProfile, "rejects-second-profile",
            "The second scheme of a policy is advertised and not accepted.";
        SchemeNamesCaseSensitive, "scheme-names-case-sensitive",
            "A scheme is recognised only in the letters in which it is advertised.",
            seen: "thephpleague/oauth2-server #1399";
        FailsOnMalformed, "fails-on-malformed", "Credentials that cannot be read are answered with 500.";
        StaleChallenges, "stale-challenges",
            "Where profiles of a policy in force are edited, a 401 goes on with what it named before.";
        DetachedStillAccepted, "detached-still-accepted",
            "A profile that is detached lets clients in until the policy is installed anew.";
        ReattachedKeepsItsPlace, "reattached-keeps-its-place",
            "A profile that is detached and attached again counts as attached when it was at first.";
        AttachedMeanwhileStaysAccepted, "attached-meanwhile-stays-accepted",
            "A profile that was attached while the policy is in force lets clients in after it is detached.";
        AttachedTwiceKeepsItsPlace, "attached-twice-keeps-its-place",
            "A profile that is attached, detached and attached again while the policy is in force counts as attached the first time.";
        ReorderingCounts, "reordering-counts",
            "A profile that moves to the end of the list counts as the one that was attached last.";
        NamesTheConfiguredLast, "names-the-configured-last",
            "Where one scheme is advertised, it is that of the profile that was changed last.";
        ChangedProfileUnnoticed, "changed-profile-unnoticed",
            "A profile that is changed counts as it was until the policy is installed anew.";
        EditOfFlagUnnoticed, "edit-of-flag-unnoticed",
            "The flag of a policy in force has no effect until it is installed anew.";
        EditOfPropertyUnnoticed, "edit-of-property-unnoticed",
            "The property has no effect on policies in force until they are installed anew.";
        SwitchingOffUnnoticed, "switching-off-unnoticed",
            "A policy that is switched off or on stays what it was until it is installed anew.";
        SuccessLoggedBeside401, "success-logged-beside-401",
            "A log-in that is refused with 401 is logged as a success as well.";
        SuccessNotLogged, "success-not-logged", "A log-in that succeeds is not logged.";
    }
    "api-access-instance": {
        NoPolicyMeansClosed, "no-policy-means-closed", "Where no policy decides, nobody gets in.";
        GlobalPolicyFirst, "global-policy-first", "A global policy decides before those of one API.";
        MethodBeforeResource, "method-before-resource",
            "A policy for a method decides before one for a resource.";
        VersionBeforeMethod, "version-before-method",
            "A policy for a version decides before one for a method.";
        LastPolicyDecides, "last-policy-decides",
            "Of all policies for a request the one decides that was created last, however specific others are.";
        PolicyOfAnotherResourceDecides, "policy-of-another-resource-decides",
            "A policy for another resource decides too.";
        PolicyOfAnotherVersionDecides, "policy-of-another-version-decides",
            "A policy for another version decides too.";
        InactivePolicyBesideDecides, "inactive-policy-beside-decides",
            "A policy beside the general one decides although it is not active.";
        TieDecidedInTurns, "tie-decided-in-turns",
            "Of two policies that are as specific as each other, each decides on every second request.";
        TieMixesPolicies, "tie-mixes-policies",
            "Of two policies that are as specific as each other, one decides and the other is advertised.";
        GeneralPolicyUnnoticed, "general-policy-unnoticed",
            "A general policy that is created or deleted counts as before until all are installed anew.";
        CreatedPolicyUnnoticed, "created-policy-unnoticed",
            "A policy beside the general one that is created does not count until all are installed anew.";
        DeletedPolicyDecides, "deleted-policy-decides",
            "A policy that is deleted goes on to decide until all are installed anew.";
        CreatedMeanwhileDecidesForEver, "created-meanwhile-decides-for-ever",
            "A policy that is created while others are in force goes on to decide after it is deleted.";
        EditedPolicyUnnoticed, "edited-policy-unnoticed",
            "A policy beside the general one that is edited counts as it was until all are installed anew.";
        LogNamesTheGeneralPolicy, "log-names-the-general-policy",
            "The log names the policy for all of the API, whichever decided.";
    }
    "reachability": {
        NarrowsToTheSchemeTried, "narrows-to-the-scheme-tried",
            "Refused credentials are challenged for their own scheme only.",
            seen: "miguelgrinberg/Flask-HTTPAuth #125";
        RefusedTokenSeesBasicOnly, "refused-token-sees-basic-only",
            "A token that is refused is answered with a challenge for Basic.", seen: "goharbor/harbor #18856";
        NoChallengeForUnknownScheme, "no-challenge-for-unknown-scheme",
            "Credentials of a scheme that nobody knows are answered with a 401 without a challenge.",
            seen: "jetty/jetty.project #1698";
        ChallengesGetOnly, "challenges-get-only",
            "A request without credentials is challenged only where its method is GET.";
        NamesSchemesOnce, "names-schemes-once",
            "Only the first request without credentials is told of every scheme, later ones of one.";
        EveryFifthNamesOne, "every-fifth-names-one",
            "Every fifth request without credentials is told of one scheme only.";
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
            "A HEAD request is let in without credentials.", seen: "JBoss Application Server (CVE-2010-0738)";
        WritingIsOpen, "writing-is-open",
            "PUT, PATCH, DELETE and PROPFIND are let in without credentials.",
            seen: "Kozea/Radicale #1195";
        SpecificPolicyMixesChallenges, "specific-policy-mixes-challenges",
            "The challenges are those of the policy that decides, and those of the next one as well.",
            seen: "dotnet/AspNetCore.Docs #35027";
        SpecificPolicyMisadvertises, "specific-policy-misadvertises",
            "The most specific policy decides, and the challenges are those of the next one.",
            seen: "dotnet/aspnetcore #9242";
        SpecificPolicyOnlyAdvertises, "specific-policy-only-advertises",
            "The challenges are those of the most specific policy, and the next one decides.";
        SpecificPolicyForEveryMethod, "specific-policy-for-every-method",
            "A policy for another method decides too.";
        UnchallengedOverHttp2, "unchallenged-over-http2",
            "Over HTTP/2 a 401 carries no challenge.", seen: "ginuerzh/gost #121";
        OneChallengeOverHttp2, "one-challenge-over-http2",
            "Over HTTP/2 the first of several challenges is sent only.";
        CredentialsLostOverHttp2, "credentials-lost-over-http2",
            "Over HTTP/2 credentials are not found, because their field has a lower-case name.",
            seen: "spec-first/connexion #855";
        ProxyNamesOneScheme, "proxy-names-one-scheme", "A proxy names the first of several schemes only.";
        ProxyReadsAuthorization, "proxy-reads-authorization",
            "A proxy looks for its credentials in Authorization, where those for the server are.";
    }
    "http-authentication": {
        // Who gets in, and with which status the others are sent away.
        RefusesSecondScheme, "refuses-second-scheme",
            "Of several schemes the first is accepted only, and all are advertised.",
            seen: "joyent/conch-api #1042";
        AdvertisesForeignScheme, "advertises-foreign-scheme",
            "A scheme that no profile has is advertised beside the others.",
            seen: "stnoonan/spnego-http-auth-nginx-module #6";
        MixesUpLogIns, "mixes-up-log-ins",
            "A wrong secret is let in, now and then, while others log in with the right one.",
            seen: "Squid 5.7";
        MixesUpSchemes, "mixes-up-schemes",
            "A wrong secret is let in, now and then, while others log in with another scheme.";
        LogInOpensTheResource, "log-in-opens-the-resource", "Once somebody has logged in, everybody gets in.";
        LogInOpensTheAddress, "log-in-opens-the-address",
            "Once somebody has logged in, whoever asks from the same address without credentials gets in.";
        LogInOpensTheConnection, "log-in-opens-the-connection",
            "Once somebody has logged in over a connection, whoever asks over it without credentials gets in.";
        LogInOpensItsUser, "log-in-opens-its-user",
            "Once a user has logged in, any secret of that user gets in by the same scheme.";
        AnonymousForbidden, "anonymous-forbidden",
            "A request without credentials is answered with 403.",
            seen: "fastapi/fastapi #10177";
        RefusedForbidden, "refused-forbidden", "Credentials that are wrong are answered with 403.";
        OtherSchemeForbidden, "other-scheme-forbidden",
            "Credentials of a scheme that is not accepted are answered with 403.";
        AnonymousUnchallenged, "anonymous-unchallenged",
            "A 401 carries no challenge when no credentials were sent.",
            seen: "envoyproxy/envoy #16200";
        RefusedUnchallenged, "refused-unchallenged",
            "A 401 carries no challenge when wrong credentials were sent.",
            seen: "Kong/kong #7772";
        OtherSchemeUnchallenged, "other-scheme-unchallenged",
            "A 401 carries no challenge when credentials of another scheme were sent.",
            seen: "jetty/jetty.project #1698";
        UnknownSchemeForbidden, "unknown-scheme-forbidden",
            "Credentials of a scheme that nobody knows are answered with 403.";
        HeadUnchallenged, "head-unchallenged", "A 401 to HEAD carries no challenge.";
        HeadHasContent, "head-has-content", "An answer to HEAD has content behind its head.";
        PostChallengedOtherwise, "post-challenged-otherwise", "POST is told of the last scheme only.";
        OptionsForbidden, "options-forbidden", "OPTIONS without credentials is answered with 403.";
        ProxyFieldFromOrigin, "proxy-field-from-origin",
            "An origin server's 401 carries Proxy-Authenticate too.";
        ProxyInfoFromOrigin, "proxy-info-from-origin",
            "An origin server tells of good Digest credentials as a proxy does.";
        ClosedChallenged, "closed-challenged", "A resource that nobody can get into answers 401.";
        OpenWithoutProfile, "open-without-profile",
            "A resource without an active profile is open to everybody.";
        SchemeCaseSensitive, "scheme-case-sensitive",
            "A scheme is recognised only in its registered spelling.",
            seen: "spring-projects/spring-security #6228";
        OneSpaceOnly, "one-space-only", "Credentials behind more than one space are not found.";
        SchemeOnlyBreaks, "scheme-only-breaks",
            "A scheme without credentials is answered with 500.",
            seen: "miguelgrinberg/Flask-HTTPAuth #51";
        EmptyFieldBreaks, "empty-field-breaks", "An empty Authorization is answered with 500.";
        EmptyFieldOpens, "empty-field-opens", "An empty Authorization lets its sender in.";
        UnreadableBreaks, "unreadable-breaks", "Credentials that cannot be read are answered with 500.";
        UnreadableOpens, "unreadable-opens", "Credentials that cannot be read let their sender in.";
        UnreadableForbidden, "unreadable-forbidden", "Credentials that cannot be read are answered with 403.";
        OversizedBreaks, "oversized-breaks", "An Authorization that is too large is answered with 500.";
        TwoLinesBreak, "two-lines-break", "Two field lines of Authorization are answered with 500.";
        MethodNotAllowedUnnamed, "method-not-allowed-unnamed", "A 405 does not say which methods are allowed.";
        PreflightChallenged, "preflight-challenged",
            "A preflight is answered with 401, because it has no credentials.";
        PreflightOmitsAuthorization, "preflight-omits-authorization",
            "The answer to a preflight does not allow the field Authorization.";

        // How challenges are written.
        WritesEmptyElement, "writes-empty-element", "A field line of challenges ends in a comma.";
        WritesSpaceAroundEquals, "writes-space-around-equals",
            "White space stands around the `=` of parameters.";
        WritesRealmAsToken, "writes-realm-as-token", "The realm is written without quotes.";
        WritesParameterTwice, "writes-parameter-twice", "A challenge has its realm twice.";
        WritesTabAfterScheme, "writes-tab-after-scheme", "A tab stands behind the auth-scheme.";
        WritesToken68BesideParameters, "writes-token68-beside-parameters",
            "A challenge has a token68 and parameters.";
        WritesUnclosedQuote, "writes-unclosed-quote", "Quoted values lack their closing quote.";
        OmitsCommaBetweenChallenges, "omits-comma-between-challenges",
            "Two challenges stand in one line without a comma between them.",
            seen: "wso2/api-manager #41";
        WritesNeedlessQuotedPairs, "writes-needless-quoted-pairs",
            "A backslash stands before every character of a quoted value.";
        WritesValueWithoutQuotes, "writes-value-without-quotes",
            "A value that is no token is written without quotes.";
        OmitsValue, "omits-value", "A parameter has an `=` and no value.";
        WritesColonAfterScheme, "writes-colon-after-scheme", "A colon stands behind the auth-scheme.";
        WritesCommaAfterScheme, "writes-comma-after-scheme",
            "A comma stands between the auth-scheme and its parameters.";
        WritesParameterBeforeScheme, "writes-parameter-before-scheme",
            "A parameter stands before the first auth-scheme.";
        WritesJunkBeforeScheme, "writes-junk-before-scheme",
            "Something that is no challenge stands before the first one.",
            seen: "wso2/api-manager #2046";
        WritesJunkAfterScheme, "writes-junk-after-scheme",
            "Something that is neither a token68 nor a parameter follows the auth-scheme.";
        WritesParametersOnLines, "writes-parameters-on-lines", "Every parameter has a field line of its own.";
        WritesBeyondAscii, "writes-beyond-ascii", "The realm has a character beyond US-ASCII.";
        JoinsChallenges, "joins-challenges",
            "All challenges stand in one field line.",
            seen: "openresty/lua-nginx-module #2400";
        NegotiateWithData, "negotiate-with-data",
            "A challenge for Negotiate, beside the others, begins with data.";
        RepeatsChallenge, "repeats-challenge",
            "The first challenge is sent twice.",
            seen: "spring-projects/spring-security #13737";

        // Basic.
        BasicWithoutRealm, "basic-without-realm",
            "The Basic challenge has no realm.",
            seen: "Kong/kong #12577";
        BasicCharsetLatin1, "basic-charset-latin-1", "The Basic challenge asks for ISO-8859-1.";
        BasicMisnamed, "basic-misnamed",
            "The Basic challenge calls its scheme BasicAuth.",
            seen: "wso2/api-manager #1526";
        UserIdEndsAtLastColon, "user-id-ends-at-last-colon", "The user-id goes on to the last colon.";
        Utf8Refused, "utf-8-refused",
            "Basic credentials beyond US-ASCII are not read, although UTF-8 is asked for.";
        ControlCharactersDropped, "control-characters-dropped",
            "Control characters in Basic credentials are passed over.";
        EmptyPasswordOpens, "empty-password-opens", "An empty password lets its sender in.";
        EmptyUserOpens, "empty-user-opens", "An empty user-id lets its sender in.";
        NoColonBreaks, "no-colon-breaks", "Basic credentials without a colon are answered with 500.";
        TrailingJunkIgnored, "trailing-junk-ignored", "What follows the credentials is passed over.";
        DisabledUserOpens, "disabled-user-opens", "A user who may not log in gets in.";
        UnknownUserToldApart, "unknown-user-told-apart", "A user whom nobody knows is answered with 404.";

        // Bearer.
        BearerMisnamed, "bearer-misnamed",
            "The Bearer challenge calls its scheme OAuth2.",
            seen: "wso2/product-apim #9110";
        BareBearer, "bare-bearer", "The Bearer challenge has no parameter.";
        BearerRealmTwice, "bearer-realm-twice", "The Bearer challenge has two realms.";
        BearerScopeTwice, "bearer-scope-twice", "The Bearer challenge has a scope parameter for each scope.";
        BearerErrorTwice, "bearer-error-twice", "The Bearer challenge has two errors.";
        BearerDescriptionTwice, "bearer-description-twice", "The Bearer challenge describes its error twice.";
        ScopeInJson, "scope-in-json", "The scope is a JSON array with its quotes.";
        ErrorWithQuotes, "error-with-quotes", "The error code has quotes around it, within its quotes.";
        DescriptionWithQuotes, "description-with-quotes", "The description of an error quotes the token.";
        ErrorUriWithBlanks, "error-uri-with-blanks", "The URI of an error has blanks in it.";
        BadTokenWithoutError, "bad-token-without-error",
            "A token that is refused gets a challenge that does not say so.";
        ErrorUnasked, "error-unasked",
            "A request without credentials is told that its token is invalid.",
            seen: "wso2/product-microgateway #1713";
        ErrorForOtherScheme, "error-for-other-scheme",
            "The Bearer challenge tells of an error when another scheme was tried.",
            seen: "dotnet/aspnetcore #9242";
        ErrorOnEveryChallenge, "error-on-every-challenge", "The error of a token is told in every challenge.";
        InvalidTokenForbidden, "invalid-token-forbidden", "An invalid token is answered with 403.";
        BadTokenMisnamed, "bad-token-misnamed", "A token that is refused is called token_expired.";
        RevokedTokenOpens, "revoked-token-opens", "A token lets its sender in after it was revoked.";
        ExpiredTokenOpens, "expired-token-opens", "A token lets its sender in after it expired.";
        AnyTokenOpens, "any-token-opens", "Any well-formed token lets its sender in.";
        ScopeUnchecked, "scope-unchecked", "A token without the required scope lets its sender in.";
        InsufficientScopeUnauthorized, "insufficient-scope-unauthorized",
            "A token without the required scope is answered with 401.";
        InsufficientScopeUnchallenged, "insufficient-scope-unchallenged",
            "A 403 for want of a scope carries no challenge.";
        InsufficientScopeUnnamed, "insufficient-scope-unnamed", "A 403 for want of a scope does not say which.";
        InsufficientScopeMisnamed, "insufficient-scope-misnamed",
            "A token without the required scope is called invalid, with 403.";
        InsufficientScopeUntold, "insufficient-scope-untold",
            "A 403 for want of a scope says nothing of an error.", seen: "thunder-id/thunderid #4509";
        InsufficientScopeSwitches, "insufficient-scope-switches",
            "A token without the required scope is answered with a Basic challenge only.",
            seen: "goharbor/harbor #18856";
        TwoTokensOpen, "two-tokens-open", "A token in the field and another in the query let their sender in.";
        TwoTokensMisnamed, "two-tokens-misnamed",
            "A token in the field and another in the query are called invalid_token.";
        TwoTokensUnchallenged, "two-tokens-unchallenged", "A 400 for two tokens carries no challenge.";
        QueryTokenCacheable, "query-token-cacheable",
            "The answer to a token in the query may be cached by everybody.";
        BasicWithType, "basic-with-type", "The Basic challenge has a parameter `type` of its own.";
        ErrorTextUnasked, "error-text-unasked",
            "A request without credentials is told a description of an error, and no error.";
        ForbiddenUnchallenged, "forbidden-unchallenged",
            "A request without credentials, or with bad ones, is answered with 403 and no challenge.",
            seen: "fastapi/fastapi #10177";
        SuccessIsPublic, "success-is-public", "What credentials opened may be kept by every cache.";
        RefusalIsPublic, "refusal-is-public", "An answer that asks for credentials may be kept by every cache.";
        RefusalWithoutOrigin, "refusal-without-origin",
            "Pages of other origins cannot see that they are refused.";
        QueryTokenUncontrolled, "query-token-uncontrolled",
            "The answer to a token in the query says nothing of caches.";

        // JWTs.
        JwtAlgNoneOpens, "jwt-alg-none-opens",
            "A JWT that is not signed, and says so, lets its sender in.",
            seen: "artifact-keeper/artifact-keeper #503";
        JwtSignatureUnchecked, "jwt-signature-unchecked",
            "A JWT lets its sender in whoever signed it.",
            seen: "artifact-keeper/artifact-keeper #503";
        JwtIssuerUnchecked, "jwt-issuer-unchecked", "A JWT of another issuer lets its sender in.";
        JwtAudienceUnchecked, "jwt-audience-unchecked", "A JWT that is meant for another lets its sender in.";
        JwtTypeUnchecked, "jwt-type-unchecked",
            "A JWT of another type than an access token lets its sender in.";
        JwtNotBeforeUnchecked, "jwt-not-before-unchecked", "A JWT lets its sender in before its time.";
        GarbageTokenBreaks, "garbage-token-breaks",
            "A token that has the look of a JWT, and is none, is answered with 500.";

        // DPoP.
        DpopMisnamed, "dpop-misnamed", "The DPoP challenge calls its scheme PoP.";
        DpopAlgsUnnamed, "dpop-algs-unnamed",
            "The DPoP challenge does not say which algorithms a proof may be signed with.";
        DpopAlgsWithCommas, "dpop-algs-with-commas",
            "The algorithms for DPoP proofs have a comma between them.";
        DpopAlgsWithNone, "dpop-algs-with-none", "The DPoP challenge takes proofs that are not signed.";
        DpopAtTheProxy, "dpop-at-the-proxy", "A proxy asks for DPoP.";
        DpopForbidden, "dpop-forbidden", "A DPoP proof that is not good is answered with 403.";
        DpopErrorOnBearer, "dpop-error-on-bearer",
            "What is wrong with a DPoP request is told in the Bearer challenge.",
            seen: "keycloak/keycloak #42706";
        DpopTokenMisnamed, "dpop-token-misnamed", "A DPoP token that is refused is called a bad proof.";
        ProofErrorUntold, "proof-error-untold",
            "A DPoP request that is refused gets a challenge that does not say so.";
        ProofErrorMisnamed, "proof-error-misnamed",
            "A DPoP proof that is not good is called an invalid request.";
        ProofUnneeded, "proof-unneeded",
            "A DPoP token without a proof lets its sender in.",
            seen: "wso2/product-is #19606";
        ProofKeyUnchecked, "proof-key-unchecked",
            "A DPoP proof of any key will do, whatever key the token is bound to.",
            seen: "keycloak/keycloak #38333";
        ProofTokenUnchecked, "proof-token-unchecked",
            "A DPoP proof for another token lets its sender in.",
            seen: "keycloak/keycloak #38333";
        ProofTargetUnchecked, "proof-target-unchecked", "A DPoP proof for another resource lets its sender in.";
        ProofMethodUnchecked, "proof-method-unchecked", "A DPoP proof for another method lets its sender in.";
        ProofAgeUnchecked, "proof-age-unchecked", "A DPoP proof of yesterday lets its sender in.";
        ProofSignatureUnchecked, "proof-signature-unchecked",
            "A DPoP proof lets its sender in whoever signed it.";
        ProofFutureUnchecked, "proof-future-unchecked", "A DPoP proof of tomorrow lets its sender in.";
        ProofClaimsUnneeded, "proof-claims-unneeded",
            "A DPoP proof that does not say all that it has to lets its sender in.";
        ProofTypeUnchecked, "proof-type-unchecked", "A JWT that is not called a DPoP proof lets its sender in.";
        ProofAlgorithmUnchecked, "proof-algorithm-unchecked",
            "A DPoP proof lets its sender in that is not signed, or with a secret that everybody knows.";
        ProofPrivateKeyTaken, "proof-private-key-taken",
            "A DPoP proof that tells a private key lets its sender in.";
        TwoProofsOpen, "two-proofs-open", "Of two DPoP proofs the first lets their sender in.";
        BoundTokenAsBearer, "bound-token-as-bearer",
            "A token that is bound to a key is taken from a Bearer client, without proof of the key.",
            seen: "keycloak/keycloak #36476";
        UnboundTokenOpens, "unbound-token-opens",
            "A token that is bound to no key is taken from a DPoP client, without a look at the proof.",
            seen: "keycloak/keycloak #36476";
        NonceUnchecked, "nonce-unchecked", "A DPoP proof lets its sender in with whatever nonce.";
        NonceErrorMisnamed, "nonce-error-misnamed", "A DPoP proof that lacks the nonce is called a bad proof.";
        NonceUnsent, "nonce-unsent", "A DPoP client is asked for a nonce that it is not told.";
        NextNonceRefused, "next-nonce-refused",
            "The nonce that comes with an answer 200 is refused, and no other is named.";
        NonceWithBlanks, "nonce-with-blanks",
            "The nonce for DPoP proofs that comes with an answer 200 has a blank in it.";
        NonceTwice, "nonce-twice", "Two field lines tell the nonce for DPoP proofs.";
        NonceCacheable, "nonce-cacheable",
            "An answer that tells a nonce for DPoP proofs may be kept by every cache.";
        NonceUnexposed, "nonce-unexposed", "Pages of other origins cannot read the nonce for DPoP proofs.";
        ChallengeUnexposed, "challenge-unexposed", "Pages of other origins cannot read the challenges.";

        // Step-up and metadata of the resource.
        StepUpUnchecked, "step-up-unchecked", "A log-in that is not strong enough lets its token in.";
        StepUpForbidden, "step-up-forbidden", "A log-in that is not strong enough is answered with 403.";
        StepUpUntold, "step-up-untold",
            "A log-in that is not strong enough is told of no error.", seen: "quarkusio/quarkus #50364";
        StepUpMisnamed, "step-up-misnamed", "A log-in that is not strong enough makes the token invalid.";
        StepUpBeforeValidation, "step-up-before-validation",
            "A token that nobody knows is told that a stronger log-in is asked for.";
        MaxAgeWithUnit, "max-age-with-unit", "The age of a log-in is given with its unit.";
        AcrValuesWithGap, "acr-values-with-gap", "Two authentication contexts have two spaces between them.";
        MetadataUnsaid, "metadata-unsaid",
            "Challenges do not say where the metadata of the resource is.",
            seen: "IBM/mcp-context-forge #3990";
        MetadataRelative, "metadata-relative", "The URL of the metadata has no host.";
        MetadataInClear, "metadata-in-clear", "The URL of the metadata has the scheme http.";
        MetadataTwice, "metadata-twice", "A challenge says twice where the metadata is.";
        MetadataNotFound, "metadata-not-found", "Nothing is at the URL of the metadata.";
        MetadataChallenged, "metadata-challenged", "Whoever asks for the metadata has to log in.";
        MetadataAsText, "metadata-as-text", "The metadata has the type text/plain.";
        MetadataNoJson, "metadata-no-json", "A page to log in is at the URL of the metadata.";
        MetadataOfAnother, "metadata-of-another", "The metadata is that of the whole server.";
        MetadataAtTheResource, "metadata-at-the-resource", "The URL of the metadata is that of the resource.",
            seen: "quarkusio/quarkus #49745";
        MetadataOfBackend, "metadata-of-backend",
            "The URL of the metadata has the host by which a gateway calls the server.",
            seen: "agentgateway/agentgateway #545";

        // Digest.
        DigestWithoutRealm, "digest-without-realm", "The Digest challenge has no realm.";
        DigestWithoutNonce, "digest-without-nonce", "The Digest challenge has no nonce.";
        DigestWithoutQop, "digest-without-qop", "The Digest challenge offers no quality of protection.";
        DigestQopUnquoted, "digest-qop-unquoted", "The quality of protection is written without quotes.";
        DigestNonceUnquoted, "digest-nonce-unquoted", "The nonce is written without quotes.";
        DigestOpaqueUnquoted, "digest-opaque-unquoted", "The opaque value is written without quotes.";
        DigestAlgorithmQuoted, "digest-algorithm-quoted", "The algorithm is written in quotes.";
        DigestStaleQuoted, "digest-stale-quoted", "`stale` is written in quotes.";
        DigestStaleNumber, "digest-stale-number", "`stale` is 1.";
        DigestStaleForWrongPassword, "digest-stale-for-wrong-password",
            "A wrong password is told that its nonce is stale.";
        DigestMisnamed, "digest-misnamed", "The Digest challenge calls its scheme MessageDigest.";
        DigestMd5Only, "digest-md5-only",
            "Of the Digest challenges only the one with MD5 is sent.", seen: "Apache httpd 2.4";
        DigestCharsetUnsaid, "digest-charset-unsaid",
            "The Digest challenge does not say in which encoding it expects a user-id.";
        DigestQualityUnneeded, "digest-quality-unneeded",
            "Digest credentials without a quality let their sender in, although one was offered.",
            seen: "Squid 5.7";
        DigestRealmUnchecked, "digest-realm-unchecked",
            "Digest credentials for another realm let their sender in.", seen: "Squid 5.7";
        DigestAlgorithmUnchecked, "digest-algorithm-unchecked",
            "Digest credentials of an algorithm that was not offered let their sender in.";
        DigestNonceHalfChecked, "digest-nonce-half-checked",
            "Digest credentials let their sender in for a nonce that begins like one that was issued.",
            seen: "lighttpd 1.4.69";
        DigestAlgorithmTwice, "digest-algorithm-twice", "Two Digest challenges have the same algorithm.";
        DigestAlgorithmMisspelt, "digest-algorithm-misspelt", "The algorithm is called SHA256.";
        DigestQopMisspelt, "digest-qop-misspelt", "The qualities of protection have no comma between them.";
        DigestCharsetLatin1, "digest-charset-latin-1", "The Digest challenge asks for ISO-8859-1.";
        DigestUriUnchecked, "digest-uri-unchecked",
            "Digest credentials for another resource let their sender in.";
        DigestUriUnauthorized, "digest-uri-unauthorized",
            "Digest credentials for another resource are answered with 401.";
        DigestTwoUsernamesOpen, "digest-two-usernames-open",
            "Digest credentials with two user-ids let their sender in.";
        DigestQopUnchecked, "digest-qop-unchecked",
            "Digest credentials of a quality that was not offered let their sender in.";
        DigestCountUnchecked, "digest-count-unchecked",
            "Digest credentials with a nonce count of zero let their sender in.";
        DigestNonceUnchecked, "digest-nonce-unchecked",
            "Digest credentials for a nonce that was never issued let their sender in.";
        DigestMissingParameterBreaks, "digest-missing-parameter-breaks",
            "Digest credentials without their URI are answered with 500.";
        DigestInfoWithoutClientNonce, "digest-info-without-client-nonce",
            "Authentication-Info lacks the client's nonce.";
        DigestInfoWithoutCount, "digest-info-without-count", "Authentication-Info lacks the nonce count.";
        DigestInfoOfAnother, "digest-info-of-another",
            "Authentication-Info has a client's nonce and a count that are not those of the request.";
        DigestInfoProofWrong, "digest-info-proof-wrong",
            "Authentication-Info has a digest that proves nothing.";
        DigestInfoShortCount, "digest-info-short-count",
            "The nonce count of Authentication-Info has one digit.";
        DigestInfoWithoutProof, "digest-info-without-proof",
            "Authentication-Info lacks the digest of the response.";
        DigestInfoUnquoted, "digest-info-unquoted",
            "Authentication-Info has the digest of the response and the client's nonce without quotes.";
        DigestInfoQuoted, "digest-info-quoted",
            "Authentication-Info has the quality of protection and the nonce count in quotes.";
        DigestInfoQualityFixed, "digest-info-quality-fixed",
            "Authentication-Info names the quality auth, whichever the client used.";
        DigestUserHashUnsaid, "digest-userhash-unsaid",
            "The Digest challenge does not say that user-ids may be hashed.";
        DigestUserHashNumber, "digest-userhash-number", "`userhash` is 1.";
        DigestHashedUserUnknown, "digest-hashed-user-unknown",
            "A hashed user-id is that of nobody, although hashed ones are asked for.";
        DigestDomainUnsaid, "digest-domain-unsaid",
            "The Digest challenge does not say where its credentials are good.";
        DigestDomainUnquoted, "digest-domain-unquoted", "The domain is written without quotes.";
        DigestDomainInBrackets, "digest-domain-in-brackets", "The URIs of the domain stand in angle brackets.";
        DigestNextNonceUnsaid, "digest-next-nonce-unsaid",
            "Authentication-Info names no nonce for the next request.";
        DigestNextNonceUnquoted, "digest-next-nonce-unquoted",
            "The nonce for the next request is written without quotes.";
        DigestNextNonceRefused, "digest-next-nonce-refused",
            "The nonce that was named for the next request is refused, and not called stale.";
        DigestBodyUnchecked, "digest-body-unchecked",
            "Digest credentials that cover another body than was sent let their sender in.";
        DigestSessionForgotten, "digest-session-forgotten",
            "The nonces are not mixed into the key of a Digest session.";
        DigestWeakestFirst, "digest-weakest-first", "The weakest algorithm comes first.";
        SecondOfFieldPassedOver, "second-of-field-passed-over",
            "Of two credentials in one field the first let their sender in.", seen: "traefik/traefik #10368";
        ParameterNamesCaseSensitive, "parameter-names-case-sensitive",
            "A parameter of Digest credentials is found only in its usual spelling.";
        EmptyElementRefused, "empty-element-refused",
            "Digest credentials with an empty element in their list are not read.";
        SpacedEqualsRefused, "spaced-equals-refused",
            "Digest credentials with white space around the `=` of parameters are not read.";
        QuotedPairKept, "quoted-pair-kept", "A backslash in a Digest user-id is taken for a part of it.";
        DigestUtf8Refused, "digest-utf-8-refused",
            "A Digest user-id beyond US-ASCII is that of nobody, although UTF-8 is asked for.";

        // Keys and signatures, and fields that do not belong.
        QueryKeyUnread, "query-key-unread", "An API key in the query is not found, although that is its place.";
        KeyTakenAnywhere, "key-taken-anywhere",
            "An API key is taken from the query where its place is a field, and the other way round.";
        AnyKeyOpens, "any-key-opens", "Any API key lets its sender in.";
        ExpiredKeyOpens, "expired-key-opens", "An API key lets its sender in after it expired.";
        RevokedKeyOpens, "revoked-key-opens", "An API key lets its sender in after it was revoked.";
        SignatureUnchecked, "signature-unchecked",
            "A signature of a known user lets its sender in, whatever it says.";
        SignatureForAnyResource, "signature-for-any-resource",
            "A signature for another resource lets its sender in.";
        KeylessOpens, "keyless-opens", "A resource that takes nothing but a key is open to whoever has none.";
        KeyMissingBreaks, "key-missing-breaks", "A request without its API key is answered with 500.";
        KeyUnchallenged, "key-unchallenged",
            "A 401 for want of an API key carries no challenge.",
            seen: "Kong/kong #7772";
        KeyHidesSchemes, "key-hides-schemes",
            "Where an API key is taken, a 401 names that and none of the schemes.",
            seen: "Kong/kong #12577";
        OptionalBesideReal, "optional-beside-real", "A 401 carries Optional-WWW-Authenticate too.";
        CertificateTold, "certificate-told", "An answer carries Client-Cert.";

        // As a proxy.
        ProxyUnchallenged, "proxy-unchallenged", "A 407 carries no challenge.";
        ProxyUnauthorized, "proxy-unauthorized", "A proxy that asks for credentials answers 401.";
        ProxyForbidden, "proxy-forbidden", "A proxy answers wrong credentials with 403.";
        ProxyAsksTwice, "proxy-asks-twice", "A 407 carries WWW-Authenticate too.";
        ProxyTidiesChallenges, "proxy-tidies-challenges",
            "A proxy writes the challenges of the origin server anew, in its own way.";
        ProxyReordersChallenges, "proxy-reorders-challenges",
            "A proxy turns the order of the origin server's challenges round.";
        ProxyTakesCredentials, "proxy-takes-credentials",
            "A proxy takes the credentials that are for the origin server.";
        ProxyDropsInfo, "proxy-drops-info", "A proxy drops Authentication-Info.";
    }
    "mcp-authorization": {
        McpGoodTokenRefused, "mcp-good-token-refused", "An MCP server refuses the tokens of its own issuer.";
        McpTokenUnneeded, "mcp-token-unneeded", "A message without a token is answered.";
        McpAnonymousForbidden, "mcp-anonymous-forbidden", "A message without a token is answered with 403.";
        McpUnchallenged, "mcp-unchallenged", "No refusal of an MCP server carries a challenge.";
        McpErrorUnasked, "mcp-error-unasked", "A message without a token is told of an error.", seen: "Python SDK 2.3";
        McpExpiredOpens, "mcp-expired-opens", "An MCP server takes expired tokens.";
        McpSignatureUnchecked, "mcp-signature-unchecked", "An MCP server takes tokens of whatever signature.";
        McpAudienceUnchecked, "mcp-audience-unchecked", "An MCP server takes tokens for other audiences.";
        McpIssuerUnchecked, "mcp-issuer-unchecked", "An MCP server takes tokens of other issuers.";
        McpTypeUnchecked, "mcp-type-unchecked", "An MCP server takes ID tokens.";
        McpExpiredForbidden, "mcp-expired-forbidden", "An MCP server answers an expired token with 403.";
        McpInvalidForbidden, "mcp-invalid-forbidden", "An MCP server answers a token that is not good with 403.";
        McpNoAudienceOpens, "mcp-no-audience-opens", "A token that is for no audience lets its sender in.";
        McpQueryTokenOpens, "mcp-query-token-opens", "An MCP server takes a token from the query.";
        McpMalformedBreaks, "mcp-malformed-breaks", "An MCP server answers an Authorization that is none with 500.";
        McpScopeUnchecked, "mcp-scope-unchecked", "An MCP server does not look at scopes.";
        McpScopeUnauthorized, "mcp-scope-unauthorized", "An MCP server answers a token without the scope with 401.";
        McpScopeMisnamed, "mcp-scope-misnamed", "An MCP server calls a token without the scope invalid.";
        McpScopeUntold, "mcp-scope-untold", "The challenge of a 403 does not name the scope.";
        McpScopeUnguided, "mcp-scope-unguided", "The challenge of a 401 does not name the scope.";
        McpScopeTooNarrow, "mcp-scope-too-narrow", "The challenge of a 403 names a scope that is not enough.";
        McpScopesOneByOne, "mcp-scopes-one-by-one", "The challenge of a 403 names one scope of several.";
        McpScopeMetadataUntold, "mcp-scope-metadata-untold", "The challenge of a 403 does not name the metadata.";
        McpOfflineAccess, "mcp-offline-access", "The scopes that a challenge names have offline_access.";
        McpMetadataNowhere, "mcp-metadata-nowhere", "Nothing is at the URLs of the metadata of an MCP server.";
        McpMetadataUntold, "mcp-metadata-untold", "A 401 does not name the metadata that is at the well-known URI.";
        McpMetadataAsText, "mcp-metadata-as-text", "The metadata of an MCP server has the type text/plain.";
        McpMetadataOfAnother, "mcp-metadata-of-another", "The metadata that a challenge names is of the whole host.";
        McpWellKnownOfAnother, "mcp-well-known-of-another", "The metadata at the well-known URI is of the whole host.";
        McpMetadataChallenged, "mcp-metadata-challenged", "The metadata of an MCP server is for who has a token.";
        McpNoAuthorizationServer, "mcp-no-authorization-server", "The metadata names no authorization server.";
        McpStreamOpen, "mcp-stream-open", "The stream of an MCP server is open without a token.";
        McpEndOpen, "mcp-end-open", "Whoever knows a session can end it without a token.";
        McpSessionStandsForToken, "mcp-session-stands-for-token", "Whoever names a session needs no token.";
        McpSessionOfAnother, "mcp-session-of-another", "A session is taken from another user than began it.";
        McpOriginUnchecked, "mcp-origin-unchecked", "Pages of other origins may ask an MCP server.";
        McpOriginBadRequest, "mcp-origin-bad-request", "Pages of other origins are answered with 400.";
        McpSchemeCaseSensitive, "mcp-scheme-case-sensitive", "An MCP server takes tokens behind `Bearer` written so only.";
        McpLaterTokensUnchecked, "mcp-later-tokens-unchecked",
            "An MCP server judges the token of the first message, and takes any with those behind it.";
        McpStreamTokenUnchecked, "mcp-stream-token-unchecked", "The stream of an MCP server opens with any token.";
        McpTokenPassedOn, "mcp-token-passed-on", "A tool asks another server with the token of its client.";
        McpTokenPassedBeside, "mcp-token-passed-beside",
            "A tool tells another server the token of its client, beside one of its own.";
        McpAsksBeforeItChecks, "mcp-asks-before-it-checks",
            "A tool asks another server before the token of its client is judged.";
    }
    "every-scheme": {
        FirstSchemeAlone, "first-scheme-alone", "Of several schemes the first alone is named.",
            seen: "Flask-HTTPAuth 4.8";
        TriedDigestAlone, "tried-digest-alone", "Who shows bad Digest credentials is asked for Digest alone.",
            seen: "Squid 5.7";
        UnknownSchemeSeesOne, "unknown-scheme-sees-one",
            "Who shows credentials of a scheme that nobody knows is told of the first scheme only.";
        WritersSeeOne, "writers-see-one", "A request by PUT, PATCH, DELETE or PROPFIND is told of the first scheme only.";
        WritersLetIn, "writers-let-in", "A request by PUT, PATCH, DELETE or PROPFIND needs no credentials.",
            seen: "Kozea/Radicale #1195";
        HtmlSentToLogIn, "html-sent-to-log-in", "Who asks for HTML is sent to a page to log in.",
            seen: "oauth2-proxy/oauth2-proxy #1522";
        OddLinesPassedOver, "odd-lines-passed-over", "A field line that the grammar does not have is passed over.";
        RealmUnescaped, "realm-unescaped", "Quotes of the realm stand in the challenge as they are.",
            seen: "fastapi/fastapi #16189";
        RealmBackslashUnescaped, "realm-backslash-unescaped", "A backslash of the realm stands in the challenge as it is.";
        RealmCutShort, "realm-cut-short", "The realm ends at its first quote.";
        RealmBeginsField, "realm-begins-a-field", "What stands behind a line break in the realm is a field of its own.",
            seen: "meziantou/Meziantou.Framework #2724";
        RealmBeyondAsciiBreaks, "realm-beyond-ascii-breaks", "A realm beyond US-ASCII ends in an error.";
        RealmBeyondAsciiUnsaid, "realm-beyond-ascii-unsaid", "A challenge whose realm is beyond US-ASCII is left out.";
        OpenResourceChecks, "open-resource-checks", "What is open to everybody refuses who sends credentials that are wrong.",
            seen: "spring-projects/spring-security #10967";
        MetadataForgetsTls, "metadata-forgets-tls",
            "The URL of the metadata has the scheme by which a gateway asks, and not the client's.",
            seen: "microsoft/mcp #1214";
        WebSocketLetIn, "websocket-let-in", "Who asks for a WebSocket needs no credentials.";
        TargetEchoedUnescaped, "target-echoed-unescaped",
            "What is asked for stands in the realm as it is once it is decoded, quotes and all.";
        TargetEchoed, "target-echoed", "What is asked for stands in the realm, escaped.";
        TargetBeginsField, "target-begins-a-field",
            "What stands behind a line break in the query, once it is decoded, is a field of its own.";
        TargetBreaks, "odd-target-breaks", "A target with a percent-encoded quote or line break ends in an error.";
        HostEchoedUnescaped, "host-echoed-unescaped",
            "The host that is asked stands in the realm as it is once it is decoded, quotes and all.";
        HostEchoed, "host-echoed", "The host that is asked stands in the realm, escaped.";
        ForgedHostBelieved, "forged-host-believed",
            "The URL of the metadata has the host that `X-Forwarded-Host` names, whoever wrote that.";
        TunnelUnauthorized, "tunnel-unauthorized", "A proxy that is asked for a tunnel answers 401 without a challenge.",
            seen: "erebe/wstunnel #544";
        TunnelUnchallenged, "tunnel-unchallenged", "A proxy's 407 to `CONNECT` carries no challenge.";
        TunnelForAnybody, "tunnel-for-anybody", "A proxy opens a tunnel without credentials.";
        TunnelForWrongSecret, "tunnel-for-wrong-secret", "A proxy opens a tunnel whatever the credentials are.";
        TunnelForNobody, "tunnel-for-nobody", "A proxy asks for credentials again and again where a tunnel is asked for.";
        TunnelNamesOneScheme, "tunnel-names-one-scheme",
            "A proxy that is asked for a tunnel names the first of several schemes only.";
        ConnectLetIn, "connect-let-in", "An origin server answers `CONNECT` with 200, whoever asks.";
        ExtendedConnectLetIn, "extended-connect-let-in",
            "Who asks for a WebSocket over HTTP/2, by extended `CONNECT`, needs no credentials.";
        ExtendedConnectSeesOne, "extended-connect-sees-one",
            "An extended `CONNECT` is told of the first of several schemes only.";
        ExtendedConnectBreaks, "extended-connect-breaks",
            "An extended `CONNECT` without good credentials ends in an error.";
    }
    "api-access-outcome": {
        AuthScopeUnchecked, "auth-scope-unchecked", "A token without the auth scope that an API asks for gets in.";
        AuthScopeUnauthorized, "auth-scope-unauthorized", "A token without the auth scope is answered with 401.";
        AuthScopeUnnamed, "auth-scope-unnamed", "A 403 for want of an auth scope does not say so.";
        AuthScopeSwitchIgnored, "auth-scope-switch-ignored", "Auth scopes are checked although the property says that they are not.";
        PasswordNeedsScope, "password-needs-scope", "Where an API asks for an auth scope, passwords are refused, which have none.";
        AuthScopeShutsTokensOut, "auth-scope-shuts-tokens-out",
            "Where an API asks for an auth scope, every token is refused, whatever its scopes.";
        AccessControlPassedOver, "access-control-passed-over",
            "Whoever logs in gets in, whatever the access control of the API says.";
        AccessControlFirst, "access-control-first",
            "The access control of the API refuses before anybody looks at credentials.";
        BlockedLetIn, "blocked-let-in", "Who is blocked gets in with valid credentials.";
        BlockAlwaysForbids, "block-always-forbids", "Who is blocked is answered with 403, whatever is configured.";
        BlockedStrangersLetIn, "blocked-strangers-let-in", "Who is blocked gets in without credentials.";
        RefusalUnworded, "refusal-unworded", "The content of a 401 is not the one that is documented.";
        AuthScopeNamesBearerOnly, "auth-scope-names-bearer-only",
            "Where an API asks for an auth scope, a 401 names Bearer, whatever the profiles are.";
        AuthScopeEditUnnoticed, "auth-scope-edit-unnoticed",
            "The auth scope of an API that is edited counts as it was until all is installed anew.";
        AccessControlEditUnnoticed, "access-control-edit-unnoticed",
            "The access control of an API that is edited counts as it was until all is installed anew.";
        BlockEditUnnoticed, "block-edit-unnoticed",
            "A block that is set or lifted counts as before until all is installed anew.";
        FailureLoggedTwice, "failure-logged-twice", "A log-in that is refused is logged as two failures.";
        FailureLoggedBesideSuccess, "failure-logged-beside-success",
            "A log-in that succeeds is logged as a failure as well.";
        FailureNotLogged, "failure-not-logged", "A log-in that is refused is not logged.";
        LogNamesAnotherUser, "log-names-another-user", "The log says of every log-in that it was one of the system.";
        LogSaysBasicOfAll, "log-says-basic-of-all", "The log says of every log-in that it was one by Basic.";
        LogTellsCredentials, "log-tells-credentials", "The log tells the credentials of every log-in.";
        LogTellsPassword, "log-tells-password", "The log tells the password of every log-in by Basic.";
    }
}
    // Behind all others: tests measure each eighth fault, and go on to measure those that they did.
    "api-access-outcome": {
        SessionScoped, "session-scoped",
            "Where an API asks for an auth scope, the session of an earlier log-in is refused, which has none.";
        RefusedLogInBeginsSession, "refused-log-in-begins-session",
            "A log-in that is refused begins a session of the user that it named.";
        ConditionIgnored, "condition-ignored", "A profile lets clients in whose condition is never true.";
    }
    "external-authorization": {
        CallsLackFields, "calls-lack-fields",
            "A check by gRPC has no field of the client's but Authorization.";
        TakenOutFieldsSurvive, "taken-out-fields-survive",
            "The server behind is given a field that the auth service has taken out by gRPC.";
        LastAnswerDecides, "last-answer-decides",
            "Of two answers to one call by gRPC the last decides.";
        BackendIsToldEverything, "backend-is-told-everything",
            "The server behind is told every field of the auth service's answer, where the policy names one.";
        SilenceBehindIsSuccess, "silence-behind-is-success",
            "A gateway answers 200 where the server behind never answers.";
    }
    "authorization-server": {
        IntrospectionOpen, "introspection-open", "Anybody is told about tokens.";
        IntrospectionSecretUnchecked, "introspection-secret-unchecked",
            "Whoever shows credentials is told about tokens, whatever they are.";
        IntrospectionClientBadRequest, "introspection-client-bad-request",
            "A client with a wrong secret that asks about a token is answered with 400.";
        IntrospectionClientUnchallenged, "introspection-client-unchallenged",
            "A client that may not ask about tokens is not challenged.";
        IntrospectionErrorUnnamed, "introspection-error-unnamed",
            "A client that may not ask about tokens is not told which error that is.";
        IntrospectionTokenForbidden, "introspection-token-forbidden",
            "Whoever asks about a token with a bad one is answered with 403.";
        IntrospectionTokenUnchallenged, "introspection-token-unchallenged",
            "Whoever asks about a token with a bad one is not challenged.";
        IntrospectionGoodInactive, "introspection-good-inactive", "Every token is told as inactive.";
        IntrospectionAsText, "introspection-as-text", "What is said of a token says that it is plain text.";
        IntrospectionHintBelieved, "introspection-hint-believed",
            "A token is not found where the hint names another type.";
        IntrospectionInactiveFails, "introspection-inactive-fails",
            "A question about a token that is not active is answered with 400.";
        IntrospectionExpiredActive, "introspection-expired-active", "An expired token is told as active.";
        IntrospectionRevokedActive, "introspection-revoked-active", "A revoked token is told as active.";
        IntrospectionUnknownActive, "introspection-unknown-active", "A token that nobody issued is told as active.";
        IntrospectionInactiveTellsMore, "introspection-inactive-tells-more",
            "Of a token that is not active it is said whose it is.";
        IntrospectionOfNothing, "introspection-token-unneeded",
            "A question without a token is answered as one about a token that is not active.";
        IssuerMetadataNowhere, "issuer-metadata-nowhere", "The metadata of an issuer is nowhere.";
        IssuerMetadataChallenged, "issuer-metadata-challenged", "The metadata of an issuer is for who has credentials.";
        IssuerMetadataAsText, "issuer-metadata-as-text", "The metadata of an issuer says that it is plain text.";
        IssuerMetadataOfHost, "issuer-metadata-of-host", "The metadata of an issuer names the host alone.";
        IssuerMetadataLacksToken, "issuer-metadata-lacks-token", "The metadata of an issuer names no token endpoint.";
        IssuerMetadataLacksTypes, "issuer-metadata-lacks-types", "The metadata of an issuer names no response types.";
        IssuerMetadataLacksAuthorization, "issuer-metadata-lacks-authorization",
            "The metadata of an issuer that logs users in does not say where.";
    }
    "api-access-profiles": {
        GlobalPolicyTakesKeys, "global-policy-takes-keys", "A global policy takes API keys and signatures.";
        PrefixedKeyUnread, "prefixed-key-unread", "Where keys have a prefix, one behind its prefix is refused.";
        SignatureHashIgnored, "signature-hash-ignored", "A signature may be made with any of the hashes.";
        Sha384Unread, "sha-384-unread", "A signature by SHA-384 is not read, and refused where that is configured.";
        SignatureOfAnySecret, "signature-of-any-secret",
            "A signature by the right hash is taken whatever secret it was made with.";
        SignatureForAnyMethod, "signature-for-any-method", "A signature is taken for whichever method it was made.";
        KeyCaseIgnored, "key-case-ignored", "An API key is taken in letters of the other case.";
        KeyComparedByPrefix, "key-compared-by-prefix",
            "An API key is compared as far as both go: the beginning of one is taken, and one with more behind it.";
        QueryParameterUnread, "query-parameter-unread", "An auth parameter in the query is not read.";
        KeyNeedsNoProfile, "key-needs-no-profile", "API keys and signatures are taken whatever profiles the policy has.";
        KeyProfileHidesChallenges, "key-profile-hides-challenges",
            "A 401 names a profile of keys or signatures in place of one that clients can wait for.";
        AuthParameterEditUnnoticed, "auth-parameter-edit-unnoticed",
            "An auth parameter that is edited counts as it was until all is installed anew.";
    }
    "external-authorization": {
        BackendAskedForAnother, "backend-asked-for-another",
            "The server behind is asked for another path than the client asked for.";
        BackendLosesQuery, "backend-loses-query", "The server behind is asked without the query.";
    }
    "api-access-profiles": {
        CertificateUnread, "certificate-unread", "A certificate is asked for, and nobody is known by it.";
        CertificateOfAnyAuthority, "certificate-of-any-authority", "A certificate is taken whoever made it.";
        ExpiredCertificateTaken, "expired-certificate-taken", "A certificate is taken that is past its time.";
        CertificateOutlivesUser, "certificate-outlives-user",
            "Who may not log in is let in by a certificate.";
        CertificateNeedsNoProfile, "certificate-needs-no-profile",
            "Certificates are taken whatever profiles the policy has.";
        CertificateNeedsScope, "certificate-needs-scope",
            "Where an API asks for an auth scope, certificates are refused, which have none.";
        CertificateDemandedOfAll, "certificate-demanded-of-all",
            "Nobody gets as far as a request who shows no certificate.";
    }
    "api-access-outcome": {
        AddressConditionIgnored, "address-condition-ignored",
            "A profile lets clients in from addresses that its condition does not name.";
        AddressRangeCutShort, "address-range-cut-short", "The last address of a range is not in it.";
        RoleConditionIgnored, "role-condition-ignored", "A profile lets users in who lack the role of its condition.";
        GroupConditionIgnored, "group-condition-ignored",
            "A profile lets users in who are not in the group of its condition.";
        ConditionsAllWanted, "conditions-all-wanted", "Of two conditions both have to be true.";
        ConditionShutsOut, "condition-shuts-out", "A profile with a condition lets nobody in.";
        ConditionEditUnnoticed, "condition-edit-unnoticed",
            "A condition that is edited counts as it was until all is installed anew.";
    }
}
