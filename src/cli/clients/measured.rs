//! What was measured of a program, told.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use countersign::programs::{Driven, ProgramCommand, ProgramEnd};
use countersign::user_agents::catalogue::{
    Catalogue, CatalogueEntry, ExitCodes, LAYOUTS, Measurement, Runs, notes,
};
use countersign::user_agents::fit::{Row, agreed, alike, describing, misses};
use countersign::user_agents::model::{ClientPlay, MOST_KEPT, Quirk, Script, Set, Traits, play};

/// The most clients of the catalogue that are named as like a program.
const MOST_ALIKE: usize = 5;

/// What a program did on each layout.
#[derive(Debug)]
pub(super) struct Measured {
    pub(super) command: ProgramCommand,
    cases: Vec<(String, Script)>,
    driven: Vec<Driven>,
    rows: Vec<Measurement>,
    took: Duration,
}

impl Measured {
    pub(super) fn new(
        command: ProgramCommand,
        cases: Vec<(String, Script)>,
        driven: Vec<Driven>,
        took: Duration,
    ) -> Self {
        let rows = cases
            .iter()
            .zip(&driven)
            .map(|((case, _), driven)| Measurement {
                mode: command.name.clone(),
                case: case.clone(),
                schemes_sent: driven.schemes_sent(MOST_KEPT),
                requests: driven.asked(),
                final_status: driven.status(),
            });
        Self {
            rows: rows.collect(),
            command,
            cases,
            driven,
            took,
        }
    }

    /// The places of the layouts on which a client did something else than its traits predict, one for each pair of what
    /// it did and what was predicted.
    pub(super) fn differences(&self, traits: &Traits) -> Vec<usize> {
        let mut known = BTreeSet::new();
        let mut places = Vec::new();
        for (at, ((_, script), driven)) in self.cases.iter().zip(&self.driven).enumerate() {
            let pair = difference(traits, script, driven);
            places.extend(pair.filter(|pair| known.insert(pair.clone())).map(|_| at));
        }
        places
    }

    pub(super) fn rows(&self) -> &[Measurement] {
        &self.rows
    }

    /// What was seen, for the layouts on which the program ended by itself.
    fn seen(&self) -> Vec<Row<'_>> {
        let all = self.cases.iter().zip(&self.rows).zip(&self.driven);
        all.filter(|(_, driven)| driven.ended())
            .map(|(((_, script), seen), _)| Row { script, seen })
            .collect()
    }

    /// Whether it asked, and ended by itself somewhere.
    pub(super) fn says_something(&self) -> bool {
        self.rows.iter().any(|row| row.requests > 0) && !self.seen().is_empty()
    }

    /// Tells all, and gives an entry for it; nothing where it asked nobody.
    pub(super) fn tell(&self, catalogue: &Catalogue, loud: bool) -> Option<CatalogueEntry> {
        self.tell_head(loud);
        if self.rows.iter().all(|row| row.requests == 0) {
            if loud {
                self.tell_silence();
            }
            return None;
        }
        if loud {
            self.tell_first();
            self.tell_refused();
        }
        let seen = self.seen();
        if seen.is_empty() {
            if loud {
                tell!("It ended by itself on no layout, so nothing is said of what it is like.");
            }
            return None;
        }
        let likest = alike(catalogue, &seen);
        let mut quirks = Set::EMPTY;
        if self.command.is_behind_proxy() {
            quirks = quirks.with(Quirk::Proxy);
        }
        let plain = Traits {
            holds: self.command.holds(),
            quirks,
            ..Traits::default()
        };
        let traits = describing(&likest, &plain, &seen);
        if loud {
            self.tell_like(&likest, &seen);
            tell_traits(&traits, &seen);
            self.tell_exit();
        }
        let words = self.command.words.join(" ");
        Some(CatalogueEntry {
            name: self.command.name.clone(),
            mode: self.command.name.clone(),
            version: "unknown".to_owned(),
            driven: words,
            runs: Some(Runs {
                command: self.command.words.clone(),
                exit: self.exit(),
                ..Runs::default()
            }),
            note: None,
            traits,
        })
    }

    /// Tells where a client of the catalogue does something else than its traits predict. Says whether it does.
    pub(super) fn tell_against(
        &self,
        entry: &CatalogueEntry,
        exit: &ExitCodes,
        loud: bool,
    ) -> bool {
        self.tell_head(loud);
        let seen = self.seen();
        let silent = self.rows.iter().all(|row| row.requests == 0);
        if silent && loud {
            self.tell_silence();
        }
        let hits = agreed(&entry.traits, &seen);
        if loud {
            tell!("Its traits predict {hits} of {} layouts.", seen.len());
            for (row, played) in misses(&entry.traits, &seen) {
                tell!("  {}: sent {}", row.seen.case, did(row.seen));
                tell!("      predicted {}", predicted(&played));
            }
        }
        let contradicts = self.contradictions(exit);
        for line in contradicts.iter().filter(|_| loud) {
            tell!("{line}");
        }
        hits < seen.len() || !contradicts.is_empty() || seen.len() < self.rows.len()
    }

    fn tell_head(&self, loud: bool) {
        if !loud {
            return;
        }
        tell!(
            "{}: {} layouts in {:.1} s",
            self.command.name,
            self.rows.len(),
            self.took.as_secs_f64()
        );
        let mut odd: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (row, driven) in self.rows.iter().zip(&self.driven) {
            let mut note = |what: String| odd.entry(what).or_default().push(&row.case);
            if !matches!(driven.ending, ProgramEnd::Exit(_)) {
                note(driven.ending.to_string());
            }
            if driven.left > 0 {
                note("let go of processes, which were ended".to_owned());
            }
            for what in &driven.odd {
                note(format!("sent {what}"));
            }
            if driven.past_proxy > 0 {
                note("asked past its proxy, of which nothing is said".to_owned());
            }
            let beside: BTreeSet<&String> = driven.beside.iter().collect();
            for what in beside {
                let far = what.starts_with("CONNECT");
                note(match far {
                    true => {
                        format!("asked for somebody beyond this machine and was refused: {what}")
                    }
                    false => format!("asked for something beside: {what}"),
                });
            }
        }
        for (what, cases) in &odd {
            tell!("  it {what} ({})", listed(cases, 6));
        }
    }

    fn tell_silence(&self) {
        let Some(driven) = self.driven.first() else {
            return;
        };
        tell!(
            "It sent no request on any layout: it {}, and its last words were",
            driven.ending
        );
        tell!("{}", driven.said);
    }

    fn tell_first(&self) {
        let firsts = self.rows.iter().filter_map(|row| row.schemes_sent.first());
        let firsts: BTreeSet<&str> = firsts
            .map(|sent| sent.split('[').next().unwrap_or(sent))
            .collect();
        let firsts: Vec<&str> = firsts.into_iter().collect();
        match firsts.as_slice() {
            ["none"] if !self.command.has_secrets() => {
                tell!("It is given no secret, and asks without credentials.");
            }
            ["none"] => {
                tell!("It waits for a challenge: its first request carries no credentials.");
            }
            [only] => tell!("It does not wait: its first request carries {only}, unasked."),
            several => tell!(
                "Its first request differs from layout to layout: {}",
                several.join(", ")
            ),
        }
    }

    fn tell_refused(&self) {
        let inside = self.driven.iter().filter(|driven| driven.is_in()).count();
        let all = self.rows.len();
        if inside == all {
            tell!("It gets in on all {all} layouts.");
            return;
        }
        tell!("It gets in on {inside} of {all} layouts. Of the others, it sent");
        let notes = notes(LAYOUTS);
        let mut shut_out: Vec<(String, Vec<&str>)> = Vec::new();
        for (row, driven) in self.rows.iter().zip(&self.driven) {
            if driven.is_in() {
                continue;
            }
            let did = did(row);
            match shut_out.iter_mut().find(|(have, _)| *have == did) {
                Some((_, cases)) => cases.push(&row.case),
                None => shut_out.push((did, vec![&row.case])),
            }
        }
        for (did, cases) in shut_out {
            tell!("  {did}");
            for case in cases {
                let note = notes.get(case).map_or("", String::as_str);
                tell!("    {case:5} {note}");
            }
        }
    }

    fn tell_like(&self, likest: &[countersign::user_agents::fit::Likeness<'_>], seen: &[Row<'_>]) {
        let all = seen.len();
        let whole: Vec<&str> = likest
            .iter()
            .take_while(|like| like.agreed == all)
            .map(|like| like.entry.name.as_str())
            .collect();
        if !whole.is_empty() {
            tell!(
                "It does the same as {} on every layout.",
                listed(&whole, MOST_ALIKE)
            );
            return;
        }
        if let Some(like) = likest.first() {
            tell!(
                "It is likest to {}, which does the same on {} of {all} layouts; it differs on",
                like.entry.name,
                like.agreed
            );
            for (row, played) in misses(&like.entry.traits, seen) {
                tell!("  {:5} {}", row.seen.case, did(row.seen));
                tell!(
                    "        {} would have {}",
                    like.entry.name,
                    predicted(&played)
                );
            }
        }
    }

    /// The codes with which it ended where it got in, and where it was refused; those that say both say nothing.
    fn exit(&self) -> ExitCodes {
        let codes = |inside: bool| -> BTreeSet<i32> {
            let of_it = self.driven.iter().filter(|driven| driven.is_in() == inside);
            of_it
                .filter_map(|driven| match driven.ending {
                    ProgramEnd::Exit(code) => Some(code),
                    _ => None,
                })
                .collect()
        };
        let (inside, refused) = (codes(true), codes(false));
        match inside.is_disjoint(&refused) {
            true => ExitCodes {
                inside: inside.into_iter().collect(),
                refused: refused.into_iter().collect(),
            },
            false => ExitCodes::default(),
        }
    }

    fn tell_exit(&self) {
        let ExitCodes { inside, refused } = self.exit();
        let words = |codes: &[i32]| {
            let codes: Vec<String> = codes.iter().map(i32::to_string).collect();
            codes.join(", ")
        };
        match (inside.as_slice(), refused.as_slice()) {
            ([], []) => tell!("Its exit code does not say whether it got in."),
            (inside, []) => tell!("It ends with {} where it got in.", words(inside)),
            ([], refused) => tell!("It ends with {} where it did not get in.", words(refused)),
            (inside, refused) => tell!(
                "It ends with {} where it got in, and with {} where it did not.",
                words(inside),
                words(refused)
            ),
        }
    }

    /// The layouts on which a client's exit code says something else than was seen.
    fn contradictions(&self, exit: &ExitCodes) -> Vec<String> {
        let all = self.rows.iter().zip(&self.driven);
        all.filter_map(|(row, driven)| {
            let ProgramEnd::Exit(code) = driven.ending else {
                return None;
            };
            let (says_in, says_out) = (exit.inside.contains(&code), exit.refused.contains(&code));
            let wrong = driven.is_in() && says_out || !driven.is_in() && says_in;
            wrong.then(|| {
                let came = if driven.is_in() {
                    "got in"
                } else {
                    "did not get in"
                };
                format!("  {}: it {came}, and ended with {code}", row.case)
            })
        })
        .collect()
    }
}

fn tell_traits(traits: &Traits, seen: &[Row<'_>]) {
    let hits = agreed(traits, seen);
    tell!(
        "These traits describe it on {hits} of {} layouts:",
        seen.len()
    );
    if traits.describe().is_empty() {
        tell!("  (none that is not usual)");
    }
    for (key, value) in traits.describe() {
        tell!("  {key}: {value}");
    }
    let missed: Vec<&str> = misses(traits, seen)
        .map(|(row, _)| row.seen.case.as_str())
        .collect();
    if !missed.is_empty() {
        tell!("  (and not {})", listed(&missed, 12));
    }
}

/// What a client did and what its traits predict, where these differ.
pub(super) fn difference(
    traits: &Traits,
    script: &Script,
    driven: &Driven,
) -> Option<(String, String)> {
    let played = play(traits, script);
    let sent = driven.schemes_sent(MOST_KEPT);
    let expected: Vec<String> = played.steps.iter().map(ToString::to_string).collect();
    let alike = sent == expected && driven.status() == played.status;
    if alike || !driven.ended() {
        return None;
    }
    let did = match driven.status() {
        Some(status) => format!("{}: {status}", came(&sent, driven.requests.len())),
        None => "no request".to_owned(),
    };
    Some((did, predicted(&played)))
}

/// What it sent and what came of it.
fn did(row: &Measurement) -> String {
    match row.final_status {
        Some(status) => format!("{}: {status}", came(&row.schemes_sent, row.requests)),
        None => "no request".to_owned(),
    }
}

/// The same of a play that is no row.
pub(super) fn did_so(driven: &Driven) -> String {
    match driven.status() {
        Some(status) => {
            let sent = driven.schemes_sent(MOST_KEPT);
            format!("{}: {status}", came(&sent, driven.requests.len()))
        }
        None => "no request".to_owned(),
    }
}

fn predicted(played: &ClientPlay<'_>) -> String {
    let sent: Vec<String> = played.steps.iter().map(ToString::to_string).collect();
    match played.status {
        Some(status) => format!("{}: {status}", came(&sent, played.requests)),
        None => "no request".to_owned(),
    }
}

fn came(sent: &[String], requests: usize) -> String {
    let more = requests.saturating_sub(sent.len());
    match more {
        0 => sent.join(", "),
        more => format!("{} and {more} more", sent.join(", ")),
    }
}

pub(super) fn listed<S: AsRef<str>>(names: &[S], most: usize) -> String {
    let shown: Vec<&str> = names.iter().take(most).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(most) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
