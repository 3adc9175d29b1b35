//! What rules compare, and which requests they speak of.

/// What can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Aspect {
    /// The outcome.
    Outcome,
    /// The final status.
    Status,
    /// The set of schemes that the final answer's challenges name.
    Challenges,
}

impl Aspect {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Outcome, Self::Status, Self::Challenges];

    /// The word for it in specs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Outcome => "outcome",
            Self::Status => "status",
            Self::Challenges => "challenges",
        }
    }
}

/// Which requests are spoken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WhichRequest {
    /// All of them.
    Every,
    /// The first.
    First,
    /// The second; where there is none, nothing is said.
    Second,
    /// The last.
    Last,
}

impl WhichRequest {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Every, Self::First, Self::Second, Self::Last];

    /// The word for it in specs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Every => "every",
            Self::First => "first",
            Self::Second => "second",
            Self::Last => "last",
        }
    }
}
