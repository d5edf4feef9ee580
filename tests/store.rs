//! What the store promises: nothing lost, nothing twice, nobody sees another's rows; on SQLite and on Postgres.

mod harness;

mod store {
    mod batches;
    mod calls;
    mod courses;
    mod estimate;
    mod feed;
    mod fold;
    mod given_up;
    mod idempotency;
    mod idle;
    mod locks;
    mod node;
    mod people;
    mod poison;
    mod raw;
    mod retention;
    mod roles;
    mod rush;
    mod schema;
    mod seatings;
    mod stock;
    mod takeaway;
    mod tenants;
    mod unknown;
}
