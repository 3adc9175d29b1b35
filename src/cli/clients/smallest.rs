//! Layouts by chance on which a client does not what its traits predict, made as simple as they can be.

use std::collections::BTreeSet;

use countersign::observation::SetupFault;
use countersign::programs::Driver;
use countersign::user_agents::drawn::DrawnLayout;
use countersign::user_agents::model::{Script, Traits};

use super::measured::{Measured, difference};

/// The most differences that are looked into.
const MOST: usize = 8;

/// The most plays that each is given.
const MOST_PLAYS: usize = 100;

/// Drawn layouts with a name each.
pub(super) fn cases(layouts: &[DrawnLayout]) -> Vec<(String, Script)> {
    let numbered = layouts.iter().zip(1..);
    numbered
        .map(|(layout, number)| (format!("#{number}"), layout.script()))
        .collect()
}

/// Tells the simplest layouts on which the two differ, of those that were seen to.
pub(super) async fn tell(
    driver: &Driver,
    traits: &Traits,
    layouts: Vec<DrawnLayout>,
    measured: &Measured,
) -> Result<(), SetupFault> {
    let places = measured.differences(traits);
    let mut told = BTreeSet::new();
    for (at, layout) in layouts.into_iter().enumerate() {
        if !places.iter().take(MOST).any(|place| *place == at) {
            continue;
        }
        let Some((lines, did, predicted)) = smallest(driver, traits, layout).await? else {
            tell!("  #{}: not seen again", at + 1);
            continue;
        };
        if told.insert(lines.clone()) {
            tell!("The simplest on which the two differ:");
            for line in &lines {
                tell!("  WWW-Authenticate: {line}");
            }
            tell!("  sent {did}");
            tell!("  predicted {predicted}");
        }
    }
    Ok(())
}

/// The simplest layout that can be come to from this one on which the two differ, with what was done and what was predicted
/// there; nothing where they do not.
async fn smallest(
    driver: &Driver,
    traits: &Traits,
    mut layout: DrawnLayout,
) -> Result<Option<(Vec<String>, String, String)>, SetupFault> {
    let mut smallest = None;
    let mut more = true;
    for _ in 0..MOST_PLAYS {
        if !more {
            break;
        }
        let script = layout.script();
        let driven = driver.play(&script).await?;
        more = match difference(traits, &script, &driven) {
            Some((did, predicted)) => {
                smallest = Some((layout.lines(), did, predicted));
                layout.simplify()
            }
            None => layout.complicate(),
        };
    }
    Ok(smallest)
}
