//! `countersign export`: saved findings for other programs.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use countersign::corpus::{self, Entry, Message};
use countersign::domain::counted;
use countersign::export::{
    Ask, ExportFormat, ExportedScript, NotExportable, SeenExchange, StandIns, WhereItShows,
    shell_quoted,
};
use countersign::files;
use countersign::report::visible;
use countersign::spec::shipped;

use super::arguments::ExportOptions;
use super::failure::{CommandFailure, say, written};
use super::open::REFERENCE;
use super::place;
use super::replay::files as saved_files;

/// The most characters of a line of a preamble: the commands that serve a case have to be whole.
const LINE: usize = 8_000;

/// Writes saved findings for other programs.
pub(super) fn export(options: &ExportOptions) -> Result<ExitCode, CommandFailure> {
    let paths = saved_files(&options.files)?;
    if paths.is_empty() {
        let why = format!(
            "there is no reproduction in {}\n  help: `countersign run --save` writes one for each finding",
            options.files.join(", ")
        );
        return Err(CommandFailure::input(why));
    }
    let format = options.format;
    match (&options.to, paths.as_slice()) {
        (None, [path]) => {
            use std::io::Write as _;
            let text = text_of(path, format)?;
            written(std::io::stdout().lock().write_all(text.as_bytes()))?;
            Ok(ExitCode::SUCCESS)
        }
        (None, several) => Err(CommandFailure::input(format!(
            "there are {} reproductions in {}: name a folder for them by `--to FOLDER`",
            several.len(),
            options.files.join(", ")
        ))),
        (Some(folder), several) => all(several, format, folder),
    }
}

/// Writes each to a file in a folder. What cannot be written in the format costs the others nothing, and is told.
fn all(paths: &[PathBuf], format: ExportFormat, folder: &str) -> Result<ExitCode, CommandFailure> {
    place::folder(folder, "the exports")?;
    std::fs::create_dir_all(folder).map_err(|error| {
        CommandFailure::environment(format!("could not make {folder}: {error}"))
    })?;
    let mut result = Ok(ExitCode::SUCCESS);
    let mut refused = 0;
    for path in paths {
        match text_of(path, format) {
            Ok(text) => {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy();
                let name = match format {
                    // The name of a test's file is that of a crate.
                    ExportFormat::RustTest | ExportFormat::Python => stem.replace('-', "_"),
                    _ => stem.into_owned(),
                };
                let file = Path::new(folder).join(format!("{name}.{}", format.ending()));
                files::replace(&file, text.as_bytes()).map_err(|error| {
                    CommandFailure::environment(format!(
                        "could not write {}: {error}",
                        file.display()
                    ))
                })?;
                tell!("{}", file.display());
            }
            Err(failure) => {
                say(&format!("not exported: {}", failure.text()));
                result = Ok(ExitCode::from(failure.code()));
                refused += 1;
            }
        }
    }
    if refused > 0 {
        say(&format!(
            "of {} {refused} cannot be written as {}",
            counted(paths.len() as u64, "reproduction", "reproductions"),
            format.word()
        ));
    }
    result
}

fn text_of(path: &Path, format: ExportFormat) -> Result<String, CommandFailure> {
    let entry = corpus::load(path).map_err(CommandFailure::input)?;
    let text = script(&entry).and_then(|script| format.write(&script));
    text.map_err(|why| {
        CommandFailure::input(format!(
            "{} cannot be written as {}: {why}\n  help: `countersign replay {}` plays it",
            path.display(),
            format.word(),
            shell_quoted(&path.display().to_string())
        ))
    })
}

/// The requests of a saved finding: those of what it is compared with behind its own, where the same policy is in force
/// for both. What is accused is among them, or there is no script: it would succeed where nothing is wrong.
fn script(entry: &Entry) -> Result<ExportedScript, NotExportable> {
    let shows = WhereItShows::of(&entry.discrepancy.kind)?;
    let ask = |case, messages: &[Message], about| {
        let seen = messages.iter().map(|one| SeenExchange {
            sent: &one.sent,
            received: &one.received,
        });
        let seen: Vec<_> = seen.collect();
        let key = entry.seen_on.key_in.as_ref();
        Ask::all_of(case, &seen, (&entry.identities, key), about, &shows)
    };
    let mut requests = ask(&entry.case, &entry.transcript.case, "the case")?;
    let mut preamble = preamble(entry);
    if let Some(sibling) = &entry.sibling {
        let is_same = sibling.case.policy == entry.case.policy
            && sibling.case.instance == entry.case.instance;
        let about = format!("beside it, {}", line(&sibling.difference));
        if is_same {
            // What comes before it leaves something behind, so it goes last.
            let more = ask(&sibling.case, &entry.transcript.sibling, &about)
                .map_err(|why| left_out(&about, &why.to_string()))?;
            requests.extend(more);
        } else {
            let why = "another policy is in force for it";
            if entry.discrepancy.accuses_sibling() {
                return Err(left_out(&about, why));
            }
            preamble.push(format!(
                "Left out is what it is compared with ({about}): {why}"
            ));
        }
    }
    match requests.is_empty() {
        true => Err(NotExportable("no request of it was kept".to_owned())),
        false => Ok(ExportedScript {
            title: line(&entry.title()),
            preamble,
            shows,
            requests,
            stand_ins: StandIns::of(&entry.identities),
            of_endpoint: entry.is_of_endpoint(),
        }),
    }
}

/// That what a finding is about cannot be sent.
fn left_out(about: &str, why: &str) -> NotExportable {
    NotExportable(format!("it is about what happens {about}, and {why}"))
}

/// What a reader should know first.
fn preamble(entry: &Entry) -> Vec<String> {
    let (rule, found, case) = (&entry.rule, &entry.discrepancy, &entry.case);
    let mut lines = vec![
        format!(
            "Rule: {} ({}; {} {}), {}",
            rule.id, rule.level, rule.pack, rule.version, rule.stated
        ),
        format!("Impact: {}", rule.impact),
        format!("Expected: {}", found.expected),
        format!(
            "Observed: {}, on {} {}",
            found.observed, entry.seen_on.name, entry.seen_on.version
        ),
    ];
    if let Some((failed, runs)) = entry.flaky {
        lines.push(format!(
            "It showed in {failed} of {runs} runs, and may not show this time."
        ));
    }
    if entry.is_of_endpoint() {
        lines.extend([
            String::new(),
            "It is for the endpoint at which it was seen, whose URL goes into the variable `URL`. What is called".to_owned(),
            "`COUNTERSIGN_…` are environment variables that are to hold the secrets; they are those of:".to_owned(),
        ]);
        lines.extend(whose(entry));
        return lines.iter().map(|one| line(one)).collect();
    }
    lines.extend([
        String::new(),
        "Where it is sent, this must be in force, and nobody may have asked before:".to_owned(),
        format!("  policy: {}", case.policy),
        format!("  instance: {}", case.instance),
        "and these may log in, by credentials that Countersign publishes for tests:".to_owned(),
    ]);
    lines.extend(whose(entry));
    if let Some(command) = serve(entry) {
        let served = match entry.against() {
            Some(REFERENCE) => "Countersign serves it so:".to_owned(),
            Some(_) => "Countersign serves it so, and prints its URL:".to_owned(),
            None => format!(
                "Countersign serves it so, and prints its URL; WHERE is the folder of the adapter of {}, or the \
                 control URL of a program that has it:",
                entry.seen_on.name
            ),
        };
        lines.extend([served, format!("  {command}")]);
    }
    lines.iter().map(|one| line(one)).collect()
}

/// Who can log in, and with what.
fn whose(entry: &Entry) -> Vec<String> {
    let mut lines = Vec::new();
    for identity in &entry.identities {
        let locked = if identity.enabled { "" } else { " (disabled)" };
        let password = identity.password.expose();
        let parts = [("user", identity.user.as_str()), ("password", password)];
        let parts = parts.into_iter().filter(|(_, text)| !text.is_empty());
        let parts: Vec<String> = parts.map(|(what, text)| format!("{what} {text}")).collect();
        lines.push(format!("  {}{locked}", parts.join(", ")));
        let tokens = identity.tokens.iter().map(|token| ("token", token));
        for (what, token) in tokens.chain(identity.api_keys.iter().map(|key| ("key", key))) {
            let state = token.state.remark();
            lines.push(format!("    {what} {}{state}", token.value.expose()));
        }
    }
    lines
}

/// The command that has the policy in force, where it is one of a pack that ships.
fn serve(entry: &Entry) -> Option<String> {
    shipped(&entry.rule.pack)?;
    let case = &entry.case;
    let whole = format!(
        "{{policy: {}, instance: {}, client: {}}}",
        case.policy, case.instance, case.client
    );
    let (against, faults) = match entry.against() {
        Some(REFERENCE) => {
            let faults = entry.seen_on.version.split_once('+');
            let faults = faults.into_iter().flat_map(|(_, faults)| faults.split('.'));
            let faults = faults.map(|fault| format!(" --fault {}", shell_quoted(fault)));
            (String::new(), faults.collect::<String>())
        }
        name => {
            let name = name.unwrap_or("WHERE");
            (format!(" --against {}", shell_quoted(name)), String::new())
        }
    };
    let port = if against.is_empty() {
        " --port 4010"
    } else {
        ""
    };
    Some(format!(
        "countersign serve{port}{against}{faults} --spec {} --case {}",
        entry.rule.pack,
        shell_quoted(&whole)
    ))
}

/// A text as one line of a comment.
fn line(text: &str) -> String {
    let kept: String = text.chars().take(LINE).collect();
    visible(&kept).replace('\n', "\\n")
}
