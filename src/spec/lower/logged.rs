//! What is said of the audit log: the key `log`.

use crate::yaml::{Diagnostic, Diagnostics, Fields, Node};

use super::super::logged::LogFit;
use super::super::reached::ANY_TIMES;
use super::reached::{user, words_of};
use super::scalar::count;
use super::scope::Scope;

/// What an expectation says of the audit events of the last ask.
pub(super) fn log(node: &Node, scope: &Scope<'_>, problems: &mut Diagnostics) -> Option<LogFit> {
    let mut fields = Fields::new(node, "what is said of the log", problems)?;
    let times = fields.optional("times");
    let user = user(&mut fields, node, problems);
    let scheme = fields.optional("scheme");
    let policy = fields.optional("policy");
    let secrets = fields.optional("secrets");
    let is_known = fields.finish(problems);
    let is_text = user.as_ref().is_some_and(Option::is_some) == node.get("user").is_some();
    let range = times.map_or(Some(ANY_TIMES), |node| count(node, problems));
    let set = |node: Option<&Node>, problems: &mut Diagnostics| match node {
        Some(node) => scope.set(node, problems).map(Some),
        None => Some(None),
    };
    let (scheme, policy) = (set(scheme, problems), set(policy, problems));
    let secrets = match secrets {
        Some(node) => words_of(node, "secrets", &[()], |()| "absent", problems).map(|_| true),
        None => Some(false),
    };
    let fit = LogFit {
        times: range?,
        user: user?,
        scheme: scheme?,
        policy: policy?,
        withholds_secrets: secrets?,
    };
    let wants_none = fit.times.max == 0;
    let of_each = LogFit {
        times: ANY_TIMES,
        ..fit.clone()
    };
    if is_known
        && is_text
        && (fit == LogFit::default() || (wants_none && of_each != LogFit::default()))
    {
        problems.push(Diagnostic::error(
            node.span,
            match wants_none {
                true => "nothing is to be logged, so there is no event that could say anything",
                false => "this says nothing of the log",
            },
            "write `log: {times: 1, user: alice, scheme: [client.scheme], secrets: absent}`, or `log: {times: 0}`",
        ));
        return None;
    }
    (is_known && is_text).then_some(fit)
}
