//! A policy, as the control protocol's records have it.

use countersign::credentials::Scheme;
use countersign::domain::{Setting, Value};

use super::liberty::Taken;
use super::platform::{Platform, read};

/// What a policy asks for.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// The schemes of its active profiles, each once, in order.
    pub schemes: Vec<Scheme>,
    /// The scope that a token must have.
    pub scope: Option<String>,
    pub step_up: bool,
    pub metadata: bool,
    pub behind_tls: bool,
    /// Everybody is let in.
    pub open: bool,
    /// The realm, where it is an odd one: `quotes`, `backslash`, `beyond-ascii`, `line-break`.
    pub realm: String,
    pub cross_origin: bool,
    pub dpop_nonce: bool,
    pub digest: String,
    /// Where a key is taken, or a signature: `none`, `field`, `query`, `signature`.
    pub key: String,
    /// What it says beside that as a policy of the platform of the API access policies.
    pub platform: Option<Platform>,
}

impl Policy {
    pub fn read(setting: &Setting, on: &Taken) -> Self {
        let record = &setting.policy;
        let flag = |name| record.field(name).and_then(Value::as_bool) == Some(true);
        let word = |name, default: &str| {
            let word = record.field(name).and_then(Value::as_symbol);
            word.unwrap_or(default).to_owned()
        };
        let mut schemes = Vec::new();
        let profiles = record.field("profiles").and_then(Value::items);
        for profile in profiles.unwrap_or_default() {
            let active = profile.field("active").and_then(Value::as_bool) != Some(false);
            let scheme = profile.field("scheme").and_then(Value::as_symbol);
            let scheme = scheme.and_then(Scheme::from_word);
            schemes.extend(scheme.filter(|scheme| active && !schemes.contains(scheme)));
        }
        let read = read(setting, &schemes, on);
        let (platform, schemes) = read.map_or((None, schemes), |(platform, schemes)| {
            (Some(platform), schemes)
        });
        let checks = setting
            .instance
            .field("check_scopes")
            .and_then(Value::as_bool);
        let scope = Some(word("required_scope", "none")).filter(|scope| scope != "none");
        Self {
            schemes,
            scope: scope.filter(|_| checks != Some(false)),
            step_up: flag("step_up"),
            metadata: flag("metadata"),
            behind_tls: flag("behind_tls"),
            open: flag("open"),
            realm: word("realm", "plain"),
            cross_origin: flag("cross_origin"),
            dpop_nonce: flag("dpop_nonce"),
            digest: word("digest", "plain"),
            key: word("key", "none"),
            platform,
        }
    }

    /// Whether nobody has anything that would let him in.
    pub fn is_closed(&self) -> bool {
        self.schemes.is_empty() && self.key == "none"
    }
}
