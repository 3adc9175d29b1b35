//! `countersign explain`.

use std::io::Write;
use std::process::ExitCode;

use countersign::adapter::{find_adapter, shipped_names};
use countersign::auth::Departure;
use countersign::baseline::{BASELINE_FILE, Baseline};
use countersign::domain::counted;
use countersign::matrix::published_kills;
use countersign::reference::Fault;
use countersign::spec::{Rule, Spec, Standing};
use countersign::yaml::Source;

use super::failure::{CommandFailure, written};
use super::open::alike;
use super::program::program;
use super::specs::read_specs;

/// The width of the labels.
const LABEL: usize = 12;

/// Says what stands behind a name: of whatever has it, a rule of several packs among it.
pub(super) fn explain(name: &str, specs: &[String]) -> Result<ExitCode, CommandFailure> {
    let specs = read_specs(specs)?;
    let mut told = Vec::new();
    for spec in &specs {
        let named = spec.rules.iter().filter(|rule| rule.id == name);
        told.extend(named.map(|rule| of_rule(spec, rule, &specs)));
    }
    told.extend(Fault::from_name(name).map(of_fault));
    told.extend(Departure::from_word(name).map(|departure| of_departure(departure, &specs)));
    if told.is_empty() {
        for spec in &specs {
            let shown = spec.rules.iter().filter(|rule| is_told_as(rule, name));
            told.extend(shown.map(|rule| of_rule(spec, rule, &specs)));
        }
    }
    if told.is_empty() {
        return Err(unknown(name, &specs));
    }
    let text = super::workflow::harmless(&told.join("\n")).into_owned();
    written(anstream::stdout().write_all(text.as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}

/// Whether a finding of a rule may say that this is wrong; its case may stand behind that.
fn is_told_as(rule: &Rule, words: &str) -> bool {
    let is = |defect: &str| {
        let case = words.get(defect.len()..).unwrap_or_default();
        let begins = words.get(..defect.len());
        begins.is_some_and(|begins| begins.eq_ignore_ascii_case(defect))
            && (case.is_empty() || case.starts_with(": "))
    };
    let texts = rule.defect.iter().flat_map(|defect| {
        let by_outcome = defect.by_outcome.iter().map(|(_, text)| text);
        by_outcome.chain(std::iter::once(&defect.other))
    });
    texts.map(String::as_str).any(is)
}

/// A block: what it is about, and lines with labels.
struct Block(String);

impl Block {
    fn new(title: &str) -> Self {
        Self(format!("{title}\n"))
    }

    /// A line with its label; none where there is nothing to say.
    fn put(&mut self, label: &str, text: &str) {
        if !text.is_empty() {
            let text = countersign::report::visible(text);
            self.0.push_str(&format!("  {label:LABEL$}{text}\n"));
        }
    }

    /// Lines of which the first has the label.
    fn list(&mut self, label: &str, lines: &[String]) {
        for (at, line) in lines.iter().enumerate() {
            self.put(if at == 0 { label } else { "" }, line);
        }
    }
}

fn of_rule(spec: &Spec, rule: &Rule, specs: &[Spec]) -> String {
    let pack = &spec.pack.name;
    let mut out = Block::new(&format!("rule {} ({pack}, {})", rule.id, rule.level));
    out.put("source", &rule.stated.to_string());
    if let Standing::NotScored(why) = &rule.standing {
        out.put("counts", &format!("no: {why}"));
    }
    if let Some(defect) = &rule.defect {
        out.put("defect", &defect.other);
    }
    out.put("impact", &rule.impact.other);
    for choice in spec.presumes(rule) {
        let (of, choice) = (choice.alternative, choice.choice);
        out.put(
            "holds",
            &format!("for implementations that take {of}: {choice}"),
        );
    }
    let kills = published_kills();
    let kills = kills
        .iter()
        .filter(|kill| kill.pack == pack && kill.rule == rule.id);
    let kills: Vec<Fault> = kills.map(|kill| kill.fault).collect();
    let lines = kills
        .iter()
        .map(|fault| format!("{fault}: {}", fault.summary()));
    out.list("notices", &lines.collect::<Vec<_>>());
    let products = if spec.ships() {
        products(pack, &rule.id, specs)
    } else {
        Vec::new()
    };
    out.list("known in", &products);
    let spec = spec.called();
    let fault = kills
        .first()
        .map_or_else(String::new, |fault| format!(" --fault {fault}"));
    out.put(
        "try",
        &format!("{} run --spec {spec} --rule {}{fault}", program(), rule.id),
    );
    out.0
}

/// The products that ship with an adapter in which a rule is known to break: each departure once.
fn products(pack: &str, rule: &str, specs: &[Spec]) -> Vec<String> {
    let mut lines = Vec::new();
    for name in shipped_names() {
        let Ok(adapter) = find_adapter(name) else {
            continue;
        };
        let Ok(text) = adapter.folder.read(BASELINE_FILE) else {
            continue;
        };
        let source = Source::new(adapter.folder.shown(BASELINE_FILE), text);
        let Ok(baseline) = Baseline::read(&source, specs) else {
            continue;
        };
        for departure in &baseline.departures {
            let mut shows = departure.shows.iter();
            if shows.any(|showing| showing.pack == pack && showing.rule == rule) {
                lines.push(format!(
                    "{name} {}: {} ({})",
                    baseline.version,
                    departure.finding,
                    departure.whose.phrase()
                ));
            }
        }
    }
    lines
}

fn of_fault(fault: Fault) -> String {
    let mut out = Block::new(&format!("fault {fault} (of the reference implementation)"));
    out.put("does", fault.summary());
    out.put("seen in", fault.seen().unwrap_or_default());
    let kills = published_kills();
    let kills: Vec<_> = kills.iter().filter(|kill| kill.fault == fault).collect();
    let lines = kills
        .iter()
        .map(|kill| format!("{} ({})", kill.rule, kill.pack));
    out.list("noticed by", &lines.collect::<Vec<_>>());
    out.put(
        "try",
        &format!("{} run --spec {} --fault {fault}", program(), fault.pack()),
    );
    out.0
}

fn of_departure(departure: Departure, specs: &[Spec]) -> String {
    let word = departure.word();
    let mut out = Block::new(&format!(
        "departure {word} (from the grammar of authentication fields)"
    ));
    out.put("is", departure.summary());
    out.put("source", departure.section());
    out.put("binds", departure.sender().words());
    out.put("", departure.recipient().words());
    let rules = specs.iter().flat_map(|spec| {
        let named = { spec.rules.iter() }.filter(|rule| rule.names_departure(departure));
        named.map(move |rule| (spec, rule))
    });
    let rules: Vec<(&Spec, &Rule)> = rules.collect();
    let impacts = rules.iter().map(|(_, rule)| rule.impact.other.clone());
    out.list("impact", &each_once(impacts));
    let lines = { rules.iter() }.map(|(spec, rule)| format!("{} ({})", rule.id, spec.pack.name));
    out.list("noticed by", &lines.collect::<Vec<_>>());
    let kills = published_kills();
    let faults = kills.iter().filter(|kill| {
        let mut rules = rules.iter();
        rules.any(|(spec, rule)| kill.pack == spec.pack.name && kill.rule == rule.id)
    });
    let faults = faults.map(|kill| format!("{}: {}", kill.fault, kill.fault.summary()));
    out.list("faults", &each_once(faults));
    let shipped = rules.iter().filter(|(spec, _)| spec.ships());
    let products = shipped.flat_map(|(spec, rule)| products(&spec.pack.name, &rule.id, specs));
    out.list("known in", &each_once(products));
    out.0
}

/// Each of these once, in their order.
fn each_once(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut once: Vec<String> = Vec::new();
    for one in all {
        if !once.contains(&one) {
            once.push(one);
        }
    }
    once
}

fn unknown(name: &str, specs: &[Spec]) -> CommandFailure {
    let rules = specs
        .iter()
        .flat_map(|spec| spec.rules.iter().map(|rule| rule.id.as_str()));
    let faults = Fault::ALL.iter().map(|fault| fault.name());
    let departures = Departure::ALL.iter().map(|departure| departure.word());
    let known: Vec<&str> = rules.chain(faults).chain(departures).collect();
    let help = match alike(name, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "`countersign rules` and `countersign faults` list what there is".to_owned(),
    };
    CommandFailure::input(format!(
        "there is no rule, fault or departure `{name}` in {}\n  help: {help}",
        counted(specs.len() as u64, "pack", "packs")
    ))
}
