//! What the values of options are read into.

use std::time::Duration;

use clap::ValueEnum;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use countersign::export::ExportFormat;
use countersign::report::ReportFormat;
use countersign::results::PlanPart;

/// A number of cases.
pub(super) fn from_one(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("write a number from 1".to_owned()),
        Ok(number) => Ok(number),
    }
}

/// A part of a plan.
pub(super) fn shard(text: &str) -> Result<PlanPart, String> {
    let numbers = text.split_once('/');
    let numbers = numbers.and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
    match numbers {
        Some((number, of)) if (1..=of).contains(&number) && of <= MOST_SHARDS => {
            Ok(PlanPart { number, of })
        }
        _ => Err(format!(
            "write which of how many, such as `1/4`; there are {MOST_SHARDS} at most"
        )),
    }
}

/// The most parts of a plan.
const MOST_SHARDS: u32 = 4096;

/// A time in seconds, with a fraction or without.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let time = text.parse().ok().map(Duration::try_from_secs_f64);
    match time {
        Some(Ok(time)) if (SHORTEST..=LONGEST).contains(&time) => Ok(time),
        _ => Err(format!(
            "write seconds, from {} to {}",
            SHORTEST.as_secs_f64(),
            LONGEST.as_secs()
        )),
    }
}

/// The shortest and the longest time that an option takes: a millisecond and a week.
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A seed.
pub(super) fn from_zero(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "write a number from 0".to_owned())
}

/// An implementation as `--against` names it; of the line in which a program says its control URL, the URL.
pub(super) fn target(text: &str) -> Result<String, std::convert::Infallible> {
    let url = text.trim_start().strip_prefix("countersign-control:");
    Ok(url.map_or(text, str::trim).to_owned())
}

/// A format in which a run is told.
pub(super) fn report_format() -> impl TypedValueParser<Value = ReportFormat> {
    let value = |format: ReportFormat| PossibleValue::new(format.word()).help(format.purpose());
    PossibleValuesParser::new(ReportFormat::ALL.map(value))
        .try_map(|word| ReportFormat::from_word(&word).ok_or("no such format"))
}

/// The formats for other programs by their words.
pub(super) fn export_format() -> impl TypedValueParser<Value = ExportFormat> {
    let value = |format: ExportFormat| PossibleValue::new(format.word()).help(format.purpose());
    PossibleValuesParser::new(ExportFormat::ALL.map(value))
        .try_map(|word| ExportFormat::from_word(&word).ok_or("no such format"))
}

/// When colours are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    pub(super) fn choice(self) -> anstream::ColorChoice {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
    }
}
