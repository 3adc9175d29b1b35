//! The requests of clients: what they ask for, and what stands in them.

use std::sync::Arc;

use hyper::body::Bytes;

use super::shape::{Shaped, bytes};
use crate::credentials::{
    Context, CredentialState, Credentials, DigestOutline, Identity, ProofOutline, Scheme, mint,
};
use crate::vocabulary::{Baggage, ClientCase, Method, RequestTarget, SourceAddress};
use crate::wire::{
    ConnectsAs, FieldLine, PreparedRequest, RESOURCE, Request, ShownCertificate, Way, WireFault,
};

/// The path that every client asks for, below the endpoint's prefix, unless the endpoint has another.
pub const PATH: &str = RESOURCE;

/// What every client of a player asks for, and how it calls itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asks<'a> {
    pub(super) path: &'a str,
    /// What stands before a parameter of the query that is added.
    pub(super) joint: char,
    pub(super) agent: &'a str,
}

impl Asks<'_> {
    pub(super) const USUAL: Self = Self {
        path: PATH,
        joint: '?',
        agent: concat!("countersign/", env!("CARGO_PKG_VERSION")),
    };
}

/// What of a client its requests depend on, beside its credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct RequestKind {
    pub(super) way: Way,
    pub(super) method: Method,
    pub(super) target: RequestTarget,
    pub(super) carries: Baggage,
    pub(super) from: SourceAddress,
}

impl RequestKind {
    /// That of a client.
    pub(super) fn of(client: &ClientCase) -> Self {
        Self {
            way: client.way,
            method: client.method,
            target: client.target,
            carries: client.carries,
            from: client.from,
        }
    }
}

/// The request of a client, with these credentials if any and what it was told, ready to be sent by its way.
pub(super) fn prepare(
    kind: RequestKind,
    credentials: Option<Shaped>,
    asks: Asks<'_>,
    told: Vec<FieldLine>,
) -> Result<PreparedRequest, WireFault> {
    let certificate = credentials
        .as_ref()
        .and_then(|shaped| shaped.certificate.as_ref());
    let certificate = certificate.map(|made| ShownCertificate::new(&made.certificate, &made.key));
    let caller = ConnectsAs {
        certificate: certificate
            .transpose()
            .map_err(|why| WireFault::Unsendable { why })?,
        from: kind.from.address(),
    };
    let mut request = request(kind, credentials, asks);
    request.fields.extend(told);
    let ready = PreparedRequest::new(Arc::new(request))?
        .by(kind.way)
        .sent_as(caller);
    let ready = match kind.target {
        RequestTarget::AbsoluteForm => ready.in_absolute_form(),
        _ => ready,
    };
    Ok(match kind.method.protocol() {
        Some(protocol) => ready.to_go_on_in(protocol),
        None => ready,
    })
}

/// The request of a client for a path, with these credentials if any.
fn request(kind: RequestKind, credentials: Option<Shaped>, asks: Asks<'_>) -> Request {
    let RequestKind {
        way,
        method,
        target,
        carries,
        from: _,
    } = kind;
    let field = |name: &str, value: &str| FieldLine {
        name: name.to_owned(),
        value: value.as_bytes().to_vec(),
    };
    let mut fields = Vec::with_capacity(4);
    if !carries.accepts() {
        fields.push(field("Accept", method.accept()));
    }
    fields.push(field("User-Agent", asks.agent));
    for (name, value) in method.fields() {
        fields.push(field(name, value));
    }
    let content = Bytes::from_static(method.content().as_bytes());
    if !content.is_empty() {
        fields.push(field("Content-Length", &content.len().to_string()));
    }
    fields.extend(
        carries
            .fields()
            .iter()
            .map(|(name, value)| field(name, value)),
    );
    let (mut path, has_query) = target.below(asks.path);
    if let Some(Shaped {
        fields: own,
        query,
        origin,
        latin1,
        certificate: _,
    }) = credentials
    {
        fields.extend(own.iter().map(|(name, value)| {
            let (bare, blanks) = name.split_at(name.trim_end().len());
            let bare = match bare.eq_ignore_ascii_case("authorization") {
                true => way.credentials_field(),
                false => bare,
            };
            FieldLine {
                name: format!("{bare}{blanks}"),
                value: bytes(value, latin1),
            }
        }));
        fields.extend(origin.map(|value| field("Authorization", value)));
        if let Some(query) = query {
            path.push(if has_query { '&' } else { asks.joint });
            path.push_str(&query);
        }
    }
    Request {
        method: method.name().to_owned(),
        path,
        fields,
        content,
    }
}

impl ClientCase {
    /// The request that this client sends where it sends its credentials unasked, if it has any;
    /// nothing where there can be no such client, or where its credentials are bound to an answer.
    pub fn unasked(&self, identities: &[Identity]) -> Option<Request> {
        // What proves a key is bound to a request, and here it is left out.
        let lacks_proof =
            (self.scheme, self.credential) == (Scheme::Dpop, CredentialState::MissingParameter);
        if (self.scheme.is_bound() && !lacks_proof) || self.check(identities).is_err() {
            return None;
        }
        let context = Context::default();
        let minted = mint(self.scheme, self.credential, identities, &context).ok()?;
        let shaped = match minted {
            Some(credentials) => Some(self.form.apply(self.scheme, credentials)?),
            None => None,
        };
        Some(request(RequestKind::of(self), shaped, Asks::USUAL))
    }

    /// The request that this client sends without credentials.
    pub fn bare(&self) -> Request {
        request(RequestKind::of(self), None, Asks::USUAL)
    }

    /// The request of a client that speaks Digest, with its answer to the challenge of a context in outline: what is
    /// computed is marked in the field. The target of the context is that of the request.
    ///
    /// # Errors
    ///
    /// Why there is no such client, or no program can make its answer.
    pub fn answering(
        &self,
        identities: &[Identity],
        context: &Context<'_>,
    ) -> Result<(Request, DigestOutline), String> {
        self.check(identities).map_err(|why| why.to_string())?;
        let outline = DigestOutline::of(self.credential, identities, context)
            .map_err(|why| why.to_string())?;
        let credentials = Credentials {
            fields: vec![("Authorization", outline.value.clone())],
            ..Credentials::default()
        };
        let shaped = self.form.apply(self.scheme, credentials);
        let shaped = shaped.ok_or("Digest credentials have no such form")?;
        let made = request(RequestKind::of(self), Some(shaped), Asks::USUAL);
        Ok((made, outline))
    }

    /// The request of a client whose tokens are bound to a key (DPoP), with a mark in place of each proof, and how these are
    /// made. The target of the context is that of the request.
    ///
    /// # Errors
    ///
    /// Why there is no such client, or no program can make its proofs.
    pub fn proving(
        &self,
        identities: &[Identity],
        context: &Context<'_>,
    ) -> Result<(Request, Vec<ProofOutline>), String> {
        let made = mint(self.scheme, self.credential, identities, context);
        let credentials = made.map_err(|why| why.to_string())?;
        let credentials = credentials.ok_or("it has no credentials")?;
        let (credentials, outlines) =
            ProofOutline::taken_out(credentials, self.credential, context)?;
        let shaped = self.form.apply(self.scheme, credentials);
        let shaped = shaped.ok_or("DPoP credentials have no such form")?;
        let made = request(RequestKind::of(self), Some(shaped), Asks::USUAL);
        Ok((made, outlines))
    }
}
