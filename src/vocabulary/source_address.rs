//! From which address a client connects.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

/// The first and the last address of the range that conditions on addresses speak of.
pub const ADDRESS_RANGE: [Ipv4Addr; 2] =
    [Ipv4Addr::new(127, 1, 2, 10), Ipv4Addr::new(127, 1, 2, 20)];

/// Declares the addresses: each with what it is, its word, and what it is.
macro_rules! addresses {
    ($($(#[doc = $doc:literal])* $variant:ident, $word:literal, $address:expr;)*) => {
        /// The address from which a client connects. All of 127.0.0.0/8 is this machine (RFC 1122 §3.2.1.3), which not every
        /// system has so: where an address cannot be had, no connection is made.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum SourceAddress {
            $($(#[doc = $doc])* $variant,)*
        }

        impl SourceAddress {
            /// All of them, the simplest first.
            pub const ALL: [Self; [$($word,)*].len()] = [$(Self::$variant,)*];

            /// The word for it in specs.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// What it is, in a sentence.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc),*).trim_ascii(),)*
                }
            }

            /// The address itself; nothing where the system chooses.
            pub fn address(self) -> Option<IpAddr> {
                let address: Option<Ipv4Addr> = match self {
                    $(Self::$variant => $address,)*
                };
                address.map(IpAddr::V4)
            }
        }
    };
}

addresses! {
    /// Whichever the system chooses: 127.0.0.1 where a server on this machine is asked.
    Usual, "usual", None;
    /// One within the range that conditions on addresses speak of: 127.1.2.15.
    InRange, "in-range", Some(Ipv4Addr::new(127, 1, 2, 15));
    /// The first of that range: 127.1.2.10.
    FirstOfRange, "first-of-range", Some(Ipv4Addr::new(127, 1, 2, 10));
    /// The last of that range: 127.1.2.20.
    LastOfRange, "last-of-range", Some(Ipv4Addr::new(127, 1, 2, 20));
    /// The one behind the last of that range: 127.1.2.21.
    BehindRange, "behind-range", Some(Ipv4Addr::new(127, 1, 2, 21));
}

impl fmt::Display for SourceAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_in_the_range_where_its_word_says_so() {
        let [first, last] = ADDRESS_RANGE.map(IpAddr::V4);
        for source in SourceAddress::ALL {
            let is_in = source
                .address()
                .is_some_and(|address| (first..=last).contains(&address));
            let says = source.word().contains("range") && source != SourceAddress::BehindRange;
            assert_eq!(is_in, says, "{source}");
        }
    }
}
