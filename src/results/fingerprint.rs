//! What tells findings apart from run to run: a fixed hash over the rule, the case and the demand.

use crate::domain::{Case, Part, Value};
use crate::yaml::quoted_if_needed;

use super::demand::ResolvedDemand;
use super::finding::Finding;

/// What a fingerprint is taken over.
#[derive(Clone, Copy, Debug)]
pub struct Fingerprint<'a> {
    /// The pack's name. Its version does not count: a new version that demands the same is the same.
    pub pack: &'a str,
    /// The rule's id.
    pub rule: &'a str,
    /// The minimal case.
    pub case: &'a Case,
    /// The case that it is compared with.
    pub sibling: Option<&'a Case>,
    /// What the rule demands of the case.
    pub demand: &'a ResolvedDemand,
    /// The product on which it was seen, where that is to count.
    pub product: Option<&'a str>,
}

impl Fingerprint<'_> {
    /// FNV-1a of 64 bits over the lines that a saved case says them in, both halves exclusive-ored; the
    /// function is fixed, so that names stay the same from version to version.
    pub fn hash(self) -> u32 {
        let mut text = String::new();
        let mut line = |words: &str| {
            text.push_str(words);
            text.push('\n');
        };
        line(self.pack);
        line(self.rule);
        line(&flow_case(self.case));
        if let Some(sibling) = self.sibling {
            line(&flow_case(sibling));
        }
        line(&self.demand.to_string());
        self.product.into_iter().for_each(&mut line);
        let hash = fnv_1a(text.as_bytes());
        let folded = (hash >> 32) ^ (hash & 0xffff_ffff);
        u32::try_from(folded).unwrap_or_default()
    }
}

impl Finding {
    /// What it is called from run to run: pack, rule, and eight hexadecimal digits over them, its case and
    /// what is demanded of that.
    pub fn id(&self) -> String {
        let (pack, rule) = (&self.pack.0, &self.rule);
        let fingerprint = Fingerprint {
            pack,
            rule,
            case: &self.case,
            sibling: self.sibling.as_ref().map(|(case, _)| case),
            demand: &self.demand,
            product: None,
        };
        format!("{pack}/{rule}/{:08x}", fingerprint.hash())
    }
}

/// A case in one line; a course only where there is one.
fn flow_case(case: &Case) -> String {
    let has_steps = !case.steps().is_empty();
    let said = (Part::ALL.into_iter()).filter(|part| has_steps || *part != Part::Course);
    let parts = said.map(|part| format!("{}: {}", part.word(), flow_value(case.part(part))));
    format!("{{{}}}", parts.collect::<Vec<_>>().join(", "))
}

/// A value in one line. Unlike the command line's form, it reads back as the same with no domain at
/// hand: a symbol that looks like something else is quoted.
pub(crate) fn flow_value(value: &Value) -> String {
    match value {
        Value::Absent => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Symbol(symbol) => quoted_if_needed(symbol),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(flow_value).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Record(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{}: {}", quoted_if_needed(name), flow_value(value)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
    }
}

/// What tells texts apart: sixteen hexadecimal digits.
pub fn text_fingerprint(text: &str) -> String {
    format!("{:016x}", fnv_1a(text.as_bytes()))
}

/// FNV-1a of 64 bits (<http://www.isthe.com/chongo/tech/comp/fnv/>).
fn fnv_1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_one() {
        // From the test suite of its authors.
        assert_eq!(fnv_1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv_1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv_1a(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
