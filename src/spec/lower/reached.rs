//! What is said of requests that an implementation makes for a client: the keys `backend`, `auth-service` and
//! `relays`.

use crate::credentials::{CredentialState, Identity, Scheme, TokenKind};
use crate::domain::Part;
use crate::yaml::{Diagnostic, Diagnostics, Fields, Node, nearest};

use super::super::reached::{ANY_TIMES, BackendFit, ContentFit};
use super::super::relay_words::{AskedPart, IdentityFit, WithheldPart};
use super::scalar::{count, each, presence};
use super::suggestion::suggestion;

/// What an expectation says of what reaches an upstream, under this key.
pub(super) fn upstream(
    node: &Node,
    key: &'static str,
    problems: &mut Diagnostics,
) -> Option<BackendFit> {
    let mut fields = Fields::new(node, "what is said of an upstream", problems)?;
    let times = fields.optional("times");
    let user = user(&mut fields, node, problems);
    let authorization = fields.optional("authorization");
    let as_asked = fields.optional("as-asked");
    let identity = fields.optional("identity");
    let lacks = fields.optional("lacks");
    let withholds = fields.optional("withholds");
    let content = fields.optional("content");
    let all_known = fields.finish(problems);
    let user = user?;
    let of_each = [
        ("user", user.is_some()),
        ("authorization", authorization.is_some()),
        ("as-asked", as_asked.is_some()),
        ("identity", identity.is_some()),
        ("lacks", lacks.is_some()),
        ("withholds", withholds.is_some()),
        ("content", content.is_some()),
    ];
    let said_of_each = of_each.iter().find(|(_, is)| *is).map(|(key, _)| *key);
    if times.is_none() && said_of_each.is_none() {
        if all_known && node.get("user").is_none() {
            problems.push(match key {
                "backend" => Diagnostic::error(
                    node.span,
                    "this says nothing of the backend",
                    "write `backend: {times: 1, user: alice}` or `backend: {authorization: absent}`",
                ),
                _ => Diagnostic::error(
                    node.span,
                    "this says nothing of the auth service",
                    "write `auth-service: {times: 1, as-asked: [method, target]}`",
                ),
            });
        }
        return None;
    }
    let authorization =
        authorization.map(|node| presence(node, "a field", "authorization", problems));
    let as_asked = as_asked.map_or(Some(Vec::new()), |node| {
        words_of(node, "as-asked", &AskedPart::ALL, AskedPart::word, problems)
    });
    let identity = identity.map(|node| {
        let words = words_of(
            node,
            "identity",
            &IdentityFit::ALL,
            IdentityFit::word,
            problems,
        );
        words.and_then(|words| words.first().copied())
    });
    let withholds = withholds.map_or(Some(Vec::new()), |node| {
        let (all, word) = (&WithheldPart::ALL, WithheldPart::word);
        words_of(node, "withholds", all, word, problems)
    });
    let content = match content {
        Some(node) => Some(content_fit(node, problems)?),
        None => None,
    };
    let lacks = lacks.map_or_else(Vec::new, each);
    let lacks = lacks.into_iter().map(|node| {
        let name = node.text().map(str::to_ascii_lowercase);
        if name.is_none() {
            problems.push(Diagnostic::error(
                node.span,
                "`lacks` names fields of a request",
                "write `lacks: [cookie]`",
            ));
        }
        name
    });
    let lacks = lacks.collect::<Option<Vec<String>>>();
    let range = times.map_or(Some(ANY_TIMES), |node| count(node, problems))?;
    if let (Some(said), Some(times)) = (said_of_each, times.filter(|_| range.max == 0)) {
        problems.push(Diagnostic::error(
            times.span,
            format!(
                "nothing is to reach the {}, so there is no request of which `{said}` could speak",
                key.replace('-', " ")
            ),
            format!("leave out `{said}`, or say with `times` that something reaches it"),
        ));
        return None;
    }
    Some(BackendFit {
        times: range,
        user,
        authorization: match authorization {
            Some(authorization) => Some(authorization?),
            None => None,
        },
        as_asked: as_asked?,
        identity: match identity {
            Some(identity) => Some(identity?),
            None => None,
        },
        lacks: lacks?,
        withholds: withholds?,
        content,
    })
}

/// Whoever is named under `user`; an outer `None` where that can be nobody.
pub(super) fn user(
    fields: &mut Fields<'_>,
    node: &Node,
    problems: &mut Diagnostics,
) -> Option<Option<String>> {
    let user = fields.text("user", problems).map(str::to_owned);
    if let (Some(user), Some(node)) = (&user, node.get("user")) {
        let names: Vec<String> =
            Identity::needed_for(Scheme::ALL, CredentialState::ALL, TokenKind::Opaque)
                .into_iter()
                .map(|one| one.user)
                .collect();
        let is_field = Part::ALL.into_iter().any(|part| {
            let rest = user.strip_prefix(part.word());
            rest.is_some_and(|rest| rest.starts_with('.'))
        });
        let meant = nearest(user, names.iter().map(String::as_str));
        let help = match is_field {
            true => Some("a user is called by name, such as `alice`".to_owned()),
            false => { meant.filter(|meant| meant != user) }
                .map(|meant| format!("did you mean `{meant}`?")),
        };
        if let Some(help) = help {
            problems.push(Diagnostic::error(
                node.span,
                format!("nobody who asks is called `{user}`"),
                help,
            ));
            return None;
        }
    }
    Some(user)
}

/// How much of the client's content there is: a word, or how many bytes.
fn content_fit(node: &Node, problems: &mut Diagnostics) -> Option<ContentFit> {
    let text = node.scalar_text().unwrap_or_default();
    let bytes = text.parse().ok().filter(|bytes| *bytes > 0);
    let fit = match (&*text, bytes) {
        ("none", _) => Some(ContentFit::Nothing),
        ("whole", _) => Some(ContentFit::Whole),
        (_, bytes) => bytes.map(ContentFit::First),
    };
    if fit.is_none() {
        problems.push(Diagnostic::error(
            node.span,
            format!("`content` has no word {}", node.shown()),
            "write `none`, `whole`, or how many bytes from the first on, such as `64`",
        ));
    }
    fit
}

/// The words of a list, or of one word that stands alone.
pub(super) fn words_of<T: Copy>(
    node: &Node,
    key: &str,
    all: &[T],
    word: impl Fn(T) -> &'static str,
    problems: &mut Diagnostics,
) -> Option<Vec<T>> {
    let words: Vec<&str> = all.iter().map(|one| word(*one)).collect();
    let items = each(node);
    if items.is_empty() {
        problems.push(Diagnostic::error(
            node.span,
            format!("`{key}` is empty, so it says nothing"),
            format!(
                "write `{key}: {}`",
                words.first().copied().unwrap_or_default()
            ),
        ));
        return None;
    }
    let found = items.into_iter().map(|node| {
        let text = node.scalar_text().unwrap_or_default();
        let found = all.iter().copied().find(|one| word(*one) == text);
        if found.is_none() {
            problems.push(Diagnostic::error(
                node.span,
                format!("`{key}` has no word {}", node.shown()),
                suggestion(&text, &words),
            ));
        }
        found
    });
    found.collect()
}
