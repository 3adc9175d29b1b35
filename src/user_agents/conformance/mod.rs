//! Whether a client does what the RFCs ask of one: the pack that says so, the layouts of its rules from the simplest on and by
//! chance, what each is about, and what a client does wrong on them. No I/O: who plays them is somebody else's business.

mod client_nonces;
mod flaw;
mod generate;
mod judged;
mod laid_out;
mod pack;
mod read;
mod read_layouts;
mod simpler;
#[cfg(test)]
mod tests;

pub use client_nonces::ClientNonces;
pub use flaw::{CredentialFlaw, SeenFlaw};
pub use judged::{Abilities, ClientActs, departs};
pub use laid_out::ClientLayout;
pub use pack::{CLIENT_PACK, ClientPack, ClientRule, client_pack};
pub use read::is_client_pack;
