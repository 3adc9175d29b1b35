//! What would be sent for the operations of a document, without asking anybody.

use super::OperationCaller;
use super::document::Operation;

impl OperationCaller<'_> {
    /// Lists the requests, as curl commands with variables in place of secrets.
    pub(super) fn plan(&self, operations: &[&Operation], unsafe_methods: bool) {
        let mut lines: Vec<String> = Vec::new();
        for operation in operations {
            let Ok(target) = &operation.target else {
                continue;
            };
            if !operation.is_safe && !unsafe_methods {
                continue;
            }
            lines.push(self.line(operation, target, ""));
            let ways = operation
                .alternatives
                .iter()
                .filter(|kinds| !kinds.is_empty() && !operation.is_open());
            let shown = ways.filter_map(|kinds| self.shown(kinds).ok());
            lines.extend(shown.map(|shown| self.line(operation, target, &shown.by_hand)));
        }
        for (at, line) in lines.iter().enumerate() {
            anstream::println!("{:>4}  {line}", at + 1);
        }
        anstream::println!(
            "\nThese are asked first, as far as the bounds go. Behind them come, for operations that keep out whoever has \
             nothing, what they do not declare and others let in, and what the policy tells of; and {} times more what a \
             finding rests on. Nothing was sent to {}.",
            super::AGAIN,
            self.place.shown
        );
    }
}
