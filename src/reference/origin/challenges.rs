//! The challenges of an origin server: what each says on which occasion.

use hyper::header::HeaderValue;

use super::protection_space::REALM;
use super::realm::Realm;
use super::trouble::{Error, Trouble};
use super::{Resource, faulty, proof};
use crate::auth::{Challenge, Param};

use crate::credentials::Scheme;
use crate::reference::fault::Fault;
use crate::reference::seeded::Faults;

impl Resource {
    /// The challenges for a refused request, one for each field line: by a proxy or not, and for a client that
    /// came by https or not.
    pub(super) fn challenges(
        &self,
        trouble: Trouble,
        (by_proxy, secured): (bool, bool),
        faults: &Faults,
    ) -> Vec<HeaderValue> {
        match trouble {
            Trouble::Nothing if !by_proxy && !secured => self.unasked.clone(),
            _ => self.written(trouble, (by_proxy, secured), faults),
        }
    }

    /// The same, made anew.
    pub(super) fn written(
        &self,
        trouble: Trouble,
        (by_proxy, secured): (bool, bool),
        faults: &Faults,
    ) -> Vec<HeaderValue> {
        let mut list: Vec<Challenge> = Vec::new();
        let realm = self.realm.text(faults);
        for scheme in self.asked_for(by_proxy, faults) {
            let error = match trouble {
                Trouble::With(tried, error) if tried == scheme => Some(error),
                Trouble::Nothing if faults.has(Fault::ErrorUnasked) => Some(Error::InvalidToken),
                Trouble::Nothing | Trouble::With(..) => None,
                Trouble::Other if faults.has(Fault::ErrorForOtherScheme) => {
                    Some(Error::InvalidToken)
                }
                Trouble::Other => None,
            };
            match scheme {
                Scheme::Basic => list.push(basic(&realm)),
                Scheme::Bearer => list.push(self.bearer(error, &realm, secured)),
                Scheme::Digest => list.extend(self.digest.challenges(error == Some(Error::Stale))),
                Scheme::Dpop => list.push(dpop(error, &realm)),
                // No resource here is protected with another.
                _ => {}
            }
        }
        if let Some(key) = self.key
            && (list.is_empty() || faults.has(Fault::KeyHidesSchemes))
        {
            // Nobody registered a challenge for it, and a 401 needs one.
            list = vec![Challenge::new(key.scheme().name()).with(Param::quoted("realm", REALM))];
        }
        faulty::change(&mut list, trouble, faults);
        faulty::lines(&list, faults)
            .into_iter()
            .map(|line| match self.realm {
                Realm::Quotes | Realm::Backslash => Realm::unescaped(&line, faults),
                _ => line,
            })
            .filter_map(|line| HeaderValue::from_bytes(&line).ok())
            .collect()
    }

    fn bearer(&self, error: Option<Error>, realm: &str, secured: bool) -> Challenge {
        let mut challenge = Challenge::new("Bearer").with(Param::quoted("realm", realm));
        if let Some(error) = error {
            let code = error.code();
            challenge = challenge
                .with(Param::quoted("error", code))
                .with(Param::quoted("error_description", error.description()))
                .with(Param::quoted(
                    "error_uri",
                    format!("https://resource.example/errors/{code}"),
                ));
            match error {
                Error::InsufficientScope => {
                    let scope = self.required_scope.as_deref().unwrap_or_default();
                    challenge = challenge.with(Param::quoted("scope", scope));
                }
                Error::InsufficientUserAuthentication => {
                    challenge = challenge
                        .with(Param::quoted(
                            "acr_values",
                            "urn:example:strong urn:example:key",
                        ))
                        .with(Param::token("max_age", "300"));
                }
                _ => {}
            }
        }
        if let Some(place) = &self.metadata {
            challenge = challenge.with(Param::quoted("resource_metadata", place.url(secured)));
        }
        challenge
    }
}

fn basic(realm: &str) -> Challenge {
    Challenge::new("Basic")
        .with(Param::quoted("realm", realm))
        .with(Param::quoted("charset", "UTF-8"))
}

fn dpop(error: Option<Error>, realm: &str) -> Challenge {
    let challenge = Challenge::new("DPoP")
        .with(Param::quoted("realm", realm))
        .with(Param::quoted("algs", proof::ALGORITHMS));
    match error {
        Some(error) => challenge
            .with(Param::quoted("error", error.code()))
            .with(Param::quoted("error_description", error.description())),
        None => challenge,
    }
}
