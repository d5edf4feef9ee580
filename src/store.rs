//! The truth: SQLite or Postgres, one SQL text for both. Only here is sqlx known.
//! Writes that make events go through the committer; the rest (logins, pruning) are small transactions.

pub mod committer;
pub mod contacts;
pub mod copies;
mod db;
pub mod fault;
pub mod feed;
pub mod inbox;
mod learned;
mod menus;
mod open;
pub mod orders;
pub mod outbox;
pub mod people;
mod pictures;
mod reads;
mod schema;
pub mod screens;
pub mod seatings;
mod snapshots;
pub mod takeaway;
pub mod wide;

pub use committer::Committer;
pub use db::Db;
pub use fault::Fault;
pub use menus::MenuCache;
pub use open::{Options, open};
pub use reads::Store;
