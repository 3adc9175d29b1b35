//! Who must be able to log in, for the clients of a domain.

use crate::credentials::{CredentialState, Identity, Scheme, TokenKind};
use crate::domain::{Domain, Value};

/// The identities that the clients of a domain need, the usual one first, with tokens of the kind that the
/// implementation takes.
pub fn identities_for(domain: &Domain, tokens: TokenKind) -> Vec<Identity> {
    let words = |name: &str| -> Vec<Value> {
        let field = domain.client.at(&[name]);
        field.map_or_else(Vec::new, |ty| ty.values().collect())
    };
    let mut schemes: Vec<Scheme> = words("scheme")
        .iter()
        .filter_map(|word| Scheme::from_word(word.as_symbol()?))
        .collect();
    if schemes.is_empty() {
        schemes.push(Scheme::Basic);
    }
    let states: Vec<CredentialState> = words("credential")
        .iter()
        .filter_map(|word| CredentialState::from_word(word.as_symbol()?))
        .collect();
    Identity::needed_for(&schemes, &states, tokens)
}
