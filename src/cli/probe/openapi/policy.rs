//! What is known of the policy beside a document: credentials that no operation is to take.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use countersign::wire::{Account, FieldLine, Risk};

use super::answers::answered;
use super::document::Operation;
use super::objects::SecurityKind;
use super::told::Operations;
use super::{OperationCaller, ShownCredentials};
use crate::cli::failure::CommandFailure;
use crate::cli::probe::policy::{
    DISABLED_KEY, DISABLED_PASSWORD, DISABLED_TOKEN, EXPIRED_KEY, EXPIRED_TOKEN, LIMITED_TOKEN,
    OfVariable, REVOKED_KEY, REVOKED_TOKEN,
};

/// What is said of an operation that takes them, and what follows from it.
fn of_defect(word: &str) -> (&'static str, &'static str) {
    match word {
        EXPIRED_TOKEN => (
            "takes an expired token",
            "Whoever had a token once has it for ever.",
        ),
        REVOKED_TOKEN => (
            "takes a token that was withdrawn",
            "Withdrawing a token has no effect.",
        ),
        LIMITED_TOKEN => (
            "takes a token without the scope that it declares",
            "A token that is good for less is good for this too.",
        ),
        EXPIRED_KEY => (
            "takes an expired key",
            "Whoever had a key once has it for ever.",
        ),
        REVOKED_KEY => (
            "takes a key that was withdrawn",
            "Withdrawing a key has no effect.",
        ),
        _ => (
            "lets in a disabled user",
            "Somebody whose access was withdrawn still gets in.",
        ),
    }
}

impl OperationCaller<'_> {
    /// Asks an operation that keeps out whoever has nothing with what the policy says is not to be let in, where what is
    /// good of that kind is.
    pub(super) async fn hold_told(
        &mut self,
        operation: &Operation,
        target: &str,
        judged: &mut Operations,
    ) -> Result<(), CommandFailure> {
        let holdings = self.holdings;
        let told = &holdings.told;
        for one in &told.secrets {
            let kind = operation.single().find(|kind| is_of(one, kind));
            let Some(kind) = kind.filter(|kind| self.let_in.contains(kind)) else {
                continue;
            };
            let declares = |scope: &str| operation.scopes.iter().any(|known| known == scope);
            if one.word == LIMITED_TOKEN && !told.scope.as_deref().is_some_and(declares) {
                continue;
            }
            let Some(shown) = self.told_of(one, kind) else {
                continue;
            };
            let response = match self.send(operation, target, &shown).await? {
                Ok(response) => response,
                Err(why) => {
                    let name = operation.name();
                    judged
                        .not_judged
                        .push(format!("{name} with `{}` of the policy: {why}", one.word));
                    continue;
                }
            };
            let status = response.status;
            judged.answers.push(status);
            judged.held.push(format!(
                "{} with `{}` of the policy: {status}",
                operation.name(),
                one.word
            ));
            if (200..300).contains(&status) {
                let (says, impact) = of_defect(one.word);
                let first = answered(&response);
                self.accuse(
                    operation,
                    target,
                    (&shown, first, says.to_owned(), impact),
                    judged,
                )
                .await?;
            }
        }
        Ok(())
    }

    /// What of the policy was of no use here, and why.
    pub(super) fn not_sent(&self) -> Vec<String> {
        let told = &self.holdings.told;
        let unused = |one: &&OfVariable| !self.let_in.iter().any(|kind| is_of(one, kind));
        let unused = told.secrets.iter().filter(unused).map(|one| {
            format!(
                "`{}` of the policy was not sent: nothing good of its kind was let in by an operation that declares it",
                one.word
            )
        });
        let profiles = (!told.profiles.is_empty()).then(|| {
            "`profiles` of the policy: the document says which schemes are taken".to_owned()
        });
        unused.chain(profiles).collect()
    }

    /// A secret of the policy as it stands in a request of this kind.
    fn told_of(&self, one: &OfVariable, kind: &SecurityKind) -> Option<ShownCredentials> {
        let secret = one.secret.expose();
        let variable = format!("${{{}}}", one.variable);
        let field = |name: &str, value: String| {
            let value = value.into_bytes();
            let name = name.to_owned();
            vec![FieldLine { name, value }]
        };
        let (fields, query, by_hand) = match kind {
            SecurityKind::Bearer => (
                field("Authorization", format!("Bearer {secret}")),
                None,
                format!("-H \"Authorization: Bearer {variable}\" "),
            ),
            SecurityKind::Basic => {
                let user = self.holdings.told.disabled.as_ref()?;
                let pair = BASE64_STANDARD.encode(format!("{user}:{secret}"));
                let user = countersign::export::in_quotes(user);
                (
                    field("Authorization", format!("Basic {pair}")),
                    None,
                    format!("-u \"{user}:{variable}\" "),
                )
            }
            SecurityKind::Key(place, name) => {
                let by_hand = self.names.key_of(place, name, &variable);
                match place.as_str() {
                    "header" => (field(name, secret.to_owned()), None, by_hand),
                    "cookie" => (field("Cookie", format!("{name}={secret}")), None, by_hand),
                    "query" => (Vec::new(), Some(format!("{name}={secret}")), by_hand),
                    _ => return None,
                }
            }
            SecurityKind::Unspoken(_) | SecurityKind::Other(_) => return None,
        };
        let account = match one.word {
            DISABLED_PASSWORD | DISABLED_TOKEN | DISABLED_KEY => Account::Second,
            LIMITED_TOKEN => Account::Reader,
            _ => Account::Past,
        };
        Some(ShownCredentials {
            fields,
            query,
            risk: Risk::Unknown(account),
            by_hand,
        })
    }
}

/// Whether a secret of the policy is one that a kind takes.
fn is_of(one: &OfVariable, kind: &SecurityKind) -> bool {
    match kind {
        SecurityKind::Basic => one.word == DISABLED_PASSWORD,
        SecurityKind::Bearer => {
            [EXPIRED_TOKEN, REVOKED_TOKEN, LIMITED_TOKEN, DISABLED_TOKEN].contains(&one.word)
        }
        SecurityKind::Key(..) => [EXPIRED_KEY, REVOKED_KEY, DISABLED_KEY].contains(&one.word),
        SecurityKind::Unspoken(_) | SecurityKind::Other(_) => false,
    }
}
