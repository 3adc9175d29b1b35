//! Scripts for programs that read plain text: curl and Hurl.

use std::fmt::Write;

use super::answer::{CHALLENGES, ChallengeAnswer, ValuePart, fixed, parts_of, turned};
use super::code::credentials_of;
use super::compared::FRESH;
use super::not_exportable::NotExportable;
use super::proof::{NONCE, claims};
use super::script::{Ask, ExportedScript};
use super::shell::{shell_quoted, shell_word};
use super::stand_ins::{in_quotes, shell_made, variables_in};
use super::worded::{QueryPart, Said, Variable, WordedRequest};
use crate::credentials::{ProofClaim, ProofOutline};

/// The preamble as comments.
pub(super) fn comments(script: &ExportedScript, sign: &str) -> String {
    let mut out = format!("{sign} {}\n{sign}\n", script.title);
    for line in &script.preamble {
        let _ = writeln!(out, "{}", format!("{sign} {line}").trim_end());
    }
    out
}

/// A shell script that asks with curl, and ends with 1 where something is answered otherwise.
pub(super) fn curl(script: &ExportedScript) -> Result<String, NotExportable> {
    script.is_plain()?;
    let computes = script.answers().next().is_some();
    let answers_kept = |ask: &Ask| ask.kept && ask.answer.is_some();
    let proves_kept = |ask: &Ask| {
        let mut claims = ask.proofs.iter().flat_map(|proof| &proof.claims);
        ask.kept && claims.any(|(_, claim)| *claim == ProofClaim::Nonce)
    };
    let proves = script.proves();
    if script.requests.iter().any(proves_kept) {
        return Err(NotExportable(
            "its proof has a nonce that came over the same connection, which is one command of curl: `python` and `k6` \
             have that"
                .to_owned(),
        ));
    }
    if script.requests.iter().any(answers_kept) {
        return Err(NotExportable(
            "its credentials answer a challenge over the connection on which that came, which is one command of curl: \
             `python` and `k6` have that"
                .to_owned(),
        ));
    }
    let (variables, all) = script.variables();
    let mut out = format!("#!/bin/sh\n{}", comments(script, "#"));
    out.push_str(
        "#\n# Ends with 0 where the failure shows, with 1 where something else was answered, and with 2 where nothing was.\n",
    );
    if computes || proves {
        out.push_str("# It takes openssl for what is hashed and signed.\n");
    }
    out.push_str(match script.of_endpoint {
        true => "set -u\n: \"${URL:?is to hold the URL of the endpoint}\"\n",
        false => "set -u\nURL=${URL:-http://127.0.0.1:4010/s0/resource}\n",
    });
    if script.adds_to_queries() {
        out.push_str("case $URL in *\\?*) and='&' ;; *) and='?' ;; esac\n");
    }
    for name in needed(&variables) {
        let _ = writeln!(out, ": \"${{{name}:?is to hold a secret}}\"");
    }
    for one in &variables {
        let name = one.environment();
        let value = match &one.made_of {
            None => Some(shell_word(&one.value)),
            Some(pieces) => shell_made(pieces).map(|made| format!("\"{made}\"")),
        };
        let value = value.ok_or_else(|| NotExportable(UNSHOWN.to_owned()))?;
        let _ = writeln!(out, "[ -n \"${{{name}-}}\" ] || {name}={value}");
    }
    let _ = writeln!(
        out,
        "end=0\n\n# What of a head is compared, without what is another one each time.\n\
         lines_of_the_field() {{\n    sed -n 's/^{}: *//p' | sed -e 's/ *$//'{}\n}}",
        in_any_case(&script.shows.field()),
        FRESH
            .map(|name| format!(" -e 's/{name}=\"[^\"]*\"/{name}=\"*\"/g'"))
            .concat()
    );
    out.push_str(
        "\n\
         # ask STATUS LINES NAME [OPTION...]: the lines of the field are compared where they are not `*`. What follows one\n\
         # another by `--next` goes over one connection, and has a status each.\n\
         ask() {\n    status=$1 lines=$2 name=$3\n    shift 3\n    \
         heads=$(curl -s -o /dev/null -D - \"$@\" | tr -d '\\r')\n    \
         got=$(printf '%s\\n' \"$heads\" | sed -n 's|^HTTP/[^ ]* \\([2-9][0-9][0-9]\\).*|\\1|p' | tr '\\n' ' ')\n    \
         got=${got% }\n    \
         if [ -z \"$got\" ]; then\n        \
         printf 'no answer: %s; does %s listen?\\n' \"$name\" \"$URL\" >&2\n        \
         exit 2\n    fi\n    \
         said=$(printf '%s\\n' \"$heads\" | lines_of_the_field)\n    \
         if [ \"$got\" = \"$status\" ] && { [ \"$lines\" = '*' ] || [ \"$said\" = \"$lines\" ]; }; then\n        \
         printf 'as seen: %s\\n' \"$name\"\n    else\n        \
         printf 'otherwise: %s; now %s %s\\n' \"$name\" \"$got\" \"$said\"\n        end=1\n    fi\n}\n\n",
    );
    if computes {
        out.push_str(&ANSWER.replace("FIELD", &in_any_case(CHALLENGES)));
    }
    if script.answers().any(|answer| turned(answer).is_some()) {
        out.push_str(TURNED);
    }
    if proves {
        out.push_str(&PROOF.replace("FIELD", &in_any_case(NONCE)));
    }
    let asks: Vec<_> = script.requests.iter().zip(&all).collect();
    for talk in asks.chunk_by(|_, (ask, _)| ask.kept) {
        let Some((first, _)) = talk.first() else {
            continue;
        };
        if first.pause > 0 {
            let _ = writeln!(out, "sleep {}", first.pause);
        }
        for (ask, worded) in talk {
            for (number, proof) in ask.proofs.iter().enumerate() {
                out.push_str(&shell_proof(proof, number, &credentials_of(&worded.fields)));
            }
            let password = worded.fields.iter().find_map(|(_, said)| match said {
                Said::Answer { password, .. } => Some(password),
                Said::Text(_) | Said::Variable(_) | Said::Proof(_) => None,
            });
            if let (Some(answer), Some(password)) = (&ask.answer, password) {
                let password = password.to_ascii_uppercase();
                out.push_str(&computed(answer, (ask, worded), &password));
            }
        }
        let statuses: Vec<String> = talk.iter().map(|(ask, _)| ask.status.to_string()).collect();
        let lines = talk.iter().map(|(ask, _)| ask.lines.as_deref());
        let lines = match lines.collect::<Option<Vec<_>>>() {
            Some(lines) => shell_quoted(&lines.concat().join("\n")),
            None => "'*'".to_owned(),
        };
        let names: Vec<&str> = talk.iter().map(|(ask, _)| ask.name.as_str()).collect();
        let _ = write!(
            out,
            "ask {} {lines} {}",
            shell_word(&statuses.join(" ")),
            shell_quoted(&names.join("; "))
        );
        // One command goes over one connection, as far as the server keeps it.
        let commands: Vec<String> = talk
            .iter()
            .map(|(ask, worded)| options(ask, worded))
            .collect();
        let _ = writeln!(out, "{}", commands.join(&format!(" --next {QUIET}")));
    }
    out.push_str("exit $end\n");
    Ok(out)
}

/// What makes an answer to a challenge (RFC 7616 §3.4); `FIELD` is the field's name.
const ANSWER: &str = r#"case $URL in
    *://*/*) target=/${URL#*://*/} ;;
    *) target=/ ;;
esac

# quoted NAME NUMBER: a quoted value of the challenges before.
quoted() {
    printf '%s\n' "$heads" | sed -n 's/^FIELD: *//p' | grep -o "$1=\"[^\"]*\"" | sed -n "$2p" | sed 's/^[^"]*"//; s/"$//'
}

hashed() {
    printf '%s' "$2" | openssl dgst "-$1" -r | cut -d ' ' -f 1
}

# answered HASH SESSION SECRET MIDDLE NONCE REQUEST: the response (RFC 7616 section 3.4).
answered() {
    key=$(hashed "$1" "$3")
    if [ "$2" = yes ]; then
        rest=${4#*:}
        key=$(hashed "$1" "$key:$5:${rest%%:*}")
    fi
    hashed "$1" "$key:$5:${4:+$4:}$(hashed "$1" "$6")"
}

"#;

/// What makes a nonce that nobody issued.
const TURNED: &str = r#"# turned TEXT LAST KEPT BEHIND: a nonce that nobody issued: each digit and letter is the one behind it.
turned() {
    kept=$((${#1} / 2))
    [ "$3" = half ] || kept=0
    [ "$kept" -eq 0 ] || printf '%s' "$1" | cut -c "1-$kept" | tr -d '\n'
    case $2 in
        f) printf '%s' "$1" | cut -c "$((kept + 1))-" | tr '0-9a-fA-F' '1-90b-faB-FA' | tr -d '\n' ;;
        *) printf '%s' "$1" | cut -c "$((kept + 1))-" | tr '0-9a-zA-Z' '1-90b-zaB-ZA' | tr -d '\n' ;;
    esac
    printf '%s' "$4"
}

"#;

/// What is computed before a request that answers a challenge.
fn computed(
    answer: &ChallengeAnswer,
    (ask, worded): (&Ask, &WordedRequest),
    password: &str,
) -> String {
    let outline = &answer.outline;
    let mut out = format!("nonce=$(quoted nonce {})\n", answer.nonce_at() + 1);
    if let Some(at) = answer.opaque_at() {
        let _ = writeln!(out, "opaque=$(quoted opaque {})", at + 1);
    }
    if let Some(nonce) = fixed(answer) {
        let _ = writeln!(out, "nonce={}", shell_word(nonce));
    }
    if let Some((last, keeps_half, behind)) = turned(answer) {
        let kept = if keeps_half { "half" } else { "nothing" };
        let behind = shell_quoted(behind);
        let _ = writeln!(out, "nonce=$(turned \"$nonce\" {last} {kept} {behind})");
    }
    let uri = match &outline.uri {
        Some(uri) => in_quotes(uri),
        None => format!("$target{}", behind(ask, worded)),
    };
    let _ = writeln!(
        out,
        "uri=\"{uri}\"\nresponse=$(answered {} {} \"{}${password}\" {} \"$nonce\" \"{}:$uri\")",
        answer.hash().replace('_', "-"),
        if outline.is_session() { "yes" } else { "no" },
        in_quotes(&answer.user_and_realm()),
        shell_quoted(&answer.middle().unwrap_or_default()),
        ask.method
    );
    out
}

/// The value of a field that answers a challenge, within double quotes of a shell.
fn computed_value(value: &str) -> String {
    let parts = parts_of(value).into_iter().map(|part| match part {
        ValuePart::Text(text) => in_quotes(text),
        ValuePart::Nonce => "$nonce".to_owned(),
        ValuePart::Opaque => "$opaque".to_owned(),
        ValuePart::Uri => "$uri".to_owned(),
        ValuePart::Response => "$response".to_owned(),
    });
    parts.collect()
}

/// A field's name for `sed`, which has no word for any case everywhere.
fn in_any_case(name: &str) -> String {
    let letters = name.chars().map(|c| match c.is_ascii_alphabetic() {
        true => format!("[{}{}]", c.to_ascii_uppercase(), c.to_ascii_lowercase()),
        false => c.to_string(),
    });
    letters.collect()
}

/// What makes a proof of a key (RFC 9449 §4.2), which is signed by ES256 (RFC 7518 §3.4); `FIELD` is the field of its nonce.
const PROOF: &str = r#"url64() {
    openssl base64 -A | tr -d '=' | tr '/+' '_-'
}

# bytes: what hexadecimal digits stand for.
bytes() {
    printf "$(awk '{
        for (at = 1; at < length($0); at += 2)
            printf "\\%03o", (index("0123456789abcdef", substr($0, at, 1)) - 1) * 16 + index("0123456789abcdef", substr($0, at + 1, 1)) - 1
    }')"
}

# proof KEY HEADER CLAIMS: a proof that whoever sends it has the key, which is published. openssl writes the two numbers of a
# signature in DER, and a proof has them in 32 bytes each.
proof() {
    text=$(printf '%s' "$2" | url64).$(printf '%s' "$3" | url64)
    key=$(mktemp)
    printf '%s\n' "$1" >"$key"
    numbers=$(printf '%s' "$text" | openssl dgst -sha256 -sign "$key" | openssl asn1parse -inform DER |
        sed -n 's/.*INTEGER *://p' | while read -r number; do printf '%64s' "$number"; done | tr ' A-F' '0a-f')
    rm -f "$key"
    printf '%s.%s' "$text" "$(printf '%s\n' "$numbers" | bytes | url64)"
}

hash_of_token() {
    printf '%s' "${1#* }" | openssl dgst -sha256 -binary | url64
}

# told: the nonce in the answer before.
told() {
    printf '%s\n' "$heads" | sed -n 's/^FIELD: *//p'
}

"#;

/// What is signed before a request that proves a key.
fn shell_proof(proof: &ProofOutline, number: usize, credentials: &str) -> String {
    let literal = |text: &str| serde_json::Value::from(text).to_string();
    let claims = claims(proof, literal, |claim| match claim {
        ProofClaim::Text(text) => literal(text),
        ProofClaim::Id => "\"$(openssl rand -hex 16)\"".to_owned(),
        ProofClaim::Uri => "\"${URL%%\\?*}\"".to_owned(),
        ProofClaim::Time(later) => format!("$(($(date +%s) + {later}))"),
        ProofClaim::TokenHash => format!("\"$(hash_of_token \"${credentials}\")\""),
        ProofClaim::Nonce => "\"$(told)\"".to_owned(),
    });
    // Within double quotes, save within what is computed there.
    let mut quoted = String::new();
    let mut depth = 0_usize;
    let mut letters = claims.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '$' if letters.peek() == Some(&'(') => quoted.push(c),
            '(' => {
                depth += 1;
                quoted.push(c);
            }
            ')' => {
                depth = depth.saturating_sub(1);
                quoted.push(c);
            }
            '"' if depth == 0 => quoted.push_str("\\\""),
            c => quoted.push(c),
        }
    }
    format!(
        "proof_{number}=$(proof {} {} \"{quoted}\")\n",
        shell_quoted(proof.pem.trim_end()),
        shell_quoted(&proof.header)
    )
}

/// What makes curl say nothing but the head.
const QUIET: &str = "-s -o /dev/null -D -";

/// Why something is in no script for a shell.
const UNSHOWN: &str = "there is a secret in it beside what no line of a shell can show";

/// The names of the variables that hold secrets which nobody published.
fn needed(variables: &[Variable]) -> Vec<String> {
    let pieces: Vec<_> = { variables.iter() }
        .filter_map(|one| one.made_of.clone())
        .flatten()
        .collect();
    variables_in(&pieces)
}

/// What stands behind the URL, within double quotes of a shell.
fn behind(ask: &Ask, worded: &WordedRequest) -> String {
    let variable = |name: &str| format!("${{{}}}", name.to_ascii_uppercase());
    let query = worded.query(in_quotes, variable);
    match ask.added_to_query() {
        Some(_) => format!("${{and}}{query}"),
        None => query,
    }
}

/// The options that make curl send a request, and its URL.
fn options(ask: &Ask, worded: &WordedRequest) -> String {
    let mut out = String::new();
    match ask.method {
        "GET" => {}
        "HEAD" => out.push_str(" --head"),
        method => {
            let _ = write!(out, " -X {method}");
        }
    }
    for (name, said) in &worded.fields {
        let _ = match said {
            Said::Text(value) => write!(out, " -H {}", shell_word(&format!("{name}: {value}"))),
            Said::Variable(variable) => {
                write!(out, " -H \"{name}: ${}\"", variable.to_ascii_uppercase())
            }
            Said::Answer { value, .. } => {
                write!(out, " -H \"{name}: {}\"", computed_value(value))
            }
            Said::Proof(number) => write!(out, " -H \"{name}: $proof_{number}\""),
        };
    }
    let _ = write!(out, " \"$URL{}\"", behind(ask, worded));
    out
}

/// A text in quotes, as Hurl has it.
fn hurl_quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' | '#' => out.extend(['\\', c]),
            // A variable begins so.
            '{' => out.push_str("\\u{7b}"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A file for Hurl.
pub(super) fn hurl(script: &ExportedScript) -> Result<String, NotExportable> {
    script.is_plain()?;
    let (variables, all) = script.variables();
    let mut out = comments(script, "#");
    script.computes_nothing()?;
    let (published, own) = { variables.iter() }.partition::<Vec<_>, _>(|one| one.made_of.is_none());
    let told = own.iter().filter_map(|one| {
        let made = shell_made(one.made_of.as_ref()?)?;
        Some(format!("--variable {}=\"{made}\" ", one.name))
    });
    let url = match script.of_endpoint {
        true => "URL",
        false => "http://127.0.0.1:4010/s0/resource",
    };
    let _ = writeln!(
        out,
        "#\n# hurl --variable url={url} {}FILE",
        told.collect::<String>()
    );
    for (at, (ask, worded)) in script.requests.iter().zip(all).enumerate() {
        // What stands in this section comes behind the query that the URL has.
        let in_section = ask
            .added_to_query()
            .and_then(|_| hurl_query(&worded, &published));
        let before = if ask.added_to_query().is_some() {
            "?"
        } else {
            ""
        };
        let variable = |name: &str| format!("{{{{{name}}}}}");
        let behind = match in_section {
            Some(_) => String::new(),
            None => format!("{before}{}", worded.query(str::to_owned, variable)),
        };
        let _ = writeln!(out, "\n# {}\n{} {{{{url}}}}{behind}", ask.name, ask.method);
        for (name, said) in worded.fields {
            let _ = match said {
                Said::Text(value) | Said::Answer { value, .. } => {
                    writeln!(out, "{name}: {}", hurl_plain(&value))
                }
                Said::Variable(variable) => writeln!(out, "{name}: {{{{{variable}}}}}"),
                Said::Proof(_) => Ok(()),
            };
        }
        out.push_str(&in_section.unwrap_or_default());
        // What an entry declares holds for those behind it too.
        let declared = match at {
            0 => published.as_slice(),
            _ => &[],
        };
        if !declared.is_empty() || ask.pause > 0 {
            out.push_str("[Options]\n");
            if ask.pause > 0 {
                let _ = writeln!(out, "delay: {}s", ask.pause);
            }
            for one in declared {
                let _ = writeln!(out, "variable: {}={}", one.name, hurl_quoted(&one.value));
            }
        }
        let _ = writeln!(out, "HTTP {}", ask.status);
        if let Some(lines) = &ask.lines {
            let field = format!("header {}", hurl_quoted(&script.shows.field()));
            out.push_str("[Asserts]\n");
            match lines.as_slice() {
                [] => {
                    let _ = writeln!(out, "{field} not exists");
                }
                [one] => {
                    let _ = writeln!(out, "{field} {}", hurl_is(one));
                }
                several => {
                    let _ = writeln!(out, "{field} count == {}", several.len());
                    for (at, one) in several.iter().enumerate() {
                        let _ = writeln!(out, "{field} nth {at} {}", hurl_is(one));
                    }
                }
            }
        }
    }
    Ok(out)
}

/// A query as the section that Hurl has for it; nothing where Hurl would write a part of it otherwise.
fn hurl_query(worded: &WordedRequest, published: &[&Variable]) -> Option<String> {
    let is_kept = |text: &str| {
        text.chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    let are_kept = worded.query.iter().all(|part| match part {
        QueryPart::Text(text) => text.split('&').all(|one| one.split('=').all(&is_kept)),
        QueryPart::Variable(name) => {
            let value = published.iter().find(|one| one.name == *name);
            value.is_none_or(|one| is_kept(&one.value))
        }
    });
    let mut out = String::from("[Query]\n");
    let query = worded.query(str::to_owned, |name| format!("{{{{{name}}}}}"));
    for one in query.split('&') {
        let (name, value) = one.split_once('=')?;
        if !are_kept || value.is_empty() {
            return None;
        }
        let _ = writeln!(out, "{name}: {value}");
    }
    Some(out)
}

/// How Hurl compares a line; what is another one each time may be whatever it is.
fn hurl_is(line: &str) -> String {
    let has_fresh = FRESH
        .iter()
        .any(|name| line.contains(&format!("{name}=\"*\"")));
    if !has_fresh {
        return format!("== {}", hurl_quoted(line));
    }
    let mut pattern = String::new();
    for c in line.chars() {
        if !c.is_ascii_alphanumeric() && c != ' ' {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    for name in FRESH {
        let name = name.replace('_', "\\_");
        let any = format!("{name}\\=\"[^\"]*\"");
        pattern = pattern.replace(&format!("{name}\\=\\\"\\*\\\""), &any);
    }
    format!("matches /^{pattern}$/")
}

/// A value of a field, which is not in quotes.
fn hurl_plain(text: &str) -> String {
    let quoted = hurl_quoted(text);
    let inner = quoted.trim_start_matches('"').strip_suffix('"');
    inner.unwrap_or_default().replace("\\\"", "\"")
}
