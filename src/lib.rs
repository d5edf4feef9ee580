//! Comanda: a real-time order hub for restaurants.
//! The rooms and what each may know are drawn in docs/ARCHITECTURE.md; `tests/house/ladder.rs` enforces it.

pub mod app;
pub mod bus;
pub mod clock;
pub mod commands;
pub mod config;
pub mod domain;
pub mod gateway;
pub mod http;
pub mod hub;
pub mod identity;
pub mod notify;
pub mod pictures;
pub mod protocol;
pub mod relay;
pub mod store;
pub mod telemetry;
pub mod ws;
