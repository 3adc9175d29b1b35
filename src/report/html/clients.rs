//! Implementations by real clients, as a page: who got in where, with what each sent.

use std::io;

use serde::Serialize;

use crate::domain::counted;

use super::shell::page;

/// What became of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientFate {
    /// It got in.
    In,
    /// It was refused at last, for want of credentials.
    Refused,
    /// Something else kept it out.
    KeptOut,
    /// It sent no request.
    Silent,
}

/// An implementation under a policy.
#[derive(Clone, Debug)]
pub struct ClientsRow {
    /// Its name and version.
    pub implementation: String,
    /// The challenges of its first refusal.
    pub challenges: Vec<String>,
    /// What became of each program, and by which requests, in words; or why nobody was played.
    pub fates: Result<Vec<(ClientFate, String)>, String>,
}

#[derive(Serialize)]
struct ClientsView<'a> {
    version: &'static str,
    made: &'a str,
    counted: String,
    inside: usize,
    plays: usize,
    clients: &'a [&'a str],
    rows: Vec<RowView<'a>>,
    sums: Vec<usize>,
    left_out: Vec<(&'a str, &'a str)>,
}

#[derive(Serialize)]
struct RowView<'a> {
    implementation: &'a str,
    challenges: &'a [String],
    cells: Vec<FateView<'a>>,
}

#[derive(Serialize)]
struct FateView<'a> {
    sign: &'static str,
    word: &'static str,
    tone: &'static str,
    why: &'a str,
}

impl ClientFate {
    fn view(self, why: &str) -> FateView<'_> {
        let (sign, word, tone) = match self {
            Self::In => ("✓", "got in", "good"),
            Self::Refused => ("✗", "was refused", "bad"),
            Self::KeptOut => ("?", "was kept out by something else", "doubt"),
            Self::Silent => ("·", "asked nobody", ""),
        };
        FateView {
            sign,
            word,
            tone,
            why,
        }
    }
}

/// Implementations by clients as a page; `date` is when it was made.
///
/// # Errors
///
/// Where the page cannot be made, which is a fault of the program.
pub fn clients_html(clients: &[&str], places: &[ClientsRow], date: &str) -> io::Result<String> {
    let mut rows = Vec::new();
    let mut left_out = Vec::new();
    let mut sums = vec![0; clients.len()];
    let mut plays = 0;
    for place in places {
        let fates = match &place.fates {
            Ok(fates) => fates,
            Err(why) => {
                left_out.push((place.implementation.as_str(), why.as_str()));
                continue;
            }
        };
        for (sum, (fate, _)) in sums.iter_mut().zip(fates) {
            *sum += usize::from(*fate == ClientFate::In);
            plays += 1;
        }
        rows.push(RowView {
            implementation: &place.implementation,
            challenges: &place.challenges,
            cells: fates.iter().map(|(fate, why)| fate.view(why)).collect(),
        });
    }
    let view = ClientsView {
        version: env!("CARGO_PKG_VERSION"),
        made: date,
        counted: counted(rows.len() as u64, "configuration", "configurations"),
        inside: sums.iter().sum(),
        plays,
        clients,
        rows,
        sums,
        left_out,
    };
    page("Who gets in", include_str!("clients.html"), view)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fate_has_its_cell_and_what_is_foreign_is_escaped() {
        let row = |implementation: &str, fates| ClientsRow {
            implementation: implementation.to_owned(),
            challenges: vec!["Basic realm=\"<x>\"".to_owned()],
            fates,
        };
        let fates = [
            (ClientFate::In, "401 (none), 200 (Basic)"),
            (ClientFate::Refused, "401 (none)"),
            (ClientFate::KeptOut, "426 (none)"),
            (ClientFate::Silent, ""),
        ];
        let fates = fates.map(|(fate, why)| (fate, why.to_owned())).to_vec();
        let places = [
            row("haproxy <2>", Ok(fates)),
            row("caddy 2", Err("it has no Digest".to_owned())),
        ];
        let clients = ["curl -u", "wget", "lynx", "w3m"];
        let made = clients_html(&clients, &places, "2026-01-01").unwrap();
        for told in [
            "1 configuration <strong>by real clients",
            "<dd>1 of 4</dd>",
            "haproxy &lt;2&gt;",
            "realm=&quot;&lt;x&gt;&quot;",
            "class=\"good\" title=\"401 (none), 200 (Basic)\"",
            "class=\"bad\" title=\"401 (none)\"",
            "class=\"doubt\" title=\"426 (none)\"",
            "asked nobody",
            "<td>1</td><td>0</td><td>0</td><td>0</td>",
            "nobody was played: it has no Digest",
        ] {
            assert!(made.contains(told), "no {told} in\n{made}");
        }
    }
}
