//! The adapters that ship inside the binary: the one table of them.

use super::adapter::Folder;

macro_rules! folder {
    ($name:literal, $($file:literal),+) => {
        Folder::Shipped {
            name: $name,
            files: &[$((
                $file,
                include_str!(concat!("../../adapters/", $name, "/", $file)),
            )),+],
        }
    };
}

/// Every shipped adapter, by name.
pub(super) const SHIPPED: [(&str, Folder); 2] = [
    (
        "nginx",
        folder!(
            "nginx",
            "adapter.yaml",
            "nginx.conf.jinja",
            "htpasswd.jinja"
        ),
    ),
    (
        "django-rest-framework",
        folder!(
            "django-rest-framework",
            "adapter.yaml",
            "requirements.txt",
            "server.py"
        ),
    ),
];
