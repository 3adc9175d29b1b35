//! The gateway's filter for CORS, which stands before the check or behind it, as the policy says (Fetch, "CORS
//! protocol"; the Gateway API's `HTTPCORSFilter`).

use super::gateway_parts::{CorsPlace, GatewayReply, GatewayRequest, line};
use crate::domain::Value;

/// The one origin whose pages may ask.
const ALLOWED: &str = "https://client.example";

impl CorsPlace {
    /// That of a policy.
    pub(super) fn of(policy: &Value) -> Self {
        match policy.field("cors").and_then(Value::as_symbol) {
            Some("before") => Self::Before,
            Some("behind") => Self::Behind,
            _ => Self::Nowhere,
        }
    }
}

fn value(asked: &GatewayRequest, name: &str) -> Option<String> {
    let mut fields = asked.fields.iter();
    let field = fields.find(|field| field.name.eq_ignore_ascii_case(name))?;
    Some(String::from_utf8_lossy(&field.value).into_owned())
}

/// The answer to a preflight (Fetch, "CORS-preflight request"); nothing where a request is none, or of another origin.
pub(super) fn preflight(asked: &GatewayRequest) -> Option<GatewayReply> {
    let method = value(asked, "access-control-request-method")?;
    let is_allowed = asked.method == "OPTIONS" && value(asked, "origin")? == ALLOWED;
    let mut fields = vec![line("Access-Control-Allow-Methods", &method)];
    let names = value(asked, "access-control-request-headers");
    fields.extend(names.map(|names| line("Access-Control-Allow-Headers", &names)));
    let mut reply = GatewayReply {
        status: 200,
        fields,
        ..GatewayReply::default()
    };
    opened(asked, &mut reply);
    is_allowed.then_some(reply)
}

/// Lets a page of the allowed origin read an answer.
pub(super) fn opened(asked: &GatewayRequest, reply: &mut GatewayReply) {
    if value(asked, "origin").is_some_and(|origin| origin == ALLOWED) {
        reply
            .fields
            .push(line("Access-Control-Allow-Origin", ALLOWED));
        reply
            .fields
            .push(line("Access-Control-Allow-Credentials", "true"));
        reply.fields.push(line("Vary", "Origin"));
    }
}
