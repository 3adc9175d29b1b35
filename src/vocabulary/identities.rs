//! Who must be able to log in, for the clients of a domain.

use crate::credentials::{CredentialState, Identity, Scheme, TokenKind};
use crate::domain::{Domain, Type, Value};

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
    let mut states: Vec<CredentialState> = words("credential")
        .iter()
        .filter_map(|word| CredentialState::from_word(word.as_symbol()?))
        .collect();
    // A good token has the scope that a policy asks for, whether or not somebody comes whose token has not.
    let scope = domain.policy.at(&["required_scope"]);
    let mut scopes = scope.map(Type::values).into_iter().flatten();
    if scopes.any(|scope| scope.as_symbol() != Some("none")) {
        states.push(CredentialState::InsufficientScope);
    }
    Identity::needed_for(&schemes, &states, tokens)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Field, Say, Symbol};

    fn record(fields: &[(&str, &[&str])]) -> Type {
        let fields = fields.iter().map(|(name, words)| Field {
            name: Symbol::from(*name),
            ty: Type::OneOf(words.iter().map(|word| Symbol::from(*word)).collect()),
            say: Say::default(),
        });
        Type::Record(fields.collect())
    }

    #[test]
    fn a_good_token_has_the_scope_that_a_policy_may_ask_for() {
        let scopes = |policy: &[(&str, &[&str])]| {
            let domain = Domain {
                policy: record(policy),
                instance: Type::Record(Vec::new()),
                course: Type::no_course(),
                steps: Say::default(),
                client: record(&[("scheme", &["bearer"]), ("credential", &["valid"])]),
            };
            let all = identities_for(&domain, TokenKind::Opaque);
            let good = all.first().and_then(|alice| alice.tokens.first()).cloned();
            good.unwrap().scopes
        };
        assert_eq!(
            scopes(&[("required_scope", &["none", "write"])]),
            ["read", "write"]
        );
        assert!(scopes(&[("required_scope", &["none"])]).is_empty());
        assert!(scopes(&[]).is_empty());
    }
}
