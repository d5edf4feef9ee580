//! The house keeps its own rules: rooms, wire types, embedded pages.

mod house {
    mod files;
    mod ladder;
}
