//! The cases of a spec, for property tests of one's own.

use std::sync::Arc;

use super::model::Spec;
use crate::domain::Cases;

impl Spec {
    /// A proptest strategy for the cases of this spec: those of its domain that no constraint
    /// excludes.
    ///
    /// It is for a gateway's own unit tests, where a property of one's own is held against the code
    /// itself and no request is sent. A failing case shrinks by the engine's moves, to the minimum
    /// that the engine would report of a rule with the same verdicts.
    ///
    /// ```
    /// use countersign::domain::{Case, Value};
    /// use countersign::spec::{Spec, shipped};
    /// use proptest::prelude::*;
    /// use proptest::test_runner::{TestError, TestRunner};
    ///
    /// /// The gateway's own decision on what to advertise: the scheme of the last profile only.
    /// fn advertised(case: &Case) -> Vec<Value> {
    ///     let profiles = case.at("policy.profiles").and_then(Value::items).unwrap_or_default();
    ///     profiles.last().and_then(|last| last.field("scheme")).cloned().into_iter().collect()
    /// }
    ///
    /// let spec = Spec::read(&shipped("reachability").unwrap()).unwrap();
    /// let mut runner = TestRunner::deterministic();
    /// let result = runner.run(&spec.strategy(), |case| {
    ///     let profiles = case.at("policy.profiles").and_then(Value::items).unwrap_or_default();
    ///     for profile in profiles {
    ///         let scheme = profile.field("scheme").unwrap();
    ///         prop_assert!(advertised(&case).contains(scheme));
    ///     }
    ///     Ok(())
    /// });
    /// let Err(TestError::Fail(_, minimal)) = result else { panic!("{result:?}") };
    /// let policy = minimal.policy.to_string();
    /// assert!(policy.contains("[{scheme: basic, active: true}, {scheme: bearer, active: true}]"));
    /// ```
    pub fn strategy(&self) -> Cases {
        if self.excluded.is_empty() {
            return self.domain.strategy(|_| true);
        }
        let spec = Arc::new(self.clone());
        self.domain.strategy(move |case| !spec.excludes(case))
    }
}
