//! A script as a program in Python.

use std::fmt::Write;

use super::answer::{ChallengeAnswer, fixed, turned};
use super::code::{credentials_of, made, uses_base64};
use super::compared::FRESH;
use super::plain::comments;
use super::proof::{claims, in_hex};
use super::script::{Ask, ExportedScript};
use super::stand_ins::TextPart;
use super::worded::{Said, WordedRequest};
use crate::credentials::{ProofClaim, ProofOutline};

/// A text of Latin-1 as a literal of Python.
fn python_literal(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            c if u32::from(c) < 0x100 => {
                let _ = write!(out, "\\x{:02x}", u32::from(c));
            }
            c => {
                let _ = write!(out, "\\U{:08x}", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}

fn python_made(pieces: &[TextPart]) -> String {
    let base64 = |of: &str, padded| {
        let made = format!("base64.b64encode(({of}).encode()).decode()");
        match padded {
            true => made,
            false => format!("{made}.rstrip(\"=\")"),
        }
    };
    made(
        pieces,
        python_literal,
        &|name| format!("os.environ[\"{name}\"]"),
        &base64,
    )
}

/// What makes an answer to a challenge (RFC 7616 §3.4).
const ANSWER: &str = r#"
def quoted(asked, name, at):
    """A quoted value of the challenges before."""
    found = re.findall(name + '="([^"]*)"', asked)
    return found[at] if at < len(found) else ""


def answer(asked, uri, value, method, name, session, secret, middle, nonce, opaque):
    """Credentials that answer the challenge before (RFC 7616 section 3.4)."""

    def hashed(*parts):
        return hashlib.new(name, ":".join(parts).encode()).hexdigest()

    key = hashed(secret)
    if session:
        key = hashed(key, nonce, middle.split(":")[1])
    parts = [key, nonce, middle, hashed(method, uri)]
    response = hashed(*[part for part in parts if part is not None])
    made = {"nonce": nonce, "opaque": opaque, "uri": uri, "response": response}
    return re.sub("<<([a-z]+)>>", lambda mark: made[mark[1]], value)

"#;

/// What makes a nonce that nobody issued.
const TURNED: &str = r#"
def turned(text, last, keeps_half, behind):
    """A nonce that nobody issued: each digit and letter is the one behind it."""
    kept = len(text) // 2 if keeps_half else 0
    small = "abcdefghijklmnopqrstuvwxyz"[: ord(last) - ord("a") + 1]
    large = small.upper()
    turn = str.maketrans("0123456789" + small + large, "1234567890" + small[1:] + "a" + large[1:] + "A")
    return text[:kept] + text[kept:].translate(turn) + behind

"#;

/// What stands behind the URL, as an expression.
fn python_behind(ask: &Ask, worded: &WordedRequest) -> String {
    let query = worded.query_made(python_literal, str::to_ascii_uppercase);
    match ask.added_to_query() {
        Some(_) => format!("AND + {query}"),
        None => query,
    }
}

/// What makes a proof of a key (RFC 9449 §4.2), which is signed by ES256 (RFC 7518 §3.4).
const PROOF: &str = r#"
# The curve P-256 (SP 800-186 section 3.2.1.3): its prime, its order, and the point that generates it.
P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def added(one, other):
    """The sum of two points."""
    if one is None or other is None:
        return one or other
    (x, y), (u, v) = one, other
    if x == u and (y + v) % P == 0:
        return None
    slope = (3 * x * x - 3) * pow(2 * y, -1, P) if one == other else (v - y) * pow(u - x, -1, P)
    w = (slope * slope - x - u) % P
    return w, (slope * (x - w) - y) % P


def url64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def hash_of_token(credentials):
    return url64(hashlib.sha256(credentials.partition(" ")[2].strip().encode()).digest())


def proof(key, header, claims):
    """A proof that whoever sends it has the key, which is published."""
    text = url64(header.encode()) + "." + url64(json.dumps(claims).encode())
    number = secrets.randbelow(N - 1) + 1
    point, power, left = None, G, number
    while left:
        if left & 1:
            point = added(point, power)
        power, left = added(power, power), left >> 1
    r = point[0] % N
    hashed = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    s = pow(number, -1, N) * (hashed + r * key) % N
    return text + "." + url64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))

"#;

/// The value of a field that proves a key, as an expression that is evaluated behind the answer before.
fn python_proof(proof: &ProofOutline, credentials: &str) -> Option<String> {
    let claims = claims(proof, python_literal, |claim| match claim {
        ProofClaim::Text(text) => python_literal(text),
        ProofClaim::Id => "secrets.token_hex(16)".to_owned(),
        ProofClaim::Uri => "f\"{URL.scheme}://{URL.netloc}{URL.path or '/'}\"".to_owned(),
        ProofClaim::Time(0) => "int(time.time())".to_owned(),
        ProofClaim::Time(later) => format!("int(time.time()) + {later}"),
        ProofClaim::TokenHash => format!("hash_of_token({credentials})"),
        ProofClaim::Nonce => "told".to_owned(),
    });
    Some(format!(
        "lambda asked, path: proof(0x{}, {}, {claims})",
        in_hex(&proof.number()?),
        python_literal(&proof.header)
    ))
}

fn python_bool(is: bool) -> &'static str {
    if is { "True" } else { "False" }
}

/// The value of a field that answers a challenge, as an expression that is evaluated behind the answer before.
fn python_answer(answer: &ChallengeAnswer, method: &str, value: &str, password: &str) -> String {
    let outline = &answer.outline;
    let issued = format!("quoted(asked, \"nonce\", {})", answer.nonce_at());
    let nonce = match (fixed(answer), turned(answer)) {
        (Some(nonce), _) => python_literal(nonce),
        (None, Some((last, keeps_half, behind))) => format!(
            "turned({issued}, {}, {}, {})",
            python_literal(&last.to_string()),
            python_bool(keeps_half),
            python_literal(behind)
        ),
        (None, None) => issued,
    };
    let opaque = match answer.opaque_at() {
        Some(at) => format!("quoted(asked, \"opaque\", {at})"),
        None => "\"\"".to_owned(),
    };
    format!(
        "lambda asked, path: answer(asked, {}, {}, {}, {}, {}, {} + {password}, {}, {nonce}, {opaque})",
        outline
            .uri
            .as_deref()
            .map_or_else(|| "path".to_owned(), python_literal),
        python_literal(value),
        python_literal(method),
        python_literal(answer.hash()),
        python_bool(outline.is_session()),
        python_literal(&answer.user_and_realm()),
        answer
            .middle()
            .map_or_else(|| "None".to_owned(), |middle| python_literal(&middle)),
    )
}

/// A program in Python that ends with 1 where something is answered otherwise.
pub(super) fn python(script: &ExportedScript) -> String {
    let (variables, all) = script.variables();
    let mut out = format!("#!/usr/bin/env python3\n{}", comments(script, "#"));
    out.push_str(
        "#\n# Ends with 0 where the failure shows, with 1 where something else was answered, and with 2 where nothing was.\n\
         import base64\nimport hashlib\nimport http.client\nimport os\nimport re\nimport sys\nimport time\nfrom urllib.parse import urlsplit\n\n",
    );
    out.push_str(match script.of_endpoint {
        true => "URL = urlsplit(os.environ[\"URL\"])\n",
        false => "URL = urlsplit(os.environ.get(\"URL\", \"http://127.0.0.1:4010/s0/resource\"))\n",
    });
    out.push_str("TARGET = (URL.path or \"/\") + (f\"?{URL.query}\" if URL.query else \"\")\n");
    if script.adds_to_queries() {
        out.push_str("AND = \"&\" if URL.query else \"?\"\n");
    }
    if !uses_base64(&variables) && !script.proves() {
        out = out.replacen("import base64\n", "", 1);
    }
    let (computes, proves) = (script.answers().next().is_some(), script.proves());
    if !computes && !proves {
        out = out.replacen("import hashlib\n", "", 1);
    }
    if proves {
        out = out.replacen(
            "import os\nimport re\n",
            "import json\nimport os\nimport re\nimport secrets\n",
            1,
        );
    }
    for one in &variables {
        let name = one.environment();
        let _ = match &one.made_of {
            None => {
                let value = python_literal(&one.value);
                writeln!(out, "{name} = os.environ.get(\"{name}\", {value})")
            }
            Some(pieces) => {
                let made = python_made(pieces);
                writeln!(out, "{name} = os.environ.get(\"{name}\") or {made}")
            }
        };
    }
    let _ = writeln!(
        out,
        "\n# The field that is compared.\nFIELD = {}\n\n\n\
         def steady(line):\n    \"\"\"A line of it without what is another one each time.\"\"\"\n    \
         return re.sub(r'({})=\"[^\"]*\"', r'\\1=\"*\"', line.strip())\n",
        python_literal(&script.shows.field()),
        FRESH.join("|")
    );
    if computes {
        out.push_str(ANSWER);
    }
    if script.answers().any(|answer| turned(answer).is_some()) {
        out.push_str(TURNED);
    }
    if proves {
        out.push_str(PROOF);
    }
    out.push_str("\n# Name, method, query, fields, what was answered (status, and the field's lines where they are compared), whether it goes over\n\
         # the connection of the one before, and how many seconds pass before it.\nREQUESTS = [\n");
    for (ask, worded) in script.requests.iter().zip(all) {
        let credentials = credentials_of(&worded.fields);
        let fields = worded.fields.iter().map(|(name, said)| {
            let value = match said {
                Said::Proof(number) => { ask.proofs.get(*number) }
                    .and_then(|proof| python_proof(proof, &credentials))
                    .unwrap_or_default(),
                Said::Text(value) => python_literal(value),
                Said::Variable(variable) => variable.to_ascii_uppercase(),
                Said::Answer { value, password } => match &ask.answer {
                    Some(answer) => {
                        let password = password.to_ascii_uppercase();
                        python_answer(answer, ask.method, value, &password)
                    }
                    None => python_literal(value),
                },
            };
            format!("({}, {value})", python_literal(name))
        });
        let seen = match &ask.lines {
            None => "None".to_owned(),
            Some(lines) => {
                let lines: Vec<String> = lines.iter().map(|line| python_literal(line)).collect();
                format!("[{}]", lines.join(", "))
            }
        };
        let _ = writeln!(
            out,
            "    ({}, {}, {}, [{}], {}, {seen}, {}, {}),",
            python_literal(&ask.name),
            python_literal(ask.method),
            python_behind(ask, &worded),
            fields.collect::<Vec<_>>().join(", "),
            ask.status,
            python_bool(ask.kept),
            ask.pause,
        );
    }
    let (own_value, keep) = match computes || proves {
        true => (
            "        value = value(asked, TARGET + query) if callable(value) else value\n",
            "    asked = \"\\n\".join(response.headers.get_all(\"WWW-Authenticate\") or [])\n    \
             told = response.headers.get(\"DPoP-Nonce\", \"\")\n",
        ),
        false => ("", ""),
    };
    out.push_str(
        "]\n\nend = 0\nasked = told = \"\"\nfor name, method, query, fields, status, lines, kept, pause in REQUESTS:\n    time.sleep(pause)\n    \
         kind = http.client.HTTPSConnection if URL.scheme == \"https\" else http.client.HTTPConnection\n    \
         if not kept:\n        connection = kind(URL.hostname, URL.port, timeout=30)\n    \
         connection.putrequest(method, TARGET + query, skip_accept_encoding=True)\n    \
         for field, value in fields:\n",
    );
    out.push_str(own_value);
    out.push_str(
        "        connection.putheader(field, value.encode(\"latin-1\"))\n    \
         try:\n        \
         connection.endheaders()\n        response = connection.getresponse()\n        response.read()\n    \
         except (OSError, http.client.HTTPException) as error:\n        \
         print(f\"no answer: {name}; does {URL.netloc} listen? {error!r}\", file=sys.stderr)\n        \
         sys.exit(2)\n",
    );
    out.push_str(keep);
    out.push_str(
        "    said = [steady(line) for line in response.headers.get_all(FIELD) or []]\n    \
         if response.status == status and lines in (None, said):\n        \
         print(\"as seen:\", name)\n    else:\n        \
         print(\"otherwise:\", name, \"; now\", response.status, said)\n        end = 1\nsys.exit(end)\n",
    );
    out
}
