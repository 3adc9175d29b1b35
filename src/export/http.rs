//! A script as a file for the HTTP clients of editors.

use std::fmt::Write;

use super::javascript::{literal, without_fresh};
use super::not_exportable::NotExportable;
use super::plain::comments;
use super::script::{Ask, ExportedScript};
use super::stand_ins::in_words;
use super::worded::Said;

/// What a reader is told whose client knows no handlers.
const HANDLERS: &str = "# What stands between `> {%` and `%}` is run behind an answer, by the HTTP client of JetBrains and by httpYac: there a request
# fails that is not answered as it was seen. REST Client for VS Code sends it as content: take it out there.
";

/// A file for the HTTP clients of editors.
pub(super) fn http(script: &ExportedScript) -> Result<String, NotExportable> {
    script.is_plain()?;
    script.has_no_conversation()?;
    // Whoever reads such files takes what stands behind `Authorization: Digest` for a user-id and a password.
    script.computes_nothing()?;
    script.is_in_joined_lines()?;
    let (variables, all) = script.variables();
    let mut out = comments(script, "#");
    let _ = write!(out, "#\n{HANDLERS}");
    out.push_str(match script.of_endpoint {
        true => "\n# What stands in capitals is to be put in by whoever sends it.\n@url = URL\n",
        false => "\n@url = http://127.0.0.1:4010/s0/resource\n",
    });
    if script.adds_to_queries() {
        out.push_str("# To be & where the URL has a query of its own.\n@and = ?\n");
    }
    for one in &variables {
        let value = match &one.made_of {
            None => one.value.clone(),
            Some(pieces) => in_words(pieces),
        };
        let _ = writeln!(out, "@{} = {value}", one.name);
    }
    for (ask, worded) in script.requests.iter().zip(all) {
        let _ = writeln!(out, "\n### {}", ask.name);
        for line in ask.lines.iter().flatten() {
            let _ = writeln!(out, "# was answered: {}: {line}", script.shows.field());
        }
        let query = worded.query(str::to_owned, |name| format!("{{{{{name}}}}}"));
        let _ = match ask.added_to_query() {
            Some(_) => writeln!(out, "{} {{{{url}}}}{{{{and}}}}{query}", ask.method),
            None => writeln!(out, "{} {{{{url}}}}{query}", ask.method),
        };
        for (name, said) in worded.fields {
            let _ = match said {
                Said::Text(value) | Said::Answer { value, .. } => {
                    writeln!(out, "{name}: {value}")
                }
                Said::Variable(variable) => writeln!(out, "{name}: {{{{{variable}}}}}"),
                Said::Proof(_) => Ok(()),
            };
        }
        out.push_str(&behind(script, ask));
    }
    Ok(out)
}

/// What is run behind its answer.
fn behind(script: &ExportedScript, ask: &Ask) -> String {
    let field = script.shows.field();
    let mut out = format!(
        "\n> {{%\nclient.test({}, function () {{\n  client.assert(response.status === {}, \"now \" + response.status);\n}});\n",
        literal(&ask.name),
        ask.status
    );
    if let Some(lines) = &ask.lines {
        let _ = writeln!(
            out,
            "client.test({}, function () {{\n  const said = response.headers.valuesOf({}).join(\", \"){};\n  \
             client.assert(said === {}, \"now \" + said);\n}});",
            literal(&format!("and its {field}")),
            literal(&field),
            without_fresh(),
            literal(&lines.join(", "))
        );
    }
    out.push_str("%}\n");
    out
}
