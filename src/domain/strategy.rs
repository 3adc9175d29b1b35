//! Random cases through proptest's strategies, the same for the same seed.

use proptest::collection::vec;
use proptest::sample::select;
use proptest::strategy::{BoxedStrategy, Just, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::case::Case;
use super::space::Domain;
use super::types::{Type, all_distinct};
use super::value::{Symbol, Value};

impl Type {
    /// A proptest strategy for the values of this type: every length of a list alike likely, and
    /// every value of a field.
    pub fn strategy(&self) -> BoxedStrategy<Value> {
        match self {
            Self::Bool { simplest } => {
                select(vec![Value::Bool(*simplest), Value::Bool(!*simplest)]).boxed()
            }
            Self::OneOf(symbols) => select(
                symbols
                    .iter()
                    .cloned()
                    .map(Value::Symbol)
                    .collect::<Vec<_>>(),
            )
            .boxed(),
            Self::Among(values) => select(values.clone()).boxed(),
            Self::Int { min, max } => (*min..=*max).prop_map(Value::Int).boxed(),
            Self::Record(fields) => {
                let names: Vec<Symbol> = fields.iter().map(|field| field.name.clone()).collect();
                let values: Vec<BoxedStrategy<Value>> =
                    fields.iter().map(|field| field.ty.strategy()).collect();
                values
                    .prop_map(move |values| {
                        Value::Record(names.iter().cloned().zip(values).collect())
                    })
                    .boxed()
            }
            Self::List(list) if list.max == 0 => Just(Value::List(Vec::new())).boxed(),
            Self::List(list) => {
                let items = vec(list.of.strategy(), list.min..=list.max);
                if list.distinct {
                    items
                        .prop_filter_map("distinct items", |items| {
                            all_distinct(&items).then_some(Value::List(items))
                        })
                        .boxed()
                } else {
                    items.prop_map(Value::List).boxed()
                }
            }
            Self::Optional(inner) => proptest::option::of(inner.strategy())
                .prop_map(|value| value.unwrap_or(Value::Absent))
                .boxed(),
        }
    }
}

/// An endless source of random cases of a domain.
pub struct Sampler {
    runner: TestRunner,
    settings: (BoxedStrategy<Value>, BoxedStrategy<Value>),
    courses: BoxedStrategy<Value>,
    clients: BoxedStrategy<Value>,
}

impl std::fmt::Debug for Sampler {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Sampler").finish_non_exhaustive()
    }
}

/// What draws from strategies, the same for the same seed.
pub fn seeded(seed: u64) -> TestRunner {
    let mut bytes = [0_u8; 32];
    for (byte, from) in bytes.iter_mut().zip(seed.to_le_bytes()) {
        *byte = from;
    }
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, rng)
}

impl Sampler {
    /// A source that gives the same cases for the same domain and seed.
    pub fn new(domain: &Domain, seed: u64) -> Self {
        Self {
            runner: seeded(seed),
            settings: (domain.policy.strategy(), domain.instance.strategy()),
            courses: domain.course.strategy(),
            clients: domain.client.strategy(),
        }
    }

    /// The next case, whether or not a constraint excludes it; `None` where a strategy gives up.
    pub fn case(&mut self) -> Option<Case> {
        let client = self.clients.new_tree(&mut self.runner).ok()?.current();
        let policy = self.settings.0.new_tree(&mut self.runner).ok()?.current();
        let instance = self.settings.1.new_tree(&mut self.runner).ok()?.current();
        let course = self.courses.new_tree(&mut self.runner).ok()?.current();
        Some(Case {
            policy,
            instance,
            course,
            client,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::samples;
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_cases_and_all_belong_to_the_domain() {
        let domain = samples::domain();
        let draw = |seed| {
            let mut sampler = Sampler::new(&domain, seed);
            (0..200)
                .map(|_| sampler.case().unwrap())
                .collect::<Vec<_>>()
        };
        let cases = draw(7);
        assert_eq!(cases, draw(7));
        assert_ne!(cases, draw(8));
        assert!(cases.iter().all(|case| domain.contains(case)));
        let longest = cases.iter().filter(|case| {
            case.at("policy.profiles")
                .and_then(Value::items)
                .is_some_and(|items| items.len() == 3)
        });
        assert!(longest.count() > 20, "every length is alike likely");
    }

    /// Every value of a field is as likely as the others, and every length of a list, as is said of the strategy: held
    /// against what twenty seeds draw, to five standard deviations, which chance exceeds once in a million.
    #[test]
    fn values_are_drawn_as_often_as_is_claimed() {
        let domain = samples::domain();
        let (seeds, each) = (20, 200);
        let mut drawn: HashMap<(&str, String), u32> = HashMap::new();
        for seed in 0..seeds {
            let mut sampler = Sampler::new(&domain, seed);
            for case in (0..each).map(|_| sampler.case().unwrap()) {
                for path in [
                    "policy.active",
                    "policy.profiles",
                    "client.scheme",
                    "client.retries",
                    "client.note",
                ] {
                    let value = case.at(path).unwrap();
                    let shown = value
                        .items()
                        .map_or_else(|| value.to_string(), |items| items.len().to_string());
                    *drawn.entry((path, shown)).or_default() += 1;
                }
            }
        }
        let shares = [
            ("policy.active", 1.0 / 2.0),
            ("policy.profiles", 1.0 / 4.0),
            ("client.scheme", 1.0 / 2.0),
            ("client.retries", 1.0 / 10.0),
        ];
        let mut held = 0;
        for (path, share) in shares {
            let mean = f64::from(u32::try_from(seeds * each).unwrap()) * share;
            let spread = (mean * (1.0 - share)).sqrt();
            for ((_, value), count) in drawn.iter().filter(|((one, _), _)| *one == path) {
                let off = (f64::from(*count) - mean).abs() / spread;
                assert!(
                    off < 5.0,
                    "{path} {value}: {count} times, and {mean} are claimed"
                );
                held += 1;
            }
        }
        assert_eq!(held, 2 + 4 + 2 + 10);
        assert_eq!(
            drawn
                .keys()
                .filter(|(path, _)| *path == "client.note")
                .count(),
            3
        );
    }
}
