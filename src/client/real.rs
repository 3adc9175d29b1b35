//! Real programs in place of models: which clients they can be, and what passed when they asked.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use super::program_memory::ProgramMemory;
use crate::credentials::Identity;
use crate::user_agents::catalogue::PlayedBy;
use crate::vocabulary::ClientCase;
use crate::wire::{BodyEnd, Endpoint, Request};

/// What is awaited of a program.
pub type Asking<'a> = Pin<Box<dyn Future<Output = ProgramPlay> + Send + 'a>>;

/// Real programs, each for the clients that it can be.
pub trait RealClients: fmt::Debug + Send + Sync {
    /// The program that is such a client, where one is.
    fn program(&self, client: &ClientCase) -> Option<&PlayedBy>;

    /// Every program.
    fn programs(&self) -> Vec<&PlayedBy>;

    /// What they were seen to do.
    fn remembered(&self) -> &ProgramMemory;

    /// Lets that program ask an endpoint once, as this identity. It ends within a deadline of its own, whatever the
    /// program does.
    fn ask<'a>(
        &'a self,
        endpoint: &'a Endpoint,
        client: &'a ClientCase,
        identity: &'a Identity,
    ) -> Asking<'a>;
}

/// What became of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgramPlay {
    /// What passed between it and the endpoint, in order.
    Passed(Vec<PassedExchange>),
    /// Nothing that the endpoint could be judged by, and why: that is the program's doing, or the set-up's.
    Nothing(String),
}

/// A request of a program and the answer to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedExchange {
    /// The request, with its path relative to the endpoint.
    pub request: Request,
    /// Its bytes.
    pub sent: Vec<u8>,
    /// Why its credentials are not those that the program was given, where they are not.
    pub wrong: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// The bytes of the answer, with its body as it was framed.
    pub raw: Vec<u8>,
    /// Its body.
    pub body: Vec<u8>,
    /// How that ended.
    pub body_end: BodyEnd,
}
