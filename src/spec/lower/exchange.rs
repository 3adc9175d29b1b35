//! What is said of exchanges: the keys `requests`, `asks`, `content`, `json`, `returns`, `asked-host`, `backend`,
//! `auth-service`, `relays` and `log`.

use crate::yaml::{Diagnostic, Diagnostics, Fields, Node};

use super::super::aspect::{Aspect, WhichRequest};
use super::super::exchange::{ExchangeClause, MemberFit, RequestFit};
use super::super::relay_words::RelayedPart;
use super::super::returned::Returned;
use super::logged::log;
use super::reached::{upstream, words_of};
use super::scalar::{each, presence};
use super::scope::Scope;
use super::suggestion::suggestion;

/// Reads the keys that an expectation has for exchanges.
pub(super) fn lower(
    fields: &mut Fields<'_>,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Option<ExchangeClause> {
    let requests = fields
        .optional("requests")
        .map(|node| requests(node, problems));
    let alike = fields.optional("asks").map(|node| alike(node, problems));
    let content = fields
        .optional("content")
        .map(|node| presence(node, "content", "content", problems));
    let json = fields.optional("json").map(|node| json(node, problems));
    let returned = fields
        .optional("returns")
        .map(|node| returned(node, problems));
    let asked_host = fields
        .optional("asked-host")
        .map(|node| asked_host(node, problems));
    let backend = fields
        .optional("backend")
        .map(|node| upstream(node, "backend", problems));
    let auth_service = fields
        .optional("auth-service")
        .map(|node| upstream(node, "auth-service", problems));
    let relayed = fields.optional("relays").map(|node| {
        words_of(
            node,
            "relays",
            &RelayedPart::ALL,
            RelayedPart::word,
            problems,
        )
    });
    let log = fields
        .optional("log")
        .map(|node| log(node, scope, problems));
    Some(ExchangeClause {
        requests: requests.unwrap_or(Some(Vec::new()))?,
        alike: alike.unwrap_or(Some(Vec::new()))?,
        content: content.map_or(Some(None), |found| found.map(Some))?,
        json: json.unwrap_or(Some(Vec::new()))?,
        returned: returned.unwrap_or(Some(Vec::new()))?,
        asked_host: asked_host.unwrap_or(Some(Vec::new()))?,
        backend: backend.map_or(Some(None), |found| found.map(Some))?,
        auth_service: auth_service.map_or(Some(None), |found| found.map(Some))?,
        relayed: relayed.unwrap_or(Some(Vec::new()))?,
        log: log.map_or(Some(None), |found| found.map(Some))?,
    })
}

fn requests(
    node: &Node,
    problems: &mut Diagnostics,
) -> Option<Vec<(WhichRequest, Vec<RequestFit>)>> {
    let entries = node.entries().unwrap_or_default();
    if entries.is_empty() {
        problems.push(Diagnostic::error(
            node.span,
            "`requests` says of which requests it speaks",
            "write `requests: {first: without-credentials}`",
        ));
        return None;
    }
    let all = entries.iter().map(|entry| {
        let which = word_of(&entry.key, WhichRequest::ALL, WhichRequest::word, |help| {
            problems.push(Diagnostic::error(
                entry.key_span,
                format!("there is no request called `{}`", entry.key),
                help,
            ));
        })?;
        let fits = each(&entry.value);
        if fits.is_empty() {
            problems.push(Diagnostic::error(
                entry.value.span,
                "this list is empty, so no request could ever fit",
                "list `without-credentials`, `as-offered` or both",
            ));
            return None;
        }
        let fits = fits.into_iter().map(|node| {
            let word = node.scalar_text().unwrap_or_default();
            word_of(&word, RequestFit::ALL, RequestFit::word, |help| {
                problems.push(Diagnostic::error(
                    node.span,
                    format!("a request is never {}", node.shown()),
                    help,
                ));
            })
        });
        let fits = fits.collect::<Option<Vec<_>>>()?;
        let is_first = matches!(which, WhichRequest::First | WhichRequest::Every);
        if is_first && !fits.contains(&RequestFit::Bare) {
            problems.push(Diagnostic::error(
                entry.value.span,
                "no answer comes before the first request, so nothing is offered by then",
                match which {
                    WhichRequest::Every => "write `every: [without-credentials, as-offered]`",
                    _ => "write `first: without-credentials`, or speak of the `second` request",
                },
            ));
            return None;
        }
        Some((which, fits))
    });
    all.collect()
}

/// What a word stands for among these; otherwise `tell` is told what may be meant.
fn word_of<T: Copy, const N: usize>(
    text: &str,
    all: [T; N],
    word: impl Fn(T) -> &'static str,
    tell: impl FnOnce(String),
) -> Option<T> {
    let found = all.into_iter().find(|one| word(*one) == text);
    if found.is_none() {
        tell(suggestion(text, &all.map(word)));
    }
    found
}

fn alike(node: &Node, problems: &mut Diagnostics) -> Option<Vec<Aspect>> {
    let items = match node.entries() {
        Some([entry]) if entry.key == "alike" => each(&entry.value),
        _ => Vec::new(),
    };
    if items.is_empty() {
        problems.push(Diagnostic::error(
            node.span,
            "`asks` says in what all asks of a conversation are answered alike",
            "write `asks: {alike: [status, challenges]}`",
        ));
        return None;
    }
    let all = items.into_iter().map(|node| {
        let text = node.scalar_text().unwrap_or_default();
        let found = Aspect::ALL.into_iter().find(|one| one.word() == text);
        if found.is_none() {
            problems.push(Diagnostic::error(
                node.span,
                format!("answers are not compared by {}", node.shown()),
                suggestion(&text, &Aspect::ALL.map(Aspect::word)),
            ));
        }
        found
    });
    all.collect()
}

fn returned(node: &Node, problems: &mut Diagnostics) -> Option<Vec<Returned>> {
    let items = each(node);
    if items.is_empty() {
        problems.push(Diagnostic::error(
            node.span,
            "`returns` says which parameters of Authentication-Info are those of the request",
            "write `returns: [cnonce, nc, rspauth]`",
        ));
        return None;
    }
    let all = items.into_iter().map(|node| {
        let word = node.scalar_text().unwrap_or_default();
        word_of(&word, Returned::ALL, Returned::word, |help| {
            problems.push(Diagnostic::error(
                node.span,
                format!("no request has {} that could be returned", node.shown()),
                help,
            ));
        })
    });
    all.collect()
}

fn asked_host(node: &Node, problems: &mut Diagnostics) -> Option<Vec<String>> {
    let names: Option<Vec<String>> = each(node).into_iter().map(Node::scalar_text).collect();
    let names = names.filter(|names| {
        let is_name = |name: &String| !name.is_empty() && !name.contains([' ', '=', '"']);
        !names.is_empty() && names.iter().all(is_name)
    });
    if names.is_none() {
        problems.push(Diagnostic::error(
            node.span,
            "`asked-host` says which parameters of a challenge name the host that was asked",
            "write `asked-host: [resource_metadata]`",
        ));
    }
    names
}

fn json(node: &Node, problems: &mut Diagnostics) -> Option<Vec<(String, MemberFit)>> {
    let entries = node.entries().unwrap_or_default();
    if entries.is_empty() {
        problems.push(Diagnostic::error(
            node.span,
            "`json` says of which members of an object it speaks",
            "write `json: {resource: asked-url}`",
        ));
        return None;
    }
    let all = entries.iter().map(|entry| {
        if let Some(help) = no_pointer(&entry.key) {
            problems.push(Diagnostic::error(
                entry.key_span,
                format!("`{}` points at no member of a JSON object", entry.key),
                help,
            ));
            return None;
        }
        let fit = match (entry.value.text(), entry.value.entries()) {
            (Some("present"), _) => MemberFit::Present(true),
            (Some("absent"), _) => MemberFit::Present(false),
            (Some("asked-url"), _) => MemberFit::AskedUrl,
            (_, Some([is])) if is.key == "is" && is.value.scalar_text().is_some() => {
                MemberFit::Is(is.value.scalar_text()?)
            }
            _ => {
                problems.push(Diagnostic::error(
                    entry.value.span,
                    "this says nothing of a member of a JSON object",
                    "write `present`, `absent`, `asked-url` or `{is: text}`",
                ));
                return None;
            }
        };
        Some((entry.key.clone(), fit))
    });
    all.collect()
}

/// What is wrong with the name of a member, if something is: one that begins with a slash is a JSON Pointer
/// (RFC 6901 §3), and one that begins with `$` is of another language.
fn no_pointer(name: &str) -> Option<String> {
    let pointer = match name.strip_prefix('$') {
        Some(path) => {
            let parts = path.split(['.', '[', ']', '\'']);
            let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
            return Some(format!("write `/{}`, a JSON Pointer", parts.join("/")));
        }
        None => name.strip_prefix('/')?,
    };
    let is_escaped = |rest: &str| rest.starts_with('0') || rest.starts_with('1');
    let wrong = pointer.split('~').skip(1).any(|rest| !is_escaped(rest));
    wrong.then(|| "in a JSON Pointer `~0` stands for `~`, and `~1` for `/`".to_owned())
}
