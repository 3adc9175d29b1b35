//! The matrix as a table for people.

use std::fmt::Write;

use crate::domain::counted;
use crate::reference::Fault;
use crate::spec::{Demand, Rule, Spec, Standing};

use super::kill::Matrix;

/// How wide a fault's column of the grid is grouped: a gap after so many.
const GROUP: usize = 10;

impl Matrix {
    /// The rules of these packs that can be said to hold and kill no fault, as pack and id: whether they are
    /// scored or not, nobody has seen them fail.
    pub fn toothless<'s>(&self, specs: &'s [Spec]) -> Vec<(&'s str, &'s str)> {
        let mut toothless = Vec::new();
        for spec in specs {
            let pack = spec.pack.name.as_str();
            for rule in spec.rules.iter().filter(|rule| can_hold(rule)) {
                if self.victims(pack, &rule.id).is_empty() {
                    toothless.push((pack, rule.id.as_str()));
                }
            }
        }
        toothless
    }

    /// The matrix for people: each fault with its killers, each rule with its victims, a grid of both,
    /// and what it comes to.
    pub fn text(&self, specs: &[Spec]) -> String {
        let mut out = String::new();
        self.faults_text(&mut out);
        for spec in specs {
            self.rules_text(spec, &mut out);
            self.grid_text(spec, &mut out);
        }
        if !self.without_fault.is_empty() {
            out.push_str("without any fault\n");
            for line in &self.without_fault {
                let _ = writeln!(out, "      {line}");
            }
            out.push('\n');
        }
        self.summary_text(specs, &mut out);
        out
    }

    fn faults_text(&self, out: &mut String) {
        let mut group = "";
        for (index, fault) in self.faults.iter().enumerate() {
            if group != fault.pack() {
                group = fault.pack();
                let _ = writeln!(out, "faults of {group}");
            }
            let _ = writeln!(out, "{:>5} {fault}", index + 1);
            let mut named: Vec<(&str, &str)> = Vec::new();
            for kill in self.killers(*fault) {
                if named.contains(&(&kill.pack, &kill.rule)) {
                    continue;
                }
                named.push((&kill.pack, &kill.rule));
                let _ = writeln!(out, "      {kill}");
            }
            if named.is_empty() {
                out.push_str("      NOBODY KILLS IT\n");
            }
        }
        out.push('\n');
    }

    fn rules_text(&self, spec: &Spec, out: &mut String) {
        let pack = &spec.pack;
        let _ = writeln!(out, "rules of {} {}", pack.name, pack.version);
        for rule in &spec.rules {
            let victims: Vec<&str> = self
                .victims(&pack.name, &rule.id)
                .into_iter()
                .map(Fault::name)
                .collect();
            let _ = writeln!(out, "      {} ({})", rule.id, rule.level);
            match (victims.is_empty(), can_hold(rule)) {
                (false, _) => {
                    let _ = writeln!(out, "        {}", victims.join(", "));
                }
                (true, true) => out.push_str("        KILLS NOTHING\n"),
                (true, false) => out.push_str("        kills nothing; it cannot be seen\n"),
            }
        }
        out.push('\n');
    }

    /// A line for each rule and a column for each fault, numbered as in the list above.
    fn grid_text(&self, spec: &Spec, out: &mut String) {
        let width = spec.rules.iter().map(|rule| rule.id.len()).max();
        let width = width.unwrap_or_default();
        let columns = |mark: &dyn Fn(usize, Fault) -> char| {
            let mut line = String::new();
            for (index, fault) in self.faults.iter().enumerate() {
                if index > 0 && index.is_multiple_of(GROUP) {
                    line.push(' ');
                }
                line.push(mark(index, *fault));
            }
            line
        };
        let digit = |number: usize| char::from_digit((number % 10) as u32, 10).unwrap_or(' ');
        let tens = columns(&|index, _| {
            let number = index + 1;
            if number.is_multiple_of(10) {
                digit(number / 10)
            } else {
                ' '
            }
        });
        let units = columns(&|index, _| digit(index + 1));
        let _ = writeln!(out, "      {:width$}  {}", "", tens.trim_end());
        let _ = writeln!(out, "      {:width$}  {units}", "");
        for rule in &spec.rules {
            let victims = self.victims(&spec.pack.name, &rule.id);
            let marks = columns(&|_, fault| if victims.contains(&fault) { '#' } else { '.' });
            let _ = writeln!(out, "      {:width$}  {marks}", rule.id);
        }
        out.push('\n');
    }

    fn summary_text(&self, specs: &[Spec], out: &mut String) {
        let judged = specs.iter().flat_map(|spec| &spec.rules);
        let judged = judged.filter(|rule| can_hold(rule)).count();
        let killed = self.faults.len() - self.survivors().len();
        let biting = judged.saturating_sub(self.toothless(specs).len());
        let _ = writeln!(
            out,
            "{killed} of {} faults are killed; {biting} of {judged} rules that are judged kill a fault",
            self.faults.len()
        );
        let _ = writeln!(
            out,
            "{} of up to {}, seed {}: {} judged, {}",
            counted(self.tried.runs, "run", "runs"),
            counted(self.cases, "case", "cases"),
            self.seed,
            counted(self.tried.judged, "case", "cases"),
            counted(self.tried.requests, "request", "requests")
        );
    }
}

/// Whether breaking a rule counts.
pub(super) fn is_scored(rule: &Rule) -> bool {
    rule.standing == Standing::Scored
}

/// Whether a run can say of a rule that it holds.
fn can_hold(rule: &Rule) -> bool {
    !matches!(rule.demand, Demand::Unseen)
}
