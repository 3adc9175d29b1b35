//! What a client goes on with that the answers before told of.

use super::cookies::Cookies;
use crate::observation::Asked;
use crate::vocabulary::ClientCase;
use crate::wire::FieldLine;

/// The parameter of a challenge that names the metadata of the resource (RFC 9728 §5.1).
const PARAMETER: &str = "resource_metadata";

/// The field that names a session of the Model Context Protocol.
const SESSION: &str = "Mcp-Session-Id";

/// What a client goes on with that was told by the answers before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToldBefore {
    /// The URL of the metadata of the resource (RFC 9728 §5.1).
    pub metadata: Option<String>,
    /// The session that a server of the Model Context Protocol began.
    pub session: Option<String>,
    /// The cookies that were set.
    pub cookies: Cookies,
}

impl ToldBefore {
    /// What the last of several asks was told that was told of it.
    pub fn by(before: &[Asked]) -> Self {
        let answers = || {
            let asked = before.iter().rev();
            asked.filter_map(|asked| Some(&asked.exchanges.last()?.answer))
        };
        let metadata = answers().find_map(|answer| {
            let mut challenges = answer.challenges.list.iter();
            challenges.find_map(|challenge| challenge.param(PARAMETER))
        });
        let session = answers().find_map(|answer| {
            let mut lines = answer.response.fields_named(SESSION);
            std::str::from_utf8(lines.next()?).ok()
        });
        let all = before.iter().flat_map(|asked| &asked.exchanges);
        Self {
            metadata: metadata.map(str::to_owned),
            session: session.map(str::to_owned),
            cookies: Cookies::set_by(all.map(|exchange| &exchange.answer.response)),
        }
    }

    /// The same, and what was told earlier in place of what was not told.
    #[must_use]
    pub fn or(self, earlier: &Self) -> Self {
        Self {
            metadata: self.metadata.or_else(|| earlier.metadata.clone()),
            session: self.session.or_else(|| earlier.session.clone()),
            cookies: self.cookies.behind(&earlier.cookies),
        }
    }

    /// Whether a client goes on with anything of it.
    pub fn is_for(client: &ClientCase) -> bool {
        client.target.is_metadata() || client.method.is_of_session() || client.carries.is_told()
    }

    /// The field lines that a client's requests have for it.
    pub(super) fn fields(&self, client: &ClientCase) -> Vec<FieldLine> {
        let session = { self.session.clone() }.filter(|_| client.method.is_of_session());
        let cookies = self.cookies.field().filter(|_| client.carries.is_told());
        let line = |name: &str, value: String| FieldLine {
            name: name.to_owned(),
            value: value.into_bytes(),
        };
        let session = session.map(|session| line(SESSION, session));
        let cookies = cookies.map(|cookies| line("Cookie", cookies));
        session.into_iter().chain(cookies).collect()
    }
}
