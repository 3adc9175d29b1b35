//! What nginx is told of credentials: `auth_basic`, `auth_jwt`, `auth_request` and `satisfy`, by location.

use super::gate::Gate;
use super::policy::ProfileScheme;
use super::told::{ImportNotes, RecordPlace};
use crate::yaml::{Source, Span};

/// How deep blocks may stand in each other.
const DEEPEST: usize = 32;

/// A directive: its words, and its block where it has one.
#[derive(Debug)]
struct Directive {
    words: Vec<String>,
    span: Span,
    block: Option<Vec<Directive>>,
}

impl Directive {
    fn name(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    fn argument(&self) -> &str {
        self.words.get(1).map_or("", String::as_str)
    }
}

/// A word or a mark of a configuration, and where it stands.
struct NginxToken {
    text: String,
    is_mark: bool,
    span: Span,
}

/// What holds in a block, unless one in it says otherwise (ngx_http_core_module, ngx_http_auth_basic_module and others:
/// each is inherited from the level above where there is none on this).
#[derive(Clone, Debug, Default)]
struct NginxAsks {
    basic: Option<String>,
    token: Option<String>,
    /// Where `auth_jwt` finds the token, where that is not `Authorization`.
    token_from: Option<String>,
    request: Option<String>,
    any: bool,
    /// What answers in place of a 401.
    page: Option<String>,
    /// What is asked of clients' certificates.
    certificate: Option<String>,
}

/// Whether a text looks like a configuration of nginx that asks for credentials.
pub fn is_nginx(text: &str) -> bool {
    let has = |word: &str| {
        let mut words = text.split(|c: char| c.is_whitespace() || ";{}".contains(c));
        words.any(|one| one == word)
    };
    text.contains('{')
        && ["auth_basic", "auth_jwt", "auth_request"]
            .into_iter()
            .any(has)
}

/// The places of a configuration that ask for credentials. What cannot be read, and what is not looked at, is told.
pub fn nginx(source: &Source, told: &mut ImportNotes) -> Vec<Gate> {
    let number = told.begin(source.clone());
    let Some(tokens) = tokens(&source.text, number, told) else {
        return Vec::new();
    };
    let mut tokens = tokens.into_iter();
    let Some(directives) = block(&mut tokens, None, 0, number, told) else {
        return Vec::new();
    };
    let mut gates = Vec::new();
    collect(
        &directives,
        &NginxAsks::default(),
        "",
        number,
        told,
        &mut gates,
    );
    gates
}

fn tokens(text: &str, number: usize, told: &mut ImportNotes) -> Option<Vec<NginxToken>> {
    let mut tokens = Vec::new();
    let mut letters = text.char_indices().peekable();
    while let Some((start, c)) = letters.next() {
        let mark = |end: usize| NginxToken {
            text: c.to_string(),
            is_mark: true,
            span: Span::new(start, end),
        };
        match c {
            c if c.is_whitespace() => {}
            '#' => while letters.next_if(|(_, c)| *c != '\n').is_some() {},
            ';' | '{' | '}' => tokens.push(mark(start + 1)),
            '"' | '\'' => {
                let mut word = String::new();
                let mut end = None;
                while let Some((at, next)) = letters.next() {
                    match next {
                        '\\' => word.extend(letters.next().map(|(_, c)| c)),
                        next if next == c => {
                            end = Some(at + 1);
                            break;
                        }
                        next => word.push(next),
                    }
                }
                let Some(end) = end else {
                    told.error(
                        RecordPlace {
                            source: number,
                            span: Span::new(start, start + 1),
                        },
                        "this quote is not closed",
                        "close it, or put a backslash before it",
                    );
                    return None;
                };
                tokens.push(NginxToken {
                    text: word,
                    is_mark: false,
                    span: Span::new(start, end),
                });
            }
            c => {
                let mut word = String::from(c);
                let mut end = start + c.len_utf8();
                // `${name}` is a part of a word.
                while let Some((at, next)) = letters.next_if(|(_, next)| {
                    !next.is_whitespace() && !";{}".contains(*next) || word.ends_with('$')
                }) {
                    word.push(next);
                    end = at + next.len_utf8();
                    if next == '{' {
                        while let Some((at, next)) = letters.next_if(|(_, c)| !c.is_whitespace()) {
                            word.push(next);
                            end = at + next.len_utf8();
                            if next == '}' {
                                break;
                            }
                        }
                    }
                }
                tokens.push(NginxToken {
                    text: word,
                    is_mark: false,
                    span: Span::new(start, end),
                });
            }
        }
    }
    Some(tokens)
}

fn wrong(told: &mut ImportNotes, source: usize, span: Span, message: &str, help: &str) {
    told.error(RecordPlace { source, span }, message, help);
}

/// The directives up to the end of a block, or of the text.
fn block(
    tokens: &mut std::vec::IntoIter<NginxToken>,
    opened: Option<Span>,
    depth: usize,
    number: usize,
    told: &mut ImportNotes,
) -> Option<Vec<Directive>> {
    if depth > DEEPEST {
        let span = opened.unwrap_or_default();
        wrong(
            told,
            number,
            span,
            "blocks stand too deep in each other",
            "",
        );
        return None;
    }
    let mut directives = Vec::new();
    let mut words: Vec<NginxToken> = Vec::new();
    while let Some(token) = tokens.next() {
        if !token.is_mark {
            words.push(token);
            continue;
        }
        let span = words.first().map_or(token.span, |word| word.span);
        let taken: Vec<String> = words.drain(..).map(|word| word.text).collect();
        let inner = match token.text.as_str() {
            ";" => None,
            "{" => Some(block(tokens, Some(token.span), depth + 1, number, told)?),
            _ if !taken.is_empty() => {
                wrong(
                    told,
                    number,
                    span,
                    "this directive does not end",
                    "end it with `;`",
                );
                return None;
            }
            _ if opened.is_some() => return Some(directives),
            _ => {
                let message = "nothing is open that this could close";
                wrong(told, number, token.span, message, "take it out");
                return None;
            }
        };
        directives.push(Directive {
            words: taken,
            span,
            block: inner,
        });
    }
    if let Some(word) = words.first() {
        wrong(
            told,
            number,
            word.span,
            "this directive does not end",
            "end it with `;`",
        );
        return None;
    }
    if let Some(opened) = opened {
        wrong(
            told,
            number,
            opened,
            "this block is not closed",
            "close it with `}`",
        );
        return None;
    }
    Some(directives)
}

/// Blocks that hold for what stands in them, and in which credentials may be asked for.
const LEVELS: [&str; 4] = ["http", "server", "location", "limit_except"];

/// What is to be known of what is not read.
const MORE: &str = "it may ask for credentials as well";

/// Directives that decide on who gets in, and of which nothing is said here.
const NOT_READ: [&str; 6] = ["include", "if", "allow", "deny", "auth_oidc", "auth_digest"];

/// Walks through blocks, and takes note of each that asks for credentials otherwise than the one around it.
fn collect(
    directives: &[Directive],
    around: &NginxAsks,
    name: &str,
    number: usize,
    told: &mut ImportNotes,
    gates: &mut Vec<Gate>,
) {
    let mut now = around.clone();
    let mut span = None;
    let mut notes = Vec::new();
    // Those of a level take the place of all those around it (ngx_http_core_module, `error_page`).
    if directives.iter().any(|one| one.name() == "error_page") {
        now.page = None;
    }
    for one in directives {
        let value = Some(one.argument().to_owned()).filter(|value| value != "off");
        match one.name() {
            "auth_basic" => now.basic = value,
            "auth_jwt" => {
                now.token = value;
                let from = one
                    .words
                    .get(2)
                    .and_then(|word| word.strip_prefix("token="));
                now.token_from = from
                    .filter(|from| !from.eq_ignore_ascii_case("$http_authorization"))
                    .map(str::to_owned);
            }
            "error_page" if one.words.iter().skip(1).any(|word| word == "401") => {
                now.page = Some(one.words.join(" "));
            }
            "ssl_verify_client" => now.certificate = value,
            "auth_request" => now.request = value,
            "satisfy" => now.any = one.argument() == "any",
            other => {
                if NOT_READ.contains(&other) && one.block.is_none() {
                    notes.push((one, format!("`{}` is not looked at", one.words.join(" "))));
                }
                continue;
            }
        }
        span = span.or(Some(one.span));
    }
    if let Some(span) = span {
        let at = RecordPlace {
            source: number,
            span,
        };
        let place = format!("{}:{}", told.name(number), told.line(at));
        let name = match name {
            "" => place,
            name => format!("{name} ({place})"),
        };
        let notes = notes.into_iter().map(|(_, note)| note).collect();
        gates.extend(gate(name, &now, notes));
    } else {
        for (one, note) in notes {
            let at = RecordPlace {
                source: number,
                span: one.span,
            };
            // What is included may ask for credentials anywhere.
            if name.is_empty() || one.name() == "include" {
                told.warning(at, note, MORE);
            }
        }
    }
    for one in directives {
        let Some(block) = &one.block else { continue };
        if one.name() == "if" {
            let at = RecordPlace {
                source: number,
                span: one.span,
            };
            told.warning(
                at,
                "what stands in an `if` is not looked at",
                "it is passed over",
            );
        } else if LEVELS.contains(&one.name()) {
            let own = one.words.join(" ");
            let name = match name {
                "" | "http" => own,
                name => format!("{name} {own}"),
            };
            collect(block, &now, &name, number, told, gates);
        }
    }
}

/// The gate that this comes to; nothing where it asks for nothing.
fn gate(name: String, now: &NginxAsks, mut notes: Vec<String>) -> Option<Gate> {
    let basic = now
        .basic
        .as_ref()
        .map(|realm| format!("Basic realm=\"{realm}\""));
    let token = now
        .token
        .as_ref()
        .map(|realm| format!("Bearer realm=\"{realm}\""));
    let ways = [basic.is_some(), token.is_some(), now.request.is_some()];
    let count = ways.iter().filter(|one| **one).count();
    if count == 0 {
        return None;
    }
    if let Some(place) = &now.request {
        notes.push(format!(
            "what the subrequest to {place} takes is not written here, and neither is what its 401 names, which the \
             client is sent"
        ));
    }
    if let Some(certificate) = &now.certificate {
        notes.push(format!(
            "certificates of clients (`ssl_verify_client {certificate}`) are not counted"
        ));
    }
    if let Some(realm) = now.basic.as_ref().filter(|realm| realm.contains('$')) {
        notes.push(format!(
            "the realm of `auth_basic` is `{realm}`, a variable: where that comes to `off`, nothing is asked for"
        ));
    }
    let elsewhere = now.token_from.as_ref().filter(|_| token.is_some());
    if let Some(from) = elsewhere {
        notes.push(format!(
            "`auth_jwt` takes its token from `{from}`: no client of the catalogue is counted for it"
        ));
    }
    let mut accepts = Vec::new();
    let mut names = Vec::new();
    if count == 1 || now.any {
        accepts.extend(basic.as_ref().map(|_| ProfileScheme::Basic));
        let in_field = token.as_ref().filter(|_| elsewhere.is_none());
        accepts.extend(in_field.map(|_| ProfileScheme::Bearer));
        let lines: Vec<String> = basic.into_iter().chain(token).collect();
        match now.request {
            // Where a challenge is lost, nobody knows who gets in.
            _ if now.page.is_some() => notes.push(format!(
                "`{}` answers in place of a 401: what that names is not looked at, and whoever waits for a challenge may wait in vain",
                now.page.as_deref().unwrap_or_default()
            )),
            None => names.push(("a 401 names every way".to_owned(), lines)),
            Some(_) if lines.is_empty() => {}
            Some(_) => names.push(("a 401 names at least".to_owned(), lines)),
        }
    } else {
        notes.push(
            "all of several ways are asked for (`satisfy all`, the default): with credentials of one alone nobody gets \
             in, and no client of the catalogue shows two"
                .to_owned(),
        );
    }
    Some(Gate {
        name,
        accepts,
        names,
        notes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<Gate>, String) {
        let mut told = ImportNotes::default();
        let gates = nginx(&Source::new("nginx.conf", text), &mut told);
        (gates, told.render())
    }

    #[test]
    fn what_is_in_force_is_told_by_place() {
        let (gates, told) = read(
            "http {\n  auth_basic \"all of \\\"it\\\"\";\n  server {\n    # auth_basic off;\n    \
             location /a { proxy_pass http://${host}/x; }\n    location /open { auth_basic off; }\n    \
             location = /b { satisfy any; auth_jwt api; }\n    location ~ \"^/c{1,2}$\" { auth_jwt 'x y'; }\n  }\n}\n",
        );
        assert_eq!(told, "");
        let told: Vec<(&str, usize)> = gates
            .iter()
            .map(|one| (one.name.as_str(), one.accepts.len()))
            .collect();
        assert_eq!(
            told,
            [
                ("http (nginx.conf:2)", 1),
                ("server location = /b (nginx.conf:7)", 2),
                ("server location ~ ^/c{1,2}$ (nginx.conf:8)", 0),
            ]
        );
        assert_eq!(gates[0].names[0].1, ["Basic realm=\"all of \"it\"\""]);
        let lines = ["Basic realm=\"all of \"it\"\"", "Bearer realm=\"api\""];
        assert_eq!(gates[1].names[0].1, lines);
        assert!(gates[2].notes[0].contains("satisfy all"), "{:?}", gates[2]);
    }

    #[test]
    fn a_subrequest_says_itself_what_it_takes() {
        let (gates, _) =
            read("location / { satisfy any; auth_request /check; auth_basic x; include more; }");
        assert_eq!(gates[0].names[0].0, "a 401 names at least");
        let notes = gates[0].notes.join("; ");
        assert!(notes.contains("the subrequest to /check"), "{notes}");
        assert!(notes.contains("`include more` is not looked at"), "{notes}");
        let (alone, _) = read("location / { auth_request /check; }");
        assert_eq!((alone[0].names.len(), alone[0].accepts.len()), (0, 0));
    }

    #[test]
    fn what_changes_a_401_or_who_gets_in_is_told() {
        let (gates, told) = read(
            "server {\n  error_page 401 500 = @login;\n  auth_basic $realm;\n  location /a { include more; }\n  \
             location /b { error_page 404 /x; ssl_verify_client on; }\n  location /c { auth_basic off; error_page 404 /x; \
             auth_jwt j token=$arg_t; }\n}\n",
        );
        assert!(told.contains("`include more` is not looked at"), "{told}");
        let of = |at: usize| {
            (
                &*gates[at].name,
                gates[at].names.len(),
                gates[at].notes.join("; "),
            )
        };
        let (name, names, notes) = of(0);
        assert_eq!((name, names), ("server (nginx.conf:2)", 0));
        assert!(
            notes.contains("`error_page 401 500 = @login` answers in place"),
            "{notes}"
        );
        assert!(notes.contains("`$realm`, a variable"), "{notes}");
        let (name, names, notes) = of(1);
        assert_eq!((name, names), ("server location /b (nginx.conf:5)", 1));
        assert!(notes.contains("`ssl_verify_client on`"), "{notes}");
        let (_, names, notes) = of(2);
        assert_eq!((names, gates[2].accepts.len()), (1, 0));
        assert!(notes.contains("from `$arg_t`"), "{notes}");
    }

    #[test]
    fn mistakes_are_shown() {
        for (text, words, place) in [
            ("http {\n auth_basic x;", "this block is not closed", "1:6"),
            ("auth_basic x", "this directive does not end", "1:1"),
            ("http { auth_basic }", "this directive does not end", "1:8"),
            ("}", "nothing is open", "1:1"),
            ("auth_basic \"x;", "this quote is not closed", "1:12"),
        ] {
            let (gates, told) = read(text);
            assert!(gates.is_empty() && told.contains(words), "{words}: {told}");
            assert!(told.contains(&format!("--> nginx.conf:{place}")), "{told}");
        }
        assert!(read(&"a { ".repeat(10_000)).1.contains("too deep"));
        assert!(
            is_nginx("location / { auth_basic x; }") && !is_nginx("imported: 1\npolicies: []\n")
        );
    }
}
