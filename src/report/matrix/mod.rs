//! The matrix of faults and rules: as a table, as JSON, and as the pages of `docs/rules/`.

mod json;
mod page;
mod text;

pub use json::matrix_json;
pub use page::matrix_page;
pub use text::matrix_text;
