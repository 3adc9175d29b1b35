//! Proofs, made and judged.

use quickcheck::quickcheck;

use super::*;
use crate::credentials::{
    Context, CredentialState as State, Identity, Scheme, TokenKind, mint, read_jwt,
};

/// 2026-11-25.
const NOW: u64 = 1_795_564_800;

const HERE: &str = "http://127.0.0.1:80/s0/resource";

/// The token of credentials in a state, and the proofs that go with it.
fn minted(state: State) -> (String, Vec<String>) {
    let cast = Identity::needed_for(Scheme::ALL, State::ALL, TokenKind::Jwt);
    let context = Context {
        method: "GET",
        authority: "127.0.0.1:80",
        target: "/s0/resource?a=b",
        serial: 7,
        now: NOW,
        nonce: Some("n-1"),
        ..Context::default()
    };
    let minted = mint(Scheme::Dpop, state, &cast, &context).unwrap().unwrap();
    let token = minted.authorization().unwrap().strip_prefix("DPoP ");
    let proofs = minted.fields.iter().filter(|(name, _)| *name == "DPoP");
    let proofs = proofs.map(|(_, proof)| proof.clone()).collect();
    (token.unwrap().to_owned(), proofs)
}

fn judged(state: State) -> Result<DpopProof, ProofFault> {
    let (token, proofs) = minted(state);
    read_dpop(&proofs[0], &token, "GET", HERE)
}

#[test]
fn a_proof_is_for_one_token_method_and_resource() {
    let (token, proofs) = minted(State::Valid);
    let [proof] = proofs.as_slice() else {
        panic!("{proofs:?}");
    };
    let read = read_dpop(proof, &token, "GET", HERE).unwrap();
    assert_eq!((read.made, read.nonce.as_deref()), (NOW, Some("n-1")));
    // The token is bound to the key of the proof.
    assert_eq!(read_jwt(&token, NOW).unwrap().key, Some(read.key));
    let fault = |token: &str, method: &str, uri: &str| read_dpop(proof, token, method, uri);
    assert_eq!(fault(&token, "POST", HERE), Err(ProofFault::Method));
    assert_eq!(fault(&token, "GET", "http://x/"), Err(ProofFault::Target));
    assert_eq!(fault("other", "GET", HERE), Err(ProofFault::Token));
    let none = read_dpop("a.b.c", &token, "GET", HERE);
    assert_eq!(none, Err(ProofFault::Unreadable));
}

#[test]
fn each_state_is_wrong_in_the_way_it_says() {
    for (state, fault) in [
        (State::WrongUri, ProofFault::Target),
        (State::WrongMethod, ProofFault::Method),
        (State::WrongToken, ProofFault::Token),
        (State::ForgedProof, ProofFault::Signature),
    ] {
        assert_eq!(judged(state), Err(fault), "{state}");
    }
    let own = judged(State::Valid).unwrap();
    assert_ne!(judged(State::WrongKey).unwrap().key, own.key);
    assert!(judged(State::OldProof).unwrap().made < NOW - 3_600);
    assert_ne!(judged(State::StaleNonce).unwrap().nonce, own.nonce);
    assert_eq!(minted(State::MissingParameter).1, [""; 0]);
    let two = minted(State::TwoProofs).1;
    assert!(two.len() == 2 && two[0] != two[1], "{two:?}");
}

#[test]
fn the_token_is_bound_save_where_the_state_says_otherwise() {
    let key = |state| read_jwt(&minted(state).0, NOW).unwrap().key;
    assert_eq!(key(State::Valid), own_thumbprint().ok());
    assert_eq!(key(State::Revoked), own_thumbprint().ok());
    assert_eq!(key(State::WrongBinding), None);
    assert!(read_jwt(&minted(State::Expired).0, NOW).is_err());
    // An opaque token says of no key that it is bound to it.
    let opaque = Identity::needed_for(Scheme::ALL, State::ALL, TokenKind::Opaque);
    assert!(mint(Scheme::Dpop, State::Valid, &opaque, &Context::default()).is_err());
}

quickcheck! {
    fn any_text_is_read_without_a_panic_and_proves_nothing(text: String) -> bool {
        read_dpop(&text, "t", "GET", HERE).is_err()
            && read_dpop(&format!("eyJ{text}.e30.{text}"), "t", "GET", HERE).is_err()
    }
}
