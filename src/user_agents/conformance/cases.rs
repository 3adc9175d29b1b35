//! The layouts that clients are held against, of each rule the simplest first, so that the first on which a client fails
//! is a minimal one.

use crate::user_agents::model::{
    Accepts, KnownScheme, Layout, RedirectTarget, Redirection, Script,
};

const BASIC: &str = "Basic realm=\"x\"";
const BEARER: &str = "Bearer realm=\"x\"";
const DIGEST: &str = "Digest realm=\"x\", nonce=\"n0nce123\", qop=\"auth\", algorithm=MD5";

/// What stands beside the challenge that a client is to find: how it is said, and the challenge.
const BESIDE: [(&str, &str); 6] = [
    ("Bearer", BEARER),
    ("an unknown scheme", "Unknown realm=\"x\""),
    (
        "an unknown scheme with two parameters",
        "Unknown a=\"1\", b=2",
    ),
    ("a comma in quotes", "Bearer realm=\"a, b\""),
    ("a token68", "Unknown abc=="),
    ("a scheme without parameters", "Unknown"),
];

/// A layout and the rule that it is about.
#[derive(Clone, Debug)]
pub struct ConformanceCase {
    /// The rule's name.
    pub rule: &'static str,
    /// The layout in words: `two challenges, one line, Basic second`.
    pub says: String,
    /// The scheme that a client must have for it.
    pub needs: KnownScheme,
    /// Another that it must have too.
    pub needs_too: Option<KnownScheme>,
    /// The server.
    pub script: Script,
}

/// The servers by which it is seen what a client answers at all: one scheme each, alone.
pub fn abilities_scripts() -> [(KnownScheme, Script); 3] {
    [
        (KnownScheme::Basic, BASIC),
        (KnownScheme::Digest, DIGEST),
        (KnownScheme::Bearer, BEARER),
    ]
    .map(|(scheme, line)| (scheme, taking(scheme, &[line])))
}

/// A server of these lines that takes one scheme.
fn taking(scheme: KnownScheme, lines: &[&str]) -> Script {
    let mut script = Script::new(Layout::new(lines.iter().copied()));
    script.accepts = Accepts {
        basic: scheme == KnownScheme::Basic,
        bearer: scheme == KnownScheme::Bearer,
        digest: scheme == KnownScheme::Digest,
    };
    script
}

/// Every layout, rule by rule.
pub fn cases() -> Vec<ConformanceCase> {
    let mut all = Vec::new();
    let mut add = |rule, says: String, needs, script| {
        all.push(ConformanceCase {
            rule,
            says,
            needs,
            needs_too: None,
            script,
        });
    };
    for (scheme, own) in [
        (KnownScheme::Basic, BASIC),
        (KnownScheme::Digest, DIGEST),
        (KnownScheme::Bearer, BEARER),
    ] {
        let name = scheme.name();
        for (beside, other) in BESIDE {
            if other.starts_with(name) {
                continue;
            }
            let joined = [format!("{own}, {other}"), format!("{other}, {own}")];
            for (lines, words) in [
                (vec![own, other], format!("two lines, {name} first")),
                (vec![other, own], format!("two lines, {name} second")),
                (vec![joined[0].as_str()], format!("one line, {name} first")),
                (vec![joined[1].as_str()], format!("one line, {name} second")),
            ] {
                let says = format!("two challenges, {words}, beside {beside}");
                add("finds-its-scheme", says, scheme, taking(scheme, &lines));
            }
        }
        let upper = own.replacen(name, &name.to_ascii_uppercase(), 1);
        let lower = own.replacen(name, &name.to_ascii_lowercase(), 1);
        for (spelled, how) in [(upper, "capitals"), (lower, "small letters")] {
            let says = format!("{name} in {how}");
            add(
                "scheme-in-any-case",
                says,
                scheme,
                taking(scheme, &[&spelled]),
            );
        }
        let params = own.replacen("realm=", "REALM=", 1);
        let says = format!("`REALM` of {name}");
        add(
            "parameter-names-in-any-case",
            says,
            scheme,
            taking(scheme, &[&params]),
        );
        for (element, says) in [
            (format!(", {own}"), "an empty element in front"),
            (format!("{own}, ,"), "empty elements behind"),
        ] {
            let says = format!("{name} with {says}");
            add(
                "empty-elements-are-ignored",
                says,
                scheme,
                taking(scheme, &[&element]),
            );
        }
        let mut forever = taking(scheme, &[own]);
        forever.accepts = Accepts::NONE;
        add(
            "refused-it-ends",
            format!("{name}, refused for ever"),
            scheme,
            forever,
        );
        for (target, says) in [
            (RedirectTarget::OtherPort, "another port"),
            (RedirectTarget::OtherHost, "another host"),
        ] {
            let mut script = taking(scheme, &[own]);
            script.redirection = Some(Redirection {
                target,
                at_once: false,
                challenges: false,
            });
            let says = format!("{name}, redirected to {says} once logged in");
            add("stays-in-its-origin", says, scheme, script);
        }
    }
    for (line, says) in [
        (
            "Basic realm=\"x\", foo=bar",
            "one unknown parameter behind the realm",
        ),
        (
            "Basic foo=bar, realm=\"x\"",
            "one unknown parameter in front of the realm",
        ),
        (
            "Basic realm=\"x\", foo=\"a, b\"",
            "an unknown parameter with a comma in quotes",
        ),
    ] {
        let script = taking(KnownScheme::Basic, &[line]);
        add(
            "unknown-parameters-are-ignored",
            says.to_owned(),
            KnownScheme::Basic,
            script,
        );
    }
    for (line, says) in [
        (
            "Bearer realm=\"x, Basic realm=y\"",
            "Basic behind a comma in quotes",
        ),
        (
            "Bearer realm=\"x, Basic realm=\\\"y\\\"\"",
            "Basic and escaped quotes in quotes",
        ),
        ("Bearer realm=\"Basic\"", "Basic as the text in quotes"),
    ] {
        let script = taking(KnownScheme::Basic, &[line]);
        add(
            "quotes-hide-what-is-in-them",
            says.to_owned(),
            KnownScheme::Basic,
            script,
        );
    }
    for (lines, says) in [
        (vec![BEARER], "Bearer alone"),
        (
            vec!["Basicx realm=\"x\""],
            "a scheme whose name begins with Basic",
        ),
        (vec![], "no challenge"),
    ] {
        let script = taking(KnownScheme::Basic, &lines);
        add(
            "answers-only-what-is-offered",
            says.to_owned(),
            KnownScheme::Basic,
            script,
        );
    }
    let mut charset = taking(
        KnownScheme::Basic,
        &["Basic realm=\"x\", charset=\"UTF-8\""],
    );
    charset.foreign_password = true;
    let says = "Basic with charset, a password outside US-ASCII".to_owned();
    add("reads-charset", says, KnownScheme::Basic, charset);
    let one_line = [format!("{DIGEST}, {BASIC}"), format!("{BASIC}, {DIGEST}")];
    for (lines, words) in [
        (vec![DIGEST, BASIC], "two lines, Digest first"),
        (vec![BASIC, DIGEST], "two lines, Digest second"),
        (vec![one_line[0].as_str()], "one line, Digest first"),
        (vec![one_line[1].as_str()], "one line, Digest second"),
    ] {
        let mut script = Script::new(Layout::new(lines));
        script.accepts.bearer = false;
        all.push(ConformanceCase {
            rule: "takes-the-strongest",
            says: format!("two challenges, {words}"),
            needs: KnownScheme::Basic,
            needs_too: Some(KnownScheme::Digest),
            script,
        });
    }
    all
}
