//! A real program as a command line by hand.

use super::shell::shell_quoted;
use crate::credentials::Identity;
use crate::user_agents::catalogue::{PlayedBy, filled};

/// What stands around the name of a variable of the shell in a text that is not quoted yet.
const VARIABLE: char = '\u{0}';

/// What a server's realm is called where a program must be told one.
const REALM: &str = "api";

/// The places that are parts of the URL, the variable of each, and how the shell takes it out of `$URL`.
const PARTS: [(&str, &str, &str); 4] = [
    (
        "authority",
        "AUTHORITY",
        "AUTHORITY=$(echo \"$URL\" | cut -d/ -f3)",
    ),
    (
        "host",
        "HOST",
        "HOST=$(echo \"$URL\" | cut -d/ -f3 | cut -d: -f1)",
    ),
    (
        "port",
        "PORT",
        "PORT=$(echo \"$URL\" | cut -d/ -f3 | cut -d: -f2)",
    ),
    (
        "path",
        "URL_PATH",
        "URL_PATH=/$(echo \"$URL\" | cut -d/ -f4-)",
    ),
];

/// The commands that run a program by hand, logging in as an identity, against a URL: literal, or in the shell's
/// variable `URL` where nothing is given.
pub fn by_program(program: &PlayedBy, identity: &Identity, url: Option<&str>) -> Vec<String> {
    let own;
    let url = match url {
        Some(url) => url,
        None => {
            own = format!("{VARIABLE}URL{VARIABLE}");
            &own
        }
    };
    let is_variable = url.starts_with(VARIABLE);
    let mut taken: Vec<&str> = Vec::new();
    let token = identity
        .tokens
        .first()
        .map(|token| token.value.expose().to_owned());
    let password = identity.password.expose();
    let place = |name: &str| {
        Some(match name {
            "url" => url.to_owned(),
            "user-url" if is_variable => format!(
                "http://{}:{}@{VARIABLE}{{URL#http://}}{VARIABLE}",
                identity.user, password
            ),
            "user-url" => url.replacen(
                "http://",
                &format!("http://{}:{password}@", identity.user),
                1,
            ),
            "user" => identity.user.clone(),
            "password" => password.to_owned(),
            "token" => token.clone().unwrap_or_default(),
            "realm" => REALM.to_owned(),
            "folder" | "compiled" => ".".to_owned(),
            name => match (name.strip_prefix("file:"), part(name)) {
                (Some(file), _) if program.driver.as_deref() == Some(file) => {
                    format!("clients/drivers/{file}")
                }
                (Some(file), _) => file.to_owned(),
                (None, Some((_, variable, _))) if is_variable => {
                    format!("{VARIABLE}{variable}{VARIABLE}")
                }
                (None, _) => literal(name, url)?,
            },
        })
    };
    let texts = { program.command.iter() }.chain(
        program
            .environment
            .iter()
            .chain(&program.files)
            .map(|(_, text)| text),
    );
    for text in texts {
        for (name, _, line) in PARTS {
            let is_used = is_variable && text.contains(&format!("{{{name}}}"));
            if is_used && !taken.contains(&line) {
                taken.push(line);
            }
        }
    }
    let mut lines: Vec<String> = taken.into_iter().map(str::to_owned).collect();
    for (name, text) in &program.files {
        let text = quoted(&filled(text, place));
        lines.push(format!("printf '%s\\n' {text} > {}", shell_quoted(name)));
    }
    let environment = { program.environment.iter() }
        .map(|(name, text)| format!("{name}={}", quoted(&filled(text, place))));
    let shown = |words: &[String]| -> Vec<String> {
        let words = words.iter().map(|word| quoted(&filled(word, place)));
        words.collect()
    };
    if !program.compile.is_empty() {
        lines.push(shown(&program.compile).join(" "));
    }
    let words: Vec<String> = environment.chain(shown(&program.command)).collect();
    lines.push(words.join(" "));
    lines
}

fn part(name: &str) -> Option<(&'static str, &'static str, &'static str)> {
    PARTS.into_iter().find(|(known, ..)| *known == name)
}

/// A part of a URL.
fn literal(name: &str, url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (host, port) = authority.split_once(':').unwrap_or((authority, "80"));
    Some(match name {
        "authority" => authority.to_owned(),
        "host" => host.to_owned(),
        "port" => port.to_owned(),
        "path" => format!("/{path}"),
        _ => return None,
    })
}

/// A word for the shell, in which variables stand in double quotes.
fn quoted(text: &str) -> String {
    if !text.contains(VARIABLE) {
        return shell_quoted(text);
    }
    let pieces = text
        .split(VARIABLE)
        .enumerate()
        .map(|(at, piece)| match at % 2 {
            0 if piece.is_empty() => String::new(),
            0 => shell_quoted(piece),
            _ => format!("\"${piece}\""),
        });
    pieces.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program() -> PlayedBy {
        PlayedBy {
            name: "a client".to_owned(),
            command: [
                "client",
                "-u",
                "{user}:{password}",
                "{file:c.json}",
                "{url}",
            ]
            .map(str::to_owned)
            .to_vec(),
            environment: vec![("AT".to_owned(), "{host}".to_owned())],
            files: vec![("c.json".to_owned(), "{\"url\": \"{url}\"}".to_owned())],
            ..PlayedBy::default()
        }
    }

    #[test]
    fn a_program_is_run_by_hand_with_all_that_it_needs() {
        let alice = Identity::alice();
        let url = "http://127.0.0.1:4010/s0/resource";
        let lines = by_program(&program(), &alice, Some(url));
        let logs_in = format!("{}:{}", alice.user, alice.password.expose());
        assert_eq!(
            lines,
            [
                format!("printf '%s\\n' '{{\"url\": \"{url}\"}}' > c.json"),
                format!("AT=127.0.0.1 client -u {logs_in} c.json {url}"),
            ]
        );
    }

    #[test]
    fn what_is_compiled_is_compiled_before() {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let program = PlayedBy {
            command: texts(&["java", "-cp", "{compiled}", "Client", "{url}"]),
            driver: Some("Client.java".to_owned()),
            compile: texts(&["javac", "-d", "{compiled}", "{file:Client.java}"]),
            ..PlayedBy::default()
        };
        let lines = by_program(&program, &Identity::alice(), Some("http://h/"));
        let wanted = [
            "javac -d . clients/drivers/Client.java",
            "java -cp . Client http://h/",
        ];
        assert_eq!(lines, wanted);
    }

    #[test]
    fn the_shell_fills_in_a_url_that_is_not_known_yet() {
        let lines = by_program(&program(), &Identity::alice(), None);
        let script = lines.join("\n");
        assert!(script.contains("AT=\"$HOST\" client"), "{script}");
        let script = script.replace("client -u", "printf '%s ' -u");
        let said = std::process::Command::new("sh")
            .args(["-c", &format!("cd \"$DIR\" || exit; {script}; cat c.json")])
            .env("URL", "http://127.0.0.1:81/a")
            .env("DIR", std::env::temp_dir())
            .output()
            .unwrap();
        let said = String::from_utf8(said.stdout).unwrap();
        assert!(said.contains("c.json http://127.0.0.1:81/a"), "{said}");
        assert!(
            said.ends_with("{\"url\": \"http://127.0.0.1:81/a\"}\n"),
            "{said}"
        );
    }
}
