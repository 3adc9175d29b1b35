//! A script for k6, and what Postman has of JavaScript too.

use std::fmt::Write;

use serde_json::json;

use super::answer::{CHALLENGES, ChallengeAnswer, fixed, turned};
use super::code::{credentials_of, made, uses_base64};
use super::compared::{FRESH, as_written};
use super::not_exportable::NotExportable;
use super::plain::comments;
use super::proof::{NONCE, claims, in_hex};
use super::script::{Ask, ExportedScript};
use super::worded::{Said, WordedRequest};
use crate::credentials::{ProofClaim, ProofOutline};

/// What leaves out of a text in JavaScript what is another one each time.
pub(super) fn without_fresh() -> String {
    format!(r#".replace(/({})="[^"]*"/g, '$1="*"')"#, FRESH.join("|"))
}

/// A text as a literal of JavaScript.
pub(super) fn literal(text: &str) -> String {
    json!(text).to_string()
}

/// What makes an answer to a challenge (RFC 7616 §3.4); `hashed(name, text)` is whatever has the script.
const ANSWER: &str = r#"
// A quoted value of the challenges before.
function quoted(asked, name, at) {
  return ((asked.match(new RegExp(`${name}="[^"]*"`, "g")) || [])[at] || "").slice(name.length + 2, -1);
}

// Credentials that answer the challenge before (RFC 7616 section 3.4).
function answered(uri, value, method, name, session, secret, middle, nonce, opaque) {
  let key = hashed(name, secret);
  if (session) key = hashed(name, [key, nonce, middle.split(":")[1]].join(":"));
  const parts = [key, nonce, middle, hashed(name, `${method}:${uri}`)];
  const response = hashed(name, parts.filter((part) => part !== null).join(":"));
  const made = { nonce, opaque, uri, response };
  return value.replace(/<<([a-z]+)>>/g, (_, mark) => made[mark]);
}
"#;

/// What makes a nonce that nobody issued.
const TURNED: &str = r#"
// A nonce that nobody issued: each digit and letter is the one behind it.
function turned(text, last, keepsHalf, behind) {
  const kept = keepsHalf ? Math.floor(text.length / 2) : 0;
  const small = "abcdefghijklmnopqrstuvwxyz".slice(0, last.charCodeAt(0) - 96);
  const turn = [`0123456789`, small, small.toUpperCase()];
  const next = (c) => {
    const kind = turn.find((one) => one.includes(c));
    return kind ? kind[(kind.indexOf(c) + 1) % kind.length] : c;
  };
  return text.slice(0, kept) + [...text.slice(kept)].map(next).join("") + behind;
}
"#;

/// What makes a proof of a key (RFC 9449 §4.2), which is signed by ES256 (RFC 7518 §3.4).
const PROOF: &str = r#"
// A proof that whoever sends it has the key, which is published. It takes WebCrypto, which k6 has since 1.0.
const subtle = globalThis.crypto.subtle;
const bytes = (text) => Uint8Array.from([...text].map((c) => c.charCodeAt(0)));
const url64 = (some) => encoding.b64encode(some, "rawurl");

async function hashOfToken(credentials) {
  return url64(await subtle.digest("SHA-256", bytes(credentials.replace(/^[^ ]* +/, ""))));
}

async function proof(key, header, claims) {
  const text = `${url64(header)}.${url64(JSON.stringify(claims))}`;
  const pkcs8 = Uint8Array.from(key.match(/../g).map((two) => parseInt(two, 16)));
  const made = await subtle.importKey("pkcs8", pkcs8.buffer, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  return `${text}.${url64(await subtle.sign({ name: "ECDSA", hash: "SHA-256" }, made, bytes(text)))}`;
}
"#;

/// The value of a field that proves a key, as an expression, where `last` is the answer before.
fn proof(proof: &ProofOutline, credentials: &str) -> String {
    let claims = claims(proof, literal, |claim| match claim {
        ProofClaim::Text(text) => literal(text),
        ProofClaim::Id => "`${Date.now()}-${Math.random()}`".to_owned(),
        ProofClaim::Uri => "URL.replace(/[?].*/, \"\")".to_owned(),
        ProofClaim::Time(0) => "Math.floor(Date.now() / 1000)".to_owned(),
        ProofClaim::Time(later) => format!("Math.floor(Date.now() / 1000) + {later}"),
        ProofClaim::TokenHash => format!("await hashOfToken({credentials})"),
        ProofClaim::Nonce => format!("last.headers[{}]", literal(&as_written(NONCE))),
    });
    format!(
        "await proof({}, {}, {claims})",
        literal(&in_hex(&proof.key())),
        literal(&proof.header)
    )
}

/// What a script that computes answers has to have, save `hashed`; nothing where it computes none.
pub(super) fn helpers(script: &ExportedScript) -> String {
    let mut out = String::new();
    if script.answers().next().is_some() {
        out.push_str(ANSWER);
    }
    if script.answers().any(|answer| turned(answer).is_some()) {
        out.push_str(TURNED);
    }
    out
}

/// The value of a field that answers a challenge as an expression, where `asked` has the challenges before; `password` and
/// `path`, the target, are expressions too.
pub(super) fn answer(
    answer: &ChallengeAnswer,
    (method, path): (&str, &str),
    value: &str,
    password: &str,
) -> String {
    let outline = &answer.outline;
    let issued = format!("quoted(asked, \"nonce\", {})", answer.nonce_at());
    let nonce = match (fixed(answer), turned(answer)) {
        (Some(nonce), _) => literal(nonce),
        (None, Some((last, keeps_half, behind))) => format!(
            "turned({issued}, {}, {keeps_half}, {})",
            literal(&last.to_string()),
            literal(behind)
        ),
        (None, None) => issued,
    };
    let opaque = match answer.opaque_at() {
        Some(at) => format!("quoted(asked, \"opaque\", {at})"),
        None => literal(""),
    };
    let uri = outline.uri.as_deref();
    let middle = answer.middle();
    format!(
        "answered({}, {}, {}, {}, {}, {} + {password}, {}, {nonce}, {opaque})",
        uri.map_or_else(|| path.to_owned(), literal),
        literal(value),
        literal(method),
        literal(answer.hash()),
        outline.is_session(),
        literal(&answer.user_and_realm()),
        middle.map_or_else(|| "null".to_owned(), |middle| literal(&middle)),
    )
}

/// What makes the target of a URL.
pub(super) fn path(url: &str) -> String {
    format!("({url}).replace(/^[a-z]+:\\/\\/[^/]*/, \"\")")
}

/// A URL with what stands behind it, where `and` is what comes before a query and `variable` says how one is read.
pub(super) fn url_of(
    url: &str,
    ask: &Ask,
    worded: &WordedRequest,
    variable: impl Fn(&str) -> String,
) -> String {
    let behind = || worded.query_made(literal, variable);
    match ask.added_to_query() {
        Some(_) => format!("{url} + and + {}", behind()),
        None if ask.query.is_empty() => url.to_owned(),
        None => format!("{url} + {}", behind()),
    }
}

/// What comes before a query behind a URL, which may have one of its own.
pub(super) fn and(url: &str) -> String {
    format!("const and = {url}.includes(\"?\") ? \"&\" : \"?\";\n")
}

/// A script for k6.
pub(super) fn k6(script: &ExportedScript) -> Result<String, NotExportable> {
    script.is_plain()?;
    script.has_each_field_once()?;
    script.is_in_joined_lines()?;
    let (variables, all) = script.variables();
    let mut out = comments(script, "//");
    out.push_str(
        "//\n// k6 run -e URL=http://127.0.0.1:4010/s0/resource FILE\nimport http from \"k6/http\";\n",
    );
    let proves = script.proves();
    if uses_base64(&variables) || proves {
        out.push_str("import encoding from \"k6/encoding\";\n");
    }
    let computes = script.answers().next().is_some();
    if computes {
        out.push_str("import crypto from \"k6/crypto\";\n");
    }
    out.push_str(match script.requests.iter().any(|ask| ask.pause > 0) {
        true => "import { check, sleep } from \"k6\";\n\n",
        false => "import { check } from \"k6\";\n\n",
    });
    out.push_str(
        "export const options = { vus: 1, iterations: 1, thresholds: { checks: [\"rate==1\"] } };\n\n",
    );
    out.push_str(match script.of_endpoint {
        true => "const URL = __ENV.URL;\n",
        false => "const URL = __ENV.URL || \"http://127.0.0.1:4010/s0/resource\";\n",
    });
    if script.adds_to_queries() {
        out.push_str(&and("URL"));
    }
    let variable = |name: &str| format!("__ENV.{name}");
    let base64 = |of: &str, padded| match padded {
        true => format!("encoding.b64encode({of})"),
        false => format!("encoding.b64encode({of}, \"rawstd\")"),
    };
    for one in &variables {
        let name = one.environment();
        let value = match &one.made_of {
            None => literal(&one.value),
            Some(pieces) => made(pieces, literal, &variable, &base64),
        };
        let _ = writeln!(out, "const {name} = __ENV.{name} || {value};");
    }
    if computes {
        out.push_str("\nfunction hashed(name, text) {\n  return crypto[name](text, \"hex\");\n}\n");
    }
    out.push_str(&helpers(script));
    if proves {
        out.push_str(PROOF);
    }
    out.push_str(match proves {
        true => "\nexport default async function () {\n",
        false => "\nexport default function () {\n",
    });
    if computes || proves {
        out.push_str("  let last;\n");
    }
    if computes {
        out.push_str("  let asked = \"\";\n");
    }
    for (ask, worded) in script.requests.iter().zip(all) {
        let credentials = credentials_of(&worded.fields);
        let url = url_of("URL", ask, &worded, str::to_ascii_uppercase);
        let fields = worded.fields.iter().map(|(name, said)| {
            let value = match said {
                Said::Proof(number) => { ask.proofs.get(*number) }
                    .map(|own| proof(own, &credentials))
                    .unwrap_or_default(),
                Said::Text(value) => literal(value),
                Said::Variable(variable) => variable.to_ascii_uppercase(),
                Said::Answer { value, password } => match &ask.answer {
                    Some(own) => {
                        let path = path(&url);
                        let password = password.to_ascii_uppercase();
                        answer(own, (ask.method, &path), value, &password)
                    }
                    None => literal(value),
                },
            };
            format!("{}: {value}", literal(name))
        });
        if ask.pause > 0 {
            let _ = writeln!(out, "  sleep({});", ask.pause);
        }
        let request = format!(
            "http.request({}, {}, null, {{ headers: {{ {} }}, redirects: 0 }})",
            literal(ask.method),
            url,
            fields.collect::<Vec<_>>().join(", ")
        );
        let _ = match computes || proves {
            true => writeln!(out, "  last = {request};\n  check(last, {{"),
            false => writeln!(out, "  check({request}, {{"),
        };
        let _ = writeln!(
            out,
            "    {}: (answer) => answer.status === {},",
            literal(&ask.name),
            ask.status
        );
        if let Some(lines) = &ask.lines {
            // k6 joins the lines of a field, whose name it writes in this way.
            let field = script.shows.field();
            let _ = writeln!(
                out,
                "    {}: (answer) => (answer.headers[{}] || \"\"){} === {},",
                literal(&format!("and its {field}")),
                literal(&as_written(&field)),
                without_fresh(),
                literal(&lines.join(", "))
            );
        }
        out.push_str("  });\n");
        if computes {
            let _ = writeln!(
                out,
                "  asked = last.headers[{}] || \"\";",
                literal(&as_written(CHALLENGES))
            );
        }
    }
    out.push_str("}\n");
    Ok(out)
}
