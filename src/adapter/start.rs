//! Starting the implementation of an adapter whose programs were found.

use super::availability::Located;
use super::command::rendered;
use super::definition::{Adapter, AdapterKind, Origin};
use super::process::Process;
use super::template::TemplatePlaces;
use crate::implementation::{Deadlines, Implementation, Remote, Space};
use crate::observation::SetupFault;

/// The variable that says where temporary files go (POSIX.1, XBD §8.3).
const TEMPORARY: &str = "TMPDIR";

/// Starts the implementation of an adapter whose programs were found, or attaches to it where it runs already.
pub(super) async fn start(
    adapter: &Adapter,
    found: &Located,
) -> Result<Box<dyn Implementation>, SetupFault> {
    let (command, stop) = match &adapter.kind {
        AdapterKind::Process(recipe) => {
            let recipe = (**recipe).clone();
            return Ok(Box::new(Process::new(adapter, recipe, found)?));
        }
        AdapterKind::Remote(Origin::Running(url)) => {
            return Ok(Box::new(Remote::attach(url, Deadlines::default()).await?));
        }
        AdapterKind::Remote(Origin::Started { command, stop }) => (command, *stop),
    };
    let doing = format!("start {}", adapter.name);
    let fault = |why: String| SetupFault {
        doing: doing.clone(),
        why,
        remedy: None,
    };
    let space = Space::new()
        .map_err(|error| fault(format!("no directory for temporary files: {error}")))?;
    let folder = adapter
        .folder
        .on_disk(space.path())
        .map_err(|error| fault(format!("its files cannot be written: {error}")))?;
    let commands = (command.as_slice(), adapter.environment.as_slice());
    let values = TemplatePlaces::new(found, &space, &folder);
    let mut launch = rendered(&adapter.name, commands, space.path(), &values).map_err(fault)?;
    // Temporary files of the program go away with the working directory, however the program ends.
    if !launch.environment.iter().any(|(name, _)| name == TEMPORARY) {
        let space = space.path().display().to_string();
        launch.environment.push((TEMPORARY.to_owned(), space));
    }
    let deadlines = Deadlines {
        stop,
        ..Deadlines::default()
    };
    Ok(Box::new(
        Remote::start(&launch, Some(space), deadlines).await?,
    ))
}
