//! Which real gateways and frameworks a program gets into: it is asked as they were seen to ask, with what they take.

use std::sync::Arc;

use countersign::programs::{Driven, Driver, play_all};
use countersign::user_agents::catalogue::{RealRun, real_runs};
use countersign::user_agents::model::{Accepts, Layout, MOST_KEPT, Script};
use serde_json::json;

use super::measured::{did_so, listed};
use crate::cli::failure::CommandFailure;

/// What stands in the place of a server's address where the runs are kept.
const ADDRESS_LEFT_OUT: &str = "…";

/// The most gateways that are named of those that ask alike.
const MOST_NAMED: usize = 6;

/// One way of asking that was seen, and who asks so.
#[derive(Debug)]
pub(super) struct GatewayWay {
    challenges: &'static [String],
    implementations: Vec<&'static str>,
    script: Script,
}

/// Every way in which a gateway or a framework that takes Basic was seen to ask, each once.
pub(super) fn ways() -> Vec<GatewayWay> {
    let mut ways: Vec<GatewayWay> = Vec::new();
    for run in real_runs() {
        let name = run.implementation.as_str();
        // What stands for a platform here is none.
        if name.starts_with("reference") {
            continue;
        }
        match ways
            .iter_mut()
            .find(|way| *way.challenges == run.challenges)
        {
            Some(way) if way.implementations.contains(&name) => {}
            Some(way) => way.implementations.push(name),
            None => ways.push(GatewayWay {
                challenges: &run.challenges,
                implementations: vec![name],
                script: script(run),
            }),
        }
    }
    ways
}

/// A server that asks as one did, and takes Basic, and a token where it asks for one.
fn script(run: &RealRun) -> Script {
    let lines = run.challenges.iter();
    let lines = lines.map(|line| line.replace(ADDRESS_LEFT_OUT, "gateway.example"));
    let layout = Layout::new(lines);
    let named: Vec<String> = layout
        .offers()
        .iter()
        .map(|offer| offer.scheme.to_ascii_lowercase())
        .collect();
    let bearer = named.iter().any(|scheme| scheme == "bearer");
    Script {
        accepts: Accepts {
            basic: true,
            bearer,
            digest: false,
        },
        ..Script::new(layout)
    }
}

/// Lets a program ask in each of these ways.
pub(super) async fn asked(
    driver: &Arc<Driver>,
    ways: &[GatewayWay],
    jobs: usize,
) -> Result<Vec<Driven>, CommandFailure> {
    let scripts = ways.iter().map(|way| way.script.clone()).collect();
    Ok(play_all(driver, scripts, jobs).await?)
}

/// Tells by how many of them it gets in, and of the others who asks so and what it sent.
pub(super) fn tell(ways: &[GatewayWay], driven: &[Driven]) {
    let outside: Vec<_> = { ways.iter().zip(driven) }
        .filter(|(_, driven)| !driven.is_in())
        .collect();
    let (all, inside) = (ways.len(), ways.len() - outside.len());
    let seen = format!(
        "Gateways and frameworks that take Basic were seen to ask in {all} ways (docs/clients-matrix.md)"
    );
    if outside.is_empty() {
        tell!("{seen}, and it gets in by all of them.");
        return;
    }
    tell!("{seen}. It gets in by {inside} of them, and not where it is asked by");
    for (way, driven) in outside {
        let who = listed(&way.implementations, MOST_NAMED);
        tell!("  {}", way.challenges.join(" and "));
        tell!("    {who}; it sent {}", did_so(driven));
    }
}

/// The same for programs, one line a way.
pub(super) fn tell_json(ways: &[GatewayWay], driven: &[Driven]) {
    for (way, driven) in ways.iter().zip(driven) {
        let line = json!({
            "gateways": way.implementations,
            "challenges": way.challenges,
            "schemes_sent": driven.schemes_sent(MOST_KEPT),
            "final_status": driven.status(),
            "in": driven.is_in(),
        });
        tell!("{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_stands_once_and_is_one_that_can_be_asked() {
        let ways = ways();
        assert!(ways.len() > 5, "{}", ways.len());
        let named: usize = ways.iter().map(|way| way.implementations.len()).sum();
        assert!(named > ways.len());
        for (at, way) in ways.iter().enumerate() {
            assert!(way.script.accepts.basic && !way.script.accepts.digest);
            assert!(!way.script.layout.joined().contains(ADDRESS_LEFT_OUT));
            let asks_for_token = way.script.layout.joined().contains("Bearer");
            assert_eq!(way.script.accepts.bearer, asks_for_token, "{way:?}");
            assert!(
                !ways
                    .iter()
                    .skip(at + 1)
                    .any(|other| other.challenges == way.challenges)
            );
            assert!(
                !way.implementations
                    .iter()
                    .any(|name| name.starts_with("reference"))
            );
        }
    }
}
