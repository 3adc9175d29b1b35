//! A script as a test in Rust.

use std::fmt::Write;

use super::answer::{CHALLENGES, ChallengeAnswer, ValuePart, fixed, parts_of, turned};
use super::compared::FRESH;
use super::not_exportable::NotExportable;
use super::plain::comments;
use super::script::{Ask, ExportedScript};
use super::stand_ins::in_words;
use super::worded::{QueryPart, Said, WordedRequest};

/// What makes an answer to a challenge (RFC 7616 §3.4).
const ANSWER: &str = r#"/// The target of a request: the path of the URL.
fn target() -> String {
    let url = url();
    let rest = url.strip_prefix("http://").expect("a URL of http");
    let (_, path) = rest.split_once('/').unwrap_or((rest, ""));
    format!("/{path}")
}

/// A quoted value of the challenges before.
fn quoted(asked: &str, name: &str, at: usize) -> String {
    let value = asked.split(&format!("{name}=\"")).nth(at + 1).unwrap_or_default();
    value.split('"').next().unwrap_or_default().to_owned()
}

/// What answers the challenge before (RFC 7616 section 3.4).
fn response(
    hash: fn(&str) -> String,
    session: bool,
    secret: &str,
    middle: Option<&str>,
    nonce: &str,
    request: &str,
) -> String {
    let mut key = hash(secret);
    if session {
        let cnonce = middle.and_then(|middle| middle.split(':').nth(1)).unwrap_or_default();
        key = hash(&format!("{key}:{nonce}:{cnonce}"));
    }
    let request = hash(request);
    match middle {
        Some(middle) => hash(&format!("{key}:{nonce}:{middle}:{request}")),
        None => hash(&format!("{key}:{nonce}:{request}")),
    }
}

/// A text as a hash takes it: with a bit behind it, and its length.
fn padded(text: &str, length: fn(u64) -> [u8; 8]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.push(0x80);
    while bytes.len() % 64 != 56 {
        bytes.push(0);
    }
    bytes.extend(length(text.len() as u64 * 8));
    bytes
}

"#;

/// MD5 in Rust.
const MD5: &str = r#"/// MD5 (RFC 1321), in hexadecimal digits.
fn md5(text: &str) -> String {
    const TURNS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
    let mut state = [0x67452301_u32, 0xefcdab89, 0x98badcfe, 0x10325476];
    for block in padded(text, u64::to_le_bytes).chunks(64) {
        let words: Vec<u32> =
            block.chunks(4).map(|four| u32::from_le_bytes(four.try_into().expect("four bytes"))).collect();
        let [mut a, mut b, mut c, mut d] = state;
        for i in 0..64 {
            let (mixed, word) = match i / 16 {
                0 => ((b & c) | (!b & d), i),
                1 => ((d & b) | (!d & c), (5 * i + 1) % 16),
                2 => (b ^ c ^ d, (3 * i + 5) % 16),
                _ => (c ^ (b | !d), 7 * i % 16),
            };
            let sine = ((i as f64 + 1.0).sin().abs() * 4_294_967_296.0) as u32;
            let sum = a.wrapping_add(mixed).wrapping_add(sine).wrapping_add(words[word]);
            (a, d, c) = (d, c, b);
            b = b.wrapping_add(sum.rotate_left(TURNS[i / 16][i % 4]));
        }
        for (sum, one) in state.iter_mut().zip([a, b, c, d]) {
            *sum = sum.wrapping_add(one);
        }
    }
    state.iter().flat_map(|word| word.to_le_bytes()).map(|byte| format!("{byte:02x}")).collect()
}

"#;

/// SHA-256 in Rust.
const SHA_256: &str = r#"/// SHA-256 (FIPS 180-4), in hexadecimal digits.
fn sha256(text: &str) -> String {
    let is_prime = |n: &u32| (2..*n).take_while(|d| d * d <= *n).all(|d| n % d != 0);
    let primes: Vec<f64> = (2..).filter(is_prime).take(64).map(f64::from).collect();
    let bits = |root: f64| (root.fract() * 4_294_967_296.0) as u32;
    let mut state: Vec<u32> = primes.iter().take(8).map(|prime| bits(prime.sqrt())).collect();
    let keys: Vec<u32> = primes.iter().map(|prime| bits(prime.cbrt())).collect();
    for block in padded(text, u64::to_be_bytes).chunks(64) {
        let mut words: Vec<u32> =
            block.chunks(4).map(|four| u32::from_be_bytes(four.try_into().expect("four bytes"))).collect();
        for i in 16..64 {
            let (early, late) = (words[i - 15], words[i - 2]);
            let early = early.rotate_right(7) ^ early.rotate_right(18) ^ (early >> 3);
            let late = late.rotate_right(17) ^ late.rotate_right(19) ^ (late >> 10);
            words.push(words[i - 16].wrapping_add(early).wrapping_add(words[i - 7]).wrapping_add(late));
        }
        let mut now = state.clone();
        for (word, key) in words.iter().zip(&keys) {
            let (a, e) = (now[0], now[4]);
            let one = now[7]
                .wrapping_add(e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25))
                .wrapping_add((e & now[5]) ^ (!e & now[6]))
                .wrapping_add(*key)
                .wrapping_add(*word);
            let two = (a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22))
                .wrapping_add((a & now[1]) ^ (a & now[2]) ^ (now[1] & now[2]));
            now.rotate_right(1);
            now[4] = now[4].wrapping_add(one);
            now[0] = one.wrapping_add(two);
        }
        for (sum, one) in state.iter_mut().zip(now) {
            *sum = sum.wrapping_add(one);
        }
    }
    state.iter().map(|word| format!("{word:08x}")).collect()
}

"#;

/// What makes a nonce that nobody issued.
const TURNED: &str = r#"/// A nonce that nobody issued: each digit and letter is the one behind it.
fn turned(text: &str, last: u8, keeps_half: bool, behind: &str) -> String {
    let kept = if keeps_half { text.len() / 2 } else { 0 };
    let next = |(at, byte): (usize, u8)| match byte {
        _ if at < kept => byte,
        b'9' => b'0',
        b'a'..=b'z' if byte >= last => b'a',
        b'A'..=b'Z' if byte >= last.to_ascii_uppercase() => b'A',
        byte if byte.is_ascii_alphanumeric() => byte + 1,
        byte => byte,
    };
    let made: String = text.bytes().enumerate().map(|one| char::from(next(one))).collect();
    made + behind
}

"#;

/// What puts something into the query of a URL that may have one.
const BEHIND: &str = r#"/// What goes into the query, with what comes before it.
fn behind(query: &str) -> String {
    let and = if url().contains('?') { '&' } else { '?' };
    format!("{and}{query}")
}

"#;

/// What stands behind the URL, as an expression.
fn behind(ask: &Ask, worded: &WordedRequest) -> String {
    let query = match worded.query.as_slice() {
        [] => "\"\"".to_owned(),
        [QueryPart::Text(text)] => format!("{text:?}"),
        parts => {
            let parts = parts.iter().map(|part| match part {
                QueryPart::Text(text) => format!("{text:?}"),
                QueryPart::Variable(name) => format!("{name}.as_str()"),
            });
            format!("&[{}].concat()", parts.collect::<Vec<_>>().join(", "))
        }
    };
    match ask.added_to_query() {
        Some(_) => format!("&behind({query})"),
        None => query,
    }
}

/// What a test has to have that computes answers; nothing where it computes none.
fn helpers(script: &ExportedScript) -> String {
    let mut out = String::new();
    let uses = |name: &str| script.answers().any(|answer| answer.hash() == name);
    for (is, text) in [
        (script.answers().next().is_some(), ANSWER),
        (uses("md5"), MD5),
        (uses("sha256"), SHA_256),
        (
            script.answers().any(|answer| turned(answer).is_some()),
            TURNED,
        ),
    ] {
        if is {
            out.push_str(text);
        }
    }
    out
}

/// What is computed before a request that answers a challenge.
fn computed(
    answer: &ChallengeAnswer,
    (ask, worded): (&Ask, &WordedRequest),
    value: &str,
    password: &str,
) -> String {
    let outline = &answer.outline;
    let issued = format!("quoted(&asked, \"nonce\", {})", answer.nonce_at());
    let nonce = match (fixed(answer), turned(answer)) {
        (Some(nonce), _) => format!("{nonce:?}.to_owned()"),
        (None, Some((last, keeps_half, behind))) => {
            format!("turned(&{issued}, b{last:?}, {keeps_half}, {behind:?})")
        }
        (None, None) => issued,
    };
    let mut out = format!("    let nonce = {nonce};\n");
    if let Some(at) = answer.opaque_at() {
        let _ = writeln!(out, "    let opaque = quoted(&asked, \"opaque\", {at});");
    }
    let _ = match &outline.uri {
        Some(uri) => writeln!(out, "    let uri = {uri:?}.to_owned();"),
        None => writeln!(out, "    let uri = target() + {};", behind(ask, worded)),
    };
    let _ = writeln!(
        out,
        "    let secret = [{:?}, {password}.as_str()].concat();\n    \
         let request = [{:?}, uri.as_str()].concat();\n    \
         let response = response({}, {}, &secret, {:?}, &nonce, &request);",
        answer.user_and_realm(),
        format!("{}:", ask.method),
        answer.hash(),
        outline.is_session(),
        answer.middle().as_deref(),
    );
    let parts = parts_of(value).into_iter().map(|part| match part {
        ValuePart::Text(text) => format!("{text:?}"),
        ValuePart::Nonce => "nonce.as_str()".to_owned(),
        ValuePart::Opaque => "opaque.as_str()".to_owned(),
        ValuePart::Uri => "uri.as_str()".to_owned(),
        ValuePart::Response => "response.as_str()".to_owned(),
    });
    let parts: Vec<String> = parts.collect();
    let _ = writeln!(out, "    let answer = [{}].concat();", parts.join(", "));
    out
}

/// A test in Rust, with its standard library alone.
pub(super) fn rust(script: &ExportedScript) -> Result<String, NotExportable> {
    script.has_no_conversation()?;
    script.signs_nothing()?;
    for answer in script.answers() {
        answer.is_of_common_hash()?;
    }
    let computes = script.answers().next().is_some();
    let (variables, all) = script.variables();
    let mut out = comments(script, "//!");
    out.push_str(
        "//!\n//! It passes where the failure shows: turn what is expected round when it is mended.\n\n\
         use std::io::{Read, Write};\nuse std::net::TcpStream;\n\n",
    );
    let _ = writeln!(
        out,
        "/// The field that is compared.\nconst FIELD: &str = {:?};\n\n\
         /// Parameters whose values are others each time.\nconst FRESH: [&str; {}] = {FRESH:?};\n",
        script.shows.field(),
        FRESH.len()
    );
    out.push_str(
        "/// Where the resource is: `http://HOST:PORT/PATH`, from the environment.\n\
         fn url() -> String {\n    std::env::var(\"URL\")",
    );
    out.push_str(match script.of_endpoint {
        true => ".expect(\"the URL of the endpoint in URL\")\n}\n\n",
        false => ".unwrap_or_else(|_| \"http://127.0.0.1:4010/s0/resource\".to_owned())\n}\n\n",
    });
    if variables.iter().any(|one| one.made_of.is_none()) {
        out.push_str(
            "fn secret(name: &str, published: &str) -> String {\n    \
             std::env::var(name).unwrap_or_else(|_| published.to_owned())\n}\n\n",
        );
    }
    out.push_str(
        "/// A line without what is another one each time.\n\
         fn steady(line: &str) -> String {\n    let mut line = line.to_owned();\n    \
         for name in FRESH {\n        let start = format!(\"{name}=\\\"\");\n        \
         let mut parts = line.split(&start);\n        let mut out = parts.next().unwrap_or_default().to_owned();\n        \
         for part in parts {\n            let (_, behind) = part.split_once('\"').expect(\"a closing quote\");\n            \
         out.push_str(&format!(\"{start}*\\\"{behind}\"));\n        }\n        line = out;\n    }\n    line\n}\n\n\
         ",
    );
    out.push_str(match computes {
        true => {
            "/// Status, the lines of the field that is compared, and those with challenges.\n\
             fn ask(method: &str, query: &str, fields: &[(&str, String)]) -> (u16, Vec<String>, String) {\n    "
        }
        false => {
            "/// Status, and the lines of the field that is compared.\n\
             fn ask(method: &str, query: &str, fields: &[(&str, String)]) -> (u16, Vec<String>) {\n    "
        }
    });
    out.push_str(
        "\
         let url = url();\n    let rest = url.strip_prefix(\"http://\").expect(\"a URL of http\");\n    \
         let (host, path) = rest.split_once('/').unwrap_or((rest, \"\"));\n    \
         let mut stream = TcpStream::connect(host).expect(\"a server\");\n    \
         let mut request = format!(\"{method} /{path}{query} HTTP/1.1\\r\\nHost: {host}\\r\\nConnection: close\\r\\n\").into_bytes();\n    \
         for (name, value) in fields {\n        request.extend(format!(\"{name}: \").bytes());\n        \
         // A character is a byte.\n        request.extend(value.chars().map(|c| c as u8));\n        request.extend(b\"\\r\\n\");\n    }\n    \
         if method == \"POST\" {\n        request.extend(b\"Content-Length: 0\\r\\n\");\n    }\n    \
         request.extend(b\"\\r\\n\");\n    stream.write_all(&request).expect(\"sent\");\n    \
         let mut answer = Vec::new();\n    stream.read_to_end(&mut answer).expect(\"an answer\");\n    \
         let answer = String::from_utf8_lossy(&answer);\n    \
         let (head, _) = answer.split_once(\"\\r\\n\\r\\n\").expect(\"a head\");\n    \
         let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect(\"a status\");\n    \
         let named = |name: &str| {\n        \
         let fields = head.lines().filter_map(|line| line.split_once(':'));\n        \
         let fields = fields.filter(|(one, _)| one.eq_ignore_ascii_case(name));\n        \
         fields.map(|(_, value)| value.trim().to_owned()).collect::<Vec<_>>()\n    };\n    \
         let lines = named(FIELD).iter().map(|line| steady(line)).collect();\n    ",
    );
    let _ = match computes {
        true => writeln!(
            out,
            "(status, lines, named({CHALLENGES:?}).join(\"\\n\"))\n}}\n"
        ),
        false => writeln!(out, "(status, lines)\n}}\n"),
    };
    if script.adds_to_queries() {
        out.push_str(BEHIND);
    }
    out.push_str(&helpers(script));
    out.push_str("#[test]\nfn the_failure_shows() {\n");
    for one in &variables {
        let (name, variable) = (&one.name, one.environment());
        let _ = match &one.made_of {
            None => {
                let value = &one.value;
                writeln!(out, "    let {name} = secret(\"{variable}\", {value:?});")
            }
            Some(pieces) => {
                let told = format!("{} in {variable}", in_words(pieces));
                writeln!(
                    out,
                    "    let {name} = std::env::var(\"{variable}\").expect({told:?});"
                )
            }
        };
    }
    let mut asks = script.requests.iter().zip(all).peekable();
    while let Some((ask, worded)) = asks.next() {
        let _ = writeln!(out, "\n    // {}", ask.name);
        let fields: Vec<String> = { worded.fields.iter() }
            .map(|(name, said)| match said {
                Said::Text(value) => format!("({name:?}, {value:?}.to_owned())"),
                Said::Proof(_) => format!("({name:?}, String::new())"),
                Said::Variable(variable) => format!("({name:?}, {variable}.clone())"),
                Said::Answer { value, password } => {
                    if let Some(answer) = &ask.answer {
                        out.push_str(&computed(answer, (ask, &worded), value, password));
                    }
                    format!("({name:?}, answer)")
                }
            })
            .collect();
        let lines = match ask.lines {
            Some(_) => "lines",
            None => "_",
        };
        let is_answered = asks.peek().is_some_and(|(next, _)| next.answer.is_some());
        let asked = match (computes, is_answered) {
            (true, true) => ", asked",
            (true, false) => ", _",
            (false, _) => "",
        };
        let _ = writeln!(
            out,
            "    let (status, {lines}{asked}) = ask({:?}, {}, &[{}]);\n    assert_eq!(status, {});",
            ask.method,
            behind(ask, &worded),
            fields.join(", "),
            ask.status
        );
        if let Some(lines) = &ask.lines {
            match lines.is_empty() {
                true => out.push_str("    assert!(lines.is_empty());\n"),
                false => {
                    let _ = writeln!(out, "    assert_eq!(lines, {lines:?});");
                }
            }
        }
    }
    out.push_str("}\n");
    Ok(out)
}
