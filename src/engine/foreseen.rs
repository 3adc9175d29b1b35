//! What a plan comes to before a request is sent: how often each rule may apply, and which values and pairs of values
//! have a case.

use crate::domain::{CaseRef, Conversation, Feature, Features, Part, Setting};
use crate::results::Coverage;
use crate::spec::{Meetings, Rule, Spec, Standing};

use super::plan::Plan;

/// How often a rule may apply in a plan.
#[derive(Clone, Debug)]
pub struct Meets<'s> {
    /// The rule.
    pub rule: &'s Rule,
    /// In how many cases it applies, or may, where that hangs on what is seen. A relation has a case to be compared
    /// with in the first twenty of them, and in others as far as is known.
    pub cases: u64,
}

/// Values of two fields of which no case has both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotMet {
    /// The fields.
    pub fields: (String, String),
    /// How many pairs of their values have no case.
    pub pairs: u64,
    /// How many there are.
    pub of: u64,
}

/// What a plan comes to before a request is sent.
#[derive(Clone, Debug)]
pub struct Foreseen<'s> {
    /// What it covers.
    pub coverage: Coverage,
    /// How many cases it has.
    pub cases: u64,
    /// The scored rules, in the order of the spec, with how often each may apply.
    pub rules: Vec<Meets<'s>>,
    /// Values of single fields that no case has.
    pub values: Vec<Feature>,
    /// How many pairs of values of two fields have a case.
    pub pairs: u64,
    /// The others, field by field, the greatest share of a pair of fields first.
    pub not_met: Vec<NotMet>,
}

/// What a plan of so many cases would come to. Sends nothing.
pub fn foresee(spec: &Spec, cases: u64, seed: u64) -> Foreseen<'_> {
    let mut plan = Plan::new(spec, cases, seed);
    let conversations = spec.known_of_conversations(&plan.conversations);
    let mut meetings = Meetings::of(spec);
    let mut met = Met::of(spec, &plan.conversations);
    loop {
        let epoch = plan.epoch(spec);
        if epoch.is_empty() {
            break;
        }
        for planned in epoch {
            meetings.add(&planned.setting, planned.beside, &conversations);
            met.add(spec, &planned.setting, &plan.conversations);
        }
    }
    let (pairs, not_met) = met.pairs();
    let rules = spec.rules.iter().zip(&meetings.cases);
    let rules = rules.filter(|(rule, _)| rule.standing == Standing::Scored);
    Foreseen {
        coverage: plan.coverage,
        cases: met.cases,
        rules: rules
            .map(|(rule, cases)| Meets {
                rule,
                cases: *cases,
            })
            .collect(),
        values: met.values(),
        pairs,
        not_met,
    }
}

/// Numbers, as bits.
#[derive(Clone)]
struct Numbers(Vec<u64>);

impl Numbers {
    fn none(most: usize) -> Self {
        Self(vec![0; most.div_ceil(64)])
    }

    fn of(numbers: &[usize], most: usize) -> Self {
        let mut all = Self::none(most);
        for number in numbers {
            if let Some(word) = all.0.get_mut(number / 64) {
                *word |= 1 << (number % 64);
            }
        }
        all
    }

    fn add_all(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word |= other;
        }
    }

    fn has(&self, number: usize) -> bool {
        let word = self.0.get(number / 64);
        word.is_some_and(|word| word >> (number % 64) & 1 == 1)
    }
}

/// Which features were met, and beside which others.
struct Met {
    features: Features,
    /// Those of each conversation, one by one and together.
    of_conversations: Vec<(Vec<usize>, Numbers)>,
    /// Those that each was met beside, and itself where it was met.
    beside: Vec<Numbers>,
    cases: u64,
}

impl Met {
    fn of(spec: &Spec, conversations: &[Conversation]) -> Self {
        let features = Features::of(&spec.domain);
        let most = features.all().len();
        let of = |conversation: &Conversation| {
            let mut found = Vec::new();
            features.in_value(Part::Course.word(), &conversation.course, &mut found);
            features.in_value(Part::Client.word(), &conversation.client, &mut found);
            let numbers = Numbers::of(&found, most);
            (found, numbers)
        };
        Self {
            of_conversations: conversations.iter().map(of).collect(),
            beside: vec![Numbers::none(most); most],
            features,
            cases: 0,
        }
    }

    fn add(&mut self, spec: &Spec, setting: &Setting, conversations: &[Conversation]) {
        let mut of_setting = Vec::new();
        self.features
            .in_value(Part::Policy.word(), &setting.policy, &mut of_setting);
        self.features
            .in_value(Part::Instance.word(), &setting.instance, &mut of_setting);
        let in_setting = Numbers::of(&of_setting, self.features.all().len());
        let mut in_any = in_setting.clone();
        let constraints = spec.constraints_of(setting);
        let mut cases = 0;
        for (conversation, (each, all)) in conversations.iter().zip(&self.of_conversations) {
            if spec.excludes_by(&constraints, CaseRef::of(setting, conversation)) {
                continue;
            }
            cases += 1;
            in_any.add_all(all);
            for one in each {
                if let Some(beside) = self.beside.get_mut(*one) {
                    beside.add_all(all);
                    beside.add_all(&in_setting);
                }
            }
        }
        if cases > 0 {
            for one in of_setting {
                if let Some(beside) = self.beside.get_mut(one) {
                    beside.add_all(&in_any);
                }
            }
        }
        self.cases += cases;
    }

    /// The features that no case has.
    fn values(&self) -> Vec<Feature> {
        let met = |number: usize| self.beside.get(number).is_some_and(|one| one.has(number));
        let features = self.features.all().iter().enumerate();
        let lacking = features.filter(|(number, _)| !met(*number));
        lacking.map(|(_, feature)| feature.clone()).collect()
    }

    /// How many pairs of values of two fields were met, and by fields those that were not.
    fn pairs(&self) -> (u64, Vec<NotMet>) {
        let all = self.features.all();
        let mut met = 0;
        let mut not_met: Vec<NotMet> = Vec::new();
        for (number, feature) in all.iter().enumerate() {
            for (other, beside) in all.iter().enumerate().skip(number + 1) {
                if feature.path == beside.path {
                    continue;
                }
                let here = self.beside.get(number).is_some_and(|one| one.has(other));
                met += u64::from(here);
                let fields = (&feature.path, &beside.path);
                let known = not_met
                    .iter_mut()
                    .rev()
                    .find(|one| (&one.fields.0, &one.fields.1) == fields);
                match known {
                    Some(known) => {
                        known.of += 1;
                        known.pairs += u64::from(!here);
                    }
                    None => not_met.push(NotMet {
                        fields: (feature.path.clone(), beside.path.clone()),
                        pairs: u64::from(!here),
                        of: 1,
                    }),
                }
            }
        }
        not_met.retain(|one| one.pairs > 0);
        not_met.sort_by(|one, other| (other.pairs * one.of).cmp(&(one.pairs * other.of)));
        (met, not_met)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Case;
    use crate::yaml::Source;

    fn spec() -> Spec {
        let text = "countersign: 1\npack: {name: test, version: 1, title: A test}\ndomain:\n  \
                    policy: {flag: {bool: true}, profiles: {list: {of: {scheme: {one-of: [basic, bearer]}}, max: 2}}}\n  \
                    client:\n    persona: {one-of: [preemptive]}\n    scheme: {one-of: [basic, bearer]}\n    \
                    credential: {one-of: [valid, none]}\n    method: {one-of: [get, head, post]}\n    \
                    form: {one-of: [plain, odd-case]}\n  odd: [{at-most: 1, of: [client.method, client.form, client.credential]}]\n  \
                    exclude: [{client.method: post}]\nrules:\n";
        let rule = |id: &str, rest: &str| {
            format!(
                "  - id: {id}\n    level: must\n    source: {{document: RFC 9110, section: '11.6.1'}}\n    \
                 impact: Somebody is hurt.\n    {rest}\n"
            )
        };
        let rules = [
            rule(
                "of-head",
                "when: {client.method: head, policy.flag: false}\n    expect: {status: 401}",
            ),
            rule(
                "of-a-status",
                "when: {status: 200}\n    expect: {content: present}",
            ),
            rule(
                "of-nobody",
                "when: {client.method: post}\n    expect: {status: 401}",
            ),
            rule(
                "without-sibling",
                "when: {client.form: odd-case}\n    relate: {change: {client.method: head}, outcome: same}",
            ),
        ];
        Spec::read(&Source::new(
            "test.yaml",
            format!("{text}{}", rules.concat()),
        ))
        .unwrap()
    }

    #[test]
    fn what_is_foreseen_is_what_the_cases_have() {
        let spec = spec();
        let foreseen = foresee(&spec, u64::MAX, 7);
        let listed = spec.settings().unwrap().iter();
        let cases: Vec<Case> = listed
            .flat_map(|one| {
                let conversations = spec.conversations(usize::MAX).iter();
                conversations.map(|other| Case::of(one.setting.clone(), other.clone()))
            })
            .filter(|case| spec.allows(case))
            .collect();
        let has = |case: &Case, path: &str, word: &str| case.at(path).unwrap().to_string() == word;
        let of_head = cases
            .iter()
            .filter(|case| has(case, "client.method", "head") && has(case, "policy.flag", "false"));
        let met: Vec<u64> = foreseen.rules.iter().map(|one| one.cases).collect();
        assert_eq!(met, [of_head.count() as u64, cases.len() as u64, 0, 0]);
        assert_eq!(foreseen.cases, cases.len() as u64);
        let never: Vec<String> = (foreseen.values.iter())
            .map(|one| format!("{} {}", one.path, one.value))
            .collect();
        assert_eq!(never, ["client.method post"]);
        let of = |first: &str, second: &str| {
            let of =
                |one: &&NotMet| (one.fields.0.as_str(), one.fields.1.as_str()) == (first, second);
            foreseen
                .not_met
                .iter()
                .find(of)
                .map(|one| (one.pairs, one.of))
        };
        // HEAD in odd case, and POST in either.
        assert_eq!(of("client.method", "client.form"), Some((3, 6)));
        // No scheme where there is no profile.
        assert_eq!(
            of("policy.profiles", "policy.profiles.scheme"),
            Some((2, 6))
        );
        assert_eq!(of("policy.flag", "client.scheme"), None);
    }
}
