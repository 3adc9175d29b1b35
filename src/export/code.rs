//! Scripts as programs: Python, k6, and a test in Rust.

use std::fmt::Write;

use serde_json::json;

use super::compared::{FRESH, as_written};
use super::not_exportable::NotExportable;
use super::plain::comments;
use super::script::{ExportedScript, Said, Variable};
use super::stand_ins::{TextPart, in_words};

/// What leaves out of a text in JavaScript what is another one each time.
pub(super) fn without_fresh() -> String {
    format!(r#".replace(/({})="[^"]*"/g, '$1="*"')"#, FRESH.join("|"))
}

/// A text as a literal of JavaScript.
fn literal(text: &str) -> String {
    json!(text).to_string()
}

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

/// Whether any of them is the base64 of something.
fn uses_base64(variables: &[Variable]) -> bool {
    let mut pieces = variables
        .iter()
        .filter_map(|one| one.made_of.as_ref())
        .flatten();
    pieces.any(|piece| matches!(piece, TextPart::Base64 { .. }))
}

/// Pieces as an expression of a language in which texts are added.
fn made(
    pieces: &[TextPart],
    literal: fn(&str) -> String,
    variable: &dyn Fn(&str) -> String,
    base64: &dyn Fn(&str, bool) -> String,
) -> String {
    let parts = pieces.iter().map(|piece| match piece {
        TextPart::Text(text) => literal(text),
        TextPart::Variable(name) => variable(name),
        TextPart::Base64 { of, padded } => base64(&made(of, literal, variable, base64), *padded),
    });
    let parts: Vec<String> = parts.collect();
    match parts.is_empty() {
        true => literal(""),
        false => parts.join(" + "),
    }
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

/// A program in Python that ends with 1 where something is answered otherwise.
pub(super) fn python(script: &ExportedScript) -> String {
    let (variables, all) = script.variables();
    let mut out = format!("#!/usr/bin/env python3\n{}", comments(script, "#"));
    out.push_str(
        "#\n# Ends with 0 where the failure shows, and with 1 where something else was answered.\n\
         import base64\nimport http.client\nimport os\nimport re\nimport sys\nimport time\nfrom urllib.parse import urlsplit\n\n",
    );
    out.push_str(match script.of_endpoint {
        true => "URL = urlsplit(os.environ[\"URL\"])\n",
        false => "URL = urlsplit(os.environ.get(\"URL\", \"http://127.0.0.1:4010/s0/resource\"))\n",
    });
    if !uses_base64(&variables) {
        out = out.replacen("import base64\n", "", 1);
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
    out.push_str("\n# Name, method, query, fields, what was answered (status, and the field's lines where they are compared), whether it goes over\n\
         # the connection of the one before, and how many seconds pass before it.\nREQUESTS = [\n");
    for (ask, fields) in script.requests.iter().zip(all) {
        let fields = fields.iter().map(|(name, said)| {
            let value = match said {
                Said::Text(value) => python_literal(value),
                Said::Variable(variable) => variable.to_ascii_uppercase(),
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
            python_made(&script.stand_ins.plain(&ask.query)),
            fields.collect::<Vec<_>>().join(", "),
            ask.status,
            if ask.kept { "True" } else { "False" },
            ask.pause,
        );
    }
    out.push_str(
        "]\n\nend = 0\nfor name, method, query, fields, status, lines, kept, pause in REQUESTS:\n    time.sleep(pause)\n    \
         kind = http.client.HTTPSConnection if URL.scheme == \"https\" else http.client.HTTPConnection\n    \
         if not kept:\n        connection = kind(URL.hostname, URL.port, timeout=30)\n    \
         connection.putrequest(method, URL.path + query, skip_accept_encoding=True)\n    \
         for field, value in fields:\n        connection.putheader(field, value.encode(\"latin-1\"))\n    \
         connection.endheaders()\n    response = connection.getresponse()\n    response.read()\n    \
         said = [steady(line) for line in response.headers.get_all(FIELD) or []]\n    \
         if response.status == status and lines in (None, said):\n        \
         print(\"as seen:\", name)\n    else:\n        \
         print(\"otherwise:\", name, \"; now\", response.status, said)\n        end = 1\nsys.exit(end)\n",
    );
    out
}

/// A script for k6.
pub(super) fn k6(script: &ExportedScript) -> Result<String, NotExportable> {
    script.is_plain()?;
    script.has_each_field_once()?;
    script.is_in_joined_lines()?;
    script.has_plain_queries()?;
    let (variables, all) = script.variables();
    let mut out = comments(script, "//");
    out.push_str(
        "//\n// k6 run -e URL=http://127.0.0.1:4010/s0/resource FILE\nimport http from \"k6/http\";\n",
    );
    if uses_base64(&variables) {
        out.push_str("import encoding from \"k6/encoding\";\n");
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
    out.push_str("\nexport default function () {\n");
    for (ask, fields) in script.requests.iter().zip(all) {
        let fields = fields.iter().map(|(name, said)| {
            let value = match said {
                Said::Text(value) => literal(value),
                Said::Variable(variable) => variable.to_ascii_uppercase(),
            };
            format!("{}: {value}", literal(name))
        });
        if ask.pause > 0 {
            let _ = writeln!(out, "  sleep({});", ask.pause);
        }
        let _ = writeln!(
            out,
            "  check(http.request({}, URL + {}, null, {{ headers: {{ {} }}, redirects: 0 }}), {{",
            literal(ask.method),
            literal(&ask.query),
            fields.collect::<Vec<_>>().join(", ")
        );
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
    }
    out.push_str("}\n");
    Ok(out)
}

/// A test in Rust, with its standard library alone.
pub(super) fn rust(script: &ExportedScript) -> Result<String, NotExportable> {
    script.has_no_conversation()?;
    script.has_plain_queries()?;
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
         /// Status, and the lines of the field that is compared.\n\
         fn ask(method: &str, query: &str, fields: &[(&str, String)]) -> (u16, Vec<String>) {\n    \
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
         let fields = head.lines().filter_map(|line| line.split_once(':'));\n    \
         let lines = fields.filter(|(name, _)| name.eq_ignore_ascii_case(FIELD));\n    \
         (status, lines.map(|(_, value)| steady(value.trim())).collect())\n}\n\n\
         #[test]\nfn the_failure_shows() {\n",
    );
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
    for (ask, fields) in script.requests.iter().zip(all) {
        let fields = fields.iter().map(|(name, said)| match said {
            Said::Text(value) => format!("({name:?}, {value:?}.to_owned())"),
            Said::Variable(variable) => format!("({name:?}, {variable}.clone())"),
        });
        let lines = match ask.lines {
            Some(_) => "lines",
            None => "_",
        };
        let _ = writeln!(
            out,
            "\n    // {}\n    let (status, {lines}) = ask({:?}, {:?}, &[{}]);\n    assert_eq!(status, {});",
            ask.name,
            ask.method,
            ask.query,
            fields.collect::<Vec<_>>().join(", "),
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
