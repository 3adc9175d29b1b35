//! The registry: from a name, a path or a URL to an implementation that can be used.

use std::fmt;
use std::path::Path;

use super::availability::located;
use super::definition::{ADAPTER_FILE, Adapter, AdapterKind, Origin};
use super::folder::Folder;
use super::home::Home;
use super::opened::Opened;
use super::shipped::SHIPPED;
use super::start::start;
use crate::implementation::{AttachFault, BoxFuture, Deadlines, Implementation, Remote, Space};
use crate::observation::SetupFault;
use crate::yaml::{Diagnostic, Diagnostics, Source, Span, kind_of, nearest, one_of};

/// Why an implementation could not be opened.
#[derive(Clone, Debug)]
pub enum OpenFault {
    /// There is no adapter of this name: the command line is wrong.
    Unknown {
        /// The name as given.
        name: String,
        /// What to write instead.
        help: String,
    },
    /// The adapter has mistakes.
    Adapter(Diagnostics),
    /// At the control URL is a server that is no control program.
    NoControlProgram(SetupFault),
    /// The adapter is right, and its implementation cannot be run here.
    Setup(SetupFault),
}

impl fmt::Display for OpenFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { name, help } => {
                write!(out, "there is no adapter `{name}`\n  help: {help}")
            }
            Self::Adapter(problems) => problems.fmt(out),
            Self::NoControlProgram(fault) | Self::Setup(fault) => fault.fmt(out),
        }
    }
}

impl std::error::Error for OpenFault {}

impl From<AttachFault> for OpenFault {
    fn from(fault: AttachFault) -> Self {
        match fault {
            AttachFault::NoControlProgram(fault) => Self::NoControlProgram(fault),
            AttachFault::Setup(fault) => Self::Setup(fault),
        }
    }
}

impl From<SetupFault> for OpenFault {
    fn from(fault: SetupFault) -> Self {
        Self::Setup(fault)
    }
}

/// The names of the adapters that ship, in alphabetical order.
pub fn shipped_names() -> Vec<&'static str> {
    let mut names: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    names
}

/// What a file is that stands where an adapter's folder is to be named.
fn no_folder(path: &Path) -> Diagnostics {
    let shown = path.display().to_string();
    let name = path.file_name().and_then(std::ffi::OsStr::to_str);
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    let text = name.and_then(|name| Folder::Disk(folder).read(name).ok());
    let text = text.unwrap_or_default();
    let (what, help) = match kind_of(&text) {
        Some(("an adapter", _)) => (
            "an adapter under another name",
            format!("call the file `{ADAPTER_FILE}`, and name the folder that has it"),
        ),
        Some((what, takes)) => (what, takes.to_owned()),
        None => (
            "a file",
            format!("an adapter is a folder that contains `{ADAPTER_FILE}`"),
        ),
    };
    let mut problems = Diagnostics::new(Source::new(shown, &*text));
    let why = format!("this is {what}, and an adapter's folder is expected");
    problems.push(Diagnostic::error(Span::default(), why, help));
    problems
}

/// The adapter of a name, or in a folder. What contains a slash, or begins with a dot, is a path: to
/// the folder, or to the `adapter.yaml` in it.
///
/// # Errors
///
/// When there is no such adapter, or it has mistakes.
pub fn find_adapter(name_or_path: &str) -> Result<Adapter, OpenFault> {
    let path = Path::new(name_or_path);
    if name_or_path.contains(['/', '\\']) || name_or_path.starts_with('.') {
        let folder = match path.parent() {
            Some(parent) if path.ends_with(ADAPTER_FILE) => parent,
            _ if path.is_file() => return Err(OpenFault::Adapter(no_folder(path))),
            _ => path,
        };
        return Adapter::read(Folder::Disk(folder.to_owned())).map_err(OpenFault::Adapter);
    }
    let found = SHIPPED.iter().find(|(name, _)| *name == name_or_path);
    match found {
        Some((_, folder)) => Adapter::read(folder.clone()).map_err(OpenFault::Adapter),
        None => {
            let names = shipped_names();
            let help = if path.join(ADAPTER_FILE).is_file() {
                format!("for the folder of that name, write `./{name_or_path}`")
            } else if let Some(meant) = nearest(name_or_path, names.iter().copied()) {
                format!("did you mean `{meant}`?")
            } else {
                format!(
                    "the adapters are {}; a path to a folder works as well",
                    one_of(&names)
                )
            };
            Err(OpenFault::Unknown {
                name: name_or_path.to_owned(),
                help,
            })
        }
    }
}

/// Opens an implementation: an adapter by name or path, or a running program by its control URL
/// (`http://127.0.0.1:PORT`). The embedded reference implementation is not an adapter; its own room
/// opens it.
///
/// # Errors
///
/// When there is no such adapter, it has mistakes, or its implementation cannot be run here.
pub fn open<'a>(
    target: &'a str,
    home: &'a Home,
) -> BoxFuture<'a, Result<Box<dyn Implementation>, OpenFault>> {
    Box::pin(opened(target, home))
}

async fn opened(target: &str, home: &Home) -> Result<Box<dyn Implementation>, OpenFault> {
    if target.starts_with("http://") || target.starts_with("https://") {
        return Ok(Box::new(
            Remote::attach(target, Deadlines::default()).await?,
        ));
    }
    open_adapter(find_adapter(target)?, home).await
}

/// Opens the implementation of an adapter.
///
/// # Errors
///
/// When it cannot be run here.
pub fn open_adapter(
    adapter: Adapter,
    home: &Home,
) -> BoxFuture<'_, Result<Box<dyn Implementation>, OpenFault>> {
    Box::pin(opened_adapter(adapter, home))
}

async fn opened_adapter(
    adapter: Adapter,
    home: &Home,
) -> Result<Box<dyn Implementation>, OpenFault> {
    if !matches!(adapter.kind, AdapterKind::Remote(Origin::Running(_))) {
        Space::is_there_room()?;
    }
    let found = located(&adapter, home).map_err(|(reason, remedy)| SetupFault {
        doing: format!("find {}", adapter.title),
        why: reason,
        remedy: Some(remedy),
    })?;
    if let AdapterKind::Remote(Origin::Running(url)) = &adapter.kind {
        return Ok(Box::new(Remote::attach(url, Deadlines::default()).await?));
    }
    Ok(Box::new(Opened {
        implementation: start(&adapter, &found).await?,
        adapter,
        found,
    }))
}
