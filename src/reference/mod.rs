//! (being furnished)
