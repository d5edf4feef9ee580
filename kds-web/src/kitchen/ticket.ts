// A ticket: an order as the shown stations see it. Which orders have one, what each line's mark is, how
// old it is. Pure; called by kitchen.ts, read by the views.

import type { Line, LineId, Order, OrderId, Settings, StationId, Task, TaskState } from "../wire/types";

/** A cancelled ticket that was never on this screen still asks for its OK when it is this fresh. */
const CANCELLED_ASKS_MS = 10 * 60_000;
/** A ticket is called new for this long, unless somebody begins it. */
const NEW_MS = 60_000;

/** The stations that this screen shows; `null` shows all. */
export type Shown = ReadonlySet<StationId> | null;

export interface TicketLine {
  readonly line: Line;
  readonly mark: TaskState;
  /** Its tasks at the shown stations. */
  readonly tasks: readonly Task[];
  readonly started_ms: number | null;
  /** Other stations that have a part of it. */
  readonly also: readonly { readonly station: StationId; readonly done: boolean }[];
  /** Voided, and nobody here has said OK to that. */
  readonly asks: boolean;
  /** A tap on it waits for its answer. */
  readonly unsent: boolean;
  /** A later course: it waits until it is fired. */
  readonly held: boolean;
  /** At the pass: it begins its station's part of the ticket. */
  readonly group: Group | null;
}

/** What one station has of an order, in lines. */
export interface Group {
  readonly station: StationId;
  readonly done: number;
  readonly of: number;
}

export interface Promised {
  readonly from_ms: number;
  readonly soon_ms: number;
  readonly due_ms: number;
}

export interface Ticket {
  readonly order: Order;
  readonly lines: readonly TicketLine[];
  readonly promised: Promised;
  /** The order was cancelled; the ticket waits for "OK, not cooking it". */
  readonly cancelled: boolean;
  /** Every station has finished its part. */
  readonly ready: boolean;
  /** A tap on the whole ticket waits for its answer. */
  readonly unsent: boolean;
}

/** What this screen knows besides the board. */
export interface Look {
  readonly shown: Shown;
  /** The pass: whole orders, until they are handed over. */
  readonly pass: boolean;
  /** In their order. */
  readonly stations: readonly StationId[];
  readonly settings: Settings;
  readonly now_ms: number;
  /** Is it in a slot now? Then it may not vanish without an OK. */
  inSlot(order: OrderId): boolean;
  /** Somebody here said OK to this cancelled order, or to this voided line. */
  acknowledged(order: OrderId, line?: LineId): boolean;
  /** A tap on the order (or on that line of it) waits for its answer. */
  unsent(order: OrderId, line?: LineId): boolean;
}

/** The ticket of an order, or `null` when there is none to show. */
export function ticketOf(order: Order, look: Look): Ticket | null {
  const lines = order.lines.filter((line) => tasksAt(line, look.shown).length > 0);
  if (lines.length === 0 || order.held || !isWanted(order, lines, look)) {
    return null;
  }
  return {
    order,
    lines: look.pass ? grouped(order, lines, look) : lines.map((line) => ticketLine(order, line, look)),
    promised: calledAnew(promisedOf(order, look.settings), lines, look.shown),
    cancelled: order.state === "cancelled",
    ready: order.state !== "cancelled" && isDone(order, null),
    unsent: look.unsent(order.id),
  };
}

function isWanted(order: Order, lines: readonly Line[], look: Look): boolean {
  if (order.state === "cancelled") {
    const fresh = look.now_ms - Date.parse(order.cancelled_at ?? order.placed_at) < CANCELLED_ASKS_MS;
    return !look.acknowledged(order.id) && (look.inSlot(order.id) || (fresh && !isDone(order, look.shown)));
  }
  if (look.pass) {
    return order.state !== "completed";
  }
  const asks = lines.some((line) => isVoid(line) && !look.acknowledged(order.id, line.id));
  return hasWork(order, look.shown) || (asks && look.inSlot(order.id));
}

/** The shown stations have something to do that does not wait for its course. */
function hasWork(order: Order, shown: Shown): boolean {
  return called(order)
    .flatMap((line) => tasksAt(line, shown))
    .some((task) => task.state !== "done");
}

/** Lines that are cooked, and not on hold. */
function called(order: Order): Line[] {
  return order.lines.filter((line) => !isVoid(line) && !line.held);
}

/** Lines of the shown stations that wait for their course. */
export function onHold(order: Order, shown: Shown): Line[] {
  const waiting = order.lines.filter((line) => line.held && !isVoid(line) && tasksAt(line, shown).length > 0);
  return order.held || order.state === "cancelled" ? [] : waiting;
}

/** Nothing is left to do at the shown stations. */
export function isDone(order: Order, shown: Shown): boolean {
  const tasks = order.lines.filter((line) => !isVoid(line)).flatMap((line) => tasksAt(line, shown));
  return tasks.every((task) => task.state === "done");
}

/** When the shown stations finished it; `null` while they have not, or never had anything to finish. */
export function doneAt(order: Order, shown: Shown): number | null {
  const tasks = called(order).flatMap((line) => tasksAt(line, shown));
  if (order.state === "cancelled" || tasks.length === 0 || hasWork(order, shown)) {
    return null;
  }
  return Math.max(...tasks.map((task) => Date.parse(task.done_at ?? order.placed_at)));
}

/** Lines by the station that cooks them; a line of several stations stands with its first. */
function grouped(order: Order, lines: readonly Line[], look: Look): TicketLine[] {
  const home = (line: Line) => {
    const places = line.tasks.map((task) => look.stations.indexOf(task.station));
    return Math.min(...places);
  };
  const all = [...new Set(lines.map(home))].sort((a, b) => a - b);
  return all.flatMap((place) => {
    const station = look.stations[place] ?? "";
    const part = lines.filter((line) => home(line) === place).map((line) => ticketLine(order, line, look));
    const working = part.filter((line) => line.mark !== "voided");
    const done = working.filter((line) => line.mark === "done").length;
    const group = { station, done, of: working.length };
    return part.map((line, i) => (i === 0 ? { ...line, group } : line));
  });
}

function ticketLine(order: Order, line: Line, look: Look): TicketLine {
  const tasks = tasksAt(line, look.shown);
  const started = tasks.flatMap((task) => (task.started_at ? [Date.parse(task.started_at)] : []));
  const mark = markOf(line, tasks);
  return {
    line,
    mark,
    tasks,
    started_ms: started.length > 0 ? Math.min(...started) : null,
    also: line.tasks
      .filter((task) => !tasks.includes(task))
      .map((task) => ({ station: task.station, done: task.state === "done" })),
    asks: mark === "voided" && order.state !== "cancelled" && !look.acknowledged(order.id, line.id),
    unsent: look.unsent(order.id, line.id),
    held: line.held === true && mark !== "voided",
    group: null,
  };
}

/** The line in one word, as the shown stations stand with it. */
export function markOf(line: Line, tasks: readonly Task[]): TaskState {
  if (isVoid(line)) {
    return "voided";
  }
  if (tasks.every((task) => task.state === "done")) {
    return "done";
  }
  return tasks.some((task) => task.state !== "queued") ? "started" : "queued";
}

export function tasksAt(line: Line, shown: Shown): Task[] {
  return shown === null ? line.tasks : line.tasks.filter((task) => shown.has(task.station));
}

export function isVoid(line: Line): boolean {
  return line.void_reason !== null || line.tasks.every((task) => task.state === "voided");
}

export function asksForAllergy(order: Order): boolean {
  return order.allergy !== null && order.allergy_confirmed_at === null;
}

/**
 * The clock of a ticket begins when the kitchen got it. The wire does not say when a gate let it; where
 * orders confirm themselves that is when it was confirmed.
 */
export function promisedOf(order: Order, settings: Settings): Promised {
  const began = settings.auto_confirm ? (order.confirmed_at ?? order.placed_at) : order.placed_at;
  const due_ms = Date.parse(order.due_at);
  const from_ms = Math.min(Date.parse(began), due_ms);
  const span_ms = due_ms - from_ms;
  // No item had a preparation time: then the restaurant's own thresholds hold.
  const general = Math.abs(span_ms - settings.late_minutes * 60_000) < 1_000;
  const soon = general && settings.soon_minutes < settings.late_minutes;
  return { from_ms, soon_ms: from_ms + (soon ? settings.soon_minutes * 60_000 : (span_ms * 2) / 3), due_ms };
}

/** When all that is left was fired or made again later, the ticket's clock begins there. */
function calledAnew(promised: Promised, lines: readonly Line[], shown: Shown): Promised {
  const left = lines.filter(
    (line) => !isVoid(line) && !line.held && tasksAt(line, shown).some((task) => task.state !== "done"),
  );
  const from_ms = Math.min(...left.map((line) => Date.parse(line.called_at ?? "")));
  if (left.length === 0 || Number.isNaN(from_ms)) {
    return promised;
  }
  const later_ms = from_ms - promised.from_ms;
  return { from_ms, soon_ms: promised.soon_ms + later_ms, due_ms: promised.due_ms + later_ms };
}

export type Verdict = "new" | "fresh" | "soon" | "late";

export function verdictOf(ticket: Ticket, now_ms: number): Verdict {
  const { from_ms, soon_ms, due_ms } = ticket.promised;
  if (now_ms > due_ms) {
    return "late";
  }
  if (now_ms >= soon_ms) {
    return "soon";
  }
  return isUntouched(ticket) && now_ms - from_ms < NEW_MS ? "new" : "fresh";
}

function isUntouched(ticket: Ticket): boolean {
  return ticket.lines.every((line) => line.mark === "queued" || line.mark === "voided");
}

/** More for a table that has a ticket here already, until somebody begins it. `tickets` are oldest first. */
export function addedOnes(tickets: readonly Ticket[]): ReadonlySet<OrderId> {
  const tables = new Set<string>();
  const added = new Set<OrderId>();
  for (const ticket of tickets) {
    const { table } = ticket.order;
    if (table && !ticket.cancelled) {
      if (tables.has(table.id) && isUntouched(ticket)) {
        added.add(ticket.order.id);
      }
      tables.add(table.id);
    }
  }
  return added;
}

/** Share of the promised time that is used, 0 to 1. */
export function usedOf({ from_ms, due_ms }: Promised, now_ms: number): number {
  return due_ms <= from_ms ? 1 : Math.min(1, Math.max(0, (now_ms - from_ms) / (due_ms - from_ms)));
}
