//! Ways into an operation that its document does not tell of: what another operation takes, and a part of what is to come
//! together.

use super::OperationCaller;
use super::answers::answered;
use super::document::Operation;
use super::objects::SecurityKind;
use super::told::Operations;
use crate::cli::failure::CommandFailure;

use countersign::wire::Response;

/// What is said of an operation that takes this alone, and what follows from it; nothing where it declares just that.
fn says(operation: &Operation, kind: &SecurityKind) -> Option<(String, &'static str)> {
    if operation.single().any(|declared| declared == kind) {
        return None;
    }
    let words = kind.shown_by();
    let combined = operation.alternatives.iter().any(|all| all.contains(kind));
    Some(match combined {
        true => (
            format!(
                "takes {words} alone although it declares {}",
                operation.declared()
            ),
            "One of the things that are to be shown together is enough.",
        ),
        false => (
            format!("takes {words} that it does not declare"),
            "A way in that nobody who reads the document knows of.",
        ),
    })
}

impl OperationCaller<'_> {
    /// Asks an operation that keeps out whoever has nothing, with each thing that is let in somewhere and that it does not
    /// declare to be enough.
    pub(super) async fn hold_undeclared(
        &mut self,
        operation: &Operation,
        target: &str,
        judged: &mut Operations,
    ) -> Result<(), CommandFailure> {
        let let_in = self.let_in.clone();
        for other in let_in {
            let Some((says, impact)) = says(operation, &other) else {
                continue;
            };
            let words = other.shown_by();
            let kinds = [other];
            let response = match self.call_odd(operation, target, &kinds).await? {
                Ok(response) => response,
                Err(why) => {
                    let name = operation.name();
                    let why = format!("{name} with {words} that it does not declare: {why}");
                    judged.not_judged.push(why);
                    continue;
                }
            };
            if (200..300).contains(&response.status) {
                let first = answered(&response);
                if let Ok(shown) = self.shown(&kinds) {
                    self.accuse(operation, target, (&shown, first, says, impact), judged)
                        .await?;
                }
            }
        }
        Ok(())
    }

    /// Asks with what may well be refused.
    async fn call_odd(
        &mut self,
        operation: &Operation,
        target: &str,
        kinds: &[SecurityKind],
    ) -> Result<Result<Response, String>, CommandFailure> {
        let known = std::mem::take(&mut self.let_in);
        let called = self.call(operation, target, kinds).await;
        self.let_in = known;
        called
    }
}
