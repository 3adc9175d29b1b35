//! A response from a file, or from standard input.

use std::io::Read;

use countersign::report::Hint;
use countersign::user_agents::reach::saved_response;

use super::{Answered, SchemesTried};
use crate::cli::failure::CommandFailure;

/// The largest saved response that is read, in bytes.
const LARGEST: u64 = 4 * 1024 * 1024;

/// Reads a saved response; `-` is standard input.
pub(super) fn saved(file: &str) -> Result<Answered, CommandFailure> {
    let name = match file {
        "-" => "standard input",
        file => file,
    };
    let unreadable = |why: String| CommandFailure::input(format!("{name} cannot be read: {why}"));
    let bytes = match file {
        "-" => contents(std::io::stdin().lock()),
        file => std::fs::File::open(file).and_then(contents),
    };
    let bytes = bytes.map_err(|error| unreadable(error.to_string()))?;
    if u64::try_from(bytes.len()).map_or(true, |length| length > LARGEST) {
        return Err(unreadable(format!("it has more than {LARGEST} bytes")));
    }
    let seen = saved_response(&text(&bytes)).map_err(unreadable)?;
    Ok(Answered {
        asked: name.to_owned(),
        seen,
        tries: SchemesTried::default(),
        hint: Hint::Saved,
    })
}

fn contents(from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// One character a byte; where a shell wrote UTF-16, as some do, one a character.
fn text(bytes: &[u8]) -> String {
    match bytes {
        [0xff, 0xfe, rest @ ..] => {
            let units = rest.chunks_exact(2).map(|pair| match pair {
                [low, high] => u16::from_le_bytes([*low, *high]),
                _ => 0,
            });
            char::decode_utf16(units)
                .map(|decoded| decoded.unwrap_or('?'))
                .collect()
        }
        _ => bytes.iter().copied().map(char::from).collect(),
    }
}
