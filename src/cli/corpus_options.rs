//! The options of `countersign corpus`.

use clap::Subcommand;
use clap::builder::NonEmptyStringValueParser;

#[derive(Debug, Subcommand)]
pub(super) enum CorpusCommand {
    /// Each reproduction: what it shows, of which rule, and on what it was seen.
    List {
        /// Files that `countersign run --save` wrote, or folders of them.
        #[arg(default_value = "corpus", value_name = "FILE")]
        files: Vec<String>,
        /// A table in Markdown, for a page.
        #[arg(long)]
        markdown: bool,
    },
    /// Whether each file can be read, has its own name, and is there once.
    Check {
        /// Files that `countersign run --save` wrote, or folders of them.
        #[arg(default_value = "corpus", value_name = "FILE")]
        files: Vec<String>,
    },
    /// Take reproductions of other folders into one; what is there already stays as it is.
    Merge {
        /// The folder that takes them.
        #[arg(value_name = "FOLDER", value_parser = NonEmptyStringValueParser::new())]
        to: String,
        /// Files that `countersign run --save` wrote, or folders of them.
        #[arg(required = true, value_name = "FILE")]
        from: Vec<String>,
    },
    /// Name the files that show what another shows of the same product, and remove them where that is said.
    Prune {
        /// Files that `countersign run --save` wrote, or folders of them.
        #[arg(default_value = "corpus", value_name = "FILE")]
        files: Vec<String>,
        /// Remove them.
        #[arg(long)]
        remove: bool,
    },
}
