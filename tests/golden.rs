//! Samples of everything that is said on the wire, one file each in tests/golden: the server still says and
//! understands them byte for byte, the web app reads the same files (kds-web/src/wire/golden.test.ts), and
//! docs/PROTOCOL.md shows them. After a change that is meant: UPDATE_GOLDEN=1 cargo nextest run --test golden

mod golden {
    mod casa_oliva;
    mod client;
    mod document;
    mod files;
    mod http;
    mod server;
}
