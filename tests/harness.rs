//! A real server in the test's process, on a free port and a database of its own, and the people who
//! use it as objects: guests, staff, sockets. Shared by all test binaries; each uses a part of it.
#![allow(dead_code, reason = "each test binary uses a part of the harness")]
#![allow(clippy::disallowed_methods, reason = "tests are their own composition root")]

pub mod board;
pub mod dice;
pub mod follower;
pub mod people;
pub mod postgres;
pub mod process;
pub mod proxy;
pub mod push;
pub mod redis;
pub mod restaurant;
pub mod server;
pub mod smtp;
pub mod socket;
pub mod truth;
pub mod twilio;

/// How long an expectation waits before it has failed.
pub const SOON: std::time::Duration = std::time::Duration::from_secs(10);

/// Runs an async test on a runtime of its own.
pub fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("runtime");
    runtime.block_on(test)
}
