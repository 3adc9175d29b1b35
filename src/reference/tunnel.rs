//! What a proxy answers that is asked for a tunnel (RFC 9110 §9.3.6): what it would to a request that it relays, save
//! that a tunnel has no path. So each slot has an authority of its own.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, PROXY_AUTHORIZATION, WWW_AUTHENTICATE};
use hyper::{Request, Response, StatusCode};

use super::answer::{current, worded};
use super::decision::DecisionInput;
use super::fault::Fault;
use super::way::{ConnectionState, RENAMED, keep_first, refused, remove, rename};

/// Host and port of the tunnel of a slot. Nobody connects to it: what it leads to is not to be seen from here.
pub(super) fn tunnel_to(slot: usize) -> String {
    format!("s{slot}.localhost:443")
}

/// The slot of such a tunnel.
fn slot_of_tunnel(authority: &str) -> Option<usize> {
    let (slot, _) = authority.strip_prefix('s')?.split_once('.')?;
    let slot = slot.parse().ok()?;
    (tunnel_to(slot) == authority).then_some(slot)
}

impl ConnectionState {
    /// Answers a request for a tunnel. Where that is 2xx, the connection ends behind it.
    pub(super) fn as_tunnel(&self, mut request: Request<Bytes>) -> Response<Full<Bytes>> {
        let authority = request.uri().to_string();
        let Some(slot) = slot_of_tunnel(&authority) else {
            let why = "this proxy makes tunnels to its own slots only\n";
            return refused(StatusCode::BAD_GATEWAY, why);
        };
        let installed = current(&self.in_force);
        let faults = installed.faults();
        let is_bare = !request.headers().contains_key(PROXY_AUTHORIZATION);
        let fields = request.headers_mut();
        remove(fields, &AUTHORIZATION);
        rename(fields, &PROXY_AUTHORIZATION, &AUTHORIZATION);
        let asked = DecisionInput {
            method: request.method(),
            target: &authority,
            headers: request.headers(),
            by_proxy: true,
            whence: &self.whence,
            content: &[],
        };
        let mut response = worded(installed.decide(slot, &asked));
        let opens = response.status().is_success();
        if opens && faults.has(Fault::TunnelForNobody) {
            *response.status_mut() = StatusCode::UNAUTHORIZED;
            let challenge = "Basic realm=\"countersign\"".parse();
            response
                .headers_mut()
                .extend(challenge.map(|value| (WWW_AUTHENTICATE, value)));
        }
        if response.status() == StatusCode::UNAUTHORIZED {
            let fault = match is_bare {
                true => Fault::TunnelForAnybody,
                false => Fault::TunnelForWrongSecret,
            };
            if !opens && faults.has(fault) {
                return Response::default();
            }
            let is_unauthorized = faults.has(Fault::TunnelUnauthorized);
            if is_unauthorized || faults.has(Fault::TunnelUnchallenged) {
                remove(response.headers_mut(), &WWW_AUTHENTICATE);
            }
            if is_unauthorized {
                return response;
            }
            if faults.has(Fault::TunnelNamesOneScheme) {
                keep_first(response.headers_mut(), &WWW_AUTHENTICATE);
            }
            *response.status_mut() = StatusCode::PROXY_AUTHENTICATION_REQUIRED;
        }
        for (from, to) in &RENAMED {
            rename(response.headers_mut(), from, to);
        }
        if response.status().is_success() {
            *response.body_mut() = Full::default();
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_slot_has_a_tunnel_of_its_own() {
        assert_eq!(slot_of_tunnel(&tunnel_to(12)), Some(12));
        for other in [
            "s1.localhost:80",
            "s01.localhost:443",
            "localhost:443",
            "s1.example:443",
        ] {
            assert_eq!(slot_of_tunnel(other), None, "{other}");
        }
    }
}
