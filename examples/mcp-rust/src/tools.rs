//! The tools of the server: who asks, and what a server behind says.

use axum::http::request::Parts;
use rmcp::handler::server::tool::Extension;
use rmcp::{tool, tool_router};

use crate::fetch::fetch;
use crate::guard::User;

/// What a session, or a message, is served by.
#[derive(Clone)]
pub struct Tools {
    /// The URL of the server behind.
    pub behind: String,
}

#[tool_router(server_handler)]
impl Tools {
    #[tool(description = "Tells who asks.")]
    fn whoami(&self, Extension(parts): Extension<Parts>) -> String {
        let user = parts.extensions.get::<User>();
        user.map_or_else(|| "nobody".to_owned(), |user| user.0.clone())
    }

    #[tool(description = "Asks the server behind.")]
    async fn ask_upstream(&self) -> String {
        let answer = fetch(&format!("{}/upstream", self.behind)).await;
        answer.unwrap_or_else(|| "nothing".to_owned())
    }
}
