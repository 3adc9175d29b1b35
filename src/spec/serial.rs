//! How words of the grammar are written and read: the crate of the grammar knows nothing of files.

/// Departures from the grammar, by their words.
pub(super) mod departures {
    use std::collections::BTreeSet;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::auth::Departure;

    pub(crate) fn serialize<S: Serializer>(
        departures: &BTreeSet<Departure>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(departures.iter().map(|departure| departure.word()))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<BTreeSet<Departure>, D::Error> {
        let named = |word: &String| {
            Departure::from_word(word)
                .ok_or_else(|| D::Error::custom(format!("`{word}` names no departure")))
        };
        Vec::<String>::deserialize(from)?
            .iter()
            .map(named)
            .collect()
    }
}

/// The form of a parameter, by its word.
pub(super) mod form {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::auth::ValueForm;

    const ALL: [ValueForm; 4] = [
        ValueForm::Token,
        ValueForm::Quoted,
        ValueForm::Unclosed,
        ValueForm::Bare,
    ];

    pub(crate) fn serialize<S: Serializer>(form: &ValueForm, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(form.word())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<ValueForm, D::Error> {
        let word = String::deserialize(from)?;
        let named = ALL.into_iter().find(|form| form.word() == word);
        named.ok_or_else(|| D::Error::custom(format!("`{word}` names no form")))
    }
}
