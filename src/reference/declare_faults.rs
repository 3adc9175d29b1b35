//! How faults are declared.

/// Declares the catalogue by pack: each fault with its name, its sentence and, where it was seen in a
/// real product, that product and where it is told of.
macro_rules! faults {
    ($($pack:literal: {
        $($variant:ident, $name:literal, $summary:literal $(, seen: $seen:literal)?;)*
    })*) => {
        /// One departure of the reference implementation from its own rules.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Fault {
            $($(#[doc = $summary] $variant,)*)*
        }

        impl Fault {
            /// Every fault.
            pub const ALL: &'static [Self] = &[$($(Self::$variant,)*)*];

            /// Its name on the command line and in reports, in kebab case.
            pub fn name(self) -> &'static str {
                match self {
                    $($(Self::$variant => $name,)*)*
                }
            }

            /// The fault of this name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|fault| fault.name() == name)
            }

            /// What the reference implementation then does, in one sentence.
            pub fn summary(self) -> &'static str {
                match self {
                    $($(Self::$variant => $summary,)*)*
                }
            }

            /// The shipped pack for whose rules it was seeded. Rules of others may see it too.
            pub fn pack(self) -> &'static str {
                match self {
                    $($(Self::$variant => $pack,)*)*
                }
            }

            /// The real product in which it was seen and the thread that tells of it, where there is
            /// one.
            pub fn seen(self) -> Option<&'static str> {
                match self {
                    $($(Self::$variant => faults!(@seen $($seen)?),)*)*
                }
            }
        }

        impl std::fmt::Display for Fault {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(self.name())
            }
        }
    };
    (@seen) => { None };
    (@seen $seen:literal) => { Some($seen) };
}

pub(super) use faults;
