//! The house keeps its own rules: rooms, migrations, wire types, embedded pages.

mod house {
    mod files;
    mod ladder;
    mod migrations;
}
