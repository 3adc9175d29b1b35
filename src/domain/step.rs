//! Steps: what comes before the last request of a case.
//!
//! A course is kept as the value that a person writes, so that it can be generated, shrunk, said and saved
//! like every other part of a case; [`Step`] is what such a value means.

use std::fmt;

use super::case::{Case, Part, Setting};
use super::value::Value;

/// The most steps of a course.
pub const MOST_STEPS: usize = 8;

/// The most different steps of which the courses of a domain are made.
pub const MOST_DIFFERENT_STEPS: usize = 64;

/// The most times that a step asks.
pub const MOST_TIMES: i64 = 1_000;

/// The most seconds that a step waits.
pub const MOST_SECONDS: i64 = 60;

/// The most clients that are at work beside another.
pub const MOST_BESIDE: i64 = 16;

/// How many clients are at work beside another where nothing is said.
const BESIDE: i64 = 2;

/// How often a client asks beside others where nothing is said: what shows in one of ten tries is then
/// missed once in five hundred runs.
const TRIES: i64 = 60;

/// What happens before the client of a case asks, or while it does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A client asks: that of the case, with these fields otherwise.
    Ask {
        /// The fields that differ from those of the case's client; an empty record for that client itself.
        with: Value,
        /// How often, one after the other.
        times: u32,
    },
    /// Fields of the setting take other values, by path.
    Edit(Vec<(String, Value)>),
    /// So many seconds pass.
    Wait(u32),
    /// Other clients are at work while whoever comes next asks: the client of the next step that asks, or that of the case.
    Beside {
        /// The fields in which they differ from the client of the case.
        with: Value,
        /// How many there are, each on connections of its own. Where there is none, the client asks as often, on one
        /// connection and by itself.
        clients: u32,
        /// How often the client that asks then does so at most: it is done when it gets in.
        tries: u32,
    },
}

/// What a step does, as the word that it begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StepWord {
    /// A client asks.
    Ask,
    /// The setting changes.
    Edit,
    /// Time passes.
    Wait,
    /// Others are at work.
    Beside,
}

impl StepWord {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Ask, Self::Edit, Self::Wait, Self::Beside];

    /// The word itself.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Edit => "edit",
            Self::Wait => "wait",
            Self::Beside => "beside",
        }
    }

    /// What a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }

    /// The numbers that such a step may have beside that, each with its least and its most.
    pub fn numbers(self) -> &'static [(&'static str, i64, i64)] {
        match self {
            Self::Ask => &[("times", 1, MOST_TIMES)],
            Self::Edit | Self::Wait => &[],
            Self::Beside => &[("clients", 0, MOST_BESIDE), ("tries", 1, MOST_TIMES)],
        }
    }
}

impl Step {
    /// What a value means.
    ///
    /// # Errors
    ///
    /// In words, where it is no step.
    pub fn from_value(value: &Value) -> Result<Self, String> {
        let Value::Record(fields) = value else {
            return Err(format!("a step is a mapping, not `{value}`"));
        };
        let word = fields.first().map_or("", |(name, _)| name);
        let of = |name: &str| value.field(name);
        let Some(does) = StepWord::from_word(word) else {
            return Err(format!(
                "a step begins with one of {}, not `{word}`",
                StepWord::ALL.map(StepWord::word).join(", ")
            ));
        };
        let mut others = fields.iter().skip(1);
        let is_known = |name: &str| does.numbers().iter().any(|(known, ..)| *known == name);
        if let Some((name, _)) = others.find(|(name, _)| !is_known(name)) {
            return Err(format!("a step `{word}` has no field `{name}`"));
        }
        let number = |name: &str, default: i64, most: i64| {
            let numbers = does.numbers().iter();
            let least =
                { numbers }.find_map(|(known, least, _)| (*known == name).then_some(*least));
            let least = least.unwrap_or(1);
            match of(name) {
                None => Ok(u32::try_from(default).unwrap_or(1)),
                Some(Value::Int(number)) if (least..=most).contains(number) => {
                    u32::try_from(*number).map_err(|_| String::new())
                }
                Some(other) => Err(format!("`{name}` is {least} to {most}, not `{other}`")),
            }
        };
        let record = |name: &str| match of(name) {
            Some(Value::Record(_)) => Ok(of(name).cloned().unwrap_or(Value::Absent)),
            _ => Err(format!(
                "`{name}` names fields of the client, such as `{{credential: none}}`"
            )),
        };
        match does {
            StepWord::Ask => Ok(Self::Ask {
                with: record("ask")?,
                times: number("times", 1, MOST_TIMES)?,
            }),
            StepWord::Edit => {
                let edits = match of("edit") {
                    Some(Value::Record(edits)) if !edits.is_empty() => edits,
                    _ => return Err("`edit` names fields of the setting".to_owned()),
                };
                let edits = edits.iter().map(|(path, value)| {
                    let part = path.split('.').next().and_then(Part::from_word);
                    match part {
                        Some(Part::Policy | Part::Instance) => {
                            Ok((path.to_string(), value.clone()))
                        }
                        _ => Err(format!("`{path}` is no field of a policy or an instance")),
                    }
                });
                Ok(Self::Edit(edits.collect::<Result<_, _>>()?))
            }
            StepWord::Wait => Ok(Self::Wait(number("wait", 1, MOST_SECONDS)?)),
            StepWord::Beside => Ok(Self::Beside {
                with: record("beside")?,
                clients: number("clients", BESIDE, MOST_BESIDE)?,
                tries: number("tries", TRIES, MOST_TIMES)?,
            }),
        }
    }

    /// The step in which a client asks once more, as it is.
    pub fn same() -> Value {
        Value::record([("ask", Value::Record(Vec::new()))])
    }

    /// Whether it changes the setting.
    pub fn is_edit(&self) -> bool {
        matches!(self, Self::Edit(_))
    }
}

/// The steps of a course.
///
/// # Errors
///
/// As for [`Step::from_value`].
pub fn steps_of(course: &Value) -> Result<Vec<Step>, String> {
    let steps = course.items().unwrap_or_default();
    steps.iter().map(Step::from_value).collect()
}

/// A record with some of its fields otherwise, and with those more that it has not.
pub fn with_fields(record: &Value, with: &Value) -> Value {
    let (Value::Record(fields), Value::Record(other)) = (record, with) else {
        return record.clone();
    };
    let mut fields = fields.clone();
    for (name, value) in other {
        match fields.iter_mut().find(|(known, _)| known == name) {
            Some((_, have)) => *have = value.clone(),
            None => fields.push((name.clone(), value.clone())),
        }
    }
    Value::Record(fields)
}

/// The fields of a record in words: `scheme basic and credential none`.
pub fn fields_in_words(record: &Value) -> String {
    match record {
        Value::Record(fields) => {
            let words = fields.iter().map(|(name, value)| format!("{name} {value}"));
            words.collect::<Vec<_>>().join(" and ")
        }
        other => other.to_string(),
    }
}

/// The fields in which a record differs from another.
pub fn differing(record: &Value, other: &Value) -> Value {
    let fields = match record {
        Value::Record(fields) => fields.as_slice(),
        _ => &[],
    };
    let differ = fields
        .iter()
        .filter(|(name, value)| other.field(name) != Some(value));
    Value::Record(differ.cloned().collect())
}

impl Setting {
    /// The value at a path, if it has it.
    pub fn field(&self, path: &str) -> Option<&Value> {
        let mut names = path.split('.');
        let root = match names.next().and_then(Part::from_word)? {
            Part::Policy => &self.policy,
            Part::Instance => &self.instance,
            Part::Course | Part::Client => return None,
        };
        names.try_fold(root, |at, name| at.field(name))
    }

    /// The same with these fields otherwise, each named by its path; a path that it does not have is
    /// passed over.
    #[must_use]
    pub fn edited(&self, edits: &[(String, Value)]) -> Self {
        let mut setting = self.clone();
        for (path, value) in edits {
            let mut names = path.split('.');
            let root = match names.next().and_then(Part::from_word) {
                Some(Part::Policy) => &mut setting.policy,
                Some(Part::Instance) => &mut setting.instance,
                _ => continue,
            };
            let slot = names.try_fold(root, |at, name| match at {
                Value::Record(fields) => fields
                    .iter_mut()
                    .find(|(known, _)| &**known == name)
                    .map(|(_, value)| value),
                _ => None,
            });
            if let Some(slot) = slot {
                *slot = value.clone();
            }
        }
        setting
    }
}

impl Case {
    /// The same conversation behind these steps.
    #[must_use]
    pub fn behind(&self, steps: impl IntoIterator<Item = Value>) -> Self {
        let course = steps.into_iter().chain(self.steps().iter().cloned());
        self.with(Part::Course, Value::List(course.collect()))
    }

    /// The same conversation, which goes on with these steps and ends with a client that differs in some
    /// fields: what the client of this case asks becomes a step, and its steps before stay what they are.
    #[must_use]
    pub fn goes_on(&self, steps: &[Value], last: &Value) -> Self {
        let client = with_fields(&self.client, last);
        let own = differing(&self.client, &client);
        let mut course: Vec<Value> = (self.steps().iter())
            .map(|step| of_client(step, &own))
            .collect();
        course.push(Value::record([("ask", own)]));
        course.extend(steps.iter().cloned());
        Self {
            course: Value::List(course),
            client,
            ..self.clone()
        }
    }
}

/// A step whose client is as before although the one at the end of the course has other values than these.
fn of_client(step: &Value, own: &Value) -> Value {
    let Value::Record(fields) = step else {
        return step.clone();
    };
    let fields = fields.iter().map(|(name, value)| {
        let asks = matches!(&**name, "ask" | "beside");
        let value = if asks {
            with_fields(own, value)
        } else {
            value.clone()
        };
        (name.clone(), value)
    });
    Value::Record(fields.collect())
}

impl Step {
    /// What happened before, as what comes behind "after".
    fn before(&self) -> String {
        let with = |fields: &Value| match fields_in_words(fields).as_str() {
            "" => " the same".to_owned(),
            fields => format!(" with {fields}"),
        };
        match self {
            Self::Ask {
                with: fields,
                times,
            } => match (times, with(fields)) {
                (1, fields) => format!("asking{fields}"),
                (times, fields) => format!("asking{fields} {times} times"),
            },
            Self::Edit(_) => format!("an edit ({self})"),
            Self::Wait(seconds) => format!("a wait of {seconds} s"),
            Self::Beside {
                clients: 0, tries, ..
            } => {
                format!("asking {tries} times with nobody else at work")
            }
            Self::Beside { with: fields, .. } => format!("others asking{}", with(fields)),
        }
    }
}

/// Steps as an adverbial clause: `after asking with credential valid and then a wait of 1 s, while others ask with
/// credential valid`; nothing where there are none. Others are at work while somebody asks: at the next step that
/// does, or at the end.
pub fn steps_in_words(steps: &[Step]) -> String {
    let (mut before, mut meanwhile) = (Vec::new(), None);
    for step in steps {
        match (step, meanwhile) {
            (Step::Beside { .. }, _) => meanwhile = Some(step),
            (Step::Ask { .. }, Some(others)) => {
                before.push(format!("{} {others}", step.before()));
                meanwhile = None;
            }
            _ => before.push(step.before()),
        }
    }
    let mut clauses = Vec::new();
    if !before.is_empty() {
        clauses.push(format!("after {}", before.join(" and then ")));
    }
    clauses.extend(meanwhile.map(Step::to_string));
    clauses.join(", ")
}

/// What happens, in the words of a sentence.
impl fmt::Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ask { with, times } => {
                match times {
                    1 => out.write_str("asked before")?,
                    2 => out.write_str("asked twice before")?,
                    times => write!(out, "asked {times} times before")?,
                }
                match fields_in_words(with).as_str() {
                    "" => Ok(()),
                    fields => write!(out, " with {fields}"),
                }
            }
            Self::Edit(edits) => {
                let words: Vec<String> = edits
                    .iter()
                    .map(|(path, value)| {
                        let name = path.rsplit('.').next().unwrap_or(path);
                        format!("{name} set to {value}")
                    })
                    .collect();
                out.write_str(&words.join(" and "))
            }
            Self::Wait(seconds) => write!(out, "{seconds} s later"),
            Self::Beside {
                clients: 0, tries, ..
            } => write!(out, "when asked {tries} times with nobody else at work"),
            Self::Beside { with, .. } => match fields_in_words(with).as_str() {
                "" => out.write_str("while others ask the same"),
                fields => write!(out, "while others ask with {fields}"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(with: Value) -> Value {
        Value::record([("ask", with)])
    }

    fn none() -> Value {
        Value::record([("credential", Value::symbol("none"))])
    }

    fn case() -> Case {
        Case {
            policy: Value::record([("flag", Value::Bool(false))]),
            instance: Value::Record(Vec::new()),
            course: super::super::case::no_steps(),
            client: Value::record([
                ("scheme", Value::symbol("basic")),
                ("credential", Value::symbol("valid")),
            ]),
        }
    }

    #[test]
    fn values_mean_steps() {
        let edit = Value::record([("edit", Value::record([("policy.flag", Value::Bool(true))]))]);
        for (value, words) in [
            (Step::same(), "asked before"),
            (ask(none()), "asked before with credential none"),
            (edit, "flag set to true"),
            (Value::record([("wait", Value::Int(2))]), "2 s later"),
            (
                Value::record([("beside", none()), ("tries", Value::Int(5))]),
                "while others ask with credential none",
            ),
            (
                Value::record([
                    ("beside", Value::Record(Vec::new())),
                    ("clients", Value::Int(0)),
                    ("tries", Value::Int(5)),
                ]),
                "when asked 5 times with nobody else at work",
            ),
            (
                Value::record([("ask", none()), ("times", Value::Int(9))]),
                "asked 9 times before with credential none",
            ),
        ] {
            let step = Step::from_value(&value).unwrap();
            assert_eq!(step.to_string(), words);
        }
        for (value, why) in [
            (Value::Int(1), "mapping"),
            (Value::record([("go", Value::Int(1))]), "begins with one of"),
            (Value::record([("wait", Value::Int(99))]), "1 to 60"),
            (
                Value::record([("ask", none()), ("times", Value::Int(0))]),
                "1 to 1000",
            ),
            (
                Value::record([("edit", Value::record([("client.way", Value::Int(1))]))]),
                "no field of a policy",
            ),
            (
                Value::record([("ask", none()), ("tries", Value::Int(2))]),
                "has no field `tries`",
            ),
        ] {
            let error = Step::from_value(&value).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn others_are_at_work_while_the_next_client_asks() {
        let step = |value: Value| Step::from_value(&value).unwrap();
        let valid = || Value::record([("credential", Value::symbol("valid"))]);
        let others = || step(Value::record([("beside", valid())]));
        let wait = || step(Value::record([("wait", Value::Int(1))]));
        let asks = || step(ask(none()));
        for (steps, words) in [
            (vec![others()], "while others ask with credential valid"),
            (
                vec![others(), asks(), wait()],
                "after asking with credential none while others ask with credential valid and then a wait of 1 s",
            ),
            (
                vec![others(), wait()],
                "after a wait of 1 s, while others ask with credential valid",
            ),
            (
                vec![asks(), others()],
                "after asking with credential none, while others ask with credential valid",
            ),
        ] {
            assert_eq!(steps_in_words(&steps), words);
        }
    }

    #[test]
    fn a_conversation_goes_on() {
        let case = case();
        let again = case.goes_on(&[], &Value::Record(Vec::new()));
        assert_eq!(again.steps(), [Step::same()]);
        assert_eq!(again.client, case.client);
        // What the first client had stays what it was, whoever comes last.
        let bare = case.goes_on(&[], &none());
        let valid = Value::record([("credential", Value::symbol("valid"))]);
        assert_eq!(bare.steps(), [ask(valid.clone())]);
        assert_eq!(with_fields(&bare.client, &valid), case.client);
        assert_eq!(case.behind([Step::same()]).steps(), [Step::same()]);
    }

    #[test]
    fn edits_change_what_they_name() {
        let setting = case().setting();
        let edits = [
            ("policy.flag".to_owned(), Value::Bool(true)),
            ("policy.other".to_owned(), Value::Bool(true)),
        ];
        let edited = setting.edited(&edits);
        assert_eq!(edited.policy, Value::record([("flag", Value::Bool(true))]));
        assert_eq!(edited.instance, setting.instance);
    }

    #[test]
    fn what_goes_on_leaves_the_steps_before_as_they_were() {
        let case = Case {
            policy: Value::Record(Vec::new()),
            instance: Value::Record(Vec::new()),
            course: Value::List(vec![
                ask(Value::record([("credential", Value::symbol("none"))])),
                Value::record([
                    (
                        "beside",
                        Value::record([("credential", Value::symbol("none"))]),
                    ),
                    ("clients", Value::Int(2)),
                ]),
                Value::record([("wait", Value::Int(1))]),
            ]),
            client: Value::record([
                ("credential", Value::symbol("valid")),
                ("target", Value::symbol("own")),
            ]),
        };
        let on = case.goes_on(&[], &Value::record([("target", Value::symbol("other"))]));
        for step in steps_of(&on.course).unwrap() {
            if let Step::Ask { with, .. } | Step::Beside { with, .. } = step {
                let client = with_fields(&on.client, &with);
                assert_eq!(client.field("target"), Some(&Value::symbol("own")));
            }
        }
        assert_eq!(on.client.field("target"), Some(&Value::symbol("other")));
        // What is the same for both is said by none.
        let same = case.goes_on(&[], &Value::Record(Vec::new()));
        assert_eq!(same.steps().get(..3), Some(case.steps()));
    }
}
