//! The command: reads arguments, calls the library, writes to the terminal.

/// Prints a line in which nothing is an order to a terminal.
macro_rules! tell {
    ($($words:tt)*) => {
        anstream::println!(
            "{}",
            $crate::cli::workflow::harmless(&countersign::report::visible(&format!($($words)*)))
        )
    };
}

mod adapters;
mod arguments;
mod baseline;
mod cast;
mod changed_since;
mod check;
mod clients;
mod clients_options;
mod compare;
mod corpus;
mod corpus_options;
mod coverage;
mod domain;
mod explain;
mod export;
mod failure;
mod faults;
mod import;
mod import_options;
mod input;
mod interrupt;
mod journal;
mod kill_matrix;
mod merge;
mod open;
mod option_values;
mod place;
mod prepare;
mod probe;
mod program;
mod reach;
mod replay;
mod report;
mod reports;
mod run;
mod run_options;
mod saved;
mod serve;
mod serve_layout;
mod shell;
mod specs;
mod suggestion;
mod wanted;
mod workflow;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use countersign::implementation::Space;
use countersign::report::Paper;

use arguments::{Arguments, Command};
use failure::CommandFailure;

/// Longer lines are hard to read, however wide a terminal is.
const WIDEST: usize = 120;

/// Runs the command; the exit code is the answer: 0 conforms, 1 findings, 2 the command line or a
/// file is wrong, 3 the implementation or the environment could not be run.
pub(crate) fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => match suggestion::meant(&error) {
            Some(failure) => return failure.report(),
            None => error.exit(),
        },
    };
    arguments.color.choice().write_global();
    // One thread: waking a second for each answer would cost several times what judging costs.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return CommandFailure::environment(error).report(),
    };
    let command = arguments
        .command
        .unwrap_or_else(|| Command::Run(Box::new(arguments.run)));
    let result = runtime.block_on(async {
        match command {
            Command::Run(options) => run::run(&options).await,
            Command::Check { specs } => check::check(&specs),
            Command::Schema { output, run } => check::schema(output, run),
            Command::Coverage(options) => coverage::coverage(&options),
            Command::Domain(options) => domain::domain(&options),
            Command::Explain { name, specs } => explain::explain(&name, &specs),
            Command::Completions { shell } => shell::completions(shell),
            Command::Man { to } => shell::man(to.as_deref()),
            Command::Faults { json } => faults::faults(json),
            Command::KillMatrix(options) => kill_matrix::kill_matrix(&options).await,
            Command::Rules(options) => kill_matrix::rules(&options).await,
            Command::Replay(options) => replay::replay(&options).await,
            Command::Corpus { command } => corpus::corpus(&command),
            Command::Export(options) => export::export(&options),
            Command::Report(options) => report::report(&options),
            Command::Merge(options) => merge::merge(&options),
            Command::Compare(options) => compare::compare(&options).await,
            Command::Serve(options) => serve::serve(&options).await,
            Command::Adapters { command } => adapters::adapters(&command),
            Command::Clients { command } => clients::clients(&command).await,
            Command::Reach(options) => reach::reach(&options).await,
            Command::Probe(options) => probe::probe(&options).await,
            Command::Import { command } => import::import(&command),
            Command::Advise(options) => import::advise(&options),
        }
    });
    // What was interrupted may still be reading, and nobody waits for it.
    runtime.shutdown_background();
    // Nor for what was given up in threads of its own: its files go all the same.
    Space::clear_all();
    match result {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}

/// What a report is written on: a terminal has a width, and a line is not broken anywhere else.
fn paper() -> Paper {
    let out = std::io::stdout();
    let width = out
        .is_terminal()
        .then(|| terminal_size::terminal_size_of(&out))
        .flatten();
    Paper {
        width: width.map(|(width, _)| usize::from(width.0).min(WIDEST)),
        // Where colours are not wanted, they are taken out on the way.
        colour: true,
    }
}
