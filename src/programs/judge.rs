//! What a scripted server answers: the same decisions as the model's, on what really came.

use super::answer::ScriptedAnswer;
use super::asked::ReadRequest;
use super::command::ClientSecrets;
use super::flaws::looked_over;
use super::presented::{HeldAgainst, JudgedCredentials, judge};
use super::seen::SeenRequest;
use crate::user_agents::model::{Layout, MOST_REQUESTS, RedirectTarget, Script, StaleNonce};

/// The path that is asked for.
pub(super) const PATH: &str = "/resource";

/// The same with a query.
const PATH_AND_QUERY: &str = "/resource?a=1&b=two";

/// What is asked for of a scripted server.
pub(super) fn path_of(script: &Script) -> &'static str {
    match script.query {
        true => PATH_AND_QUERY,
        false => PATH,
    }
}

/// The path that a redirection leads to.
const TARGET: &str = "/target";

/// What stands for a number that is new in each answer.
const NUMBER: &str = "%N";

/// What programs ask for beside the resource, and nobody here has; the last is where a client of OAuth registers where
/// no metadata says where.
const BESIDE: [&str; 4] = ["/favicon.ico", "/robots.txt", "/.well-known/", "/register"];

/// What a request came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum WhatCame {
    /// A request for the resource, or for what it was redirected to.
    Request(SeenRequest),
    /// One for something else.
    Beside(String),
}

/// A scripted server with what it has answered so far.
#[derive(Debug)]
pub(super) struct Judge {
    script: Script,
    secrets: ClientSecrets,
    /// Host and port of itself, of another port, and of another host.
    places: [String; 3],
    requests: usize,
    served: Vec<Layout>,
    /// How often it said that a nonce was stale.
    stale: usize,
}

impl Judge {
    pub(super) fn new(script: &Script, secrets: ClientSecrets, places: [String; 3]) -> Self {
        Self {
            script: script.clone(),
            secrets,
            places,
            requests: 0,
            served: Vec::new(),
            stale: 0,
        }
    }

    /// How many requests there were.
    pub(super) fn requests(&self) -> usize {
        self.requests
    }

    /// Answers a request.
    pub(super) fn answer(&mut self, asked: &ReadRequest) -> (ScriptedAnswer, WhatCame) {
        let line = format!("{} {}", asked.method, asked.target);
        if asked.method == "CONNECT" {
            return (ScriptedAnswer::plain(403), WhatCame::Beside(line));
        }
        if BESIDE.iter().any(|path| asked.path().starts_with(path)) {
            return (ScriptedAnswer::plain(404), WhatCame::Beside(line));
        }
        self.requests += 1;
        let redirected = asked.path().starts_with(TARGET);
        let proxy = asked.is_for_proxy() && !redirected;
        let field = match proxy {
            true => "Proxy-Authorization",
            false => "Authorization",
        };
        let judged = judge(asked.field(field), &self.held(asked));
        let (flaws, client_nonce) = looked_over(&asked.all(field), &judged, &self.held(asked));
        let answered = self.decide(asked, &judged, redirected, proxy);
        let seen = SeenRequest {
            line,
            sent: judged.word,
            worth: judged.worth,
            flaws,
            client_nonce,
            redirected,
            status: answered.status,
            head: asked.head.clone(),
            answered: answered.head(asked.is_last),
        };
        (answered, WhatCame::Request(seen))
    }

    fn held<'a>(&'a self, asked: &'a ReadRequest) -> HeldAgainst<'a> {
        HeldAgainst {
            secrets: &self.secrets,
            served: &self.served,
            method: &asked.method,
            target: &asked.target,
            body: &asked.body,
        }
    }

    fn takes(&self, judged: &JudgedCredentials) -> bool {
        let accepts = &self.script.accepts;
        match judged.right {
            Some("basic") => accepts.basic,
            Some("bearer") => accepts.bearer,
            Some("digest") => accepts.digest,
            _ => false,
        }
    }

    fn decide(
        &mut self,
        asked: &ReadRequest,
        judged: &JudgedCredentials,
        redirected: bool,
        proxy: bool,
    ) -> ScriptedAnswer {
        if self.requests > MOST_REQUESTS {
            return ScriptedAnswer::plain(500);
        }
        let mut taken = self.takes(judged);
        // An origin server that asks as only a proxy may takes what is given to a proxy.
        if self.script.status == 407 && !proxy {
            let given = judge(asked.field("Proxy-Authorization"), &self.held(asked));
            taken |= self.takes(&given);
        }
        if taken && judged.right == Some("digest") && self.is_stale() {
            self.stale += 1;
            // What was offered before is not taken any more.
            self.served.clear();
            return self.refuse_by(proxy, ", stale=true");
        }
        let redirection = self.script.redirection;
        match redirection {
            Some(to) if redirected && (!to.challenges || taken) => ScriptedAnswer::welcome(),
            Some(_) if redirected => self.refuse(proxy),
            Some(to) if to.at_once || taken => {
                let [own, port, host] = &self.places;
                let authority = match to.target {
                    RedirectTarget::SameOrigin => own,
                    RedirectTarget::OtherPort => port,
                    RedirectTarget::OtherHost => host,
                };
                ScriptedAnswer::redirect(format!("http://{authority}{TARGET}"))
            }
            _ if taken => ScriptedAnswer::welcome(),
            _ => self.refuse(proxy),
        }
    }

    /// Whether it says of the nonce of a right response that it is stale.
    fn is_stale(&self) -> bool {
        match self.script.stale {
            None => false,
            Some(StaleNonce::Once) => self.stale == 0,
            Some(StaleNonce::ForEver) => true,
        }
    }

    fn refuse(&mut self, proxy: bool) -> ScriptedAnswer {
        self.refuse_by(proxy, "")
    }

    /// Refuses, with this behind each challenge of Digest.
    fn refuse_by(&mut self, proxy: bool, more: &str) -> ScriptedAnswer {
        let status = match self.script.status {
            401 if proxy => 407,
            status => status,
        };
        let number = self.requests.to_string();
        let lines = self.script.layout.lines().iter();
        let layout = Layout::new(lines.map(|line| {
            let behind = if line.starts_with("Digest") { more } else { "" };
            format!("{}{behind}", line.replace(NUMBER, &number))
        }));
        let answered = ScriptedAnswer::refusal(status, &layout);
        if !self.served.contains(&layout) {
            self.served.push(layout);
        }
        answered
    }
}
