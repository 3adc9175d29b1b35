//! The wire format of Protocol Buffers, as far as the messages here need it: numbers, and what has a length.
//!
//! A field is a key, which is its number and a wire type, and what that type says: a varint (0), eight bytes (1), a
//! length and as many bytes (2), or four bytes (5). Groups (3 and 4) are of a former version and of no message here.

/// What stands in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProtoValue<'m> {
    /// A varint: any kind of whole number, an enum, a flag.
    Number(u64),
    /// A text, bytes, or a message.
    Bytes(&'m [u8]),
}

/// The fields of a message in order, each with its number. Those of four and of eight bytes are passed over.
///
/// Nothing where the bytes are no message.
pub(super) fn fields(message: &[u8]) -> Option<Vec<(u64, ProtoValue<'_>)>> {
    let mut rest = message;
    let mut all = Vec::new();
    while !rest.is_empty() {
        let key = varint(&mut rest)?;
        let number = key >> 3;
        if number == 0 {
            return None;
        }
        match key & 7 {
            0 => all.push((number, ProtoValue::Number(varint(&mut rest)?))),
            1 => {
                take(&mut rest, 8)?;
            }
            2 => {
                let length = usize::try_from(varint(&mut rest)?).ok()?;
                all.push((number, ProtoValue::Bytes(take(&mut rest, length)?)));
            }
            5 => {
                take(&mut rest, 4)?;
            }
            _ => return None,
        }
    }
    Some(all)
}

fn take<'m>(rest: &mut &'m [u8], count: usize) -> Option<&'m [u8]> {
    let (taken, behind) = rest.split_at_checked(count)?;
    *rest = behind;
    Some(taken)
}

/// Seven bits a byte, the lowest first; all bytes but the last have the eighth bit.
fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = *take(rest, 1)?.first()?;
        // Of the tenth there is room for one bit.
        if shift == 63 && byte > 1 {
            return None;
        }
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

/// A message that is written.
#[derive(Clone, Debug, Default)]
pub(super) struct ProtoMessage(Vec<u8>);

impl ProtoMessage {
    /// With a number, if it is not zero: that is what stands for none.
    pub(super) fn number(mut self, field: u64, value: u64) -> Self {
        if value != 0 {
            self.varint(field << 3);
            self.varint(value);
        }
        self
    }

    /// With a text, bytes or a message, even if there are none in it.
    pub(super) fn bytes(mut self, field: u64, value: &[u8]) -> Self {
        self.varint(field << 3 | 2);
        self.varint(value.len() as u64);
        self.0.extend_from_slice(value);
        self
    }

    /// With another message.
    pub(super) fn message(self, field: u64, value: &Self) -> Self {
        self.bytes(field, &value.0)
    }

    /// Its bytes.
    pub(super) fn end(self) -> Vec<u8> {
        self.0
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        self.0.push(value.to_le_bytes()[0]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_by_their_wire_types() {
        // 1: 150; 2: "testing"; 3: eight bytes; 4: four bytes; 16: 0.
        let bytes = b"\x08\x96\x01\x12\x07testing\x19\0\0\0\0\0\0\0\0\x25\0\0\0\0\x80\x01\0";
        let expected = vec![
            (1, ProtoValue::Number(150)),
            (2, ProtoValue::Bytes(b"testing")),
            (16, ProtoValue::Number(0)),
        ];
        assert_eq!(fields(bytes), Some(expected));
        assert_eq!(fields(b""), Some(Vec::new()));
        let most = b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
        assert_eq!(fields(most), Some(vec![(1, ProtoValue::Number(u64::MAX))]));
    }

    #[test]
    fn what_is_no_message_is_none() {
        for bytes in [
            &b"\x08"[..],
            b"\x08\x96",
            b"\x12\x07test",
            b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01x",
            b"\x19\0\0\0\0\0\0\0",
            b"\x25\0\0\0",
            b"\x0b",
            b"\x0c",
            b"\x0e",
            b"\x00\x01",
            b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02",
            b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        ] {
            assert_eq!(fields(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn what_is_written_is_what_stands_in_the_format() {
        let written = ProtoMessage::default().number(1, 150).number(3, 0);
        let written = written.message(2, &ProtoMessage::default().bytes(16, b"x"));
        assert_eq!(written.end(), b"\x08\x96\x01\x12\x04\x82\x01\x01x");
    }
}
