//! The implementation of an adapter.

use super::Target;
use crate::adapter::{
    AdapterKind, Availability, Home, OpenFault, availability, find_adapter, open_adapter,
};
use crate::baseline::BASELINE_FILE;
use crate::implementation::Supports;
use crate::observation::SetupFault;
use crate::yaml::Source;

impl Target {
    /// The implementation of an adapter: one that ships, by its name, or one in a folder, by its
    /// path. Where it is not installed, its trials are ignored, and say what to do about it. It takes the
    /// feature `process`; without it, the test fails and says so.
    pub fn adapter(name_or_path: impl Into<String>) -> Self {
        let asked = name_or_path.into();
        let home = Home::from_environment();
        let adapter = match find_adapter(&asked) {
            Ok(adapter) => adapter,
            Err(fault) => {
                return Self::mistaken(asked, fault.to_string());
            }
        };
        let missing = match availability(&adapter, &home) {
            Availability::Available { .. } => None,
            Availability::Missing { reason, remedy } => Some(format!("{reason}: {remedy}")),
        };
        let (supports, declared, claims) = match &adapter.kind {
            AdapterKind::Process(recipe) => (
                recipe.supports.clone(),
                Some(recipe.alternatives.clone()),
                recipe.claims.clone(),
            ),
            // It says so itself once it runs.
            AdapterKind::Remote(_) => (
                Supports {
                    events: true,
                    ..Supports::default()
                },
                None,
                Vec::new(),
            ),
        };
        let (known, mistake) = match adapter.folder.read(BASELINE_FILE) {
            Ok(text) => (
                Some(Source::new(adapter.folder.shown(BASELINE_FILE), &*text)),
                None,
            ),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => (None, None),
            Err(error) => {
                let shown = adapter.folder.shown(BASELINE_FILE);
                (None, Some(format!("{shown} cannot be read: {error}")))
            }
        };
        let target = Self::new(adapter.name.clone(), move || {
            let (adapter, home) = (adapter.clone(), home.clone());
            Box::pin(async move {
                open_adapter(adapter, &home)
                    .await
                    .map_err(|fault| match fault {
                        OpenFault::NoControlProgram(fault) | OpenFault::Setup(fault) => fault,
                        other => SetupFault {
                            doing: "open the adapter".to_owned(),
                            why: other.to_string(),
                            remedy: None,
                        },
                    })
            })
        });
        Self {
            against: Some(asked),
            mistake,
            missing,
            events: supports.events,
            declared,
            supports: supports.narrowing,
            claims,
            known,
            ..target
        }
    }
}
