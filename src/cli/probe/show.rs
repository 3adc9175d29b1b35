//! What a probe tells: as text and as one JSON object, without anybody's secrets.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use countersign::credentials::Scheme;
use countersign::domain::counted;
use countersign::engine::Lacking;
use countersign::results::{Cause, Finding, RuleState, Run, TranscriptEntry};
use countersign::wire::{Account, Bounds, Care, Mask, SameRequest};
use serde_json::{Value, json};

use super::by_hand::Names;
use super::entrance::{Entered, is_keyed, words};
use super::metadata::MetadataSeen;
use crate::cli::failure::CommandFailure;
use crate::cli::reach::reported;

/// How many requests and failed log-ins it took until the first finding of a rule stood, by pack and rule.
pub(super) type FoundAfter = BTreeMap<(String, String), (u64, u64)>;

/// Everything that a probe found.
pub(super) struct Probed {
    pub(super) run: Run,
    pub(super) entered: Entered,
    /// What was seen of OAuth metadata.
    pub(super) metadata: MetadataSeen,
    /// Packs that were not played, with the reason.
    pub(super) skipped: Vec<String>,
    pub(super) found_after: FoundAfter,
    pub(super) lacking: Lacking,
    pub(super) names: Names,
    pub(super) care: Care,
    pub(super) url: String,
    /// What is said of methods that were not sent.
    pub(super) methods: Option<&'static str>,
}

impl Probed {
    /// Whether anything was found that counts.
    pub(super) fn finds(&self) -> bool {
        let packs = self.run.packs.iter();
        let mut found = packs.flat_map(|pack| &pack.findings);
        !self.metadata.defects.is_empty()
            || found.any(|finding| {
                let counts = finding.accuses() && finding.level <= self.run.asked.fail_on;
                counts && !self.is_withheld(finding)
            })
    }

    /// Whether a finding rests on answers to a request that equal requests did not get.
    fn is_withheld(&self, finding: &Finding) -> bool {
        if self.rests_on_a_lock(finding) {
            return true;
        }
        requests_of(finding).any(|same| {
            let equal = self.care.answers_to(same);
            equal.is_some_and(|equal| equal.answers.len() > 1)
        })
    }

    /// Whether a finding rests on what somebody was answered who may have been locked out by then.
    fn rests_on_a_lock(&self, finding: &Finding) -> bool {
        let entries = finding.transcript.case.iter();
        let mut entries = entries.chain(&finding.transcript.sibling);
        let carries = |entry: &TranscriptEntry| {
            let mut lines = entry.sent_lines().into_iter();
            lines.any(|line| line.to_ascii_lowercase().starts_with("authorization:"))
        };
        let scheme = finding.case.client.field("scheme");
        let scheme = scheme.and_then(|scheme| Scheme::from_word(scheme.as_symbol()?));
        let has_key = scheme.is_some_and(is_keyed);
        !self.care.locked().is_empty() && (has_key || entries.any(carries))
    }

    /// Equal requests that were answered differently, each with how often how.
    fn unsteady(&self) -> Vec<String> {
        let differing = self.care.differing();
        let lines = differing.iter().map(|equal| {
            let count = equal.count();
            let answers = equal.answers.iter();
            let answers = answers.map(|(answer, times)| format!("{answer} ({times} of {count})"));
            format!(
                "{}: {}",
                equal.label,
                answers.collect::<Vec<_>>().join("; ")
            )
        });
        lines.collect()
    }

    /// The rules of findings that rest on such answers.
    fn withheld(&self) -> Vec<String> {
        let causes = self.causes();
        let withheld = causes.iter().map(|cause| cause.headline);
        let withheld = withheld.filter(|finding| self.is_withheld(finding));
        withheld.map(|finding| finding.rule.clone()).collect()
    }

    /// Why nothing can be said, where nothing was found.
    pub(super) fn no_verdict(&self) -> Option<String> {
        if let Some(why) = self.care.halted() {
            return Some(why);
        }
        if let Some((account, why)) = self.care.locked().into_iter().next() {
            return Some(format!(
                "{}: {why}, as where an account is locked",
                whose(account)
            ));
        }
        let unsure = self.withheld();
        let mut unsure = unsure.iter().map(String::as_str).chain(self.unconfirmed());
        if let (Some(rule), false) = (unsure.next(), self.unsteady().is_empty()) {
            return Some(format!(
                "equal requests are answered differently, and {rule} was seen to break in such answers only"
            ));
        }
        if let Some(rule) = self.unconfirmed().first() {
            return Some(format!(
                "{rule} was seen to break and could not be run again within what may be asked \
                 (`--failed-log-ins`, `--max-requests`)"
            ));
        }
        let packs = &self.run.packs;
        let stopped = packs.iter().find_map(|pack| pack.stopped.as_ref());
        if let Some(why) = stopped {
            return Some(why.to_string());
        }
        let has_verdict = packs
            .iter()
            .any(|pack| pack.rules.iter().any(|rule| rule.has_verdict()));
        (!has_verdict).then(|| "no rule applied to what was answered".to_owned())
    }

    /// How many rules came to each of: held, broke, gave no verdict.
    fn counts(&self) -> (u64, u64, u64) {
        let (mut held, mut broke, mut none) = (0, 0, 0);
        for rule in self.run.packs.iter().flat_map(|pack| &pack.rules) {
            match rule.state {
                RuleState::Passed => held += 1,
                RuleState::Failed | RuleState::Flaky => broke += 1,
                _ => none += 1,
            }
        }
        (held, broke, none)
    }

    /// What was seen to break and could not be run again.
    fn unconfirmed(&self) -> Vec<&str> {
        let left = self.run.packs.iter().flat_map(|pack| &pack.left);
        left.map(|left| left.rule.as_str()).collect()
    }

    /// A finding in one line, with its client where nothing of its case is odd.
    fn title(&self, finding: &Finding) -> String {
        let scheme = finding.case.client.field("scheme");
        let scheme = scheme.and_then(|scheme| Scheme::from_word(scheme.as_symbol()?));
        // Who has none is a client of some scheme too, where only keys are taken.
        let is_there =
            |scheme: &Scheme| is_keyed(*scheme) || self.entered.schemes().contains(scheme);
        let client = match scheme.filter(is_there) {
            Some(scheme) => format!("{} client", scheme.name()),
            None => "no credentials".to_owned(),
        };
        finding
            .title()
            .replace(": the simplest case", &format!(": {client}"))
    }

    /// The findings that accuse, one of each defect.
    pub(super) fn accusing(&self) -> Vec<&Finding> {
        let causes = self.causes().into_iter().map(|cause| cause.headline);
        causes
            .filter(|finding| finding.accuses() && !self.is_withheld(finding))
            .collect()
    }

    fn causes(&self) -> Vec<Cause<'_>> {
        self.run.causes()
    }

    /// What it took until a finding of a rule stood, requests and failed log-ins.
    fn found_after(&self, finding: &Finding) -> Option<(u64, u64)> {
        let place = (finding.pack.0.clone(), finding.rule.clone());
        self.found_after.get(&place).copied()
    }

    /// The commands that show a finding: first the one that shows it by itself.
    fn lines_of(&self, finding: &Finding) -> Vec<String> {
        let sibling = finding.sibling.as_ref().map(|(case, _)| case);
        let content = finding.demand.looks_at_content();
        let cases: Vec<_> = [Some(&finding.case), sibling]
            .into_iter()
            .flatten()
            .collect();
        let mut lines = self.names.lines(&cases, content);
        // One line shows it; what it is compared with comes behind.
        let own = self.names.lines(&[&finding.case], content).pop();
        if let Some(at) = lines.iter().position(|line| Some(line) == own.as_ref()) {
            let own = lines.remove(at);
            lines.insert(0, own);
        }
        lines
    }

    /// Everything as text.
    pub(super) fn to_text(&self) -> Result<String, CommandFailure> {
        let mut out = String::new();
        self.write(&mut out)?;
        Ok(out)
    }

    fn write(&self, out: &mut String) -> Result<(), CommandFailure> {
        let (requests, failed) = self.care.counts();
        let Bounds {
            requests: most_requests,
            failed: most_failed,
            rate,
        } = self.care.bounds();
        let label = |out: &mut String, label: &str, text: &str| {
            let _ = writeln!(out, "{label:<10}{text}");
        };
        label(out, "probed", &self.url);
        label(
            out,
            "asked",
            &format!(
                "{requests} of at most {}, {} (at most {most_failed} of each user), at most {} a second",
                counted(most_requests, "request", "requests"),
                counted(failed, "failed log-in", "failed log-ins"),
                counted(rate.into(), "request", "requests"),
            ),
        );
        for (account, why) in self.care.locked() {
            let who = whose(account);
            label(
                out,
                "stopped",
                &format!("{who}: {why}, as where an account is locked"),
            );
        }
        let entered = &self.entered;
        label(
            out,
            "lets in",
            &match entered.let_in.is_empty() {
                true if entered.refused.is_empty() => {
                    "not known: no credentials were given".to_owned()
                }
                true => "not known: no credentials were answered by a success".to_owned(),
                false => words(&entered.let_in),
            },
        );
        for (scheme, status) in &entered.refused {
            let name = scheme.name();
            label(
                out,
                "refused",
                &match status {
                    401 | 403 | 407 => {
                        format!(
                            "{name} ({status}): taken for wrong credentials, which accuse nobody"
                        )
                    }
                    _ => format!(
                        "{name} ({status}): neither refused nor let in, which accuses nobody"
                    ),
                },
            );
        }
        for why in &entered.not_sent {
            label(out, "not sent", why);
        }
        label(out, "policy", &entered.policy_in_words());
        let (held, broke, none) = self.counts();
        let mut causes = self.causes();
        causes.retain(|cause| !self.is_withheld(cause.headline));
        label(
            out,
            "rules",
            &format!(
                "{held} passed, {broke} failed ({}), {none} without a verdict",
                counted(causes.len() as u64, "finding", "findings")
            ),
        );
        for cause in &causes {
            self.write_cause(out, cause);
        }
        let unsteady = self.unsteady();
        if !unsteady.is_empty() {
            let _ = writeln!(out, "\nEqual requests are answered differently:");
            for line in unsteady {
                let _ = writeln!(out, "  {line}");
            }
            let withheld = self.withheld();
            if !withheld.is_empty() {
                let _ = writeln!(
                    out,
                    "  Seen to break in such answers, so that it accuses nobody: {}",
                    withheld.join(", ")
                );
            }
        }
        let locked: Vec<&str> = { self.run.packs.iter() }
            .flat_map(|pack| &pack.findings)
            .filter(|finding| self.rests_on_a_lock(finding))
            .map(|finding| finding.rule.as_str())
            .collect();
        if !locked.is_empty() {
            let _ = writeln!(
                out,
                "\nSeen to break as somebody who may have been locked out by then, so that it accuses nobody:\n  {}",
                locked.join(", ")
            );
        }
        let unconfirmed = self.unconfirmed();
        if !unconfirmed.is_empty() {
            let _ = writeln!(
                out,
                "\nSeen to break, and not run again, so that it accuses nobody:"
            );
            for rule in unconfirmed {
                let _ = writeln!(out, "  {rule}");
            }
        }
        let metadata = self.metadata.lines();
        if !metadata.is_empty() {
            let _ = writeln!(out, "\nOAuth metadata:");
            for line in metadata {
                let _ = writeln!(out, "  {line}");
            }
        }
        let remedies = self.remedies()?;
        if !remedies.is_empty() {
            let _ = writeln!(out, "\nWhat would let in more:");
            for remedy in remedies {
                let _ = writeln!(out, "  {remedy}");
            }
        }
        let _ = writeln!(out, "\nNot judged:");
        for line in self
            .not_judged()
            .into_iter()
            .chain(self.methods.map(str::to_owned))
        {
            let _ = writeln!(out, "  {line}");
        }
        let reach = reported(entered.answered(), None, |report| report.to_string())?;
        let _ = write!(out, "\nWho gets in, of real clients:\n\n{reach}");
        Ok(())
    }

    fn write_cause(&self, out: &mut String, cause: &Cause<'_>) {
        let finding = cause.headline;
        let kind = match (finding.accuses(), finding.unsteady()) {
            (true, _) => "FOUND",
            (false, _) if finding.flaky.is_some() => "UNSTEADY",
            _ => "NOTED",
        };
        let _ = writeln!(out, "\n{kind}: {}", self.title(finding));
        let others: Vec<String> = { cause.others.iter() }
            .map(|one| one.rule.clone())
            .collect();
        let mut line = |label: &str, text: &str| {
            let _ = writeln!(out, "  {label:<9} {text}");
        };
        line(
            "rule",
            &format!("{} ({}; {})", finding.rule, finding.level, finding.pack.0),
        );
        if !others.is_empty() {
            line("also", &others.join(", "));
        }
        line("source", &finding.stated.to_string());
        line("impact", &finding.impact);
        line("expected", &finding.discrepancy.expected);
        line("observed", &finding.discrepancy.observed);
        if let Some((requests, failed)) = self.found_after(finding) {
            let requests = counted(requests, "request", "requests");
            let failed = counted(failed, "failed log-in", "failed log-ins");
            line("found", &format!("after {requests} and {failed}"));
        }
        for (name, entries) in [
            ("exchange", &finding.transcript.case),
            ("beside", &finding.transcript.sibling),
        ] {
            let mut name = name;
            for text in entries.iter().flat_map(shown) {
                line(name, &text);
                name = "";
            }
        }
        for (at, text) in self.lines_of(finding).into_iter().enumerate() {
            let name = match at {
                0 => "by hand",
                1 => "compare",
                _ => "",
            };
            line(name, &text);
        }
    }

    /// Everything as one JSON object.
    pub(super) fn to_json(&self) -> Result<Value, CommandFailure> {
        let (requests, failed) = self.care.counts();
        let entered = &self.entered;
        let of = |schemes: &[Scheme]| -> Vec<&str> {
            schemes.iter().map(|scheme| scheme.word()).collect()
        };
        let mut causes = self.causes();
        causes.retain(|cause| !self.is_withheld(cause.headline));
        let findings = causes.iter().map(|cause| {
            let finding = cause.headline;
            let exchange = |entries: &[TranscriptEntry]| -> Vec<String> {
                entries.iter().flat_map(shown).collect()
            };
            json!({
                "title": self.title(finding),
                "pack": finding.pack.0,
                "rule": finding.rule,
                "level": finding.level.to_string(),
                "accuses": finding.accuses(),
                "also": cause.others.iter().map(|one| &one.rule).collect::<Vec<_>>(),
                "source": finding.stated.to_string(),
                "impact": finding.impact,
                "expected": finding.discrepancy.expected,
                "observed": finding.discrepancy.observed,
                "found_after": self.found_after(finding).map(|(requests, failed)| {
                    json!({"requests": requests, "failed_log_ins": failed})
                }),
                "exchange": exchange(&finding.transcript.case),
                "beside": exchange(&finding.transcript.sibling),
                "by_hand": self.lines_of(finding),
            })
        });
        let findings: Vec<Value> = findings.collect();
        let (held, broke, none) = self.counts();
        let reach = reported(entered.answered(), None, |report| report.to_json())?;
        let refused = entered.refused.iter();
        let refused =
            refused.map(|(scheme, status)| json!({"scheme": scheme.word(), "status": status}));
        Ok(json!({
            "probed": self.url,
            "requests": requests,
            "failed_log_ins": failed,
            "lets_in": of(&entered.let_in),
            "refused": refused.collect::<Vec<_>>(),
            "policy": of(&entered.schemes()),
            "rules": {"held": held, "broke": broke, "no_verdict": none},
            "findings": findings,
            "unsteady": self.unsteady(),
            "withheld": self.withheld(),
            "not_confirmed": self.unconfirmed(),
            "metadata": self.metadata.to_json(),
            "remedies": self.remedies()?,
            "not_judged": self.not_judged(),
            "no_verdict": if self.finds() { None } else { self.no_verdict() },
            "reach": reach,
        }))
    }
}

/// The requests that a finding rests on.
pub(super) fn requests_of(finding: &Finding) -> impl Iterator<Item = SameRequest> {
    let entries = finding.transcript.case.iter();
    let entries = entries.chain(&finding.transcript.sibling);
    entries.map(|entry| SameRequest::of_bytes(&entry.sent))
}

/// Whose an account is, in words.
fn whose(account: Account) -> &'static str {
    match account {
        Account::User => "the user",
        Account::Second => "the second user",
        Account::Nobody => "a user whom nobody knows",
        Account::Token => "the token",
        Account::Reader => "the token without the scope",
        Account::Past => "what was good once",
        Account::Key => "the API key",
    }
}

/// An exchange in a few lines, without its secrets: what asks for credentials and what carries them.
fn shown(entry: &TranscriptEntry) -> Vec<String> {
    let mut mask = Mask::default();
    let mut lines = Vec::new();
    let is_of = |line: &str, names: &[&str]| {
        let name = line.split(':').next().unwrap_or_default();
        names.iter().any(|known| name.eq_ignore_ascii_case(known))
    };
    for (at, line) in entry.sent_lines().into_iter().enumerate() {
        if at == 0 {
            lines.push(format!("> {}", mask.target(&line)));
        } else if is_of(&line, &["authorization", "proxy-authorization"]) {
            lines.push(format!("> {}", mask.field(&line)));
        }
    }
    let told = [
        "www-authenticate",
        "proxy-authenticate",
        "location",
        "retry-after",
        "cache-control",
    ];
    for (at, line) in entry.head_lines().into_iter().enumerate() {
        if at == 0 || is_of(&line, &told) {
            lines.push(format!("< {}", mask.answer_field(&line)));
        }
    }
    lines
}
