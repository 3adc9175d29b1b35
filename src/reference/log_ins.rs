//! Log-ins that are remembered, where a fault has it: what a request is answered then depends on who asked before.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use super::fault::Fault;
use super::login::Login;
use super::peer_certificate::PeerCertificate;
use super::seeded::Faults;
use crate::credentials::Scheme;

/// Where a request comes from.
#[derive(Clone, Debug)]
pub(super) struct Whence {
    /// The address of the other end.
    pub(super) address: IpAddr,
    /// What it showed when TLS began.
    pub(super) certificate: Option<Arc<PeerCertificate>>,
    /// Who logged in over the connection.
    known: Arc<Mutex<Option<Login>>>,
}

impl Whence {
    /// A connection from an address, over which nobody has logged in.
    pub(super) fn new(address: IpAddr) -> Self {
        Self {
            address,
            certificate: None,
            known: Arc::default(),
        }
    }
}

/// The log-ins that an installation remembers, each the last.
#[derive(Debug, Default)]
pub(super) struct LogIns {
    by_slot: HashMap<usize, Login>,
    by_address: HashMap<IpAddr, Login>,
    by_user: HashMap<(usize, Scheme, String), Login>,
}

impl LogIns {
    /// Whether log-ins are remembered by any of these faults.
    pub(super) fn is_seeded(faults: &Faults) -> bool {
        let all = [
            Fault::LogInOpensTheResource,
            Fault::LogInOpensTheAddress,
            Fault::LogInOpensTheConnection,
            Fault::LogInOpensItsUser,
        ];
        all.into_iter().any(|fault| faults.has(fault))
    }

    /// A log-in to a slot as the server takes it.
    pub(super) fn take(
        &mut self,
        login: Login,
        slot: usize,
        whence: &Whence,
        faults: &Faults,
    ) -> Login {
        let mut known = whence.known.lock().unwrap_or_else(PoisonError::into_inner);
        let remembered = match &login {
            Login::Succeeded { user, scheme, .. } => {
                let login = without_info(&login);
                self.by_slot.insert(slot, login.clone());
                self.by_address.insert(whence.address, login.clone());
                if let Some(user) = user {
                    let key = (slot, *scheme, user.clone());
                    self.by_user.insert(key, login.clone());
                }
                *known = Some(login);
                None
            }
            Login::Anonymous if faults.has(Fault::LogInOpensTheConnection) => known.clone(),
            Login::Anonymous if faults.has(Fault::LogInOpensTheAddress) => {
                self.by_address.get(&whence.address).cloned()
            }
            Login::Failed {
                user: Some(user),
                scheme: Some(scheme),
                ..
            } if faults.has(Fault::LogInOpensItsUser) => {
                self.by_user.get(&(slot, *scheme, user.clone())).cloned()
            }
            _ => None,
        };
        let remembered = match remembered {
            None if faults.has(Fault::LogInOpensTheResource) => self.by_slot.get(&slot).cloned(),
            remembered => remembered,
        };
        match login {
            Login::Succeeded { .. } => login,
            login => remembered.unwrap_or(login),
        }
    }
}

/// A log-in without what its own request is told.
fn without_info(login: &Login) -> Login {
    let mut login = login.clone();
    if let Login::Succeeded { info, .. } = &mut login {
        info.clear();
    }
    login
}
