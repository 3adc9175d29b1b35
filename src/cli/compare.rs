//! `countersign compare`.

use std::io::Write;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use countersign::adapter::shipped_names;
use countersign::engine::{self, Options, Stop, compare as beside};
use countersign::files;
use countersign::implementation::Implementation;
use countersign::report::{
    comparison_html, comparison_json, comparison_markdown, comparison_text, visible,
};
use countersign::results::PackReport;
use countersign::spec::Spec;

use super::arguments::{CompareOptions, ComparisonFormat};
use super::failure::{CommandFailure, incomplete, say, written};
use super::prepare::check_claims;
use super::workflow::{harmless, harmless_json};
use super::{interrupt, open, place, specs};

/// Of so many cases of a pack the answers are compared.
const MOST_ANSWERS: usize = 50_000;

/// Plays the same cases against several implementations, one after the other.
pub(super) async fn compare(options: &CompareOptions) -> Result<ExitCode, CommandFailure> {
    if let Some(folder) = &options.write {
        place::folder(folder, "the comparison")?;
    }
    let shipped: Vec<String> = shipped_names().into_iter().map(str::to_owned).collect();
    let names = if options.all {
        &shipped
    } else {
        &options.names
    };
    // One that is mistyped would else be told when those before it were played.
    for name in names {
        open::find(name, &[])?;
    }
    let specs = specs::read_specs(&options.specs)?;
    check_claims(&specs, &options.claims)?;
    let limits = Options {
        cases: options.cases,
        keep_answers: MOST_ANSWERS,
        stop: Stop::default(),
        ..Options::default()
    };
    let mut reports = Vec::new();
    for name in names {
        let mut implementation = open::open_for(&specs, name, &[]).await?;
        let work = all(&specs, &options.claims, implementation.as_mut(), &limits);
        let judged = interrupt::unless_interrupted(work, &limits.stop).await;
        let Some(judged) = judged else {
            return Ok(interrupt::code());
        };
        interrupt::end(implementation).await;
        reports.push(judged);
    }
    let mut comparison = beside(&specs, &reports);
    let named: Vec<String> = called(names, &comparison.implementations);
    for (implementation, named) in comparison.implementations.iter_mut().zip(&named) {
        implementation.0.clone_from(named);
    }
    if let Some(folder) = &options.write {
        let page = comparison_markdown(&comparison, &today());
        let json = format!("{:#}\n", comparison_json(&comparison, &today()));
        for (name, text) in [("matrix.md", page), ("matrix.json", json)] {
            let path = std::path::Path::new(folder).join(name);
            files::replace(&path, text.as_bytes()).map_err(|error| {
                CommandFailure::environment(format!("could not write {}: {error}", path.display()))
            })?;
        }
    }
    match options.format {
        ComparisonFormat::Text => {
            anstream::print!("{}", harmless(&visible(&comparison_text(&comparison))));
        }
        ComparisonFormat::Markdown => {
            let page = comparison_markdown(&comparison, &today());
            anstream::print!("{}", harmless(&visible(&page)));
        }
        ComparisonFormat::Html => {
            let sides: Vec<_> = names.iter().cloned().zip(reports.iter().cloned()).collect();
            let page = comparison_html(&comparison, &sides, &options.claims, &today());
            let page = page.map_err(CommandFailure::environment)?;
            written(anstream::stdout().write_all(harmless(&page).as_bytes()))?;
        }
        ComparisonFormat::Json => {
            let json = format!("{:#}", comparison_json(&comparison, &today()));
            anstream::println!("{}", harmless_json(&json));
        }
    }
    let mut stopped = Vec::new();
    for (named, reports) in named.iter().zip(&reports) {
        for report in reports {
            if let Some(why) = &report.stopped {
                stopped.push(format!("{named}, {}: {why}", report.pack.0));
            }
        }
    }
    if stopped.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    say(&format!("ended early: {}", stopped.join("; ")));
    Ok(incomplete())
}

/// What each is called: as it calls itself, and where two call themselves the same, also as the command
/// line calls it.
fn called(names: &[String], implementations: &[(String, String)]) -> Vec<String> {
    let is_alone = |name: &String| {
        implementations
            .iter()
            .filter(|(one, _)| one == name)
            .count()
            < 2
    };
    let both = implementations.iter().map(|(name, _)| name).zip(names);
    both.map(|(name, given)| match is_alone(name) || name == given {
        true => name.clone(),
        false => format!("{name} ({given})"),
    })
    .collect()
}

async fn all(
    specs: &[Spec],
    claims: &[String],
    implementation: &mut dyn Implementation,
    limits: &Options,
) -> Vec<PackReport> {
    let mut reports = Vec::new();
    for spec in specs {
        let description = implementation.description();
        reports.push(
            match engine::is_bound(spec, description) || claims.contains(&spec.pack.name) {
                true => engine::run(spec, implementation, limits, &mut |_| {}).await,
                false => engine::not_bound(spec, description),
            },
        );
    }
    reports
}

/// The day, in universal time, as `2026-11-25`: days since 1970 to a date of the Gregorian calendar,
/// counted in years that begin in March, so that a leap day is the last of its year.
pub(super) fn today() -> String {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    date(seconds / 86_400)
}

fn date(days: u64) -> String {
    // From 1 March of the year 0, in whole cycles of 400 years, which have 146,097 days each.
    let days = days + 719_468;
    let (cycle, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    format!("{:04}-{month:02}-{day:02}", cycle * 400 + year + next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_names_are_told_apart() {
        let own = |names: [&str; 3]| names.map(|name| (name.to_owned(), "1".to_owned()));
        let given = ["gw/a", "gw/b", "nginx"].map(str::to_owned);
        assert_eq!(
            called(&given, &own(["pygw", "pygw", "nginx"])),
            ["pygw (gw/a)", "pygw (gw/b)", "nginx"]
        );
        assert_eq!(
            called(&given, &own(["a", "b", "nginx"])),
            ["a", "b", "nginx"]
        );
    }

    #[test]
    fn days_are_dates() {
        for (days, shown) in [
            (0, "1970-01-01"),
            (58, "1970-02-28"),
            (59, "1970-03-01"),
            (11_016, "2000-02-29"),
            (11_017, "2000-03-01"),
            (20_782, "2026-11-25"),
        ] {
            assert_eq!(date(days), shown);
        }
    }
}
