//! How values are written where the form of their type would say less, or is of another crate.

/// Bytes as text of as many characters, each of the number of its byte: ASCII reads as such, and nothing is
/// lost.
pub(super) mod bytes {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(
            &bytes
                .iter()
                .map(|byte| char::from(*byte))
                .collect::<String>(),
        )
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        let bytes = text.chars().map(u8::try_from).collect::<Result<_, _>>();
        bytes.map_err(|_| Error::custom("bytes have no character beyond U+00FF"))
    }
}

/// How long something took, in nanoseconds.
pub(super) mod nanoseconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_nanos)
    }
}

/// A name and a version.
pub(super) mod product {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize)]
    struct LentProduct<'a, V> {
        name: &'a str,
        version: &'a V,
    }

    #[derive(Deserialize)]
    struct OwnProduct<V> {
        name: String,
        version: V,
    }

    pub(crate) fn serialize<V: Serialize, S: Serializer>(
        (name, version): &(String, V),
        to: S,
    ) -> Result<S::Ok, S::Error> {
        LentProduct { name, version }.serialize(to)
    }

    pub(crate) fn deserialize<'de, V: Deserialize<'de>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<(String, V), D::Error> {
        OwnProduct::deserialize(from).map(|own| (own.name, own.version))
    }
}

/// A pack: its name, version and title.
pub(super) mod pack {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize)]
    struct LentPack<'a> {
        name: &'a str,
        version: u32,
        title: &'a str,
    }

    #[derive(Deserialize)]
    struct OwnPack {
        name: String,
        version: u32,
        title: String,
    }

    pub(crate) fn serialize<S: Serializer>(
        (name, version, title): &(String, u32, String),
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let version = *version;
        LentPack {
            name,
            version,
            title,
        }
        .serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<(String, u32, String), D::Error> {
        OwnPack::deserialize(from).map(|own| (own.name, own.version, own.title))
    }
}

/// Answers, with their messages as they came. Their challenges are read out of them again.
pub(super) mod answers {
    use std::sync::Arc;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::observation::Answer;
    use crate::wire::{BodyEnd, FieldLine, Irregular, Response};

    #[derive(Serialize, Deserialize)]
    struct OwnAnswer {
        status: u16,
        fields: Vec<OwnField>,
        #[serde(with = "super::bytes")]
        body: Vec<u8>,
        body_end: String,
        #[serde(with = "super::bytes")]
        head: Vec<u8>,
        irregular: Vec<String>,
    }

    #[derive(Serialize, Deserialize)]
    struct OwnField {
        name: String,
        #[serde(with = "super::bytes")]
        value: Vec<u8>,
    }

    const ENDS: [(BodyEnd, &str); 4] = [
        (BodyEnd::Complete, "complete"),
        (BodyEnd::TooLong, "too-long"),
        (BodyEnd::TooSlow, "too-slow"),
        (BodyEnd::Broken, "broken"),
    ];

    const IRREGULAR: [(Irregular, &str); 7] = [
        (Irregular::Short, "short"),
        (Irregular::Chunks, "chunks"),
        (Irregular::Late, "late"),
        (Irregular::Long, "long"),
        (Irregular::TwoLengths, "two-lengths"),
        (Irregular::Beyond, "beyond"),
        (Irregular::ToHead, "to-head"),
    ];

    fn word<T: PartialEq>(words: &[(T, &str)], wanted: &T) -> String {
        let found = words.iter().find(|(one, _)| one == wanted);
        found.map_or_else(String::new, |(_, word)| (*word).to_owned())
    }

    fn named<T: Copy, E: Error>(words: &[(T, &str)], wanted: &str) -> Result<T, E> {
        let found = words.iter().find(|(_, word)| *word == wanted);
        found
            .map(|(one, _)| *one)
            .ok_or_else(|| E::custom(format!("`{wanted}` is no word for how an answer ends")))
    }

    pub(crate) fn serialize<S: Serializer>(
        answers: &[Arc<Answer>],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let own = |answer: &Arc<Answer>| {
            let response = &answer.response;
            let field = |field: &FieldLine| OwnField {
                name: field.name.clone(),
                value: field.value.clone(),
            };
            OwnAnswer {
                status: response.status,
                fields: response.fields.iter().map(field).collect(),
                body: response.body.clone(),
                body_end: word(&ENDS, &response.body_end),
                head: response.head.clone(),
                irregular: (answer.irregular.iter())
                    .map(|one| word(&IRREGULAR, &one))
                    .collect(),
            }
        };
        to.collect_seq(answers.iter().map(own))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<Arc<Answer>>, D::Error> {
        let own = Vec::<OwnAnswer>::deserialize(from)?;
        let answer = |own: OwnAnswer| {
            let field = |field: OwnField| FieldLine {
                name: field.name,
                value: field.value,
            };
            let irregular = own.irregular.iter().map(|word| named(&IRREGULAR, word));
            let irregular = irregular.collect::<Result<_, D::Error>>()?;
            let answer = Answer::new(Response {
                status: own.status,
                fields: own.fields.into_iter().map(field).collect(),
                body: own.body,
                body_end: named(&ENDS, &own.body_end)?,
                head: own.head,
            });
            Ok(Arc::new(Answer {
                irregular,
                ..answer
            }))
        };
        own.into_iter().map(answer).collect()
    }
}

/// PlaceRuns of places by others, one text for each: `12:0-5,7`.
pub(super) mod places {
    use std::collections::BTreeMap;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    /// By a place, runs of others: each by its first and its last.
    type PlaceRuns = BTreeMap<u64, Vec<(u64, u64)>>;

    pub(crate) fn serialize<S: Serializer>(places: &PlaceRuns, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(places.iter().map(|(at, runs)| {
            let runs = runs.iter().map(|(from, upto)| match upto == from {
                true => from.to_string(),
                false => format!("{from}-{upto}"),
            });
            format!("{at}:{}", runs.collect::<Vec<String>>().join(","))
        }))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PlaceRuns, D::Error> {
        let texts = Vec::<String>::deserialize(from)?;
        let read = texts.iter().map(|text| {
            let none = || format!("`{text}` names no places, as `12:0-5,7` does");
            read(text).ok_or_else(|| Error::custom(none()))
        });
        read.collect()
    }

    fn read(text: &str) -> Option<(u64, Vec<(u64, u64)>)> {
        let (at, runs) = text.split_once(':')?;
        let runs = runs.split(',').map(|run| {
            let (from, upto) = run.split_once('-').unwrap_or((run, run));
            Some((from.parse().ok()?, upto.parse().ok()?))
        });
        Some((at.parse().ok()?, runs.collect::<Option<_>>()?))
    }
}

/// Who could log in: test identities, which are published.
pub(super) mod identities {
    use serde::Serializer;

    use crate::credentials::Identity;

    pub(crate) fn told<S: Serializer>(all: &[Identity], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(all.iter().map(Identity::told))
    }
}
