//! Cases as a proptest strategy that shrinks as the engine does.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use proptest::strategy::{BoxedStrategy, NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::case::{Case, Part};
use super::pass::{PASSES, Pass};
use super::space::Domain;
use super::value::Value;

/// How often a case is drawn again where a constraint excludes it, before proptest is told.
const MOST_DRAWS: usize = 1_000;

/// Which cases there are beside those that the types allow.
type Allows = Arc<dyn Fn(&Case) -> bool + Send + Sync>;

/// Random cases of a domain, as a proptest strategy.
///
/// A failing case is shrunk by the same [passes](PASSES) as the engine's, in their order, so that a property of one's own ends at the minimum at which a rule with the same verdicts would.
#[derive(Clone)]
pub struct Cases {
    domain: Arc<Domain>,
    allows: Allows,
    parts: [BoxedStrategy<Value>; 4],
}

impl fmt::Debug for Cases {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Cases")
            .field("domain", &self.domain)
            .finish_non_exhaustive()
    }
}

impl Domain {
    /// A proptest strategy for the cases that `allows` lets pass.
    ///
    /// ```
    /// use countersign::domain::{Domain, Field, Say, Symbol, Type, Value};
    /// use proptest::strategy::{Strategy, ValueTree};
    /// use proptest::test_runner::TestRunner;
    ///
    /// let field = |name, ty| Field { name: Symbol::from(name), ty, say: Say::default() };
    /// let domain = Domain {
    ///     policy: Type::Record(vec![field("limit", Type::Int { min: 0, max: 99 })]),
    ///     instance: Type::Record(Vec::new()),
    ///     course: Type::no_course(),
    ///     client: Type::Record(vec![field("odd", Type::Bool { simplest: false })]),
    ///     steps: Say::default(),
    /// };
    /// let even = |case: &countersign::domain::Case| {
    ///     matches!(case.at("policy.limit"), Some(Value::Int(limit)) if limit % 2 == 0)
    /// };
    /// let mut tree = domain.strategy(even).new_tree(&mut TestRunner::deterministic()).unwrap();
    /// assert!(even(&tree.current()));
    /// while tree.simplify() {}
    /// assert_eq!(tree.current(), domain.simplest());
    /// ```
    pub fn strategy(&self, allows: impl Fn(&Case) -> bool + Send + Sync + 'static) -> Cases {
        Cases {
            domain: Arc::new(self.clone()),
            allows: Arc::new(allows),
            parts: Part::ALL.map(|part| self.part(part).strategy()),
        }
    }
}

impl Strategy for Cases {
    type Tree = CaseTree;
    type Value = Case;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let [policy, instance, course, client] = &self.parts;
        for _ in 0..MOST_DRAWS {
            let case = Case {
                policy: policy.new_tree(runner)?.current(),
                instance: instance.new_tree(runner)?.current(),
                client: client.new_tree(runner)?.current(),
                course: course.new_tree(runner)?.current(),
            };
            if (self.allows)(&case) {
                return Ok(CaseTree::new(self.clone(), case));
            }
        }
        Err("the constraints exclude nearly every case".into())
    }
}

/// A case while it is shrunk.
#[derive(Clone, Debug)]
pub struct CaseTree {
    of: Cases,
    /// The simplest case that is known to fail.
    failing: Case,
    /// The case at hand, where it is another.
    tried: Option<Case>,
    /// What is still to be tried in place of `failing`, the last one first.
    left: Vec<Case>,
    /// The passes whose changes are tried behind those.
    passes: std::slice::Iter<'static, Pass>,
    /// Cases that were tried and did not fail: none is tried twice.
    held: HashSet<Case>,
}

impl CaseTree {
    fn new(of: Cases, failing: Case) -> Self {
        let mut tree = Self {
            of,
            failing,
            tried: None,
            left: Vec::new(),
            passes: PASSES.iter(),
            held: HashSet::new(),
        };
        tree.plan();
        tree
    }

    /// Begins anew with the first pass.
    fn plan(&mut self) {
        self.left.clear();
        self.passes = PASSES.iter();
    }

    /// Goes on to the next case to try; says whether there is one.
    fn next(&mut self) -> bool {
        loop {
            while let Some(case) = self.left.pop() {
                if (self.of.allows)(&case) && !self.held.contains(&case) {
                    self.tried = Some(case);
                    return true;
                }
            }
            let Some(pass) = self.passes.next() else {
                self.tried = None;
                return false;
            };
            let changes = (pass.changes)(&self.of.domain, &self.failing);
            self.left = changes.into_iter().rev().map(|c| c.case).collect();
        }
    }
}

impl ValueTree for CaseTree {
    type Value = Case;

    fn current(&self) -> Case {
        self.tried.as_ref().unwrap_or(&self.failing).clone()
    }

    /// The case at hand fails: whatever is simpler than it comes next.
    fn simplify(&mut self) -> bool {
        if let Some(failing) = self.tried.take() {
            self.failing = failing;
            self.plan();
        }
        self.next()
    }

    /// The case at hand does not fail: the next of its neighbours.
    fn complicate(&mut self) -> bool {
        match self.tried.take() {
            Some(held) => self.held.insert(held),
            None => return false,
        };
        self.next()
    }
}

#[cfg(test)]
mod tests {
    use proptest::test_runner::{TestCaseError, TestError};

    use super::super::samples;
    use super::*;

    /// The minimum that proptest finds for a property.
    fn minimum(holds: impl Fn(&Case) -> bool) -> Option<Case> {
        let cases = samples::domain().strategy(|_| true);
        let mut runner = TestRunner::deterministic();
        let result = runner.run(&cases, |case| match holds(&case) {
            true => Ok(()),
            false => Err(TestCaseError::fail("no")),
        });
        match result {
            Ok(()) => None,
            Err(TestError::Fail(_, case)) => Some(case),
            Err(TestError::Abort(why)) => panic!("{why}"),
        }
    }

    fn profiles(case: &Case) -> usize {
        let profiles = case.at("policy.profiles").and_then(Value::items);
        profiles.map_or(0, <[Value]>::len)
    }

    #[test]
    fn what_always_fails_ends_at_the_simplest_case() {
        assert_eq!(minimum(|_| false), Some(samples::domain().simplest()));
        assert_eq!(minimum(|_| true), None);
    }

    #[test]
    fn no_one_step_simplification_of_a_minimum_fails() {
        let domain = samples::domain();
        let properties: [fn(&Case) -> bool; 3] = [
            |case| profiles(case) < 2,
            |case| profiles(case) < 1 || case.at("client.scheme") == Some(&Value::symbol("basic")),
            |case| {
                case.at("policy.advertise_all") == Some(&Value::Bool(false))
                    || case.at("client.retries") == Some(&Value::Int(0))
            },
        ];
        for holds in properties {
            let minimum = minimum(holds).unwrap();
            assert!(!holds(&minimum));
            let changes = domain.simplifications(&minimum);
            assert!(
                changes.iter().all(|change| holds(&change.case)),
                "{minimum}"
            );
        }
    }

    #[test]
    fn excluded_cases_are_neither_drawn_nor_tried() {
        let cases = samples::domain().strategy(|case| profiles(case) == 3);
        let mut runner = TestRunner::deterministic();
        let mut tree = cases.new_tree(&mut runner).unwrap();
        let mut tries = 0;
        while tree.simplify() {
            assert_eq!(profiles(&tree.current()), 3);
            tries += 1;
        }
        assert!(tries > 0);
        let never = samples::domain().strategy(|_| false);
        assert!(never.new_tree(&mut runner).is_err());
    }
}
