//! The reference implementation as an implementation under test.

use std::collections::BTreeMap;
use std::future::ready;
use std::sync::Arc;

use tokio::sync::mpsc::Receiver;

use super::ways::{WAYS, allowed_ways};
use super::{BoxFuture, Description, Implementation, Installation, Nature, Opener, Placement};
use crate::credentials::TokenKind;
use crate::domain::{Allowed, Narrowing, Value};
use crate::observation::{Arrival, AuditEvent, SetupFault};
use crate::reference::{Behaviour, Fault, FaultsLookedFor, OF_NO_PACK, Reference, Served, paths};
use crate::wire::Way;

/// How many policies it takes at once. Installing is a matter of microseconds for each; more would
/// only make batches long.
const SLOTS: usize = 512;

/// The embedded [`Reference`], started with its first installation.
#[derive(Debug)]
pub struct ReferenceImplementation {
    description: Description,
    faults: Vec<Fault>,
    looked_for: Option<Arc<FaultsLookedFor>>,
    port: u16,
    by_sockets: bool,
    running: Option<Reference>,
}

impl ReferenceImplementation {
    /// One that obeys its policies.
    pub fn new() -> Self {
        Self::with_faults(&[])
    }

    /// One with these faults seeded, which its version tells: `0.1.0+accepts-expired`.
    pub fn with_faults(faults: &[Fault]) -> Self {
        let names: Vec<&str> = faults.iter().map(|fault| fault.name()).collect();
        let seeded = if names.is_empty() { "" } else { "+" };
        let mut by_path = BTreeMap::from([(WAYS.to_owned(), allowed_ways(Way::built_in()))]);
        if !cfg!(feature = "http2") {
            // By gRPC nobody is asked without it.
            let http = Allowed::Values(vec![Value::symbol("http")]);
            by_path.insert("policy.protocol".to_owned(), http);
        }
        // It was told of every token, and looks them up.
        let at_once = ("withdrawn-tokens".to_owned(), "at-once".to_owned());
        // What the Gateway API calls success.
        let only_200 = ("auth-success".to_owned(), "only-200".to_owned());
        let contract = ("auth-contract".to_owned(), "gateway-api".to_owned());
        Self {
            description: Description {
                arrivals: true,
                edits: true,
                name: "reference".to_owned(),
                version: format!("{}{seeded}{}", env!("CARGO_PKG_VERSION"), names.join(".")),
                slots: SLOTS,
                supports: Narrowing { by_path },
                knows: paths().into_iter().collect(),
                own: OF_NO_PACK.map(str::to_owned).to_vec(),
                claims: Behaviour::ALL
                    .into_iter()
                    .flat_map(Behaviour::claims)
                    .map(|pack| (*pack).to_owned())
                    .collect(),
                nature: Nature::Embedded,
                events: true,
                tokens: TokenKind::Either,
                alternatives: BTreeMap::from([at_once, only_200, contract]),
            },
            faults: faults.to_vec(),
            looked_for: None,
            port: 0,
            by_sockets: false,
            running: None,
        }
    }

    /// The same on a port of one's choice; 0, the default, stands for a free one.
    pub fn on_port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The same, reached by sockets alone, as every other implementation is; else HTTP/1.1 in clear text, which is
    /// most of what a run asks by, stays within this program.
    pub fn by_sockets(mut self) -> Self {
        self.by_sockets = true;
        self
    }

    /// The same without a fault, on free ports, taking note of the faults that it looks for.
    pub(crate) fn noting(mut self, looked_for: Arc<FaultsLookedFor>) -> Self {
        self.looked_for = Some(looked_for);
        self
    }

    /// The same, saying that it takes this choice of a spec's alternative. What it does stays the same.
    pub fn taking(mut self, alternative: &str, choice: &str) -> Self {
        self.description
            .alternatives
            .insert(alternative.to_owned(), choice.to_owned());
        self
    }

    /// The running server; started here when there is none.
    async fn running(&mut self) -> Result<&Reference, SetupFault> {
        let reference = match self.running.take() {
            Some(reference) => reference,
            None => match &self.looked_for {
                Some(looked_for) => Reference::start_noting(Arc::clone(looked_for)).await,
                None => Reference::start_on(self.port, &self.faults).await,
            }
            .map_err(|error| SetupFault {
                doing: "start the reference implementation".to_owned(),
                why: error.to_string(),
                remedy: Some(
                    "it needs a free TCP port on 127.0.0.1; without `--port` it finds one"
                        .to_owned(),
                ),
            })?,
        };
        Ok(self.running.insert(reference))
    }
}

impl Default for ReferenceImplementation {
    fn default() -> Self {
        Self::new()
    }
}

impl Implementation for ReferenceImplementation {
    fn description(&self) -> &Description {
        &self.description
    }

    fn install<'a>(
        &'a mut self,
        installation: &'a Installation,
    ) -> BoxFuture<'a, Result<Vec<Placement>, SetupFault>> {
        Box::pin(async move {
            let policies: Vec<(&Value, &Value)> = installation
                .policies
                .iter()
                .map(|slot| (&slot.policy, &slot.instance))
                .collect();
            let by_sockets = self.by_sockets;
            let reference = self.running().await?;
            let installed = reference.install_before(
                installation.generation,
                installation.edit_of.as_ref().map(|edit| edit.of),
                &policies,
                &installation.identities,
                &installation.upstreams,
            );
            Ok(installed
                .into_iter()
                .map(|placed| match placed {
                    Ok(mut endpoint) => {
                        if by_sockets {
                            endpoint.in_process = None;
                        }
                        Placement::Endpoint(endpoint)
                    }
                    Err(why) => Placement::Unsupported(why),
                })
                .collect())
        })
    }

    fn events(&mut self, generation: u64) -> BoxFuture<'_, Result<Vec<AuditEvent>, SetupFault>> {
        self.events_after(generation, 0)
    }

    fn events_after(
        &mut self,
        generation: u64,
        known: usize,
    ) -> BoxFuture<'_, Result<Vec<AuditEvent>, SetupFault>> {
        Box::pin(async move {
            let Some(reference) = &self.running else {
                return Ok(Vec::new());
            };
            let dropped = reference.dropped();
            if dropped > 0 {
                return Err(SetupFault {
                    doing: "read the audit log".to_owned(),
                    why: format!("{dropped} entries found no room in it"),
                    remedy: Some("play fewer cases between two installations".to_owned()),
                });
            }
            let events = reference.events(generation, known).into_iter();
            Ok(events
                .map(|entry| AuditEvent {
                    text: Some(entry.text()),
                    slot: entry.slot,
                    name: entry.name.to_owned(),
                    user: entry.user,
                    scheme: entry.scheme.map(|scheme| scheme.word().to_owned()),
                    policy: entry.policy,
                })
                .collect())
        })
    }

    fn arrivals_after(
        &mut self,
        generation: u64,
        known: usize,
    ) -> BoxFuture<'_, Result<Vec<Arrival>, SetupFault>> {
        Box::pin(async move {
            let running = self.running.as_ref();
            Ok(running.map_or_else(Vec::new, |one| one.arrivals(generation, known)))
        })
    }

    fn look_on(&mut self) -> Option<Receiver<Served>> {
        self.running.as_ref()?.look_on()
    }

    fn another(&self) -> Option<Opener> {
        // A port of one's choice is there once.
        (self.port == 0).then(|| {
            let another = Self {
                description: self.description.clone(),
                faults: self.faults.clone(),
                looked_for: self.looked_for.clone(),
                port: 0,
                by_sockets: self.by_sockets,
                running: None,
            };
            let opened = Ok(Box::new(another) as Box<dyn Implementation>);
            Box::new(move || Box::pin(ready(opened)) as BoxFuture<'static, _>) as Opener
        })
    }

    fn stop(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if let Some(reference) = self.running.take() {
                reference.stop();
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::Identity;
    use crate::domain::Setting;

    fn slot(scheme: &str) -> Setting {
        let profile = Value::record([("scheme", Value::symbol(scheme))]);
        Setting {
            policy: Value::record([("profiles", Value::List(vec![profile]))]),
            instance: Value::record([]),
        }
    }

    #[tokio::test]
    async fn places_what_it_can_express_and_stops_twice() {
        let mut implementation = ReferenceImplementation::new();
        let installation = Installation {
            upstreams: Vec::new(),
            edit_of: None,
            generation: 1,
            identities: vec![Identity::alice()],
            policies: vec![slot("basic"), slot("hmac"), slot("bearer")],
        };
        let placed = implementation.install(&installation).await.unwrap();
        let [
            Placement::Endpoint(first),
            Placement::Unsupported(why),
            Placement::Endpoint(last),
        ] = placed.as_slice()
        else {
            panic!("{placed:?}");
        };
        assert_eq!(
            (first.prefix.as_str(), last.prefix.as_str()),
            ("/s0", "/s2")
        );
        assert!(why.contains("`hmac`"), "{why}");
        assert_eq!(implementation.events(1).await, Ok(Vec::new()));
        implementation.stop().await;
        implementation.stop().await;
    }
}
