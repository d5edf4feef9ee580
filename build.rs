//! New files in these folders become part of the binary: building again notices them.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=kds-web/dist");
}
