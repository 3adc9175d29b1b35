//! Many plays in one process: a script that drives a library is started once, and asks one server after the other. What it
//! does not come to the end of is played by itself, as any other program is.

use std::fmt::Write as _;
use std::future;
use std::time::{Duration, Instant};

use super::command::ClientSecrets;
use super::driver::{Driver, Goal, NOWHERE, fault};
use super::judge::PATH;
use super::origin::{ScriptedOrigin, secrets_of};
use super::seen::{Driven, ProgramEnd};
use crate::observation::SetupFault;
use crate::user_agents::model::Script;

/// The most plays of one process: each has a server with two ports.
const MOST: usize = 50;

/// What the line of a play begins with, on the standard output of such a script.
const PLAYED: &str = "countersign-play ";

/// The file in which a script reads where to go.
const PLAYS: &str = "plays";

impl Driver {
    /// Lets the program ask each of these servers, in few processes, where it can; nothing for those that it did not come to
    /// the end of.
    ///
    /// # Errors
    ///
    /// When a server or the program cannot be started.
    pub(super) async fn play_many(
        &self,
        scripts: &[Script],
    ) -> Result<Vec<Option<Driven>>, SetupFault> {
        let mut all = Vec::with_capacity(scripts.len());
        let words = self.command().for_many(&format!("{{folder}}/{PLAYS}"));
        for some in scripts.chunks(MOST) {
            match &words {
                Some(words) if some.len() > 1 => all.extend(self.play_some(words, some).await?),
                _ => all.extend(some.iter().map(|_| None)),
            }
        }
        Ok(all)
    }

    async fn play_some(
        &self,
        words: &[String],
        scripts: &[Script],
    ) -> Result<Vec<Option<Driven>>, SetupFault> {
        let cannot = |error| fault(&self.command().name, &error);
        let mut origins = Vec::with_capacity(scripts.len());
        let mut plays = String::new();
        for script in scripts {
            let origin = ScriptedOrigin::open(script, 0, None)
                .await
                .map_err(cannot)?;
            let ClientSecrets {
                user,
                password,
                token,
            } = secrets_of(script);
            let realm = script.known_realm.as_deref().unwrap_or("x");
            let play = serde_json::json!([origin.url(), user, password, token, realm]);
            // Writing to a text cannot fail.
            let _ = writeln!(plays, "{play}");
            origins.push(origin);
        }
        let goal = Goal {
            authority: NOWHERE,
            path: PATH,
            secrets: &ClientSecrets::usual(),
            realm: "x",
        };
        let begun = Instant::now();
        let beside = Some((PLAYS, plays.as_str()));
        let ran = self.ran(words, &goal, beside, future::pending()).await;
        let (driven, said) = ran?;
        let ends = ends_of(&said, scripts.len());
        let count = u32::try_from(scripts.len()).unwrap_or(u32::MAX);
        let took = begun.elapsed().checked_div(count).unwrap_or(Duration::ZERO);
        let all = ends.into_iter().zip(&origins).map(|(end, origin)| {
            // Whose process was left behind is not known.
            let (code, said) = end.filter(|_| driven.left == 0)?;
            let mut driven = Driven {
                requests: Vec::new(),
                beside: Vec::new(),
                odd: Vec::new(),
                past_proxy: 0,
                ending: ProgramEnd::Exit(code),
                said,
                left: 0,
                took,
            };
            origin
                .log()
                .hand_over(&mut driven, self.command().is_behind_proxy());
            Some(driven)
        });
        Ok(all.collect())
    }
}

/// How each play ended: the exit code that a process of its own would have had, and what it would have said.
fn ends_of(said: &str, count: usize) -> Vec<Option<(i32, String)>> {
    let mut ends = vec![None; count];
    for line in said.lines().filter_map(|line| line.strip_prefix(PLAYED)) {
        let mut words = line.splitn(3, ' ');
        let at = words.next().and_then(|word| word.parse::<usize>().ok());
        let code = words.next().and_then(|word| word.parse().ok());
        if let Some(((at, code), words)) = at.zip(code).zip(words.next())
            && let Some(end) = ends.get_mut(at)
        {
            *end = Some((code, words.to_owned()));
        }
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_script_says_of_its_plays_is_read_and_nothing_else() {
        let said = "countersign-play 0 0 200\nwarning: old\ncountersign-play 2 2 Error: reset by peer\ncountersign-play 9 0 \
                    200\ncountersign-play 1\n";
        let ends = ends_of(said, 3);
        assert_eq!(ends[0], Some((0, "200".to_owned())));
        assert_eq!(ends[1], None);
        assert_eq!(ends[2], Some((2, "Error: reset by peer".to_owned())));
    }
}
