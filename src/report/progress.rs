//! Progress: what goes on, on standard error, so that nothing is silent for long.
//!
//! A thread of its own draws it, because reading specs and judging cases leave no moment to a task.

use std::io::IsTerminal;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::domain::{counted, grouped};
use crate::engine::Pulse;

use super::escape::visible_line;

/// How often it is drawn.
const EVERY: Duration = Duration::from_millis(120);

/// How long a pack is played before its pace is taken for what it will be.
const SETTLED: Duration = Duration::from_secs(10);

/// A forecast beyond this is told also where no bar is drawn.
const LONG: Duration = Duration::from_secs(300);

/// What goes on, shown on standard error.
#[derive(Debug)]
pub struct Progress {
    shared: Arc<Mutex<State>>,
    bar: ProgressBar,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct State {
    what: String,
    play: Option<PackProgress>,
    cleared: bool,
    /// Whether nothing is shown any more, whatever goes on.
    closed: bool,
    over: bool,
}

/// A pack that is played.
#[derive(Debug)]
struct PackProgress {
    pulse: Pulse,
    of: u64,
    /// Since when cases are played, once they are.
    begun: Option<Instant>,
    failures: u64,
    told: bool,
}

impl Progress {
    /// Begins to show what goes on. Without a terminal only a forecast of a slow run is told.
    pub fn new(what: &str) -> Self {
        let shared = Arc::new(Mutex::new(State {
            what: what.to_owned(),
            ..State::default()
        }));
        let target = match std::io::stderr().is_terminal() {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(None, target);
        let (theirs, drawn) = (Arc::clone(&shared), bar.clone());
        let thread = std::thread::Builder::new()
            .name("progress".to_owned())
            .spawn(move || draw(&theirs, &drawn))
            .ok();
        Self {
            shared,
            bar,
            thread,
        }
    }

    /// Something goes on of which nobody knows how far it is.
    pub fn waits(&self, what: &str) {
        self.turn_to(what, None);
    }

    /// A pack of so many cases is played.
    pub(super) fn plays(&self, pack: &str, of: u64, pulse: &Pulse) {
        let play = PackProgress {
            pulse: pulse.clone(),
            of,
            begun: None,
            failures: 0,
            told: false,
        };
        self.turn_to(pack, Some(play));
    }

    fn turn_to(&self, what: &str, play: Option<PackProgress>) {
        let mut state = lock(&self.shared);
        if state.closed {
            return;
        }
        if state.cleared {
            self.bar.reset();
        }
        state.what = visible_line(what).into_owned();
        (state.play, state.cleared) = (play, false);
        drop(state);
        self.wake();
    }

    /// So many failures were seen in the pack.
    pub(super) fn failures(&self, failures: u64) {
        if let Some(play) = &mut lock(&self.shared).play {
            play.failures = failures;
        }
    }

    /// Nothing is shown until something goes on again, so that something else can be written.
    pub fn clear(&self) {
        let mut state = lock(&self.shared);
        (state.cleared, state.play) = (true, None);
        self.bar.finish_and_clear();
    }

    /// Nothing is shown any more, whatever is still going on: it was given up.
    pub fn close(&self) {
        lock(&self.shared).closed = true;
        self.clear();
    }

    fn wake(&self) {
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        lock(&self.shared).over = true;
        self.wake();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        self.bar.finish_and_clear();
    }
}

fn lock(shared: &Mutex<State>) -> MutexGuard<'_, State> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Draws until it is over. Whatever is drawn is drawn under the lock, so that nothing comes behind a
/// [`Progress::clear`].
fn draw(shared: &Mutex<State>, bar: &ProgressBar) {
    let style = |template| ProgressStyle::with_template(template).ok();
    let waits = style("{spinner} {wide_msg}");
    let plays = style("{prefix} {wide_bar} {msg}");
    let mut was_play = None;
    loop {
        let mut state = lock(shared);
        if state.over {
            return;
        }
        let is_play = state.play.is_some();
        if !state.cleared && was_play != Some(is_play) {
            if let Some(style) = if is_play { &plays } else { &waits } {
                bar.set_style(style.clone());
            }
            was_play = Some(is_play);
        }
        let State {
            what,
            play,
            cleared: false,
            ..
        } = &mut *state
        else {
            drop(state);
            std::thread::park_timeout(EVERY);
            continue;
        };
        match play {
            Some(play) => {
                if play.begun.is_none() && play.pulse.is_playing() {
                    play.begun = Some(Instant::now());
                }
                bar.set_length(play.of);
                bar.set_prefix(what.clone());
                bar.set_message(play.words());
                bar.set_position(play.pulse.cases());
                if let Some(forecast) = play.forecast() {
                    bar.suspend(|| anstream::eprintln!("{forecast}"));
                }
            }
            None => bar.set_message(what.clone()),
        }
        bar.tick();
        drop(state);
        std::thread::park_timeout(EVERY);
    }
}

impl PackProgress {
    /// How far it is, in words that fit behind a bar.
    fn words(&self) -> String {
        let mut words = format!("{}/{}", grouped(self.pulse.cases()), grouped(self.of));
        match (self.pulse.looking_into(), self.left()) {
            (Some(number), _) => words.push_str(&format!(", looking into failure {number}")),
            (None, Some(Duration::ZERO)) => words.push_str(", finishing"),
            (None, Some(left)) => words.push_str(&format!(", {} left", duration(left))),
            (None, None) => {}
        }
        if self.failures > 0 {
            words.push_str(&format!(
                ", {}",
                counted(self.failures, "failure", "failures")
            ));
        }
        words
    }

    /// How long the rest takes at the pace so far.
    fn left(&self) -> Option<Duration> {
        let (cases, seconds) = (self.pulse.cases(), self.begun?.elapsed().as_secs_f64());
        let rest = self.of.saturating_sub(cases) as f64;
        let is_pace = cases > 0 && seconds > 1.0;
        is_pace.then(|| Duration::try_from_secs_f64(seconds * rest / cases as f64).ok())?
    }

    /// What to tell of a run that will take long, once.
    fn forecast(&mut self) -> Option<String> {
        let elapsed = self.begun?.elapsed();
        if self.told || elapsed < SETTLED {
            return None;
        }
        let cases = self.pulse.cases();
        let rest = grouped(self.of.saturating_sub(cases));
        let told = match self.left() {
            None => format!("slow: no case was judged in {}", duration(elapsed)),
            Some(left) if left > LONG => format!(
                "slow: {} in {}; at this rate the remaining {rest} cases take {}",
                counted(cases, "case", "cases"),
                duration(elapsed),
                duration(left)
            ),
            Some(_) => return None,
        };
        self.told = true;
        Some(format!(
            "{told}\n  (`--cases N` plays fewer; Ctrl-C ends with what was found)"
        ))
    }
}

/// A duration as a person says it.
fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3_600, seconds / 60 % 60, seconds) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {} s", seconds % 60),
        (hours, minutes, _) => format!("{} h {minutes} min", grouped(hours)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        for (seconds, told) in [
            (0, "0 s"),
            (59, "59 s"),
            (61, "1 min 1 s"),
            (8_100, "2 h 15 min"),
        ] {
            assert_eq!(duration(Duration::from_secs(seconds)), told);
        }
    }

    #[test]
    fn what_was_given_up_shows_nothing_more() {
        let progress = Progress::new("reading");
        progress.waits("looking over a pack");
        assert!(!lock(&progress.shared).cleared);
        progress.close();
        // Whoever reads does not know that nobody waits for it any more.
        progress.waits("looking over another");
        assert!(lock(&progress.shared).cleared);
    }

    #[test]
    fn what_takes_hours_is_told_once() {
        let pulse = Pulse::default();
        let mut play = PackProgress {
            pulse,
            of: 8_184,
            begun: Instant::now().checked_sub(Duration::from_secs(72)),
            failures: 0,
            told: false,
        };
        let told = play.forecast().unwrap();
        assert!(
            told.starts_with("slow: no case was judged in 1 min 12 s"),
            "{told}"
        );
        assert!(told.lines().all(|line| line.len() <= 80), "{told}");
        assert_eq!(play.forecast(), None);
    }
}
