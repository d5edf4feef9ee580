//! Files that are made from the code are what the code makes.

use comanda::protocol::typescript::wire_types;

#[test]
fn the_web_apps_wire_types_are_those_of_the_server() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/kds-web/src/wire/types.ts");
    let committed = std::fs::read_to_string(path).expect("kds-web/src/wire/types.ts");
    assert!(committed == wire_types(), "run: cargo run --bin comanda -- wire-types > kds-web/src/wire/types.ts");
}

#[test]
fn the_web_app_is_inside_the_binary() {
    assert!(comanda::http::has_pages(), "run `make web` first: this binary would ship without its pages");
}
