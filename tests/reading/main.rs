//! What is read and how: specs and what is wrong with them, challenges and credentials, the catalogue of
//! clients.

mod clients;
mod contradictions;
mod fuzz;
mod grammar;
mod spec_diagnostics;
mod spec_schema;
mod vectors;
