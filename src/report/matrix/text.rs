//! The matrix as a table for people.

use std::fmt::Write;

use crate::domain::counted;
use crate::reference::Fault;
use crate::results::{Matrix, can_hold};
use crate::spec::Spec;

/// How wide a fault's column of the grid is grouped: a gap after so many.
const GROUP: usize = 10;

/// The matrix for people: each fault with its killers, each rule with its victims, a grid of both,
/// and what it comes to.
pub fn matrix_text(matrix: &Matrix, specs: &[Spec]) -> String {
    let mut out = String::new();
    faults_text(matrix, &mut out);
    for spec in specs {
        rules_text(matrix, spec, &mut out);
        grid_text(matrix, spec, &mut out);
    }
    if !matrix.without_fault.is_empty() {
        out.push_str("without any fault\n");
        for line in &matrix.without_fault {
            let _ = writeln!(out, "      {line}");
        }
        out.push('\n');
    }
    summary_text(matrix, specs, &mut out);
    out
}

fn faults_text(matrix: &Matrix, out: &mut String) {
    let mut group = "";
    for (index, fault) in matrix.faults.iter().enumerate() {
        if group != fault.pack() {
            group = fault.pack();
            let _ = writeln!(out, "faults of {group}");
        }
        let _ = writeln!(out, "{:>5} {fault}", index + 1);
        let mut named: Vec<(&str, &str)> = Vec::new();
        for kill in matrix.killers(*fault) {
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

fn rules_text(matrix: &Matrix, spec: &Spec, out: &mut String) {
    let pack = &spec.pack;
    let _ = writeln!(out, "rules of {} {}", pack.name, pack.version);
    for rule in &spec.rules {
        let victims: Vec<&str> = matrix
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
fn grid_text(matrix: &Matrix, spec: &Spec, out: &mut String) {
    let width = spec.rules.iter().map(|rule| rule.id.len()).max();
    let width = width.unwrap_or_default();
    let columns = |mark: &dyn Fn(usize, Fault) -> char| {
        let mut line = String::new();
        for (index, fault) in matrix.faults.iter().enumerate() {
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
        let victims = matrix.victims(&spec.pack.name, &rule.id);
        let marks = columns(&|_, fault| if victims.contains(&fault) { '#' } else { '.' });
        let _ = writeln!(out, "      {:width$}  {marks}", rule.id);
    }
    out.push('\n');
}

fn summary_text(matrix: &Matrix, specs: &[Spec], out: &mut String) {
    let judged = specs.iter().flat_map(|spec| &spec.rules);
    let judged = judged.filter(|rule| can_hold(rule)).count();
    let killed = matrix.faults.len() - matrix.survivors().len();
    let biting = judged.saturating_sub(matrix.toothless(specs).len());
    let _ = writeln!(
        out,
        "{killed} of {} faults are killed; {biting} of {judged} rules that are judged kill a fault",
        matrix.faults.len()
    );
    let _ = writeln!(
        out,
        "{} of up to {}, seed {}: {} judged, {}",
        counted(matrix.tried.runs, "run", "runs"),
        counted(matrix.cases, "case", "cases"),
        matrix.seed,
        counted(matrix.tried.judged, "case", "cases"),
        counted(matrix.tried.requests, "request", "requests")
    );
}
