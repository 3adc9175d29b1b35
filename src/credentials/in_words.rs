//! What is odd about credentials, in words, for whoever is shown them masked.

use super::state::CredentialState;

impl CredentialState {
    /// What is odd about them, as a reader needs it who does not see them: *the password, then a NUL*.
    /// Nothing where they are as they should be, or where there are none.
    pub fn in_words(self) -> Option<&'static str> {
        Some(match self {
            Self::Valid | Self::None => return None,
            Self::WrongSecret => "a wrong password, or a token that is listed nowhere",
            Self::UnknownUser => "a user whom nobody knows",
            Self::Malformed => "not what the scheme's grammar asks for",
            Self::Expired => "good once, and past its time",
            Self::DisabledUser => "right, of a user who may not log in",
            Self::TrailingJunk => "right, then a space and a word that does not belong there",
            Self::NoColon => "no colon between user-id and password",
            Self::EmptyUser => "an empty user-id",
            Self::EmptyPassword => "an empty password",
            Self::ColonInPassword => "right, with a colon in the password",
            Self::Utf8 => "right, beyond US-ASCII, in UTF-8",
            Self::Latin1 => "right, beyond US-ASCII, in Latin-1",
            Self::Nul => "the password, then a NUL",
            Self::ControlCharacter => "a control character in the password",
            Self::NoPadding => "right, in base64 without its padding",
            Self::Revoked => "a token that was withdrawn",
            Self::Garbage => "the look of a JWT, and none",
            Self::InsufficientScope => "good, without the scope that is asked for",
            Self::NotYetValid => "not good before a time to come",
            Self::WrongAudience => "meant for another audience",
            Self::WrongIssuer => "said to be of another issuer",
            Self::WrongKey => "signed with another key than the right one",
            Self::AlgNone => "not signed, and saying so",
            Self::WrongBinding => {
                "bound to a key, and sent without a proof; or the other way round"
            }
            Self::StaleNonce => "a nonce that is past its time, or that the server never issued",
            Self::Replayed => "good, sent a second time as they are",
            Self::NextNonce => "good, for the nonce that the server named last",
            Self::ForeignNonce => "a nonce that the server never issued",
            Self::FutureNonce => "a nonce of a time to come",
            Self::WrongUri => "made for another resource",
            Self::OtherBody => "made for another body",
            Self::WrongQop => "a quality of protection that was not offered",
            Self::WrongCount => "a nonce count of zero",
            Self::MissingParameter => "a parameter left out that must be there",
            Self::TwoUsernames => "`username` and `username*` at once",
            Self::WrongMethod => "a proof for another method",
            Self::WrongToken => "a proof for another token",
            Self::OldProof => "a proof that was made a day ago",
            Self::ForgedProof => "a proof that is signed with another key than it names",
            Self::TwoProofs => "two proofs",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_odd_is_told() {
        assert_eq!(
            CredentialState::Nul.in_words(),
            Some("the password, then a NUL")
        );
        let told = CredentialState::ALL
            .iter()
            .filter(|state| state.in_words().is_some());
        assert_eq!(told.count() + 2, CredentialState::ALL.len());
    }
}
