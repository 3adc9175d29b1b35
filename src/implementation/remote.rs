//! Kind *remote*: any program, in any language, that speaks the control protocol.

use std::fmt;
use std::time::Duration;

use hyper::{Method, StatusCode};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::oneshot;

use super::address::Address;
use super::brand::Brand;
use super::caller::Caller;
use super::child::{Child, Launch};
use super::control::{
    CONTROL_LINE, read_events, read_introduction, read_placements, write_policies,
};
use super::issuer::{Issuer, IssuerPlace, issuer_for};
use super::space::Space;
use super::tail::{Tail, excerpt};
use super::{BoxFuture, Description, Implementation, Installation, Placement};
use crate::observation::{AuditEvent, SetupFault};

/// The most bytes of an answer that are read.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// The most characters of an answer that a fault shows.
const MOST_SHOWN: usize = 2000;

/// The most bytes of a line among which the control line is looked for.
const MOST_LINE: usize = 4096;

/// How long a program whose connection broke may take to turn out dead.
const DYING: Duration = Duration::from_millis(300);

/// Where to look when a program's answers are wrong.
const REMEDY: &str =
    "compare the answer with the control protocol, version 1, in docs/control-protocol.md";

/// How long a program may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// From its start to the line with its control URL.
    pub start: Duration,
    /// For its introduction and for its events.
    pub answer: Duration,
    /// To install a set of policies.
    pub install: Duration,
    /// From the end of its standard input to its own.
    pub stop: Duration,
}

impl Default for Deadlines {
    /// 30 seconds to start or install, 10 to answer, 5 to stop.
    fn default() -> Self {
        Self {
            start: Duration::from_secs(30),
            answer: Duration::from_secs(10),
            install: Duration::from_secs(30),
            stop: Duration::from_secs(5),
        }
    }
}

/// Whether a text can be a control URL: plain HTTP on this machine.
///
/// # Errors
///
/// Why it cannot, in words that follow the URL.
pub fn check_control_url(url: &str) -> Result<(), String> {
    Address::loopback(url).map(drop)
}

/// Why a program that runs already cannot be attached to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AttachFault {
    /// A server is there, and by its answer it is another than a control program: one with an error status, or
    /// with something else than JSON.
    NoControlProgram(SetupFault),
    /// Anything else, such as that nobody is there, or an introduction with a mistake.
    Setup(SetupFault),
}

impl fmt::Display for AttachFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoControlProgram(fault) | Self::Setup(fault) => fault.fmt(out),
        }
    }
}

impl std::error::Error for AttachFault {}

impl From<SetupFault> for AttachFault {
    fn from(fault: SetupFault) -> Self {
        Self::Setup(fault)
    }
}

impl From<AttachFault> for SetupFault {
    fn from(fault: AttachFault) -> Self {
        match fault {
            AttachFault::NoControlProgram(fault) | AttachFault::Setup(fault) => fault,
        }
    }
}

/// An implementation behind the control protocol.
#[derive(Debug)]
pub struct Remote {
    description: Description,
    control: Control,
    /// The program, if it was started here.
    child: Option<Child>,
    /// Of whatever that program starts.
    brand: Option<Brand>,
    /// How many slots are installed.
    installed: usize,
    /// The issuer of its tokens, once something is installed.
    issuer: Option<Issuer>,
    /// What must live as long as the program does.
    _directory: Option<Space>,
}

impl Remote {
    /// Attaches to a program that runs already, by its control URL.
    ///
    /// # Errors
    ///
    /// When the URL is not loopback HTTP, nobody answers there, or the answer is not the protocol's.
    pub async fn attach(url: &str, deadlines: Deadlines) -> Result<Self, AttachFault> {
        let control = Control::new(url, deadlines)?;
        let description = control.introduction().await?;
        Ok(Self {
            description,
            control,
            child: None,
            brand: None,
            installed: 0,
            issuer: None,
            _directory: None,
        })
    }

    /// Starts a program, which must print one line `countersign-control: http://127.0.0.1:PORT` on
    /// its standard output and end when its standard input closes. `directory` is kept for as long
    /// as it runs.
    ///
    /// # Errors
    ///
    /// When it cannot be started, ends early, does not print the line in time, or does not answer as
    /// the protocol says.
    pub async fn start(
        launch: &Launch,
        directory: Option<Space>,
        deadlines: Deadlines,
    ) -> Result<Self, SetupFault> {
        let doing = format!("start {}", launch.name);
        // Whatever becomes of the program, what it started ends with this.
        let brand = Brand::new();
        let (mut child, stdout) = Child::start(launch, &brand)?;
        let (found, url) = oneshot::channel();
        if let Some(stdout) = stdout {
            tokio::spawn(watch(stdout, found, child.output.clone()));
        }
        let url = tokio::select! {
            biased;
            Ok(url) = url => url,
            () = child.wait() => return Err(child.death(&doing).await),
            () = tokio::time::sleep(deadlines.start) => {
                child.stop(None, Duration::ZERO).await;
                return Err(SetupFault {
                    doing,
                    why: format!(
                        "it did not print its control URL within {:.1} s; its last words:\n{}",
                        deadlines.start.as_secs_f64(),
                        super::tail::last_lines(&child.output.since(0)),
                    ),
                    remedy: Some(format!(
                        "let it print one line `{CONTROL_LINE} http://127.0.0.1:PORT` and flush it"
                    )),
                });
            }
        };
        let control = Control::new(&url, deadlines)?;
        let mut child = Some(child);
        let introduction = async { Ok(control.introduction().await?) };
        let description = attended(&mut child, &doing, introduction).await?;
        Ok(Self {
            description,
            control,
            child,
            brand: Some(brand),
            installed: 0,
            issuer: None,
            _directory: directory,
        })
    }
}

impl Implementation for Remote {
    fn description(&self) -> &Description {
        &self.description
    }

    fn install<'a>(
        &'a mut self,
        installation: &'a Installation,
    ) -> BoxFuture<'a, Result<Vec<Placement>, SetupFault>> {
        Box::pin(async move {
            let issuer = issuer_for(&mut self.issuer, installation).await?;
            let call = self
                .control
                .install(installation, &self.description, &issuer);
            let doing = format!("install policies in {}", self.description.name);
            let placements = attended(&mut self.child, &doing, call).await?;
            self.installed = installation.policies.len();
            Ok(placements)
        })
    }

    fn events(&mut self, generation: u64) -> BoxFuture<'_, Result<Vec<AuditEvent>, SetupFault>> {
        Box::pin(async move {
            let call = self.control.events(generation, self.installed);
            let doing = format!("read the events of {}", self.description.name);
            attended(&mut self.child, &doing, call).await
        })
    }

    fn ended(&mut self) -> Option<String> {
        self.child.as_mut()?.end_words()
    }

    fn stop(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if let Some(mut child) = self.child.take() {
                child.stop(None, self.control.deadlines.stop).await;
            }
            self.brand = None;
        })
    }
}

/// Waits for an answer, and for the program's death: whichever comes first is what is reported.
async fn attended<T>(
    child: &mut Option<Child>,
    doing: &str,
    call: impl Future<Output = Result<T, SetupFault>>,
) -> Result<T, SetupFault> {
    let Some(child) = child else {
        return call.await;
    };
    let answer = tokio::select! {
        biased;
        answer = call => answer,
        () = child.wait() => return Err(child.death(doing).await),
    };
    // A connection often breaks just before the death that broke it can be seen.
    if answer.is_err() && tokio::time::timeout(DYING, child.wait()).await.is_ok() {
        return Err(child.death(doing).await);
    }
    answer
}

/// Looks for the control line, then reads on, so that the program never blocks on a full pipe.
async fn watch(mut stdout: impl AsyncRead + Unpin, found: oneshot::Sender<String>, output: Tail) {
    let mut line = Vec::new();
    let mut found = Some(found);
    let mut buffer = [0_u8; 4096];
    while let Ok(count @ 1..) = stdout.read(&mut buffer).await {
        let bytes = buffer.get(..count).unwrap_or_default();
        if found.is_none() {
            output.push(bytes);
            continue;
        }
        for byte in bytes {
            if *byte != b'\n' && line.len() < MOST_LINE {
                line.push(*byte);
                continue;
            }
            let text = String::from_utf8_lossy(&line).into_owned();
            match (text.trim().strip_prefix(CONTROL_LINE), found.take()) {
                (Some(url), Some(found)) => {
                    let _ = found.send(url.trim().to_owned());
                }
                (_, still) => {
                    found = still;
                    output.push(text.as_bytes());
                    output.push(b"\n");
                }
            }
            line.clear();
        }
    }
    // The channel stays open: that nothing more is said does not mean that the program is gone.
    if let Some(found) = found {
        let mut found = found;
        found.closed().await;
    }
}

/// The control address, and who calls it.
#[derive(Debug)]
struct Control {
    base: Address,
    caller: Caller,
    deadlines: Deadlines,
}

impl Control {
    fn new(url: &str, deadlines: Deadlines) -> Result<Self, SetupFault> {
        let fault = |why: String| SetupFault {
            doing: "use a control URL".to_owned(),
            why,
            remedy: Some("a control URL looks like `http://127.0.0.1:43210`".to_owned()),
        };
        let base = Address::loopback(url)
            .map_err(|why| fault(format!("`{}` {why}", excerpt(url, MOST_SHOWN))))?;
        let caller = Caller::new().map_err(fault)?;
        Ok(Self {
            base,
            caller,
            deadlines,
        })
    }

    async fn introduction(&self) -> Result<Description, AttachFault> {
        let path = "/v1/implementation";
        let deadline = self.deadlines.answer;
        let answer = self.answer(&Method::GET, path, None, deadline).await?;
        let body = answer.body().map_err(AttachFault::NoControlProgram)?;
        read_introduction(&body).map_err(|why| {
            let fault = self.nonsense(path, &why, &body);
            match serde_json::from_slice::<serde::de::IgnoredAny>(&body) {
                Ok(_) => AttachFault::Setup(fault),
                Err(_) => AttachFault::NoControlProgram(fault),
            }
        })
    }

    async fn install(
        &self,
        installation: &Installation,
        description: &Description,
        issuer: &IssuerPlace,
    ) -> Result<Vec<Placement>, SetupFault> {
        let path = "/v1/policies";
        let message = write_policies(installation, issuer).map_err(|why| SetupFault {
            doing: "write policies as JSON".to_owned(),
            why,
            remedy: None,
        })?;
        let body = self
            .call(Method::PUT, path, Some(message), self.deadlines.install)
            .await?;
        read_placements(&body, installation.generation, installation.policies.len())
            .and_then(|placements| {
                description.reached(&placements)?;
                Ok(placements)
            })
            .map_err(|why| self.nonsense(path, &why, &body))
    }

    async fn events(&self, generation: u64, count: usize) -> Result<Vec<AuditEvent>, SetupFault> {
        let path = format!("/v1/events?generation={generation}");
        let body = self
            .call(Method::GET, &path, None, self.deadlines.answer)
            .await?;
        read_events(&body, count).map_err(|why| self.nonsense(&path, &why, &body))
    }

    /// The body of the answer to one call that is to succeed.
    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
        deadline: Duration,
    ) -> Result<Vec<u8>, SetupFault> {
        self.answer(&method, path, body, deadline).await?.body()
    }

    /// One call, whatever its answer; the deadline is on all of it, the body included.
    async fn answer(
        &self,
        method: &Method,
        path: &str,
        body: Option<Vec<u8>>,
        deadline: Duration,
    ) -> Result<ControlAnswer, SetupFault> {
        let url = self.url(path);
        let doing = format!("call {method} {url}");
        let fault = |why: String, remedy: &str| SetupFault {
            doing: doing.clone(),
            why,
            remedy: Some(remedy.to_owned()),
        };
        let answer = self.caller.call(method.clone(), &url, body, MOST_BYTES);
        let (status, body) = match tokio::time::timeout(deadline, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(why)) => {
                return Err(fault(
                    why,
                    "make sure that the program runs and listens on that address",
                ));
            }
            Err(_) => {
                return Err(fault(
                    format!("no complete answer within {:.1} s", deadline.as_secs_f64()),
                    "see whether the program hangs",
                ));
            }
        };
        if status.is_success() && body.len() > MOST_BYTES {
            return Err(fault(
                format!("its answer is longer than {MOST_BYTES} bytes"),
                REMEDY,
            ));
        }
        Ok(ControlAnswer {
            doing,
            status,
            body,
        })
    }

    fn nonsense(&self, path: &str, why: &str, body: &[u8]) -> SetupFault {
        SetupFault {
            doing: format!("understand the answer of {}", self.url(path)),
            why: format!("{why}; it answered:\n{}", shown(body)),
            remedy: Some(REMEDY.to_owned()),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base.url().trim_end_matches('/'))
    }
}

/// What a control address answered.
struct ControlAnswer {
    /// The call, for a message.
    doing: String,
    status: StatusCode,
    body: Vec<u8>,
}

impl ControlAnswer {
    /// What a successful answer has in it; any other status is a fault.
    fn body(self) -> Result<Vec<u8>, SetupFault> {
        if self.status.is_success() {
            return Ok(self.body);
        }
        Err(SetupFault {
            doing: self.doing,
            why: format!("it answered {}:\n{}", self.status, shown(&self.body)),
            remedy: Some(
                "the body is the program's own account; let it answer as docs/control-protocol.md says".to_owned(),
            ),
        })
    }
}

fn shown(body: &[u8]) -> String {
    if body.is_empty() {
        return "  (an empty body)".to_owned();
    }
    let text = excerpt(&String::from_utf8_lossy(body), MOST_SHOWN);
    let lines: Vec<String> = text.lines().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}
