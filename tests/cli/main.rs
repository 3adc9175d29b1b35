//! The command as a user meets it: what it says, and the exit code it ends with.
//!
//! Called with a first argument that begins with `fake-`, this program is not the tests but a
//! program that they let the command start.

#[cfg(test)]
mod advise;
#[cfg(test)]
mod asked;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod by_programs;
#[cfg(test)]
mod ci;
#[cfg(test)]
mod clients;
#[cfg(test)]
mod clients_tested;
#[cfg(test)]
mod compare;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod driven;
#[cfg(test)]
mod explained;
#[cfg(test)]
mod export;
#[cfg(test)]
mod exported;
#[cfg(test)]
mod fakes;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod files;
#[cfg(test)]
mod first;
#[cfg(test)]
mod formats;
#[cfg(test)]
mod interruptions;
#[cfg(test)]
mod journal;
#[cfg(test)]
mod kits;
#[cfg(test)]
mod left_over;
#[cfg(test)]
mod narrower;
#[cfg(test)]
mod packages;
#[cfg(test)]
mod printed;
#[cfg(test)]
mod probe;
#[cfg(test)]
mod probe_costs;
#[cfg(test)]
mod probe_operations;
#[cfg(test)]
mod probe_policy;
#[cfg(test)]
mod probe_proxy;
#[cfg(test)]
mod probe_saved;
#[cfg(test)]
mod probe_secrets;
#[cfg(test)]
mod reach;
#[cfg(test)]
mod report;
#[cfg(test)]
mod responses;
#[cfg(test)]
mod saved_run;
#[cfg(test)]
mod scale;
#[cfg(test)]
mod slips;
#[cfg(test)]
mod support;
#[cfg(test)]
mod told;
#[cfg(test)]
mod weather;

use std::process::ExitCode;

#[cfg(not(test))]
fn main() -> ExitCode {
    ExitCode::SUCCESS
}

#[cfg(test)]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let played = fakes::play(&arguments).or_else(|| left_over::play(&arguments));
    if let Some(exit) = played {
        return exit;
    }
    let mut arguments = libtest_mimic::Arguments::from_args();
    // Half of the time something is waited for.
    arguments.test_threads.get_or_insert(3);
    let mut trials = first::trials();
    trials.extend(formats::trials());
    trials.extend(browser::trials());
    trials.extend(ci::trials());
    trials.extend(kits::trials());
    trials.extend(packages::trials());
    trials.extend(scale::trials());
    trials.extend(export::trials());
    trials.extend(exported::trials());
    trials.extend(files::trials());
    trials.extend(corpus::trials());
    trials.extend(faults::trials());
    trials.extend(saved_run::trials());
    trials.extend(slips::trials());
    trials.extend(by_programs::trials());
    trials.extend(clients::trials());
    trials.extend(clients_tested::trials());
    trials.extend(driven::trials());
    trials.extend(reach::trials());
    trials.extend(advise::trials());
    trials.extend(probe::trials());
    trials.extend(probe_costs::trials());
    trials.extend(probe_operations::trials());
    trials.extend(probe_policy::trials());
    trials.extend(probe_proxy::trials());
    trials.extend(probe_saved::trials());
    trials.extend(probe_secrets::trials());
    trials.extend(asked::trials());
    trials.extend(responses::trials());
    trials.extend(weather::trials());
    trials.extend(interruptions::trials());
    trials.extend(journal::trials());
    trials.extend(compare::trials());
    trials.extend(left_over::trials());
    trials.extend(told::trials());
    trials.extend(narrower::trials());
    trials.extend(explained::trials());
    trials.extend(report::trials());
    trials.extend(printed::trials());
    libtest_mimic::run(&arguments, trials).exit_code()
}
