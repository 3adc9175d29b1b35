//! The proxy by which a deployed server is asked, where somebody names one.

use countersign::credentials::{CredentialState, Identity, Scheme, Secret, authorization};
use countersign::wire::Proxy;

use super::credentials::variable;
use super::place::{ServerUrl, decoded};
use crate::cli::failure::CommandFailure;

/// What stands before the name of a variable that holds a value, where an argument may also be the value.
pub(in crate::cli) const OF_VARIABLE: &str = "env:";

/// The proxy that somebody names: by its URL, or by a variable that holds the URL, which may have a user and a
/// password in it.
pub(in crate::cli) fn proxy(named: Option<&str>) -> Result<Option<Proxy>, CommandFailure> {
    let Some(named) = named else {
        return Ok(None);
    };
    let Some(name) = named.strip_prefix(OF_VARIABLE) else {
        if named.contains('@') {
            return Err(CommandFailure::input(
                "the URL of the proxy carries user information, which others can see in an argument\n  help: have a \
                 variable hold it, and give --proxy env:VARIABLE",
            ));
        }
        let wrong = |why: &str| {
            CommandFailure::input(format!(
                "`{named}` is not the URL of a proxy: {why}\n  help: write http://HOST:PORT, or env:VARIABLE"
            ))
        };
        return authority(named)
            .map(|own| Some(Proxy::new(own)))
            .map_err(wrong);
    };
    let held = variable(name, "--proxy")?;
    // What is wrong with it is told without a word of it.
    let wrong = |why: &str| {
        CommandFailure::input(format!(
            "what the environment variable of --proxy holds is not the URL of a proxy: {why}\n  help: write \
             http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, with percent-encoding in both"
        ))
    };
    let text = held.expose();
    let bare = text.strip_prefix("http://").unwrap_or(text);
    let Some((user, at)) = bare.rsplit_once('@') else {
        return authority(text)
            .map(|own| Some(Proxy::new(own)))
            .map_err(wrong);
    };
    let own = Proxy::new(authority(&format!("http://{at}")).map_err(wrong)?);
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    let user = Identity {
        user: decoded(user),
        password: Secret::new(decoded(password)),
        enabled: true,
        roles: Vec::new(),
        groups: Vec::new(),
        tokens: Vec::new(),
        api_keys: Vec::new(),
    };
    let value = authorization(Scheme::Basic, CredentialState::Valid, &user);
    match value.ok().flatten() {
        Some(value) => Ok(Some(own.authorized_by(value))),
        None => Err(wrong("its user and password are none that Basic can send")),
    }
}

/// The host and port of a proxy's URL, which others than this one write without `http://`, too. A port is usual for
/// none of them: what is 80 to one program is 1080 to another.
fn authority(url: &str) -> Result<String, &'static str> {
    let bare = match url.split_once("://") {
        None => url,
        Some(("http", bare)) => bare,
        Some(_) => return Err("it is asked in clear text, by http"),
    };
    let bare = bare.strip_suffix('/').unwrap_or(bare);
    let place = ServerUrl::of(&format!("http://{bare}"));
    match place {
        Ok(place) if place.authority == bare => Ok(place.authority),
        Ok(place) if place.authority == format!("{bare}:80") => Err("it has no port"),
        _ => Err("it is not a host and a port"),
    }
}

/// The same for curl, which otherwise shows what the proxy says too.
pub(in crate::cli) fn as_curl(named: &str, quoted: impl Fn(&str) -> String) -> String {
    let url = match named.strip_prefix(OF_VARIABLE) {
        Some(name) => format!("\"${{{name}}}\""),
        None => quoted(named),
    };
    format!("--proxytunnel --suppress-connect-headers --proxy {url} ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_a_host_and_a_port() {
        for right in [
            "http://p.example:3128",
            "p.example:3128",
            "http://p.example:3128/",
        ] {
            assert_eq!(authority(right), Ok("p.example:3128".to_owned()), "{right}");
        }
        assert_eq!(authority("http://[::1]:80"), Ok("[::1]:80".to_owned()));
        for (wrong, why) in [
            ("https://p.example:3128", "by http"),
            ("socks5://p.example:1080", "by http"),
            ("http://p.example", "no port"),
            ("http://p.example:3128/a", "a host and a port"),
            ("http://p.example:99999", "a host and a port"),
            ("http://p.example:3128?a", "a host and a port"),
            ("", "a host and a port"),
        ] {
            assert!(authority(wrong).unwrap_err().contains(why), "{wrong}");
        }
        let shown = proxy(Some("http://u:s3cret@p.example:3128")).unwrap_err();
        assert!(!shown.text().contains("s3cret"));
    }
}
