//! Where a rule stands, as a finding says it: a file and a line.

/// A line of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place<'a> {
    pub(super) file: &'a str,
    /// Counted from one.
    pub(super) line: u64,
}

/// The place that `specs/reachability.yaml:74` says; nothing where a text says none.
pub(super) fn place(at: &str) -> Option<Place<'_>> {
    let (file, line) = at.rsplit_once(':')?;
    let line = line.parse().ok().filter(|line| *line > 0)?;
    (!file.is_empty()).then_some(Place { file, line })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_file_and_a_line() {
        let (file, line) = ("specs/a.yaml", 74);
        assert_eq!(place("specs/a.yaml:74"), Some(Place { file, line }));
        for none in ["", ":1", "a", "a:", "a:0", "a:-1", "a:x"] {
            assert_eq!(place(none), None, "{none}");
        }
    }
}
