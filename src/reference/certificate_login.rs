//! Certificates that clients show (*Map PEM certificate to user*): who is known by one.
//!
//! | configured | shown | answer |
//! |---|---|---|
//! | a profile of certificates | a good one of somebody who may log in | let in |
//! | the same | one past its time, or of another authority | refused by TLS, before any request |
//! | the same | one of somebody who may not log in | refused |
//! | no such profile | any | refused |

use super::fault::Fault;
use super::login::{Login, Why, failed, succeeded};
use super::peer_certificate::{CertificateFlaw, PeerCertificate};
use super::seeded::Faults;
use super::tls;
use crate::credentials::{Identity, Scheme, name_in_certificate};

impl PeerCertificate {
    /// Judges it.
    pub(super) fn judge(
        &self,
        accepted: &[Scheme],
        identities: &[Identity],
        faults: &Faults,
    ) -> Login {
        let scheme = Scheme::Certificate;
        if faults.has(Fault::CertificateUnread) {
            return Login::Anonymous;
        }
        let mut known = identities.iter();
        let Some(identity) = known.find(|identity| self.is_of(&identity.user)) else {
            return failed(None, Some(scheme), Why::Unknown);
        };
        let user = Some(identity.user.clone());
        let why = match self.flaw {
            Some(CertificateFlaw::OutOfTime) if !faults.has(Fault::ExpiredCertificateTaken) => {
                Some(Why::Expired)
            }
            Some(CertificateFlaw::OfAnother) if !faults.has(Fault::CertificateOfAnyAuthority) => {
                Some(Why::Wrong)
            }
            _ if !identity.enabled && !faults.has(Fault::CertificateOutlivesUser) => {
                Some(Why::Wrong)
            }
            _ if !accepted.contains(&scheme) && !faults.has(Fault::CertificateNeedsNoProfile) => {
                Some(Why::NotAccepted)
            }
            _ => None,
        };
        match why {
            Some(why) => failed(user, Some(scheme), why),
            None => succeeded(user, scheme),
        }
    }

    fn is_of(&self, user: &str) -> bool {
        name_in_certificate(user).is_some_and(|name| tls::is_named(&self.der, &name))
    }
}

#[cfg(test)]
#[cfg(feature = "tls")]
mod tests {
    use super::*;
    use crate::credentials::{Context, CredentialState, TokenKind, mint};

    /// Whether each of these is let in: a good certificate where there is a profile of them and where there is none, one
    /// past its time, one of another authority, and one of somebody who may not log in.
    fn let_in(faults: &[Fault]) -> [bool; 5] {
        use CredentialState as State;
        let states = [State::Valid, State::DisabledUser];
        let cast = Identity::needed_for(&[Scheme::Certificate], &states, TokenKind::Opaque);
        let accepted = [Scheme::Certificate];
        let lets_in = |state, flaw, accepted: &[Scheme]| {
            let minted = mint(Scheme::Certificate, state, &cast, &Context::default());
            let made = minted.unwrap().unwrap().certificate.unwrap();
            let der = made.certificate.clone();
            let shown = PeerCertificate { der, flaw };
            let login = shown.judge(accepted, &cast, &Faults::new(faults));
            matches!(login, Login::Succeeded { .. })
        };
        [
            lets_in(State::Valid, None, &accepted),
            lets_in(State::Valid, None, &[Scheme::Basic]),
            lets_in(State::Expired, Some(CertificateFlaw::OutOfTime), &accepted),
            lets_in(
                State::WrongIssuer,
                Some(CertificateFlaw::OfAnother),
                &accepted,
            ),
            lets_in(State::DisabledUser, None, &accepted),
        ]
    }

    #[test]
    fn who_is_known_by_a_good_certificate_is_let_in_by_a_profile_of_them() {
        assert_eq!(let_in(&[]), [true, false, false, false, false]);
        for (fault, at) in [
            (Fault::CertificateUnread, 0),
            (Fault::CertificateNeedsNoProfile, 1),
            (Fault::ExpiredCertificateTaken, 2),
            (Fault::CertificateOfAnyAuthority, 3),
            (Fault::CertificateOutlivesUser, 4),
        ] {
            let mut expected = let_in(&[]);
            expected[at] = !expected[at];
            assert_eq!(let_in(&[fault]), expected, "{fault}");
        }
    }
}
