//! What the credentials of any scheme are made of, in every state: whose they are, their user-id and password, the tokens and
//! keys that are listed, and the request that they are for. What is odd about one of these is so for each scheme that uses it;
//! what is left to the scheme is the state that stands here.

use super::context::Context;
use super::state::CredentialState;
use super::unlike::{elsewhere, unless_taken};
use crate::auth::grammar::is_token68_char;
use crate::credentials::{Identity, Scheme, Token, TokenState};

/// What [`CredentialState::OtherBody`] is made for.
pub const OTHER_BODY: &[u8] = b"another body";

/// How credentials are written down once they are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finish {
    /// As they are.
    Whole,
    /// So that they cannot be read.
    Malformed,
    /// With something behind them that does not belong there.
    WithJunk,
    /// Without a part that must be there.
    Lacking,
}

/// What credentials are made of.
#[derive(Clone)]
pub(super) struct Inputs<'a> {
    /// What is left for the scheme to make odd: [`CredentialState::Valid`] where nothing is.
    pub(super) state: CredentialState,
    /// How they are written down.
    pub(super) finish: Finish,
    /// Whose they are.
    pub(super) identity: &'a Identity,
    /// The user-id that is sent.
    pub(super) user: String,
    /// The password that is sent, or that a proof of knowing it is made with.
    pub(super) password: String,
    /// A user-id that nobody has.
    pub(super) stranger: String,
    /// The request that they are for.
    pub(super) context: Context<'a>,
}

impl<'a> Inputs<'a> {
    /// What the credentials of a scheme in a state are made of.
    ///
    /// # Errors
    ///
    /// When scheme and state do not go together, and what the identities lack.
    pub(super) fn new(
        scheme: Scheme,
        state: CredentialState,
        identities: &'a [Identity],
        context: &Context<'a>,
    ) -> Result<Self, &'static str> {
        use CredentialState as State;
        state.goes_with(scheme)?;
        let identity = state.identity(identities)?;
        let by_password = matches!(scheme, Scheme::Basic | Scheme::Digest | Scheme::Hmac);
        let mut inputs = Self {
            state: State::Valid,
            finish: Finish::Whole,
            identity,
            user: identity.user.clone(),
            password: identity.password.expose().to_owned(),
            stranger: unless_taken(format!("nobody-{}", identity.user), |user| {
                identities.iter().any(|identity| identity.user == user)
            }),
            context: *context,
        };
        let Self {
            user,
            password,
            stranger,
            ..
        } = &mut inputs;
        match state {
            // As good as any, of somebody who is as the state needs it.
            State::Valid
            | State::DisabledUser
            | State::OtherUser
            | State::ColonInPassword
            | State::Utf8
            | State::InsufficientScope => {}
            State::WrongSecret if by_password => password.push_str("-wrong"),
            State::UnknownUser => user.clone_from(stranger),
            State::EmptyUser if user.is_empty() => return Err("the user-id is empty as it is"),
            State::EmptyUser => user.clear(),
            State::EmptyPassword if password.is_empty() => {
                return Err("the password is empty as it is");
            }
            State::EmptyPassword => password.clear(),
            State::Nul => password.push('\0'),
            State::ControlCharacter => password.push('\u{7}'),
            State::WrongUri => inputs.context.target = elsewhere(context.target),
            State::WrongMethod if context.method == "DELETE" => inputs.context.method = "PUT",
            State::WrongMethod => inputs.context.method = "DELETE",
            State::OtherBody => inputs.context.body = OTHER_BODY,
            State::Malformed => inputs.finish = Finish::Malformed,
            State::TrailingJunk => inputs.finish = Finish::WithJunk,
            State::MissingParameter => inputs.finish = Finish::Lacking,
            // What is sent a second time is good, and so is what is made for the next nonce.
            State::Replayed | State::NextNonce => {}
            _ => inputs.state = state,
        }
        Ok(inputs)
    }

    /// In which state a list has what is so; nothing where no list says.
    pub(super) fn listed_as(&self) -> Option<TokenState> {
        let mut listed = LISTED.iter();
        let found = listed.find(|(state, _)| *state == self.state);
        found.map(|(_, listed)| *listed)
    }

    /// The token or key out of an identity's that is in the state; nothing where no list says in which state they are.
    pub(super) fn listed(&self, of: &[Token]) -> Option<Result<String, &'static str>> {
        let wanted = self.listed_as()?;
        let found = of.iter().find(|one| one.state == wanted);
        let value = found.map(|one| one.value.expose().to_owned());
        Some(value.ok_or("the identity has none that is so"))
    }

    /// A token or key that is named after the user, and is none of those that are listed, where the state asks for one.
    pub(super) fn listed_nowhere(&self, listed: &[Token]) -> Option<String> {
        if self.state != CredentialState::WrongSecret {
            return None;
        }
        let plain = |c: char| u8::try_from(c).is_ok_and(is_token68_char);
        let user: String = { self.user.chars() }
            .map(|c| if plain(c) { c } else { '_' })
            .collect();
        Some(unless_taken(format!("listed-nowhere-{user}"), |text| {
            listed.iter().any(|one| one.value.expose() == text)
        }))
    }
}

/// The states of credentials in which a token or key is listed, and in which it is then.
const LISTED: &[(CredentialState, TokenState)] = &[
    (CredentialState::Valid, TokenState::Valid),
    (CredentialState::Expired, TokenState::Expired),
    (CredentialState::Revoked, TokenState::Revoked),
    (CredentialState::WrongAudience, TokenState::OtherAudience),
    (CredentialState::WrongIssuer, TokenState::OtherIssuer),
];

impl CredentialState {
    /// Whether a list says which token or key is in it.
    pub(super) fn is_listed(self) -> bool {
        LISTED.iter().any(|(state, _)| *state == self)
    }
}

impl TokenState {
    /// In which state credentials are that are such a token.
    pub(super) fn of_credentials(self) -> CredentialState {
        let mut listed = LISTED.iter();
        let found = listed.find(|(_, token)| *token == self);
        found.map_or(CredentialState::Valid, |(state, _)| *state)
    }
}
