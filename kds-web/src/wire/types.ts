// Made from the Rust types by `comanda wire-types`. Do not edit.

export type RestaurantId = string;

export type Epoch = string;

export type CommandId = string;

export type OrderId = string;

export type LineId = string;

export type StationId = string;

export type CategoryId = string;

export type ItemId = string;

export type OptionGroupId = string;

export type OptionId = string;

export type TableId = string;

export type SeatingId = string;

export type GuestId = string;

export type UserId = string;

export type SessionId = string;

export type ScreenId = string;

export type Cursor = { epoch: Epoch, seq: number, };

export type Timestamp = string;

export type Localized = Record<string, string>;

export type Presence = "contains" | "safe" | "unconfirmed";

export type Menu = { version: number, restaurant: Restaurant, stations: Array<Station>, categories: Array<Category>, };

export type Category = { id: CategoryId, name: Localized, items: Array<Item>, };

export type Item = { id: ItemId, name: Localized, 
/**
 * What the kitchen calls it, when that is shorter.
 */
kitchen_name: string | null, description: Localized, 
/**
 * Minor units.
 */
price: number, allergens: { [key in string]: Presence }, 
/**
 * `vegetarian`, `vegan`, `gluten_free` …
 */
diets: Array<string>, preparation_minutes: number, 
/**
 * Stations that cook it; each gets a task.
 */
stations: Array<StationId>, option_groups: Array<OptionGroup>, 
/**
 * Staff took it off, or its stock ran out.
 */
available: boolean, 
/**
 * Portions left, when they are counted.
 */
stock: number | null, picture?: Picture, version: number, };

export type Picture = { 
/**
 * Of its content.
 */
id: string, 
/**
 * In pixels, rising.
 */
widths: Array<number>, };

export type OptionGroup = { id: OptionGroupId, name: Localized, min: number, max: number, options: Array<MenuOption>, };

export type MenuOption = { id: OptionId, name: Localized, 
/**
 * Added to the item's price; may be negative.
 */
price: number, available: boolean, allergens: { [key in string]: Presence }, };

export type ItemState = { id: ItemId, name: Localized, price: number, available: boolean, stock: number | null, version: number, 
/**
 * The menu that contains this state; a page with an older one may fetch it again.
 */
menu_version: number, };

export type Charges = { 
/**
 * Tax rate in basis points.
 */
tax_basis_points: number, 
/**
 * Whether menu prices contain the tax already.
 */
tax_included: boolean, 
/**
 * Service charge in basis points of the subtotal.
 */
service_basis_points: number, };

export type Totals = { subtotal: number, service: number, 
/**
 * Contained in `total`, whether it was added or included.
 */
tax: number, total: number, };

export type Restaurant = { id: RestaurantId, slug: string, name: string, 
/**
 * IANA name, such as `Europe/Madrid`.
 */
timezone: string, currency: string, 
/**
 * BCP 47 tags of the languages its menu is written in, the first is the default.
 */
locales: Array<string>, settings: Settings, };

export type Settings = { 
/**
 * Who must let a seating or a phone order.
 */
gate: GateRule, 
/**
 * Orders are confirmed as they arrive, without a tap in the kitchen.
 */
auto_confirm: boolean, 
/**
 * A ticket is "soon" after this many minutes when no item of it has a preparation time …
 */
soon_minutes: number, 
/**
 * … and "late" after this many. Otherwise late is over the promised time.
 */
late_minutes: number, 
/**
 * An order that no screen has shown raises an alarm after this many seconds …
 */
unseen_seconds: number, 
/**
 * … and again after each such number of seconds.
 */
unseen_again_seconds: number, 
/**
 * A party that called the staff may call for the same again after this many seconds.
 */
call_again_seconds: number, 
/**
 * A seating of which nobody was heard for so many minutes is closed, if nothing is open and no phone of it is
 * connected; 0: never. At most a week.
 */
idle_minutes: number, 
/**
 * Hour (local) at which a business day begins and numbers start again from 1.
 */
day_starts_hour: number, charges: Charges, 
/**
 * Which news of their orders guests get who left an address.
 */
messages: Messages, 
/**
 * When food can be picked up.
 */
hours: Array<Open>, 
/**
 * Days on which it cannot, whatever the hours say.
 */
closings: Array<Closing>, takeaway: Takeaway, };

export type Takeaway = { on: boolean, 
/**
 * Orders that are picked up in one slot at most; 0: any number.
 */
orders_per_slot: number, 
/**
 * Minutes of work (preparation of each portion) for the orders of one slot at most; 0: any number. An order
 * that is larger than this has a slot for itself.
 */
make_minutes_per_slot: number, 
/**
 * Nothing is promised earlier than this.
 */
lead_minutes: number, 
/**
 * How many days after today can be chosen.
 */
days_ahead: number, 
/**
 * Closed by hand until then.
 */
paused_until?: Timestamp, };

export type Weekday = "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday";

export type Open = { day: Weekday, 
/**
 * Local time, such as `12:30`.
 */
from: string, 
/**
 * Not after `from`: it ends on the day after.
 */
to: string, };

export type Closing = { from: string, to: string, };

export type Slot = { at: Timestamp, };

export type Channels = { whatsapp: boolean, sms: boolean, email: boolean, push: boolean, };

export type MessagesState = { messages: Messages, 
/**
 * Of the menu, with whose settings it goes.
 */
menu_version: number, };

export type TakeawayState = { paused_until: Timestamp | null, 
/**
 * Of the menu, with whose settings it goes.
 */
menu_version: number, };

export type GateRule = "seating" | "phone" | "pin" | "none";

export type Station = { id: StationId, name: Localized, 
/**
 * Small numbers first.
 */
position: number, };

export type TableRef = { id: TableId, label: string, };

export type Table = { id: TableId, label: string, area: string, seats: number, 
/**
 * Part of the signed code; raising it makes every printed copy invalid.
 */
code_version: number, position: number, version: number, };

export type Role = "kitchen" | "waiter" | "manager" | "admin";

export type By = { "kind": "guest", guest: GuestId, } | { "kind": "staff", user: UserId, name: string, } | { "kind": "screen", screen: ScreenId, name: string, } | { "kind": "system" };

export type Screen = { id: ScreenId, 
/**
 * What people call it: "Grill left".
 */
name: string, 
/**
 * The stations that it is to show; none named: all.
 */
stations: Array<StationId>, version: number, paired_at: Timestamp, 
/**
 * It may not come in any more, until it is paired again.
 */
revoked_at: Timestamp | null, };

export type OrderKind = "dine_in" | "takeaway" | "delivery";

export type OrderState = "pending" | "confirmed" | "preparing" | "ready" | "completed" | "cancelled";

export type TaskState = "queued" | "started" | "done" | "voided";

export type LineState = "queued" | "started" | "done" | "voided";

export type Channel = "whatsapp" | "sms" | "push" | "email";

export type Order = { id: OrderId, 
/**
 * Counts per business day, from 1.
 */
number: number, kind: OrderKind, state: OrderState, 
/**
 * Rises with every event of this order, from 1.
 */
version: number, table: TableRef | null, seating: SeatingId | null, 
/**
 * The phone that sent it.
 */
guest: GuestId | null, placed_by: By, 
/**
 * Waits at the gate; no kitchen screen shows it.
 */
held: boolean, note: string | null, allergy: string | null, 
/**
 * When the kitchen said that it has seen the allergy.
 */
allergy_confirmed_at: Timestamp | null, rush: boolean, 
/**
 * Whether and how the guest is told; never the address.
 */
told_by: Channel | null, 
/**
 * How far the newest message to the guest got.
 */
told?: Told, placed_at: Timestamp, 
/**
 * When it is promised: the far end of what was expected when it reached the kitchen (`domain/estimate`).
 */
due_at: Timestamp, 
/**
 * When it is thought to be ready as things stand; absent at the gate, and once it is ready.
 */
expected?: Expected, 
/**
 * When it is picked up, if a time was agreed.
 */
pickup_at?: Timestamp, 
/**
 * It waits until then; not there once the kitchen has it.
 */
start_at?: Timestamp, confirmed_at: Timestamp | null, started_at: Timestamp | null, ready_at: Timestamp | null, completed_at: Timestamp | null, cancelled_at: Timestamp | null, cancel_reason: string | null, totals: Totals, charges: Charges, lines: Array<Line>, };

export type Line = { id: LineId, item: ItemId, name: Localized, kitchen_name: string | null, quantity: number, options: Array<ChosenOption>, note: string | null, 
/**
 * Of one portion with its options, minor units.
 */
unit_price: number, 
/**
 * Version of the order at which this line was last recalled or voided: a tap made on an older
 * picture is refused as `changed` (W5).
 */
changed: number, void_reason: string | null, 
/**
 * A later course: nobody begins it before it is fired.
 */
held?: boolean, 
/**
 * When it was fired, or made again: its time counts from there.
 */
called_at?: Timestamp, 
/**
 * How often it was made again.
 */
remakes?: number, tasks: Array<Task>, };

export type ChosenOption = { id: OptionId, name: Localized, price: number, };

export type Task = { station: StationId, state: TaskState, started_at: Timestamp | null, done_at: Timestamp | null, };

export type Seen = { order: OrderId, seating?: SeatingId, at: Timestamp, };

export type Expected = { from: Timestamp, to: Timestamp, 
/**
 * When that was thought: the newest holds.
 */
at: Timestamp, 
/**
 * Orders that a station of it makes before; 4 is four or more.
 */
before: number, };

export type ExpectedOrder = { order: OrderId, seating?: SeatingId, from: Timestamp, to: Timestamp, 
/**
 * When that was thought: the newest holds.
 */
at: Timestamp, 
/**
 * Orders that a station of it makes before; 4 is four or more.
 */
before: number, };

export type Unseen = { order: OrderId, number: number, table: TableRef | null, 
/**
 * Stations of which no screen has shown the ticket.
 */
stations: Array<StationId>, 
/**
 * 1 for the first alarm.
 */
nth: number, since: Timestamp, };

export type MessageKind = "received" | "accepted" | "ready" | "cancelled" | "code" | "unseen" | "called" | "not_told";

export type ToldState = "told" | "delivered" | "read" | "failed" | "unknown";

export type Told = { what: MessageKind, channel: Channel, state: ToldState, at: Timestamp, };

export type Messages = { 
/**
 * It waits to be confirmed.
 */
received: boolean, 
/**
 * The kitchen takes it; with an estimate.
 */
accepted: boolean, ready: boolean, 
/**
 * By the restaurant, with the reason.
 */
cancelled: boolean, channels: Channels, };

export type Locale = "en" | "es" | "fr" | "de" | "ar" | "zh";

export type Seating = { id: SeatingId, table: TableRef, version: number, 
/**
 * The rule that held when the seating opened.
 */
gate: GateRule, 
/**
 * Staff (or the PIN) let the whole seating order.
 */
released: boolean, guests: Array<Guest>, 
/**
 * What the party wants of the staff: the last call of each reason, in the order of their names.
 */
calls: Array<Call>, opened_at: Timestamp, closed_at: Timestamp | null, };

export type Guest = { id: GuestId, 
/**
 * "Guest 2": counts in the seating, from 1.
 */
number: number, 
/**
 * Staff (or the PIN) let this phone order.
 */
released: boolean, };

export type Call = { reason: CallReason, 
/**
 * The phone that called.
 */
guest: GuestId, called_at: Timestamp, 
/**
 * Somebody of the staff said that they are on their way.
 */
coming_at: Timestamp | null, 
/**
 * It was seen to, or the party took it back.
 */
done_at: Timestamp | null, };

export type CallReason = "bill" | "cutlery" | "waiter" | "water";

export type Kind = "order.placed" | "order.released" | "order.confirmed" | "order.bumped" | "order.recalled" | "order.completed" | "order.cancelled" | "order.rush" | "order.moved" | "order.allergy_confirmed" | "line.started" | "line.done" | "line.recalled" | "line.voided" | "line.held" | "line.fired" | "line.moved" | "line.remade" | "order.reopened" | "orders.seen" | "order.unseen" | "orders.expected" | "order.told" | "seating.opened" | "seating.joined" | "seating.released" | "seating.closed" | "seating.moved" | "seating.called" | "call.coming" | "call.done" | "item.changed" | "table.changed" | "session.revoked" | "screen.paired" | "screen.changed" | "screen.revoked" | "staff.changed" | "takeaway.changed" | "messages.changed";

export type Code = "invalid" | "unknown_command" | "unknown_order" | "unknown_line" | "unknown_station" | "unknown_item" | "unknown_table" | "unknown_seating" | "unknown_guest" | "unknown_call" | "unknown_session" | "unknown_screen" | "unknown_member" | "forbidden" | "id_reused" | "changed" | "wrong_state" | "on_hold" | "held" | "scheduled" | "allergy_unconfirmed" | "unavailable" | "total_changed" | "seating_closed" | "session_revoked" | "seating_full" | "open_orders" | "table_taken" | "too_soon" | "wrong_pin" | "pin_locked" | "wrong_code" | "code_ended" | "too_many_screens" | "already_member" | "works_elsewhere" | "old_code" | "too_late" | "no_station" | "slot_taken" | "takeaway_closed" | "other_phone" | "unwritable";

export type FieldProblem = { field: string, message: string, };

export type LineProblem = { line: number, item: ItemId, reason: LineReason, group?: OptionGroupId, option?: OptionId, 
/**
 * Portions left, when the stock is what was too small.
 */
left?: number, message: string, };

export type LineReason = "unknown_item" | "sold_out" | "not_enough" | "unknown_option" | "option_unavailable" | "too_few_options" | "too_many_options";

export type Command = { "name": "order.place", "args": Draft } | { "name": "order.confirm", "args": OrderRef } | { "name": "order.bump", "args": OrderAtStations } | { "name": "order.recall", "args": Recall } | { "name": "order.complete", "args": OrderRef } | { "name": "order.cancel", "args": CancelOrder } | { "name": "order.rush", "args": RushOrder } | { "name": "order.confirm_allergy", "args": OrderRef } | { "name": "order.start", "args": OrderRef } | { "name": "takeaway.pause", "args": PauseTakeaway } | { "name": "line.start", "args": LineAtStation } | { "name": "line.done", "args": LineAtStation } | { "name": "line.recall", "args": RecallLine } | { "name": "line.void", "args": VoidLine } | { "name": "line.hold", "args": LineRef } | { "name": "line.fire", "args": LineRef } | { "name": "line.move", "args": MoveLine } | { "name": "line.remake", "args": LineAtStation } | { "name": "order.reopen", "args": OrderRef } | { "name": "seating.join", "args": JoinSeating } | { "name": "seating.open", "args": TableOnly } | { "name": "seating.release", "args": ReleaseSeating } | { "name": "seating.pin", "args": GivePin } | { "name": "seating.close", "args": CloseSeating } | { "name": "seating.move", "args": MoveSeating } | { "name": "seating.call", "args": CallStaff } | { "name": "call.coming", "args": CallRef } | { "name": "call.done", "args": CallRef } | { "name": "item.set", "args": SetItem } | { "name": "table.rotate_code", "args": TableOnly } | { "name": "session.revoke", "args": RevokeSession } | { "name": "screen.pair", "args": PairScreen } | { "name": "screen.set", "args": SetScreen } | { "name": "screen.revoke", "args": ScreenOnly } | { "name": "staff.add", "args": MemberRole } | { "name": "staff.set_role", "args": MemberRole } | { "name": "staff.remove", "args": MemberOnly } | { "name": "staff.end_logins", "args": MemberOnly } | { "name": "orders.shown", "args": MarkShown } | { "name": "order.alarm", "args": RaiseAlarm } | { "name": "seating.expire", "args": ExpireSeating } | { "name": "item.set_picture", "args": SetPicture } | { "name": "messages.set", "args": Messages } | { "name": "order.tell", "args": TellGuest } | { "name": "order.note_told", "args": NoteTold };

export type Draft = { kind: OrderKind, lines: Array<DraftLine>, note?: string, allergy?: string, contact?: Contact, 
/**
 * The total that the guest saw; another one is refused as `total_changed`.
 */
expected_total?: number, 
/**
 * When it is picked up: the beginning of a slot. Not there: as soon as possible.
 */
pickup_at?: Timestamp, 
/**
 * Staff name the table; a guest's comes from the token.
 */
table?: TableId, };

export type DraftLine = { item: ItemId, quantity: number, options?: Array<OptionId>, note?: string, };

export type Contact = { 
/**
 * E.164: `+34600111222`. For `whatsapp` and `sms`.
 */
phone?: string, channel: Channel, 
/**
 * For `email`.
 */
email?: string, 
/**
 * For `push`.
 */
push?: PushSubscription, 
/**
 * The language of the page. Left out: the restaurant's first one.
 */
locale?: Locale, };

export type PushSubscription = { endpoint: string, 
/**
 * The page's public key, base64url.
 */
p256dh: string, 
/**
 * base64url.
 */
auth: string, };

export type OrderRef = { order: OrderId, };

export type OrderAtStations = { order: OrderId, stations?: Array<StationId>, };

export type Recall = { order: OrderId, stations?: Array<StationId>, 
/**
 * Only these lines; all when none is named. An undo names what the bump had changed.
 */
lines?: Array<LineId>, to?: RecallTo, };

export type RecallTo = "started" | "queued";

export type CancelOrder = { order: OrderId, 
/**
 * Staff must give one; guests need not.
 */
reason?: string, };

export type RushOrder = { order: OrderId, rush: boolean, };

export type PauseTakeaway = { paused: boolean, };

export type LineAtStation = { order: OrderId, line: LineId, station?: StationId, };

export type LineRef = { order: OrderId, line: LineId, };

export type MoveLine = { order: OrderId, line: LineId, from: StationId, to: StationId, };

export type RecallLine = { order: OrderId, line: LineId, station?: StationId, to?: RecallTo, };

export type VoidLine = { order: OrderId, line: LineId, reason: string, };

export type JoinSeating = { table: TableId, code_version: number, 
/**
 * The phone that scanned before, if its token was still good.
 */
returning?: GuestId, };

export type TableOnly = { table: TableId, };

export type ReleaseSeating = { seating: SeatingId, 
/**
 * Only this phone.
 */
guest?: GuestId, };

export type GivePin = { pin: string, };

export type CloseSeating = { seating: SeatingId, force?: boolean, };

export type MoveSeating = { seating: SeatingId, 
/**
 * Where the party sits now.
 */
table: TableId, };

export type CallStaff = { reason: CallReason, };

export type CallRef = { seating: SeatingId, reason: CallReason, };

export type SetItem = { item: ItemId, available: boolean, 
/**
 * Portions left; `null` or absent stops counting.
 */
stock?: number | null, };

export type RevokeSession = { session: SessionId, };

export type PairScreen = { 
/**
 * The digest of the code, in hexadecimal.
 */
code_hash: string, name: string, stations: Array<StationId>, 
/**
 * A screen that is known already: it keeps its identity.
 */
screen?: ScreenId, };

export type SetScreen = { screen: ScreenId, name: string, 
/**
 * Those that it is to show; none named: all.
 */
stations?: Array<StationId>, };

export type ScreenOnly = { screen: ScreenId, };

export type MemberRole = { user: UserId, role: Role, };

export type MemberOnly = { user: UserId, };

export type MarkShown = { seq: number, stations: Array<StationId>, 
/**
 * The only kind of orders that the screen draws.
 */
kind?: OrderKind, };

export type RaiseAlarm = { order: OrderId, nth: number, };

export type ExpireSeating = { seating: SeatingId, 
/**
 * When it was due; another time by then means that something happened.
 */
due: Timestamp, 
/**
 * A phone of the party is connected to the node that noticed.
 */
connected: boolean, };

export type SetPicture = { item: ItemId, picture: Picture | null, };

export type NoteTold = { order: OrderId, told: Told, };

export type TellGuest = { order: OrderId, contact?: Contact, };

export type ClientMessage = { "op": "hello", token: string, protocol: number, } | { "op": "subscribe", topic: TopicName, after?: Cursor, } | { "op": "unsubscribe", topic: TopicName, } | { "op": "command" } & CommandMessage | { "op": "shown", topic: TopicName, seq: number, stations: Array<StationId>, 
/**
 * The only kind of orders that the screen draws; without it, all.
 */
kind?: OrderKind, } | { "op": "renew", token: string, };

export type CommandMessage = { 
/**
 * New for each press; the same one when it is sent again.
 */
id: CommandId, 
/**
 * One of the names of `Command`.
 */
name: string, 
/**
 * What the `Command` of that name has as `args`.
 */
args: unknown, 
/**
 * The version of the order in the picture that was tapped.
 */
base_version?: number, };

export type TopicName = string;

export type GuestOrder = { id: OrderId, number: number, kind: OrderKind, state: OrderState, version: number, table: TableRef | null, 
/**
 * The phone that sent it; `null` when staff did.
 */
guest: GuestId | null, 
/**
 * Waits for a waiter to let the table order.
 */
held: boolean, note: string | null, allergy: string | null, allergy_confirmed_at: Timestamp | null, told_by: Channel | null, placed_at: Timestamp, due_at: Timestamp, expected?: Expected, 
/**
 * When it is picked up, if a time was agreed.
 */
pickup_at?: Timestamp, 
/**
 * It waits until then; not there once the kitchen has it.
 */
start_at?: Timestamp, confirmed_at: Timestamp | null, started_at: Timestamp | null, ready_at: Timestamp | null, completed_at: Timestamp | null, cancelled_at: Timestamp | null, cancel_reason: string | null, totals: Totals, lines: Array<GuestLine>, };

export type GuestLine = { id: LineId, item: ItemId, name: Localized, quantity: number, options: Array<ChosenOption>, note: string | null, unit_price: number, state: LineState, void_reason: string | null, };

export type OrderView = Order | GuestOrder;

export type ServerMessage = { "op": "welcome", 
/**
 * The login or seating that this connection lives on.
 */
session: string, who: Who, restaurant: RestaurantId, 
/**
 * The newest protocol version that the server speaks.
 */
protocol: number, at: Timestamp, } | { "op": "subscribed" } & Subscribed | { "op": "event" } & EventMessage | { "op": "ok", id: CommandId, 
/**
 * Of the last event the command made; of the feed's head when it changed nothing.
 */
seq: number, } | { "op": "refused" } & Refused | { "op": "not_tried", id: CommandId, retry_ms: number, message: string, } | { "op": "beat", at: Timestamp, topics: { [key in string]: Head }, } | { "op": "resync", topic: TopicName, } | { "op": "renewed", until: Timestamp, } | { "op": "error", code: string, message: string, };

export type Who = { "role": "guest", guest: GuestId, seating: SeatingId, } | { "role": "takeaway", guest: GuestId, } | { "role": "staff", session: SessionId, staff_role: Role, name: string, } | { "role": "screen", session: SessionId, screen: ScreenId, name: string, };

export type Subscribed = { topic: TopicName, epoch: Epoch, seq: number, 
/**
 * Where the feed stood: once the client's cursor is there, it is current.
 */
head: number, snapshot?: Snapshot, 
/**
 * Which part of the snapshot this is, from 1.
 */
part?: number, parts?: number, };

export type EventMessage = { topic: TopicName, seq: number, 
/**
 * No event of this topic lies between `prev` and `seq`. A hole is a `prev` above the cursor.
 */
prev: number, at: Timestamp, kind: Kind, 
/**
 * The command that caused it.
 */
command: CommandId, 
/**
 * Who did it; staff only.
 */
by?: By, order?: OrderView, seen?: Array<Seen>, unseen?: Unseen, expected?: Array<ExpectedOrder>, seating?: Seating, item?: ItemState, table?: Table, screen?: Screen, takeaway?: TakeawayState, messages?: MessagesState, };

export type EventBody = { at: Timestamp, kind: Kind, 
/**
 * The command that caused it.
 */
command: CommandId, 
/**
 * Who did it; staff only.
 */
by?: By, order?: OrderView, seen?: Array<Seen>, unseen?: Unseen, expected?: Array<ExpectedOrder>, seating?: Seating, item?: ItemState, table?: Table, screen?: Screen, takeaway?: TakeawayState, messages?: MessagesState, };

export type Refused = { id: CommandId, code: Code, message: string, current?: OrderView, fields?: Array<FieldProblem>, lines?: Array<LineProblem>, total?: number, 
/**
 * With `slot_taken`: what is left.
 */
slots?: Array<Slot>, };

export type Head = { 
/**
 * Seq of the topic's newest event that this node knows of (0: none since it began to look).
 */
last: number, 
/**
 * The topic is complete up to there.
 */
upto: Cursor, };

export type Snapshot = { "of": "kitchen" } & KitchenSnapshot | { "of": "floor" } & FloorSnapshot | { "of": "table" } & TableSnapshot | { "of": "order" } & OrderSnapshot;

export type KitchenSnapshot = { restaurant: Restaurant, stations: Array<Station>, 
/**
 * All that are open, and the last 50 that ended within the shift, for recall. Oldest first.
 */
orders: Array<Order>, };

export type FloorSnapshot = { restaurant: Restaurant, stations: Array<Station>, tables: Array<Table>, 
/**
 * Open ones.
 */
seatings: Array<Seating>, orders: Array<Order>, seen: Array<Seen>, };

export type TableSnapshot = { restaurant: Restaurant, seating: Seating, 
/**
 * Items that cannot be ordered now, so that an older menu in the phone is corrected.
 */
menu_version: number, orders: Array<GuestOrder>, seen: Array<Seen>, };

export type OrderSnapshot = { restaurant: Restaurant, orders: Array<GuestOrder>, seen: Array<Seen>, };

export type CloseReason = { code: string, retry_ms?: number, message: string, };

export type Problem = { 
/**
 * Always `about:blank`: `code` says what it is.
 */
type: string, title: string, status: number, 
/**
 * A word of docs/PROTOCOL.md that will not change.
 */
code: string, detail: string, 
/**
 * The order as it is now, as the caller may see it, when the caller's picture was old.
 */
current?: OrderView, 
/**
 * With `invalid`: every wrong field.
 */
fields?: Array<FieldProblem>, 
/**
 * With `unavailable`: every line that cannot be ordered.
 */
lines?: Array<LineProblem>, 
/**
 * The total as the server counts it, with `total_changed`.
 */
total?: number, 
/**
 * With `slot_taken`: the times that are left.
 */
slots?: Array<Slot>, 
/**
 * The id of the request, to be found in the log.
 */
request?: string, };

export type ScanRequest = { 
/**
 * The signed code from the table: what follows `/t/`.
 */
qr: string, };

export type SlotList = { 
/**
 * The restaurant takes takeaway orders here.
 */
on: boolean, 
/**
 * What "as soon as possible" means now; not there when that is far off, or never.
 */
soonest?: Timestamp, 
/**
 * The times that are left, earliest first.
 */
slots: Array<Slot>, 
/**
 * Times of the same days that are taken.
 */
full?: Array<Slot>, 
/**
 * When it opens again; not there while it is open.
 */
opens_at?: Timestamp, 
/**
 * Closed by hand until then.
 */
paused_until?: Timestamp, };

export type CodeRequest = { 
/**
 * E.164: `+34600111222`.
 */
phone: string, 
/**
 * `whatsapp` or `sms`.
 */
channel: Channel, 
/**
 * The language of the page. Left out: the restaurant's first one.
 */
locale?: Locale, 
/**
 * The guest was told what the number is used for, and said so.
 */
consent: boolean, };

export type CodeAsked = { 
/**
 * Under which it is given back.
 */
id: GuestId, expires_at: Timestamp, 
/**
 * Another one may be asked for after so long; it ends this one.
 */
again_ms: number, };

export type CodeGiven = { 
/**
 * Six digits; spaces and dashes mean nothing.
 */
code: string, };

export type TakeawayGuest = { 
/**
 * Bearer token of this phone, for this restaurant and its own orders.
 */
token: string, expires_at: Timestamp, restaurant: RestaurantId, slug: string, guest: GuestId, };

export type Scanned = { 
/**
 * Bearer token of this phone, good until the seating ends (12 h at most).
 */
token: string, expires_at: Timestamp, restaurant: RestaurantId, slug: string, table: TableRef, guest: GuestId, seating: Seating, };

export type LoginRequest = { email: string, password: string, 
/**
 * Which restaurant, for people who work at several.
 */
restaurant?: string, };

export type LoggedIn = { token: string, expires_at: Timestamp, session: SessionId, restaurant: RestaurantId, slug: string, role: Role, 
/**
 * The person's, or the screen's.
 */
name: string, 
/**
 * Of a paired screen only.
 */
screen?: LoggedInScreen, };

export type LoggedInScreen = { id: ScreenId, 
/**
 * Those that it is to show; none named: all.
 */
stations: Array<StationId>, };

export type PairRequest = { 
/**
 * The restaurant's slug.
 */
restaurant: string, };

export type PairingAsked = { 
/**
 * Eight letters and digits for a manager to type. Works once.
 */
code: string, 
/**
 * With it the screen collects its login.
 */
claim: string, expires_at: Timestamp, 
/**
 * When to ask, and how often.
 */
poll_ms: number, };

export type CollectRequest = { restaurant: string, claim: string, };

export type PairingWaits = { expires_at: Timestamp, poll_ms: number, };

export type ConfirmRequest = { 
/**
 * As it is read from the screen: case, spaces and dashes mean nothing.
 */
code: string, name: string, 
/**
 * Those that it is to show; none named: all.
 */
stations?: Array<StationId>, 
/**
 * A screen that was paired before: it keeps its identity, and its old login ends.
 */
screen?: ScreenId, };

export type ListedScreen = { 
/**
 * It is connected, to any node; right within five seconds.
 */
online: boolean, id: ScreenId, 
/**
 * What people call it: "Grill left".
 */
name: string, 
/**
 * The stations that it is to show; none named: all.
 */
stations: Array<StationId>, version: number, paired_at: Timestamp, 
/**
 * It may not come in any more, until it is paired again.
 */
revoked_at: Timestamp | null, };

export type ScreenList = { screens: Array<ListedScreen>, };

export type StaffList = { staff: Array<StaffMember>, };

export type StaffMember = { user: UserId, name: string, email: string, role: Role, };

export type NewMember = { email: string, name: string, role: Role, 
/**
 * Their first one. Whoever works for another restaurant already keeps theirs, and their name.
 */
password: string, };

export type NewPassword = { password: string, };

export type GuestOrderAnswer = { 
/**
 * Of the order's event; of the feed's head when reading.
 */
seq: number, 
/**
 * When screens had shown it at every station.
 */
seen_at: Timestamp | null, id: OrderId, number: number, kind: OrderKind, state: OrderState, version: number, table: TableRef | null, 
/**
 * The phone that sent it; `null` when staff did.
 */
guest: GuestId | null, 
/**
 * Waits for a waiter to let the table order.
 */
held: boolean, note: string | null, allergy: string | null, allergy_confirmed_at: Timestamp | null, told_by: Channel | null, placed_at: Timestamp, due_at: Timestamp, expected?: Expected, 
/**
 * When it is picked up, if a time was agreed.
 */
pickup_at?: Timestamp, 
/**
 * It waits until then; not there once the kitchen has it.
 */
start_at?: Timestamp, confirmed_at: Timestamp | null, started_at: Timestamp | null, ready_at: Timestamp | null, completed_at: Timestamp | null, cancelled_at: Timestamp | null, cancel_reason: string | null, totals: Totals, lines: Array<GuestLine>, };

export type StaffOrderAnswer = { seq: number, seen_at: Timestamp | null, id: OrderId, 
/**
 * Counts per business day, from 1.
 */
number: number, kind: OrderKind, state: OrderState, 
/**
 * Rises with every event of this order, from 1.
 */
version: number, table: TableRef | null, seating: SeatingId | null, 
/**
 * The phone that sent it.
 */
guest: GuestId | null, placed_by: By, 
/**
 * Waits at the gate; no kitchen screen shows it.
 */
held: boolean, note: string | null, allergy: string | null, 
/**
 * When the kitchen said that it has seen the allergy.
 */
allergy_confirmed_at: Timestamp | null, rush: boolean, 
/**
 * Whether and how the guest is told; never the address.
 */
told_by: Channel | null, 
/**
 * How far the newest message to the guest got.
 */
told?: Told, placed_at: Timestamp, 
/**
 * When it is promised: the far end of what was expected when it reached the kitchen (`domain/estimate`).
 */
due_at: Timestamp, 
/**
 * When it is thought to be ready as things stand; absent at the gate, and once it is ready.
 */
expected?: Expected, 
/**
 * When it is picked up, if a time was agreed.
 */
pickup_at?: Timestamp, 
/**
 * It waits until then; not there once the kitchen has it.
 */
start_at?: Timestamp, confirmed_at: Timestamp | null, started_at: Timestamp | null, ready_at: Timestamp | null, completed_at: Timestamp | null, cancelled_at: Timestamp | null, cancel_reason: string | null, totals: Totals, charges: Charges, lines: Array<Line>, };

export type OrderList = { orders: Array<GuestOrder>, } | { orders: Array<Order>, next?: string, };

export type BatchAnswer = { "op": "ok", id: CommandId, seq: number, } | { "op": "refused" } & Refused | { "op": "not_tried", id: CommandId, };

export type FeedAnswer = { 
/**
 * One `subscribed` per part of a snapshot; a single one without a snapshot when events follow.
 */
subscribed: Array<Subscribed>, 
/**
 * Event messages after it, in order.
 */
events: ({ op: "event" } & EventMessage)[], 
/**
 * The cursor after all of this: what to ask for next.
 */
cursor: Cursor, };

export type NotificationList = { notifications: Array<Notification>, };

export type Notification = { id: string, 
/**
 * `unseen`, `called`, `not_told`.
 */
kind: MessageKind, 
/**
 * The order; for `called` the seating.
 */
subject: string, number: number | null, table: string | null, 
/**
 * For `not_told`: which message did not reach the guest.
 */
reason: string | null, at: Timestamp, read_at: Timestamp | null, };

export type PushKey = { 
/**
 * Of this server (RFC 8292), base64url; none: it cannot push.
 */
key: string | null, 
/**
 * On which channels guests can be told.
 */
channels: Array<Channel>, };

export type Health = { 
/**
 * `ok`, `degraded`, `starting`, `draining`, `overloaded`
 */
status: string, 
/**
 * What is wrong, one sentence each.
 */
notes: Array<string>, version: string, };

export type TrustView = { 
/**
 * Where this host speaks HTTPS.
 */
https_port: number, 
/**
 * SHA-256 of the authority's certificate, as devices show it.
 */
fingerprint: string, };

/** Close codes by their word. */
export const CLOSE = {
  restart: 1012,
  moving: 1012,
  stalled: 4000,
  expired: 4001,
  busy: 4002,
  too_fast: 4003,
  fault: 4004,
  broken: 1002,
  not_utf8: 1007,
  too_large: 1009,
  no_hello: 4500,
  unauthorized: 4501,
  revoked: 4502,
  seating_closed: 4503,
  update: 4504,
  malformed: 4505,
} as const;

export const PROTOCOL = 1;
