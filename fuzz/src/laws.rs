//! What must hold of any input at all: the bodies of the fuzz targets. Each panics where a law is
//! broken.
//!
//! `tests/reading/fuzz.rs` includes this file, so that the same bodies run on a stable toolchain too.

use std::collections::BTreeSet;

use countersign::auth::{
    AuthenticationInfo, Authorization, Challenge, Challenges, Lines, ListStyle, Order, Problem,
    Quoting, Sender, Spelling, ValueForm,
};
use countersign::spec::Spec;
use countersign::yaml::Source;

/// The byte that parts the field lines of an input: no field value has it.
const LINE: u8 = b'\x1e';

/// Reads any bytes as the challenges of several field lines.
pub(crate) fn challenges(data: &[u8]) {
    let lines: Vec<&[u8]> = data.split(|byte| *byte == LINE).collect();
    let read = Challenges::parse(lines.iter().copied());
    places(&read.problems, &lines);
    let must_not = |p: &Problem| p.departure.sender() == Sender::MustNot;
    assert_eq!(read.is_well_formed(), !read.problems.iter().any(must_not));
    // What may be sent is understood by everybody.
    assert!(!read.is_well_formed() || read.strict().is_some());
    // What is read can be written, one challenge a line, and read again.
    let written: Vec<Vec<u8>> = read.list.iter().map(Challenge::to_bytes).collect();
    let again = Challenges::parse(written.iter().map(Vec::as_slice));
    assert_eq!(again.list, read.list);
    for challenge in &read.list {
        assert!(!challenge.scheme.is_empty() && challenge.line < lines.len());
        for param in &challenge.params {
            assert!(!param.name.is_empty());
            let ends = param.raw.first() == Some(&b'"');
            assert_eq!(
                ends,
                matches!(param.form, ValueForm::Quoted | ValueForm::Unclosed)
            );
        }
    }
}

/// Reads any bytes as credentials, and as `Authentication-Info`.
pub(crate) fn credentials(data: &[u8]) {
    let lines: Vec<&[u8]> = data.split(|byte| *byte == LINE).collect();
    let read = Authorization::parse(lines.iter().copied());
    places(&read.problems, &lines);
    assert!(!read.is_well_formed() || read.strict().is_some());
    if let (Some(credentials), [line]) = (&read.credentials, lines.as_slice()) {
        // Credentials have the grammar of one challenge.
        let challenges = Challenges::parse(std::iter::once(*line));
        assert_eq!(challenges.list.first(), Some(credentials));
    }
    let info = AuthenticationInfo::parse(lines.iter().copied());
    places(&info.problems, &lines);
    assert!(!info.is_well_formed() || info.strict().is_some());
    if let Some(params) = info.strict() {
        let names: BTreeSet<String> = params.iter().map(|p| p.name.to_lowercase()).collect();
        assert_eq!(names.len(), params.len());
    }
}

/// Reads challenges, writes them in a layout that the first byte chooses, and reads them again.
pub(crate) fn layout(data: &[u8]) {
    let Some((choice, rest)) = data.split_first() else {
        return;
    };
    let read = Challenges::parse(rest.split(|byte| *byte == LINE));
    let Some(list) = read.strict() else {
        return;
    };
    let bit = |place: u8| choice >> place & 1 == 1;
    let layout = ListStyle {
        lines: if bit(0) {
            Lines::Joined(",")
        } else {
            Lines::Apart
        },
        order: if bit(1) {
            Order::Reversed
        } else {
            Order::AsGiven
        },
        quoting: [
            Quoting::AsGiven,
            Quoting::Always,
            Quoting::WhereNeeded,
            Quoting::Escaped,
        ][usize::from(choice >> 2 & 3)],
        schemes: if bit(4) {
            Spelling::Odd
        } else {
            Spelling::AsGiven
        },
        comma: if bit(5) { " ,\t," } else { "," },
        equals: if bit(6) { "\t= " } else { "=" },
        behind: if bit(7) { " , ," } else { "" },
        ..ListStyle::default()
    };
    let lines = layout.write(list);
    let again = Challenges::parse(lines.iter().map(Vec::as_slice));
    let mut again = again
        .strict()
        .map(<[Challenge]>::to_vec)
        .unwrap_or_default();
    if bit(1) {
        again.reverse();
    }
    assert_eq!(again.len(), list.len());
    for (before, after) in list.iter().zip(&again) {
        assert!(after.is(&before.scheme));
        assert_eq!(
            (&before.token68, &before.params),
            (&after.token68, &after.params)
        );
    }
}

/// Reads any text as a spec: mistakes are told, and nothing else happens.
pub(crate) fn spec(data: &[u8]) {
    let text = String::from_utf8_lossy(data).into_owned();
    let source = Source::new("fuzzed.yaml", text);
    if let Err(problems) = Spec::read(&source) {
        assert!(problems.has_errors());
        assert!(!problems.to_string().is_empty());
    }
}

/// Every problem points at bytes that are there.
fn places(problems: &[Problem], lines: &[&[u8]]) {
    for problem in problems {
        let bytes = &problem.bytes;
        let line = lines[problem.line];
        assert!(
            bytes.start <= bytes.end && bytes.end <= line.len(),
            "{problem}"
        );
    }
}
