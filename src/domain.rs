//! What a restaurant knows, without any machinery: words, states, decisions.
//! Pure: no runtime, no database, no clock, no environment; time and randomness are passed in.
//! `store` asks it what a command does, `protocol` turns its states into wire words.

pub mod command;
pub mod decide;
pub mod estimate;
pub mod event;
pub mod ids;
pub mod limits;
pub mod menu;
pub mod message;
pub mod money;
pub mod online;
pub mod order;
pub mod ordering;
pub mod people;
pub mod refusal;
pub mod restaurant;
pub mod seating;
pub mod takeaway;
pub mod time;
pub mod topic;
