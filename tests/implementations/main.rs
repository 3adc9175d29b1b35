//! Implementations of kind *remote* and *process*, in good and in bad weather.
//!
//! Called with a first argument that begins with `fake-`, this program is not the tests but one of
//! the programs that they start.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod bad_weather;
#[cfg(test)]
mod dimensions;
#[cfg(test)]
mod fakes;
#[cfg(test)]
mod gateways;
#[cfg(test)]
mod page;
#[cfg(test)]
mod real;
#[cfg(test)]
mod steady;
#[cfg(test)]
mod support;
#[cfg(test)]
mod table;

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// As in the command: what plays millions of requests spends an eighth of its time in the C library's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[cfg(not(test))]
fn main() -> ExitCode {
    ExitCode::SUCCESS
}

#[cfg(test)]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(exit) = fakes::play(&arguments) {
        return exit;
    }
    let mut arguments = libtest_mimic::Arguments::from_args();
    // Most of the time a product is waited for. Trials that look for what is left run alone.
    arguments.test_threads.get_or_insert(3);
    let mut trials = bad_weather::trials();
    trials.extend(gateways::trials());
    trials.extend(real::trials());
    trials.extend(answers::trials());
    trials.extend(page::trials());
    trials.extend(dimensions::trials());
    trials.extend(steady::trials());
    trials.extend(table::trials());
    libtest_mimic::run(&arguments, trials).exit_code()
}
