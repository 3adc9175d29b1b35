//! Why a case is in no script for other programs.

/// Why a case is in no such script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotExportable(pub String);

impl std::fmt::Display for NotExportable {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}
