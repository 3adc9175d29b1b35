//! Reading `log`: where a program writes, what means that it cannot start, and what is an audit event.

use super::Reader;
use super::parts::{inside, some_texts};
use crate::adapter::definition::{EventLog, Log, Underway};
use crate::adapter::journal::{EventLine, Pattern};
use crate::adapter::template::render;
use crate::yaml::{Diagnostic, Fields, Node, NodeKind};

impl Reader {
    pub(super) fn log(&mut self, node: &Node) -> Option<Log> {
        let problems = &mut self.problems;
        let mut fields = Fields::new(node, "`log`", problems)?;
        let file = fields.text("file", problems).map(str::to_owned);
        let port_taken = fields.optional("port-taken");
        let failed = fields.optional("failed");
        let events = fields.optional("events");
        fields.finish(problems);
        let port_taken =
            port_taken.map_or_else(Vec::new, |n| some_texts(n, "port-taken", problems));
        let failed = failed.map_or_else(Vec::new, |n| some_texts(n, "failed", problems));
        Some(Log {
            file,
            port_taken,
            failed,
            events: events.and_then(|node| self.event_log(node)),
        })
    }

    fn event_log(&mut self, node: &Node) -> Option<EventLog> {
        let mut fields = Fields::new(node, "`events`", &mut self.problems)?;
        let file = fields.required("file", "\"access-{{ port }}.log\"", &mut self.problems);
        let from_output = fields.optional("output");
        let underway = fields.optional("underway");
        let lines = fields.required(
            "lines",
            "[{line: \"/s{slot}/ {user}\", event: LOGIN_SUCCESS}]",
            &mut self.problems,
        );
        fields.finish(&mut self.problems);
        let file = file.map(|node| self.event_file(node));
        let from_output = from_output.is_some_and(|node| match node.kind {
            NodeKind::Bool(said) => said,
            _ => {
                self.error(
                    node,
                    "`output` is neither true nor false",
                    "write `output: true` if what the program says on its standard output is the log",
                );
                false
            }
        });
        let underway = underway.and_then(|node| {
            let mut fields = Fields::new(node, "`underway`", &mut self.problems)?;
            let begun = fields.required_text("begun", "\"+\"", &mut self.problems);
            let ended = fields.required_text("ended", "\"-\"", &mut self.problems);
            fields.finish(&mut self.problems);
            if let (Some(begun), Some(ended)) = (begun, ended)
                && (begun.starts_with(ended) || ended.starts_with(begun))
            {
                self.error(
                    node,
                    "one line would tell of a beginning and of an end",
                    "write what only the one and only the other begins with",
                );
            }
            Some(Underway {
                begun: begun?.to_owned(),
                ended: ended?.to_owned(),
            })
        });
        let lines = lines.map(|node| self.event_lines(node));
        Some(EventLog {
            file: file?,
            from_output,
            underway,
            lines: lines?,
        })
    }

    /// The name of the log's file. It must differ from one configuration to the next.
    fn event_file(&mut self, node: &Node) -> String {
        let text = node.text().unwrap_or_default();
        self.template(node, text);
        let named = |number: u16| {
            let values = serde_json::json!({
                "port": number, "token": number.to_string(), "generation": number,
            });
            render(text, values).ok()
        };
        match (named(1), named(2)) {
            (Some(one), Some(other)) if !inside(&one) || one == other => self.error(
                node,
                match one == other {
                    true => format!("every generation of the program would write to `{one}`"),
                    false => format!("`{one}` leads out of the working directory"),
                },
                "write a relative path that tells generations apart, such as \
                 `access-{{ port }}.log`; templates have its whole path as `log`",
            ),
            (None, _) => self.error(
                node,
                format!("`{text}` uses more than `port`, `token` and `generation`"),
                "write it such as `access-{{ port }}.log`",
            ),
            _ => {}
        }
        text.to_owned()
    }

    fn event_lines(&mut self, node: &Node) -> Vec<EventLine> {
        let NodeKind::List(items) = &node.kind else {
            self.error(
                node,
                format!("`lines` must be a list, and this is {}", node.noun()),
                "write items such as `- {line: \"/s{slot}/ 2{any} {user}\", event: LOGIN_SUCCESS}`",
            );
            return Vec::new();
        };
        if items.is_empty() {
            self.error(
                node,
                "`lines` lists nothing",
                "list the lines that are events, or leave `events` out",
            );
        }
        let mut lines = Vec::new();
        for item in items {
            let problems = &mut self.problems;
            let Some(mut fields) = Fields::new(item, "an item of `lines`", problems) else {
                continue;
            };
            let line = fields.required("line", "\"/s{slot}/ 2{any} {user}\"", problems);
            let event = fields.required("event", "LOGIN_SUCCESS", problems);
            let scheme = fields.text("scheme", problems).map(str::to_owned);
            fields.finish(problems);
            let (Some(line), Some(event)) = (line, event) else {
                continue;
            };
            let name = event.text().unwrap_or_default();
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_') {
                problems.push(Diagnostic::error(
                    event.span,
                    "this is no name of an event",
                    "write `LOGIN_SUCCESS` or `LOGIN_FAILED`, or what else the specs name",
                ));
            }
            match Pattern::parse(&line.scalar_text().unwrap_or_default()) {
                Ok(pattern) => lines.push(EventLine {
                    line: pattern,
                    event: name.to_owned(),
                    scheme,
                }),
                Err((what, help)) => problems.push(Diagnostic::error(line.span, what, help)),
            }
        }
        lines
    }

    /// Holds what is claimed of audit events against the log that they come from.
    pub(super) fn events(&mut self, supports: &Node, claimed: bool, log: (Option<&Node>, &Log)) {
        let events = log.0.and_then(|node| node.get("events"));
        match (events, claimed) {
            (None, true) => self.error(
                supports.get("events").unwrap_or(supports),
                "nothing says which lines of the log are audit events",
                "list them under `events` of `log`, or write `events: false`",
            ),
            (Some(node), false) => self.error(
                node,
                "audit events are read here, and `supports` says that none are handed over",
                "write `events: true` there",
            ),
            _ => {}
        }
    }

    /// Demands ports of their own where lines tell slots by ports.
    pub(super) fn ports_of_lines(&mut self, log: (Option<&Node>, &Log), own_ports: bool) {
        let by_port = |events: &EventLog| events.lines.iter().any(|line| line.line.by_port());
        if let (Some(node), Some(events)) = (log.0, &log.1.events)
            && !own_ports
            && by_port(events)
        {
            self.error(
                node.get("events").unwrap_or(node),
                "lines tell slots by `{port}`, and all slots have the same",
                "write `port: own` under `slots`, or tell them by `{slot}`",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{PROCESS, expect};

    /// A part of the good adapter, what stands there instead, and what is then said.
    #[test]
    fn mistakes_of_an_event_log_are_shown_with_a_remedy() {
        for (good, bad, message, help) in [
            (
                "audit-{{ port }}.log",
                "audit.log",
                "every generation of the program would write to `audit.log`",
                "`access-{{ port }}.log`",
            ),
            (
                "audit-{{ port }}.log",
                "/var/log/{{ port }}",
                "leads out of the working directory",
                "relative path",
            ),
            (
                "audit-{{ port }}.log",
                "audit-{{ slots }}.log",
                "uses more than `port`",
                "`access-{{ port }}.log`",
            ),
            (
                "output: true",
                "output: stdout",
                "`output` is neither true nor false",
                "`output: true`",
            ),
            (
                ", ended: \"-\"",
                "",
                "`underway` needs `ended`",
                "add `ended:",
            ),
            (
                "ended: \"-\"",
                "ended: \"+-\"",
                "a beginning and of an end",
                "only the one",
            ),
            (
                "lines: [{line: \":{port} 2{any} {user}\", event: LOGIN_SUCCESS, scheme: basic}]",
                "lines: []",
                "`lines` lists nothing",
                "leave `events` out",
            ),
            (
                "lines: [{line: \":{port} 2{any} {user}\", event: LOGIN_SUCCESS, scheme: basic}]",
                "lines: access",
                "`lines` must be a list",
                "LOGIN_SUCCESS",
            ),
            (
                "{user}",
                "{usr}",
                "no placeholder `{usr}`",
                "did you mean `{user}`?",
            ),
            ("{port} 2", "{any} 2", "which slot", "`{slot}`"),
            ("} {user}", "}{user}", "where `{any}` ends", "`{user}`"),
            (
                "event: LOGIN_SUCCESS",
                "event: log-in",
                "no name of an event",
                "`LOGIN_SUCCESS`",
            ),
            (
                "event: LOGIN_SUCCESS",
                "evnt: LOGIN_SUCCESS",
                "`evnt`",
                "`event`",
            ),
            (
                "events: true}",
                "events: false}",
                "none are handed over",
                "`events: true`",
            ),
            (
                ", port: own}",
                "}",
                "all slots have the same",
                "`port: own`",
            ),
        ] {
            assert!(PROCESS.contains(good), "{good}");
            expect(&PROCESS.replacen(good, bad, 1), message, help);
        }
        let (before, behind) = PROCESS.split_once("  events:\n").unwrap();
        let (_, behind) = behind.split_once("sidecar").unwrap();
        expect(
            &format!("{before}sidecar{behind}"),
            "which lines of the log are audit events",
            "`events: false`",
        );
    }
}
