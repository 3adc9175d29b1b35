//! Everything that was given to ask with: credentials that are let in, and such as are not to be.

use countersign::credentials::{Identity, KeyPlace, Scheme, Secret, Token, TokenState};
use countersign::export::{TextPart, VARIABLES};

use super::policy::{
    AUDIENCE_TOKEN, DISABLED_KEY, DISABLED_PASSWORD, DISABLED_TOKEN, EXPIRED_KEY, EXPIRED_TOKEN,
    ISSUER_TOKEN, LIMITED_TOKEN, OfVariable, REVOKED_KEY, REVOKED_TOKEN, ToldPolicy,
};
use crate::cli::arguments::{PasswordScheme, ProbeOptions};
use crate::cli::failure::CommandFailure;
use crate::cli::reach::credentials::{Given, variable};

/// What stands for the user, the password and the token while a request is made, and in no request of anybody.
pub(super) const MARKS: [&str; 3] = [
    "countersign-mark-user",
    "countersign-mark-word",
    "countersign-mark-token",
];

/// The key that was given beside user, password and token.
const KEY: &str = "key";

/// What a token allows that lacks a scope: which it is does not matter, as long as it is not all.
const ANOTHER_SCOPE: &str = "read";

/// Everything that was given.
pub(super) struct Holdings {
    pub(super) given: Given,
    pub(super) told: ToldPolicy,
    key: Option<OfVariable>,
    /// Where the server looks for keys and signatures.
    pub(super) place: Option<KeyPlace>,
    /// For which schemes the password is.
    password_for: Vec<PasswordScheme>,
    /// Whether a client certificate is shown to a server that asks for one.
    pub(super) shows_certificate: bool,
}

impl Holdings {
    /// What the command line says where to find.
    pub(super) fn of(options: &ProbeOptions) -> Result<Self, CommandFailure> {
        let given = Given::of(&options.given)?;
        let (of_file, in_file) = given.key().cloned().unzip();
        let variable_of_key = options.key_env.as_deref();
        let key = match (variable_of_key, of_file) {
            (Some(name), _) => Some((name, variable(name, "--key-env")?)),
            (None, of_file) => of_file.map(|secret| ("KEY", secret)),
        };
        let key = key.map(|(name, secret)| {
            let text = secret.expose();
            match !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) {
                true => Ok(OfVariable {
                    word: KEY,
                    variable: name.to_owned(),
                    secret,
                }),
                false => Err(CommandFailure::input(
                    "the key is empty, or has a blank, the end of a line or another character that is not sent",
                )),
            }
        });
        let told = options.policy.as_deref().map(ToldPolicy::read);
        let told = told.transpose()?.unwrap_or_default();
        let signs = options.password_for.contains(&PasswordScheme::Hmac);
        let is_key =
            |one: &OfVariable| matches!(one.word, EXPIRED_KEY | REVOKED_KEY | DISABLED_KEY);
        let has_key = key.is_some() || told.secrets.iter().any(is_key);
        if options.key_in.is_some() && !has_key && !signs {
            return Err(CommandFailure::input(
                "`--key-in` says where the server looks for an API key, and none was given\n  help: give it with --key-env \
                 VAR, or have the password sign with --password-for hmac",
            ));
        }
        let holdings = Self {
            given,
            told,
            key: key.transpose()?,
            place: options.key_in.clone().or(in_file.flatten()),
            password_for: options.password_for.clone(),
            shows_certificate: options.client_cert.is_some(),
        };
        holdings.check()?;
        Ok(holdings)
    }

    /// Whoever is let in by what should keep him out would accuse a server that is right.
    fn check(&self) -> Result<(), CommandFailure> {
        let identity = self.given.identity();
        let token = identity.tokens.first().map(|token| token.value.expose());
        let key = self.key().map(Secret::expose);
        let is_same = |one: &&OfVariable| match one.word {
            EXPIRED_KEY | REVOKED_KEY | DISABLED_KEY => key == Some(one.secret.expose()),
            DISABLED_PASSWORD => self.told.disabled.as_ref() == Some(&identity.user),
            _ => token == Some(one.secret.expose()),
        };
        match self.told.secrets.iter().find(is_same) {
            Some(one) => Err(CommandFailure::input(format!(
                "`{}` of the policy is that of the credentials that are to be let in",
                one.word
            ))),
            None => Ok(()),
        }
    }

    /// Whether the user's password is for a scheme.
    pub(super) fn has_user_for(&self, scheme: PasswordScheme) -> bool {
        self.given.has_user() && self.password_for.contains(&scheme)
    }

    pub(super) fn has_key(&self) -> bool {
        self.key.is_some()
    }

    /// Whether anything was given that is to be let in.
    pub(super) fn is_anything(&self) -> bool {
        self.given.has_user() || self.given.has_token() || self.has_key()
    }

    /// The key, where there is one.
    pub(super) fn key(&self) -> Option<&Secret> {
        self.key.as_ref().map(|key| &key.secret)
    }

    /// Whether the policy tells of a token that lacks a scope.
    pub(super) fn has_limited_token(&self) -> bool {
        self.told.secret(LIMITED_TOKEN).is_some()
    }

    fn others(&self) -> impl Iterator<Item = &OfVariable> {
        self.told.secrets.iter().chain(&self.key)
    }

    /// Whoever can ask: first whose the credentials are, then those whom the policy tells of.
    pub(super) fn identities(&self) -> Vec<Identity> {
        let secret = |word| self.told.secret(word);
        let tokens = |states: &[(Option<&str>, TokenState)]| -> Vec<Token> {
            let there = states
                .iter()
                .filter_map(|(value, state)| Some((*value)?).zip(Some(*state)));
            let token = there.map(|(value, state)| Token {
                value: Secret::new(value),
                state,
                scopes: Vec::new(),
            });
            token.collect()
        };
        let mut first = self.given.identity();
        first.tokens.extend(tokens(&[
            (secret(EXPIRED_TOKEN), TokenState::Expired),
            (secret(REVOKED_TOKEN), TokenState::Revoked),
            (secret(AUDIENCE_TOKEN), TokenState::OtherAudience),
            (secret(ISSUER_TOKEN), TokenState::OtherIssuer),
        ]));
        first.api_keys = tokens(&[
            (self.key().map(Secret::expose), TokenState::Valid),
            (secret(EXPIRED_KEY), TokenState::Expired),
            (secret(REVOKED_KEY), TokenState::Revoked),
        ]);
        let mut identities = vec![first];
        let nobody = || Identity {
            user: String::new(),
            password: Secret::default(),
            enabled: true,
            roles: Vec::new(),
            groups: Vec::new(),
            tokens: Vec::new(),
            api_keys: Vec::new(),
        };
        if self
            .told
            .secrets
            .iter()
            .any(|one| one.word.starts_with("disabled"))
        {
            let password = secret(DISABLED_PASSWORD);
            identities.push(Identity {
                // Who has no password cannot log in by one, and has no user-id to do so.
                user: match (&self.told.disabled, password) {
                    (Some(user), Some(_)) => user.clone(),
                    _ => String::new(),
                },
                password: Secret::new(password.unwrap_or_default()),
                enabled: false,
                tokens: tokens(&[(secret(DISABLED_TOKEN), TokenState::Valid)]),
                api_keys: tokens(&[(secret(DISABLED_KEY), TokenState::Valid)]),
                ..nobody()
            });
        }
        if let Some(value) = secret(LIMITED_TOKEN) {
            let mut tokens = tokens(&[(Some(value), TokenState::Valid)]);
            for token in &mut tokens {
                token.scopes = vec![ANOTHER_SCOPE.to_owned()];
            }
            identities.push(Identity { tokens, ..nobody() });
        }
        identities
    }

    /// The same with marks in place of secrets.
    pub(super) fn marked(&self) -> Self {
        self.with(&MARKS.map(str::to_owned), mark_of)
    }

    /// The same with names of variables in place of secrets, as a saved finding has them.
    pub(super) fn named(&self) -> Self {
        let own = [
            self.given.identity().user,
            variable_of("password"),
            variable_of("token"),
        ];
        self.with(&own, variable_of)
    }

    /// The same with these in place of user, password and token, and with others in place of the rest.
    fn with(&self, own: &[String; 3], other: fn(&str) -> String) -> Self {
        let changed = |one: &OfVariable| OfVariable {
            secret: Secret::new(other(one.word)),
            ..one.clone()
        };
        Self {
            given: self.given.marked(own.each_ref().map(String::as_str)),
            told: ToldPolicy {
                secrets: self.told.secrets.iter().map(changed).collect(),
                ..self.told.clone()
            },
            key: self.key.as_ref().map(changed),
            place: self.place.clone(),
            password_for: self.password_for.clone(),
            shows_certificate: self.shows_certificate,
        }
    }

    /// The marks of what is beside user, password and token, each with its variable.
    pub(super) fn marks(&self) -> impl Iterator<Item = (String, TextPart)> {
        let marks = self.others();
        marks.map(|one| (mark_of(one.word), TextPart::Variable(one.variable.clone())))
    }

    /// Every secret in it, as it is sent too.
    pub(super) fn secrets(&self) -> Vec<String> {
        let mut secrets = self.given.secrets();
        secrets.extend(self.others().map(|one| one.secret.expose().to_owned()));
        let disabled = self.identities().into_iter().find(|one| !one.enabled);
        if let Some(one) = disabled.filter(|one| !one.user.is_empty()) {
            secrets.extend(Given::as_basic(&one));
        }
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets
    }

    /// Of what the policy tells, what was not sent, and why: nothing can be said of it beside nothing that is let in.
    pub(super) fn not_sent(&self, let_in: &[Scheme]) -> Vec<String> {
        let has = |scheme| let_in.contains(&scheme);
        let mut lines = Vec::new();
        for one in &self.told.secrets {
            let (is_used, needed) = match one.word {
                EXPIRED_TOKEN | REVOKED_TOKEN | AUDIENCE_TOKEN | ISSUER_TOKEN | LIMITED_TOKEN
                | DISABLED_TOKEN => (has(Scheme::Bearer), "token"),
                EXPIRED_KEY | REVOKED_KEY | DISABLED_KEY => (has(Scheme::ApiKey), "key"),
                _ => (
                    has(Scheme::Basic) || has(Scheme::Digest) || has(Scheme::Hmac),
                    "password",
                ),
            };
            if !is_used {
                lines.push(format!(
                    "`{}` of the policy was not sent: no {needed} was let in beside it",
                    one.word
                ));
            }
        }
        lines
    }
}

/// What stands for a secret of the policy. None begins as another does.
fn mark_of(word: &str) -> String {
    format!("countersign-mark-of-{word}")
}

/// What stands for a secret in a saved finding.
fn variable_of(word: &str) -> String {
    let word = word.replace(['-', '.'], "_").to_ascii_uppercase();
    format!("{VARIABLES}{word}")
}
