//! Comanda: a real-time order hub for restaurants.
//! The rooms and what each may know are drawn in docs/ARCHITECTURE.md; `tests/suite/ladder.rs` enforces it.

pub mod domain;
pub mod protocol;
