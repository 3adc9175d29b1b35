//! A proptest strategy for credentials: for the unit tests of whoever reads or writes them. Those for
//! challenges are in [`auth::strategy`](crate::auth::strategy).

use proptest::sample::select;
use proptest::strategy::Strategy;

use super::identity::Identity;
use super::scheme::Scheme;
use super::{Context, CredentialState, Credentials, mint};

/// Credentials as clients send them: every scheme in every state in which these identities have
/// some, with no challenge before them. Valid Basic credentials come first.
///
/// ```
/// use countersign::credentials::{CredentialState, Identity, Scheme, strategy};
/// use proptest::prelude::*;
/// use proptest::test_runner::{TestError, TestRunner};
///
/// // A server that takes any credentials for good.
/// let law = |(_scheme, state, _credentials): (_, _, countersign::credentials::Credentials)| {
///     prop_assert_eq!(state, CredentialState::Valid);
///     Ok(())
/// };
/// let all = strategy::credentials(&[Identity::alice()]);
/// let result = TestRunner::deterministic().run(&all, law);
/// let Err(TestError::Fail(_, (scheme, state, _))) = result else { panic!("{result:?}") };
/// assert_eq!((scheme, state), (Scheme::Basic, CredentialState::WrongSecret));
/// ```
pub fn credentials(
    identities: &[Identity],
) -> impl Strategy<Value = (Scheme, CredentialState, Credentials)> + Clone + use<> {
    let context = Context::default();
    let mut all = Vec::new();
    for state in CredentialState::ALL {
        for scheme in Scheme::ALL {
            if let Ok(Some(credentials)) = mint(*scheme, *state, identities, &context) {
                all.push((*scheme, *state, credentials));
            }
        }
    }
    select(all)
}
