//! Every bound of what an order or a name may be. Units are last in the names.

/// Lines on one order (DESIGN §5).
pub const ORDER_LINES: usize = 60;
/// An order's encoded size, so that its event fits well inside one frame.
pub const ORDER_BYTES: usize = 24 * 1024;
/// Quantity of one line.
pub const LINE_QUANTITY: i64 = 99;
/// Options chosen on one line.
pub const LINE_OPTIONS: usize = 30;
/// A note on a line or an order, an allergy, a reason.
pub const NOTE_CHARS: usize = 500;
/// A name of a person, table, device or restaurant.
pub const NAME_CHARS: usize = 80;
/// Guests (phones) in one seating.
pub const SEATING_GUESTS: usize = 40;
/// Wrong PINs of one seating before only staff can open its gate.
pub const PIN_TRIES: i64 = 5;
/// Screens paired with one restaurant at a time.
pub const SCREENS: usize = 64;
/// A password, of whoever sets one.
pub const PASSWORD_LEAST_CHARS: usize = 8;
/// Longer ones are not hashed.
pub const PASSWORD_BYTES: usize = 1024;
/// An e-mail address (RFC 5321 §4.5.3.1.3).
pub const EMAIL_BYTES: usize = 254;
/// Where a browser wants to be told.
pub const PUSH_ENDPOINT_BYTES: usize = 1024;
/// Logins of one person or screen that are told one by one when they end together; all of them end.
pub const ENDED_LOGINS: i64 = 256;
/// Stations named in one command.
pub const COMMAND_STATIONS: usize = 32;
/// How long guests may take back an order that was confirmed by itself.
pub const AUTO_CONFIRMED_CANCEL_SECONDS: u64 = 60;
/// How often one order may raise its "no screen has shown it" alarm.
pub const UNSEEN_ALARMS: i64 = 60;
/// Pickup slots told at once.
pub const SLOTS: usize = 500;
/// Days after today on which something can be picked up, whatever the settings say.
pub const DAYS_AHEAD: u16 = 14;
/// Wrong answers to one code that verifies a phone.
pub const CODE_TRIES: i64 = 5;
/// Stock that a countdown may start from.
pub const STOCK: i64 = 100_000;

// A full order of long notes must still fit its byte bound when the bounds are used sensibly:
// the byte bound is the one that decides, the others give the better message.
const _: () = assert!(ORDER_LINES * 64 < ORDER_BYTES);
