//! An implementation that was opened from its adapter, and can be opened once more.

use tokio::sync::mpsc::Receiver;

use super::availability::Located;
use super::definition::Adapter;
use super::start::start;
use crate::implementation::{
    BoxFuture, Description, Implementation, Installation, Opener, Placement,
};
use crate::observation::{Arrival, AuditEvent, SetupFault};
use crate::reference::Served;

/// An implementation, and where it came from.
pub(super) struct Opened {
    pub(super) implementation: Box<dyn Implementation>,
    pub(super) adapter: Adapter,
    pub(super) found: Located,
}

impl Implementation for Opened {
    fn description(&self) -> &Description {
        self.implementation.description()
    }

    fn install<'a>(
        &'a mut self,
        installation: &'a Installation,
    ) -> BoxFuture<'a, Result<Vec<Placement>, SetupFault>> {
        self.implementation.install(installation)
    }

    fn events(&mut self, generation: u64) -> BoxFuture<'_, Result<Vec<AuditEvent>, SetupFault>> {
        self.implementation.events(generation)
    }

    fn events_after(
        &mut self,
        generation: u64,
        known: usize,
    ) -> BoxFuture<'_, Result<Vec<AuditEvent>, SetupFault>> {
        self.implementation.events_after(generation, known)
    }

    fn arrivals_after(
        &mut self,
        generation: u64,
        known: usize,
    ) -> BoxFuture<'_, Result<Vec<Arrival>, SetupFault>> {
        self.implementation.arrivals_after(generation, known)
    }

    fn look_on(&mut self) -> Option<Receiver<Served>> {
        self.implementation.look_on()
    }

    fn another(&self) -> Option<Opener> {
        let (adapter, found) = (self.adapter.clone(), self.found.clone());
        Some(Box::new(move || {
            Box::pin(async move { start(&adapter, &found).await })
        }))
    }

    fn ended(&mut self) -> Option<String> {
        self.implementation.ended()
    }

    fn stop(&mut self) -> BoxFuture<'_, ()> {
        self.implementation.stop()
    }
}
