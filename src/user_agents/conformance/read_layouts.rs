//! Reading of what the layouts of a rule are made, and the servers that issue them.

use super::pack::{ClientPack, LayoutServer};
use crate::user_agents::model::{Accepts, RedirectTarget, Redirection, StaleNonce};
use crate::yaml::{Diagnostic, Diagnostics, Fields, Node, NodeKind, nearest, one_of};

/// The word for no challenge at all.
const NOTHING: &str = "nothing";

/// The most challenges that may stand beside the one that a rule is about.
const MOST_BESIDE: usize = 6;

/// Reads names of challenges.
pub(super) struct ChallengeNames<'p> {
    pub(super) pack: &'p ClientPack,
}

/// What the layouts of a rule are made of.
pub(super) struct LayoutsRead {
    pub(super) of: Vec<Option<usize>>,
    pub(super) with: Vec<usize>,
    pub(super) beside: Vec<usize>,
    pub(super) count: (usize, usize),
    pub(super) in_order: bool,
}

impl ChallengeNames<'_> {
    pub(super) fn layouts(&self, node: &Node, problems: &mut Diagnostics) -> Option<LayoutsRead> {
        let mut fields = Fields::new(node, "`layouts`", problems)?;
        let of = fields.required("of", "[Basic]", problems);
        let of = of.map_or_else(Vec::new, |node| self.named("of", node, true, problems));
        let mut list = |key, problems: &mut Diagnostics| {
            let node = fields.optional(key);
            node.map_or_else(Vec::new, |node| self.challenges(key, node, problems))
        };
        let with = list("with", problems);
        let beside = list("beside", problems);
        let most = usize::from(!beside.is_empty());
        let least = number(&mut fields, "at-least", problems).unwrap_or(0);
        let most = number(&mut fields, "at-most", problems).unwrap_or(most);
        let in_order = match fields.optional("order") {
            None => false,
            Some(node) if node.text() == Some("kept") => true,
            Some(node) => {
                problems.push(Diagnostic::error(
                    node.span,
                    format!("{} is no order", node.shown()),
                    "write `order: kept`, or leave it out for every order",
                ));
                false
            }
        };
        fields.finish(problems);
        if least > most || most > 0 && beside.is_empty() {
            problems.push(Diagnostic::error(
                node.span,
                format!("at least {least} and at most {most} cannot stand beside it here"),
                "name what may stand there (`beside: […]`), and a most that is not below the least",
            ));
        }
        Some(LayoutsRead {
            of,
            with,
            beside,
            count: (least, most),
            in_order,
        })
    }

    /// Challenges by their words.
    pub(super) fn challenges(
        &self,
        key: &str,
        node: &Node,
        problems: &mut Diagnostics,
    ) -> Vec<usize> {
        let named = self.named(key, node, false, problems);
        named.into_iter().flatten().collect()
    }

    fn named(
        &self,
        key: &str,
        node: &Node,
        or_nothing: bool,
        problems: &mut Diagnostics,
    ) -> Vec<Option<usize>> {
        let items = match &node.kind {
            NodeKind::List(items) if !items.is_empty() => items.as_slice(),
            _ => {
                problems.push(Diagnostic::error(
                    node.span,
                    format!(
                        "`{key}` must be a list of challenges, and this is {}",
                        node.noun()
                    ),
                    "write the words of each, as in `[Basic]`",
                ));
                return Vec::new();
            }
        };
        let mut places = Vec::new();
        for item in items {
            let word = item.scalar_text().unwrap_or_default();
            if or_nothing && word == NOTHING {
                places.push(None);
                continue;
            }
            let mut all = self.pack.challenges.iter();
            match all.position(|challenge| challenge.says == word) {
                Some(place) => places.push(Some(place)),
                None => {
                    let known = self.pack.challenges.iter();
                    let help = match nearest(&word, known.map(|one| one.says.as_str())) {
                        Some(meant) => format!("did you mean `{meant}`?"),
                        None => "write its text under `challenges` or `departures`".to_owned(),
                    };
                    problems.push(Diagnostic::error(
                        item.span,
                        format!("there is no challenge `{word}`"),
                        help,
                    ));
                }
            }
        }
        places
    }
}

fn number(fields: &mut Fields<'_>, key: &'static str, problems: &mut Diagnostics) -> Option<usize> {
    let node = fields.optional(key)?;
    let number = match node.kind {
        NodeKind::Int(number) => usize::try_from(number).ok(),
        _ => None,
    };
    let number = number.filter(|number| *number <= MOST_BESIDE);
    if number.is_none() {
        problems.push(Diagnostic::error(
            node.span,
            format!("`{key}` is a number from 0 to {MOST_BESIDE}"),
            format!("write `{key}: 1`"),
        ));
    }
    number
}

/// The servers of a rule: those under `servers`, or the one under `server`, or one that takes what it offers.
pub(super) fn servers_of(fields: &mut Fields<'_>, problems: &mut Diagnostics) -> Vec<LayoutServer> {
    let several = fields.optional("servers");
    let one = fields.optional("server");
    if let (Some(node), Some(_)) = (one, several) {
        problems.push(Diagnostic::error(
            node.span,
            "a rule has `server` or `servers`, and this has both",
            "put this one into the list",
        ));
    }
    let nodes: Vec<&Node> = match several.map(|node| (&node.kind, node)) {
        Some((NodeKind::List(items), _)) if !items.is_empty() => items.iter().collect(),
        Some((_, node)) => {
            problems.push(Diagnostic::error(
                node.span,
                format!("`servers` must be a list, and this is {}", node.noun()),
                "write `[{says: refused with 403, status: 403}]`",
            ));
            Vec::new()
        }
        None => one.into_iter().collect(),
    };
    let servers = nodes.into_iter().filter_map(|node| server(node, problems));
    let servers: Vec<LayoutServer> = servers.collect();
    match servers.is_empty() {
        true => vec![LayoutServer::default()],
        false => servers,
    }
}

fn server(node: &Node, problems: &mut Diagnostics) -> Option<LayoutServer> {
    let mut fields = Fields::new(node, "a server", problems)?;
    let says = fields.text("says", problems).map(str::to_owned);
    let takes = fields.optional("takes");
    let takes = takes.and_then(|node| takes_of(node, problems));
    let status = fields.optional("status");
    let status = status.and_then(|node| status_of(node, problems));
    let targets = [
        ("same-origin", RedirectTarget::SameOrigin),
        ("other-port", RedirectTarget::OtherPort),
        ("other-host", RedirectTarget::OtherHost),
    ];
    let target = word(&mut fields, "redirects-to", &targets, problems);
    let asks = [("asks", true), ("welcomes", false)];
    let asks = word(&mut fields, "target", &asks, problems);
    let stale = [
        ("once", StaleNonce::Once),
        ("for-ever", StaleNonce::ForEver),
    ];
    let stale = word(&mut fields, "stale", &stale, problems);
    let password = [("usual", false), ("outside-us-ascii", true)];
    let password = word(&mut fields, "password", &password, problems);
    let url = [("usual", false), ("with-a-query", true)];
    let query = word(&mut fields, "url", &url, problems);
    fields.finish(problems);
    Some(LayoutServer {
        says,
        takes,
        status,
        redirection: target.map(|target| Redirection {
            target,
            at_once: false,
            challenges: asks.unwrap_or(false),
        }),
        stale,
        foreign_password: password.unwrap_or(false),
        query: query.unwrap_or(false),
    })
}

fn takes_of(node: &Node, problems: &mut Diagnostics) -> Option<Accepts> {
    let mut accepts = Accepts::NONE;
    let NodeKind::List(items) = &node.kind else {
        problems.push(Diagnostic::error(
            node.span,
            format!("`takes` must be a list, and this is {}", node.noun()),
            "write schemes, as in `[basic]`, or `[]` for none",
        ));
        return None;
    };
    for item in items {
        match item.text() {
            Some("basic") => accepts.basic = true,
            Some("digest") => accepts.digest = true,
            Some("bearer") => accepts.bearer = true,
            _ => problems.push(Diagnostic::error(
                item.span,
                format!("a server takes no {} here", item.shown()),
                "write `basic`, `digest` or `bearer`",
            )),
        }
    }
    Some(accepts)
}

fn status_of(node: &Node, problems: &mut Diagnostics) -> Option<u16> {
    let status = match node.kind {
        NodeKind::Int(status) => u16::try_from(status).ok(),
        _ => None,
    };
    let status = status.filter(|status| (400..500).contains(status));
    if status.is_none() {
        problems.push(Diagnostic::error(
            node.span,
            format!("{} is no status by which somebody is refused", node.shown()),
            "write one from 400 to 499, or leave it out for 401",
        ));
    }
    status
}

pub(super) fn word<T: Copy>(
    fields: &mut Fields<'_>,
    key: &'static str,
    known: &[(&'static str, T)],
    problems: &mut Diagnostics,
) -> Option<T> {
    let node = fields.optional(key)?;
    let text = node.text().unwrap_or_default();
    let found = known.iter().find(|(word, _)| *word == text);
    if found.is_none() {
        let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        problems.push(Diagnostic::error(
            node.span,
            format!("`{key}` knows no {}", node.shown()),
            format!("write one of {}", one_of(&words)),
        ));
    }
    found.map(|(_, value)| *value)
}
