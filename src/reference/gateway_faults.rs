//! What faults make of the gateway: each function says what the gateway does, which is what it should where no
//! fault is seeded.

use std::sync::PoisonError;
use std::time::Duration;

use hyper::body::Bytes;

use super::fault::Fault;
use super::gateway_parts::{
    CorsPlace, FieldLines, Gateway, GatewayReply, GatewayRequest, RequestForm, USER, exchange, line,
};
use super::seeded::Faults;
use crate::wire::{Endpoint, FieldLine};

/// Whether the service is asked about a request.
pub(super) fn asks_about(gateway: &Gateway, asked: &GatewayRequest, faults: &Faults) -> bool {
    let path = asked.target.split('?').next().unwrap_or_default();
    let carries = |name: &str| {
        let mut fields = asked.fields.iter();
        fields.any(|field| field.name.eq_ignore_ascii_case(name))
    };
    let is_h2c = carries("http2-settings");
    let is_left_out = match asked.method.as_str() {
        _ if asked.form.is_absolute && faults.has(Fault::AbsoluteFormIsNotAskedAbout) => true,
        _ if asked.form.is_http2 && faults.has(Fault::Http2IsNotAskedAbout) => true,
        _ if is_h2c && faults.has(Fault::UpgradeToHttp2IsNotAskedAbout) => true,
        _ if carries("upgrade") && faults.has(Fault::UpgradeIsNotAskedAbout) => true,
        _ if carries("expect") && faults.has(Fault::ExpectIsNotAskedAbout) => true,
        "HEAD" => faults.has(Fault::HeadIsNotAskedAbout),
        "OPTIONS" => faults.has(Fault::OptionsIsNotAskedAbout),
        _ => false,
    };
    let is_respelt = (faults.has(Fault::DoubleSlashIsNotAskedAbout) && path.contains("//"))
        || (faults.has(Fault::EncodedPathIsNotAskedAbout) && path.contains('%'));
    if !gateway.asks {
        let is_odd = path.contains("//") && faults.has(Fault::RespeltRouteIsAskedAbout);
        return is_odd || faults.has(Fault::EveryRouteIsAskedAbout);
    }
    !is_left_out && !is_respelt
}

/// Whether a request is refused for how it is put.
pub(super) fn refuses(asked: &GatewayRequest, faults: &Faults) -> bool {
    asked.form.is_absolute && faults.has(Fault::RefusesTheAbsoluteForm)
}

/// Whether a preflight is checked before it is answered.
pub(super) fn checks_preflights(cors: CorsPlace, faults: &Faults) -> bool {
    match cors {
        CorsPlace::Nowhere => true,
        CorsPlace::Before => faults.has(Fault::PreflightsAreChecked),
        CorsPlace::Behind => !faults.has(Fault::PreflightsAreNotChecked),
    }
}

/// Whether a page cannot read an answer.
pub(super) fn hides_refusal(reply: &GatewayReply, faults: &Faults) -> bool {
    reply.status >= 400 && faults.has(Fault::PagesCannotReadRefusals)
}

/// Whether a field that would have the server behind go on in another protocol stays.
pub(super) fn lets_upgrade(field: &FieldLine, faults: &Faults) -> bool {
    let is = |name: &str| field.name.eq_ignore_ascii_case(name);
    let is_wish = is("upgrade") && field.value.eq_ignore_ascii_case(b"h2c");
    is_wish && faults.has(Fault::PassesUpgradeToHttp2)
        || is("http2-settings") && faults.has(Fault::PassesHttp2Settings)
}

/// What was decided before, where that is taken for what is decided now.
pub(super) fn remembered(gateway: &Gateway, faults: &Faults) -> Option<GatewayReply> {
    if !faults.has(Fault::DecisionsAreShared) {
        return None;
    }
    let decided = gateway
        .decided
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    decided.clone()
}

/// Whether a request is let through by what the service said.
pub(super) fn lets_through(
    decision: Option<&GatewayReply>,
    asked: &GatewayRequest,
    faults: &Faults,
) -> bool {
    let Some(decision) = decision else {
        return faults.has(Fault::FailsOpen);
    };
    match decision.status {
        200 => true,
        201..=299 => faults.has(Fault::EverySuccessLetsThrough),
        429 => faults.has(Fault::LimitsLetThrough),
        500..=599 => faults.has(Fault::ServiceErrorsLetThrough),
        403 => faults.has(Fault::ForbiddenLetsThrough),
        401 => faults.has(Fault::HeadOfRefusedLetsThrough) && asked.method == "HEAD",
        _ => false,
    }
}

/// Whether a request is passed on before the service has answered.
pub(super) fn passes_on_first(faults: &Faults) -> bool {
    faults.has(Fault::ReachesBackendFirst)
}

/// Whether a request is passed on a second time.
pub(super) fn passes_on_twice(faults: &Faults) -> bool {
    faults.has(Fault::ReachesBackendTwice)
}

/// Whether the service's answer goes to the client as it is.
pub(super) fn passes_on(decision: &GatewayReply, faults: &Faults) -> bool {
    decision.status == 407 && faults.has(Fault::PassesOnProxyAuthentication)
}

/// Whether what comes back from the service is taken for answers that it is not.
pub(super) fn misreads_service(faults: &Faults) -> bool {
    [
        Fault::LeftOverAnswersDecide,
        Fault::HalfAnAnswerLetsThrough,
        Fault::StalledSuccessLetsThrough,
    ]
    .into_iter()
    .any(|fault| faults.has(fault))
}

/// The same of the server behind.
pub(super) fn misreads_backend(faults: &Faults) -> bool {
    faults.has(Fault::LeftOverAnswersArePassedOn) || faults.has(Fault::HalfAContentIsWhole)
}

/// Whether what the server behind gave no answer to is sent again.
pub(super) fn repeats(faults: &Faults) -> bool {
    faults.has(Fault::RepeatsWhatWrites)
}

/// The status that a client gets where the server behind gives no answer, and was silent or broke off.
pub(super) fn trouble_behind(is_silent: bool, faults: &Faults) -> u16 {
    match is_silent {
        true if faults.has(Fault::SilenceBehindIsSuccess) => 200,
        false if faults.has(Fault::TroubleBehindIsSuccess) => 200,
        false if faults.has(Fault::TroubleBehindIsNotFound) => 404,
        _ => 502,
    }
}

/// Whether the service is asked a second time.
pub(super) fn asks_twice(faults: &Faults) -> bool {
    faults.has(Fault::AsksTwice)
}

/// The check by gRPC that is sent.
pub(super) fn call(
    check: GatewayRequest,
    asked: &GatewayRequest,
    faults: &Faults,
) -> GatewayRequest {
    let mut check = told(check, asked, faults);
    if faults.has(Fault::CallsLackFields) {
        let is_sent = |field: &FieldLine| field.name.eq_ignore_ascii_case("authorization");
        check.fields.retain(is_sent);
    }
    check
}

/// The last of several messages, where that is taken for the answer.
#[cfg(feature = "http2")]
pub(super) fn last_of_several<'s>(mut stream: &'s [u8], faults: &Faults) -> Option<&'s [u8]> {
    if !faults.has(Fault::LastAnswerDecides) {
        return None;
    }
    let mut last = None;
    while let Some(([_, length @ ..], rest)) = stream.split_first_chunk::<5>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (message, behind) = rest.split_at_checked(length)?;
        (last, stream) = (Some(message), behind);
    }
    last
}

/// Whether what the service tells beside what the policy has told goes to the server behind.
pub(super) fn tells_what_is_not_allowed(faults: &Faults) -> bool {
    faults.has(Fault::BackendIsToldEverything)
}

/// Whether a field stays that the service has taken out.
pub(super) fn lets_taken_out(faults: &Faults) -> bool {
    faults.has(Fault::TakenOutFieldsSurvive)
}

/// The check by HTTP that is sent.
pub(super) fn check(
    check: GatewayRequest,
    asked: &GatewayRequest,
    allowed: &[&str],
    faults: &Faults,
) -> GatewayRequest {
    let mut check = told(check, asked, faults);
    let is = |field: &FieldLine, name: &str| field.name.eq_ignore_ascii_case(name);
    if let Some(named) = &asked.form.named
        && asked.form.is_absolute
        && faults.has(Fault::HostBeatsTheTarget)
    {
        check.fields.retain(|field| !is(field, "x-forwarded-host"));
        check.fields.push(line("X-Forwarded-Host", named));
    }
    if faults.has(Fault::CheckLacksWhatIsAllowed) {
        check.fields.retain(|field| !is(field, "cookie"));
    }
    let is_wide = !allowed.is_empty() && faults.has(Fault::AllowingOneAllowsAll);
    if faults.has(Fault::CheckHasEveryField) || is_wide {
        let others = asked.fields.iter();
        let is_there = |field: &FieldLine| {
            let mut names = allowed
                .iter()
                .copied()
                .chain(["authorization", "connection"]);
            names.any(|name| is(field, name))
        };
        let others = others.filter(|field| !is_there(field));
        check.fields.extend(others.cloned());
    }
    check
}

/// What a check tells, by whichever protocol.
fn told(mut check: GatewayRequest, asked: &GatewayRequest, faults: &Faults) -> GatewayRequest {
    let is = |field: &FieldLine, name: &str| field.name.eq_ignore_ascii_case(name);
    if faults.has(Fault::CheckHasNoCredentials) {
        check.fields.retain(|field| !is(field, "authorization"));
    }
    if faults.has(Fault::CheckTidiesCredentials) {
        for field in &mut check.fields {
            if is(field, "authorization") {
                field.value = tidied(&field.value);
            }
        }
    }
    if faults.has(Fault::CheckHasOneCredentialsLine) {
        let mut lines = 0;
        check.fields.retain(|field| {
            lines += usize::from(is(field, "authorization"));
            !is(field, "authorization") || lines == 1
        });
    }
    if faults.has(Fault::CheckIsAlwaysGet) {
        check.method = "GET".to_owned();
        check
            .fields
            .retain(|field| !is(field, "x-forwarded-method"));
    }
    if faults.has(Fault::CheckLacksTheQuery) {
        let path = check.target.split('?').next().unwrap_or_default();
        check.target = path.to_owned();
        check.fields.retain(|field| !is(field, "x-forwarded-uri"));
    }
    if faults.has(Fault::CheckLacksTheHost) {
        check.fields.retain(|field| !is(field, "x-forwarded-host"));
    }
    if faults.has(Fault::CheckTrustsTheClient) {
        for name in ["x-forwarded-uri", "x-forwarded-method"] {
            let said = asked.fields.iter().find(|field| is(field, name));
            if let Some(said) = said {
                check.fields.retain(|field| !is(field, name));
                check.fields.push(said.clone());
                check.method = "GET".to_owned();
                check.target = "/".to_owned();
            }
        }
    }
    check.content = content_of_check(&check, asked, faults);
    check
}

/// Whether content beyond what a check may have is taken.
pub(super) fn takes_long_content(faults: &Faults) -> bool {
    faults.has(Fault::LongContentIsPassedOn) || faults.has(Fault::LongContentIsCut)
}

/// The content of a check.
fn content_of_check(check: &GatewayRequest, asked: &GatewayRequest, faults: &Faults) -> Bytes {
    /// As much as a small limit lets pass.
    const MOST: usize = 64;
    match &check.content {
        _ if faults.has(Fault::CheckLacksTheContent) => Bytes::new(),
        _ if faults.has(Fault::CheckHasTheContent) => asked.content.clone(),
        content if faults.has(Fault::LongContentIsCut) => content.slice(..content.len().min(MOST)),
        content => content.clone(),
    }
}

/// The content that the server behind is sent.
pub(super) fn content_behind(content: &Bytes, faults: &Faults) -> Bytes {
    match faults.has(Fault::BackendLacksTheContent) {
        true => Bytes::new(),
        false => content.clone(),
    }
}

/// What is answered in place of the server behind.
pub(super) fn stored(gateway: &Gateway, faults: &Faults) -> Option<GatewayReply> {
    if !faults.has(Fault::StoresWhatIsPrivate) {
        return None;
    }
    let stored = gateway.stored.lock();
    stored.unwrap_or_else(PoisonError::into_inner).clone()
}

/// Whether a field stays that is for a proxy before the gateway.
pub(super) fn lets_proxy_credentials(field: &FieldLine, faults: &Faults) -> bool {
    let is = field.name.eq_ignore_ascii_case("proxy-authorization");
    is && faults.has(Fault::PassesProxyCredentials)
}

/// What the server behind answered, as the client gets it.
pub(super) fn answered(
    gateway: &Gateway,
    mut reply: GatewayReply,
    faults: &Faults,
) -> GatewayReply {
    let is = |field: &FieldLine, name: &str| field.name.eq_ignore_ascii_case(name);
    let is_storable = reply.fields.iter().any(|field| is(field, "cache-control"));
    if is_storable && faults.has(Fault::StoresWhatIsPrivate) {
        let mut stored = (gateway.stored.lock()).unwrap_or_else(PoisonError::into_inner);
        *stored = Some(reply.clone());
    }
    if faults.has(Fault::BackendsChallengesAreLost) {
        reply.fields.retain(|field| !is(field, "www-authenticate"));
    }
    if faults.has(Fault::BackendsChallengesAreRewritten) {
        let challenges = reply.fields.iter_mut();
        for field in challenges.filter(|field| is(field, "www-authenticate")) {
            let text = String::from_utf8_lossy(&field.value).replace("\\\"", "'");
            field.value = text.into_bytes();
        }
    }
    if faults.has(Fault::BackendsRefusalIsAServerError) && reply.status == 401 {
        reply.status = 502;
    }
    reply
}

/// Credentials with their scheme in small letters and one space behind it.
fn tidied(value: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(value);
    match text.split_once(' ') {
        Some((scheme, rest)) => {
            format!("{} {}", scheme.to_ascii_lowercase(), rest.trim()).into_bytes()
        }
        None => value.to_vec(),
    }
}

/// The service's answer, or that of where it sends clients.
pub(super) async fn followed(
    gateway: &Gateway,
    reply: GatewayReply,
    faults: &Faults,
) -> Option<GatewayReply> {
    if !faults.has(Fault::FollowsRedirects) || !matches!(reply.status, 301 | 302 | 303 | 307 | 308)
    {
        return Some(reply);
    }
    let mut location = reply.fields.iter();
    let location = location.find(|field| field.name.eq_ignore_ascii_case("location"))?;
    let location = String::from_utf8_lossy(&location.value).into_owned();
    let rest = location
        .split_once("://")
        .map_or(location.as_str(), |(_, rest)| rest);
    let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/");
    let request = GatewayRequest {
        method: "GET".to_owned(),
        target: path.to_owned(),
        host: String::new(),
        form: RequestForm::default(),
        fields: Vec::new(),
        content: Bytes::new(),
    };
    let at: &Endpoint = &gateway.service;
    exchange(at, &request, Duration::from_secs(1)).await
}

/// The answer to a client that is refused.
pub(super) fn relayed(mut reply: GatewayReply, faults: &Faults) -> GatewayReply {
    let is = |field: &FieldLine, name: &str| field.name.eq_ignore_ascii_case(name);
    let challenge = |field: &FieldLine| is(field, "www-authenticate");
    if faults.has(Fault::ChallengesAreLost) {
        reply.fields.retain(|field| !challenge(field));
    }
    if faults.has(Fault::FirstChallengeOnly) || faults.has(Fault::LastChallengeOnly) {
        let count = reply.fields.iter().filter(|field| challenge(field)).count();
        let kept = match faults.has(Fault::FirstChallengeOnly) {
            true => 1,
            false => count,
        };
        let mut at = 0;
        reply.fields.retain(|field| {
            at += usize::from(challenge(field));
            !challenge(field) || at == kept
        });
    }
    if faults.has(Fault::ChallengesAreReversed) {
        reply.fields.reverse();
    }
    if faults.has(Fault::ChallengesAreRewritten) {
        for field in reply.fields.iter_mut().filter(|field| challenge(field)) {
            let text = String::from_utf8_lossy(&field.value).replace("\\\"", "'");
            field.value = text.into_bytes();
        }
    }
    if faults.has(Fault::AddsItsOwnChallenge) && reply.status == 401 {
        let own = line("WWW-Authenticate", "Basic realm=\"the gateway\"");
        reply.fields.push(own);
    }
    if faults.has(Fault::RefusalsAreForbidden) && reply.status == 401 {
        reply.status = 403;
    }
    if faults.has(Fault::ForbiddenAsUnauthorized) && reply.status == 403 {
        reply.status = 401;
    }
    if faults.has(Fault::RefusalsAreServerErrors)
        && matches!(reply.status, 300..=499)
        && reply.status != 401
    {
        reply.status = 500;
    }
    if faults.has(Fault::LocationIsLost) {
        reply.fields.retain(|field| !is(field, "location"));
    }
    if faults.has(Fault::RetryAfterIsLost) {
        reply.fields.retain(|field| !is(field, "retry-after"));
    }
    reply
}

/// Whether a field that calls itself an identity stays in what the server behind is sent.
pub(super) fn lets_forged(field: &FieldLine, told: &GatewayReply, faults: &Faults) -> bool {
    let is_exact = field.name.eq_ignore_ascii_case(USER);
    let is_told = told
        .fields
        .iter()
        .any(|field| field.name.eq_ignore_ascii_case(USER));
    match (is_exact, is_told) {
        (true, true) => faults.has(Fault::ForgedIdentityStaysBeside),
        (true, false) if told.takes_out(field) => faults.has(Fault::TakenOutFieldsSurvive),
        (true, false) => faults.has(Fault::ForgedIdentitySurvives),
        (false, _) => faults.has(Fault::ForgedSpellingSurvives),
    }
}

/// Whether a field stays that `Connection` names.
pub(super) fn lets_named(field: &FieldLine, faults: &Faults) -> bool {
    faults.has(match field.name.eq_ignore_ascii_case(USER) {
        true => Fault::NamedFieldsSurvive,
        false => Fault::NamedOthersSurvive,
    })
}

/// What the server behind is sent.
pub(super) fn behind(fields: &mut FieldLines, named: &[String], faults: &Faults) {
    if faults.has(Fault::ConnectionTakesTheIdentity) {
        fields.retain(|field| !named.contains(&field.name.to_ascii_lowercase()));
    }
    let is_credentials = |field: &FieldLine| field.name.eq_ignore_ascii_case("authorization");
    if faults.has(Fault::StripsAuthorization) {
        fields.retain(|field| !is_credentials(field));
    }
    if faults.has(Fault::OverwritesAuthorization) {
        fields.retain(|field| !is_credentials(field));
        fields.push(line("Authorization", "Bearer the-gateways-own"));
    }
    if faults.has(Fault::IdentityIsNotTold) {
        fields.retain(|field| !field.name.eq_ignore_ascii_case(USER));
    }
}

/// What the server behind is asked for.
pub(super) fn target_behind(target: &str, faults: &Faults) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if faults.has(Fault::BackendAskedForAnother) {
        return format!("{path}/another");
    }
    match faults.has(Fault::BackendLosesQuery) && !query.is_empty() {
        true => path.to_owned(),
        false => target.to_owned(),
    }
}
