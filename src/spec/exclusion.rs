//! What a domain leaves out of its space, and where the spec says so.

use crate::yaml::Span;

use super::predicate::Predicate;

/// A combination that a domain leaves out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// What holds of the cases that are left out.
    pub condition: Predicate,
    /// Where it stands: a line of `exclude`, or a group of `odd`.
    pub span: Span,
    /// Where a group of `odd` leaves it out: the fields that may not all be odd in one case.
    pub odd: Option<Vec<String>>,
}

impl Exclusion {
    /// What leaves such a case out, in words; `place` is where it stands.
    pub(super) fn told(&self, place: &str) -> String {
        match &self.odd {
            None => format!("`domain.exclude` leaves it out ({place})"),
            Some(fields) => format!(
                "`domain.odd` lets no case be odd in {} together ({place})",
                fields.join(" and ")
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::{Case, Conversation};
    use crate::spec::Spec;
    use crate::yaml::Source;

    fn spec(constraints: &str) -> Spec {
        let text = format!(
            "countersign: 1\npack: {{name: test, version: 1, title: A test}}\ndomain:\n  \
             policy: {{flag: {{bool: true}}}}\n  client:\n    \
             persona: {{one-of: [preemptive, challenge-driven]}}\n    scheme: {{one-of: [basic, bearer]}}\n    \
             credential: {{one-of: [valid, none, wrong-secret]}}\n    method: {{one-of: [get, head, post]}}\n    \
             form: {{one-of: [plain, odd-case]}}\n{constraints}\nrules:\n  - id: a-rule\n    level: must\n    \
             source: {{document: RFC 9110, section: '11.6.1'}}\n    impact: Somebody is hurt.\n    \
             expect: {{status: 401}}\n"
        );
        Spec::read(&Source::new("test.yaml", text)).unwrap()
    }

    /// The cases that are left, sorted.
    fn cases(spec: &Spec) -> Vec<Case> {
        let mut all: Vec<Case> = Vec::new();
        for allowed in spec.settings().unwrap() {
            let of = |one: &Conversation| Case::of(allowed.setting.clone(), one.clone());
            let conversations = spec.conversations(usize::MAX).iter();
            all.extend(conversations.map(of).filter(|case| spec.allows(case)));
        }
        all.sort();
        all
    }

    #[test]
    fn a_group_leaves_out_what_is_written_out_otherwise() {
        let group = spec(
            "  odd:\n    - at-most: 1\n      of: [policy.flag, client.persona, client.credential, client.method, client.form]\n      \
             except:\n        - {client.method: head, client.credential: {in: [none, wrong-secret]}}\n        \
             - {policy.flag: false, client.credential: wrong-secret, client.scheme: basic}",
        );
        let written = spec(
            "  exclude:\n    - {policy.flag: false, client.persona: challenge-driven}\n    \
             - {policy.flag: false, client.credential: none}\n    \
             - {policy.flag: false, client.credential: wrong-secret, client.scheme: bearer}\n    \
             - {policy.flag: false, client.method: {not: get}}\n    - {policy.flag: false, client.form: odd-case}\n    \
             - {client.persona: challenge-driven, client.credential: {not: valid}}\n    \
             - {client.persona: challenge-driven, client.method: {not: get}}\n    \
             - {client.persona: challenge-driven, client.form: odd-case}\n    \
             - {client.credential: {not: valid}, client.method: post}\n    \
             - {client.credential: {not: valid}, client.form: odd-case}\n    \
             - {client.method: {not: get}, client.form: odd-case}",
        );
        assert_eq!(cases(&group), cases(&written));
        assert_eq!(cases(&group).len(), 21);
    }

    #[test]
    fn more_than_one_field_may_be_odd() {
        let fields = [
            "client.persona",
            "client.method",
            "client.form",
            "client.credential",
        ];
        for most in 1..4 {
            let group = format!("  odd: [{{at-most: {most}, of: [{}]}}]", fields.join(", "));
            let (group, free) = (spec(&group), spec(""));
            let simplest = free.domain.simplest();
            let mut left = cases(&free);
            left.retain(|case| {
                let odd = |path: &&&str| case.at(path) != simplest.at(path);
                fields.iter().filter(odd).count() <= most
            });
            assert_eq!(cases(&group), left, "{most}");
        }
    }

    #[test]
    fn what_leaves_a_case_out_is_told_with_its_place() {
        let spec = spec(
            "  odd: [{at-most: 1, of: [client.method, client.form]}]\n  exclude:\n    - {policy.flag: false}",
        );
        let why = |text: &str| {
            let case = crate::spec::read_case(&Source::new("case", text), &spec.domain).unwrap();
            spec.why_excluded(&case)
        };
        assert_eq!(
            why("{client: {method: head, form: odd-case}}").unwrap(),
            "`domain.odd` lets no case be odd in client.method and client.form together (test.yaml:11)"
        );
        assert_eq!(
            why("{policy: {flag: false}}").unwrap(),
            "`domain.exclude` leaves it out (test.yaml:13)"
        );
        assert_eq!(why("{client: {method: head}}"), None);
    }
}
