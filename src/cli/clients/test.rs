//! `countersign clients test`.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use countersign::programs::{DriveLimits, Driven, Driver, ProgramCommand, play_all};
use countersign::user_agents::catalogue::{Catalogue, Measurement};
use countersign::user_agents::conformance::{
    Abilities, CLIENT_PACK, ClientActs, ClientLayout, ClientNonces, ClientPack, client_pack,
    departs,
};
use countersign::user_agents::model::{MOST_KEPT, Script};

use super::commands;
use super::tested::{BrokenRule, FailedLayout, tell, tell_json};
use crate::cli::clients_options::TestOptions;
use crate::cli::failure::{CommandFailure, incomplete, say};
use crate::cli::interrupt::{self, Interruptions};
use crate::cli::specs::read_source;

/// The most layouts by chance of one rule that are made simpler.
const MOST_MADE_SIMPLER: usize = 3;

/// The most plays that this may take for one rule.
const MOST_PLAYS: usize = 100;

/// How many simpler layouts are tried at a time.
const AT_A_TIME: usize = 6;

/// The most failed layouts of a rule that are played again, until one is failed again.
const MOST_AGAIN: usize = 4;

/// What one program came to.
enum TestedClient {
    Broken,
    Kept,
    /// It got in nowhere, or could not be run.
    Unknown,
}

/// Holds programs against the rules for clients.
pub(super) async fn test(
    catalogue: &Catalogue,
    options: &TestOptions,
) -> Result<ExitCode, CommandFailure> {
    let commands = commands(catalogue, &options.names, &options.command)?;
    let own;
    let pack = match options.spec.as_str() {
        CLIENT_PACK => client_pack().map_err(CommandFailure::input)?,
        file => {
            own = ClientPack::read(&read_source(file)?).map_err(CommandFailure::input)?;
            &own
        }
    };
    let mut interruptions = Interruptions::watch();
    let (mut broken, mut unknown) = (false, false);
    for command in commands {
        let testing = one(command, pack, options);
        let Some(came) = interruptions.before(testing).await else {
            return Ok(interrupt::code());
        };
        match came? {
            TestedClient::Broken => broken = true,
            TestedClient::Unknown => unknown = true,
            TestedClient::Kept => {}
        }
    }
    Ok(match (broken, unknown) {
        (true, _) => ExitCode::FAILURE,
        (false, true) => incomplete(),
        (false, false) => ExitCode::SUCCESS,
    })
}

async fn one(
    command: ProgramCommand,
    pack: &ClientPack,
    options: &TestOptions,
) -> Result<TestedClient, CommandFailure> {
    let (name, holds) = (command.name.clone(), command.holds());
    let limits = DriveLimits {
        deadline: Duration::from_secs(options.deadline),
        passed: options.pass.clone(),
    };
    let driver = match Driver::new(command, limits) {
        Ok(driver) => Arc::new(driver),
        Err(fault) => {
            say(&fault.to_string());
            return Ok(TestedClient::Unknown);
        }
    };
    let mut tester = Tester {
        pack,
        driver,
        side_by_side: usize::from(options.jobs),
        known: BTreeMap::new(),
        nonces: ClientNonces::default(),
    };
    let probes = pack.probes();
    let scripts = probes.iter().map(|(_, script)| script.clone());
    let seen = tester.played(scripts.collect()).await?;
    let rows: Vec<Measurement> = seen.iter().map(row).collect();
    for driven in &seen {
        tester.nonces.note(driven.client_nonces());
    }
    let challenges = probes.iter().map(|(challenge, _)| *challenge);
    let abilities = Abilities::of(pack, holds, challenges.zip(&rows));
    if let Some(silent) = seen
        .first()
        .filter(|_| rows.iter().all(|row| row.requests == 0))
    {
        let by = match silent.past_proxy {
            0 => "",
            _ => " by its proxy, and asked past it",
        };
        say(&format!(
            "{name}: it sent no request{by}: it {}, and its last words were\n{}",
            silent.ending, silent.said
        ));
        return Ok(TestedClient::Unknown);
    }
    if abilities.answers(pack).is_empty() && abilities.answers_wrongly(pack).is_empty() {
        say(&format!(
            "{name}: it gets in by none of Basic, Digest and Bearer, so nothing is asked of it"
        ));
        return Ok(TestedClient::Unknown);
    }
    let mut layouts = pack.simple_layouts();
    layouts.retain(|layout| abilities.concern(pack, layout));
    layouts.extend(pack.drawn_layouts(&abilities, usize::from(options.drawn), options.seed));
    tester.play(&layouts).await?;
    let mut broken = Vec::new();
    for at in 0..pack.rules.len() {
        broken.extend(tester.broken(at, &layouts).await?);
    }
    match options.json {
        true => {
            let version = tester.driver.version().await;
            tell_json(
                pack,
                &name,
                version.as_deref(),
                &abilities,
                layouts.len(),
                &broken,
            );
        }
        false => tell(
            pack,
            &name,
            &abilities,
            layouts.len(),
            &broken,
            options.verbose,
        ),
    }
    Ok(match broken.iter().any(|broken| broken.rule.counts()) {
        true => TestedClient::Broken,
        false => TestedClient::Kept,
    })
}

/// One program, with what it was seen to do.
struct Tester<'p> {
    pack: &'p ClientPack,
    driver: Arc<Driver>,
    side_by_side: usize,
    /// What it did on each layout that was played, and what of that is wrong.
    known: BTreeMap<ClientLayout, (Measurement, Option<String>)>,
    /// Its client nonces in all plays so far.
    nonces: ClientNonces,
}

impl<'p> Tester<'p> {
    async fn played(&self, scripts: Vec<Script>) -> Result<Vec<Driven>, CommandFailure> {
        Ok(play_all(&self.driver, scripts, self.side_by_side).await?)
    }

    /// Plays layouts and keeps what came of them.
    async fn play(&mut self, layouts: &[ClientLayout]) -> Result<(), CommandFailure> {
        // Several rules may be about one layout, which is played once for all of them.
        let mut scripts: Vec<Script> = Vec::new();
        let mut plays = Vec::with_capacity(layouts.len());
        for layout in layouts {
            let script = layout.script(self.pack);
            let known = scripts.iter().position(|have| *have == script);
            plays.push(known.unwrap_or(scripts.len()));
            if known.is_none() {
                scripts.push(script);
            }
        }
        let all = self.played(scripts).await?;
        for driven in &all {
            self.nonces.note(driven.client_nonces());
        }
        let played = plays.into_iter().filter_map(|at| all.get(at));
        for (layout, driven) in layouts.iter().zip(played) {
            let acts = self.acts(driven);
            let wrong = departs(self.pack, layout, &acts);
            let row = acts.row;
            let wrong = wrong.map(|wrong| match driven.ended() {
                true => wrong,
                false => format!("{wrong}; it {}", driven.ending),
            });
            self.known.insert(layout.clone(), (row, wrong));
        }
        Ok(())
    }

    fn acts(&self, driven: &Driven) -> ClientActs {
        let mut flaws = driven.flaws();
        if driven.client_nonces().next().is_some() {
            flaws.extend(self.nonces.flaw());
        }
        ClientActs {
            row: row(driven),
            flaws,
        }
    }

    fn is_wrong(&self, layout: &ClientLayout) -> bool {
        matches!(self.known.get(layout), Some((_, Some(_))))
    }

    /// How a rule was broken: nothing where it was not, or not again.
    async fn broken(
        &mut self,
        rule: usize,
        layouts: &[ClientLayout],
    ) -> Result<Option<BrokenRule<'p>>, CommandFailure> {
        let of_it = layouts.iter().filter(|layout| layout.rule == rule);
        let of_it: Vec<&ClientLayout> = of_it.collect();
        let failed = of_it.iter().filter(|layout| self.is_wrong(layout));
        let failed: Vec<ClientLayout> = failed.map(|layout| (*layout).clone()).collect();
        let minimal = self.minimal(&failed).await?;
        let mut steady = Vec::new();
        let mut again = 0;
        for (layout, proven) in &minimal {
            if steady.is_empty() && again < MOST_AGAIN {
                again += 1;
                // By itself: whether others at work beside it were the reason is seen so.
                self.play(std::slice::from_ref(layout)).await?;
            }
            if self.is_wrong(layout) {
                steady.push((layout.clone(), *proven));
            }
        }
        let Some(rule) = self.pack.rules.get(rule).filter(|_| !steady.is_empty()) else {
            return Ok(None);
        };
        let failed = failed.into_iter().filter(|one| self.is_wrong(one));
        let rest = failed.filter(|one| steady.iter().all(|(told, _)| told != one));
        let rest: Vec<(ClientLayout, bool)> = rest.map(|layout| (layout, false)).collect();
        let failed = steady.iter().chain(&rest).filter_map(|(layout, minimal)| {
            let (seen, wrong) = self.known.get(layout)?;
            Some(FailedLayout {
                says: layout.says(self.pack),
                lines: layout.lines(self.pack),
                minimal: *minimal,
                drawn: !of_it.contains(&layout),
                seen: seen.clone(),
                did: wrong.clone()?,
            })
        });
        Ok(Some(BrokenRule {
            rule,
            failed: failed.collect(),
            of: of_it.len(),
        }))
    }

    /// The simplest layouts that were failed: of the simple ones, which come first, those in which no other stands, and what
    /// is left of some of the larger ones in which none of these stands. With each goes whether nothing simpler is failed;
    /// where it was not looked for long enough, that is not known.
    async fn minimal(
        &mut self,
        failed: &[ClientLayout],
    ) -> Result<Vec<(ClientLayout, bool)>, CommandFailure> {
        let mut minimal: Vec<(ClientLayout, bool)> = Vec::new();
        let (mut made, mut left) = (0, MOST_PLAYS);
        for layout in failed {
            let within = minimal
                .iter()
                .any(|(simpler, _)| layout.has_within(simpler));
            if within || made == MOST_MADE_SIMPLER {
                continue;
            }
            made += usize::from(!layout.simpler(self.pack).is_empty());
            let simplest = self.simplest(layout.clone(), &mut left).await?;
            if !minimal.contains(&simplest) {
                minimal.push(simplest);
            }
        }
        minimal.sort_by_key(|(_, proven)| !proven);
        Ok(minimal)
    }

    /// The simplest layout that can be come to from one that was failed, and whether all that is simpler was tried.
    async fn simplest(
        &mut self,
        mut layout: ClientLayout,
        left: &mut usize,
    ) -> Result<(ClientLayout, bool), CommandFailure> {
        loop {
            let simpler = layout.simpler(self.pack);
            let mut next = simpler.iter().find(|one| self.is_wrong(one)).cloned();
            let unknown = simpler.iter().filter(|one| !self.known.contains_key(one));
            let unknown: Vec<ClientLayout> = unknown.cloned().collect();
            for some in unknown.chunks(AT_A_TIME) {
                if next.is_some() || *left == 0 {
                    break;
                }
                let some = some.get(..some.len().min(*left)).unwrap_or_default();
                *left -= some.len();
                self.play(some).await?;
                next = some.iter().find(|one| self.is_wrong(one)).cloned();
            }
            match next {
                Some(next) => layout = next,
                None => {
                    let proven = simpler.iter().all(|one| self.known.contains_key(one));
                    return Ok((layout, proven));
                }
            }
        }
    }
}

fn row(driven: &Driven) -> Measurement {
    Measurement {
        mode: String::new(),
        case: String::new(),
        schemes_sent: driven.schemes_sent(MOST_KEPT),
        requests: driven.requests.len(),
        final_status: driven.status(),
    }
}
