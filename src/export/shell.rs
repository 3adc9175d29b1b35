//! Words of a POSIX shell.

/// The fewest characters of a repetition that are written as one, and the longest unit that is looked for.
const REPEATED: usize = 256;
const UNIT: usize = 4;

/// A word for a POSIX shell, in which the shell makes a long repetition itself.
pub(super) fn shell_word(text: &str) -> String {
    let Some((before, unit, times, behind)) = repetition(text) else {
        return shell_quoted(text);
    };
    let quoted = |part: &str| match part {
        "" => String::new(),
        part => format!("'{}'", part.replace('\'', "'\\''")),
    };
    format!(
        "{}\"$(yes {unit} | head -n {times} | tr -d '\\n')\"{}",
        quoted(before),
        quoted(behind)
    )
}

/// What stands before the first long repetition of a few letters and digits, those, how often they are
/// repeated, and what stands behind.
fn repetition(text: &str) -> Option<(&str, &str, usize, &str)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at + REPEATED <= bytes.len() {
        let mut longest = 1;
        for length in 1..=UNIT {
            let unit = bytes.get(at..at + length)?;
            if !unit.iter().all(u8::is_ascii_alphanumeric) {
                break;
            }
            let rest = bytes.get(at..)?;
            let times = rest.chunks(length).take_while(|one| *one == unit).count();
            let end = at + times * length;
            if times * length >= REPEATED {
                let (before, unit) = (text.get(..at)?, text.get(at..at + length)?);
                return Some((before, unit, times, text.get(end..)?));
            }
            // Nothing longer begins within a repetition of one character but at its end.
            if length == 1 {
                longest = times.max(1);
            }
        }
        at += longest.saturating_sub(1).max(1);
    }
    None
}

/// The name of a file or a folder for a POSIX shell, which no command takes for an option.
pub fn path_quoted(path: &str) -> String {
    match path.starts_with('-') {
        true => shell_quoted(&format!("./{path}")),
        false => shell_quoted(path),
    }
}

/// A word for a POSIX shell.
pub fn shell_quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@".contains(c);
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else if text.contains("\r\n") && !text.ends_with('\n') {
        // Whoever copies a line end out of a terminal has another one.
        let format = text.replace('\\', "\\\\").replace('%', "%%");
        let format = format.replace("\r\n", "\\r\\n");
        format!("\"$(printf {})\"", quoted(&format))
    } else {
        quoted(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shell_makes_a_long_repetition_itself() {
        let long = format!("it's {}b$", "A".repeat(16_384));
        let encoded = format!("Authorization: Basic YWx{}Og==", "QUFB".repeat(4_096));
        assert_eq!(
            shell_word(&format!("X: {}", "A".repeat(16_384))),
            r#"'X: '"$(yes A | head -n 16384 | tr -d '\n')""#
        );
        for text in [
            long.as_str(),
            &encoded,
            "plain",
            "it's",
            "Folded: 100%\r\n it's\\n",
            "",
            &"ab".repeat(10),
        ] {
            let word = shell_word(text);
            assert!(word.len() < 120, "{word}");
            for shell in ["sh", "bash"] {
                let line = format!("printf %s {word}");
                let Ok(said) = std::process::Command::new(shell)
                    .args(["-c", &line])
                    .output()
                else {
                    continue;
                };
                assert!(said.stdout == text.as_bytes(), "{shell}: {word}");
            }
        }
    }
}
