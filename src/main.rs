fn main() { print!("{}", comanda::protocol::typescript::wire_types()); }
