// Taps: which commands a touch means, what they will do to an order, and how to take a bump back. Pure.
// The picture changes at once by `afterTap`; the server's answer then decides (W5). Called by kitchen.ts.

import type { Command, Line, LineId, Order, OrderId, RecallTo, StationId, Task } from "../wire/types";
import type { Board } from "./board";
import { isVoid, type Shown, type Ticket, type TicketLine, tasksAt } from "./ticket";

/** A command that was given and whose event is not here yet. */
export interface Tap {
  readonly command: Command;
  readonly made_at: number;
}

/** Orders that a command is about have their id in its arguments. */
export function orderOf(command: Command): OrderId | null {
  return "order" in command.args ? command.args.order : null;
}

export function lineOf(command: Command): LineId | null {
  return "line" in command.args ? command.args.line : null;
}

/** Tap on a line: queued, started, done; again to undo. */
export function tapLine(ticket: Ticket, line: TicketLine, shown: Shown): Command[] {
  const order = ticket.order.id;
  if (line.held) {
    return [{ name: "line.fire", args: { order, line: line.line.id } }];
  }
  const all = shown === null || line.line.tasks.every((task) => shown.has(task.station));
  const tasks = line.tasks.filter((task) => isMoved(line.mark, task));
  const at = (station?: StationId) => ({ order, line: line.line.id, ...(station && { station }) });
  const named = all ? [at()] : tasks.map((task) => at(task.station));
  switch (line.mark) {
    case "queued":
      return named.map((args) => ({ name: "line.start", args }));
    case "started":
      return named.map((args) => ({ name: "line.done", args }));
    case "done":
      return named.map((args) => ({ name: "line.recall", args: { ...args, to: "queued" } }));
    case "voided":
      return [];
  }
}

/** Tasks that the next tap on a line with this mark changes. */
function isMoved(mark: TicketLine["mark"], task: Task): boolean {
  return mark === "queued" ? task.state === "queued" : mark === "started" ? task.state !== "done" : true;
}

/** Tap on the head: everything that the shown stations have of it is done. */
export function bump(ticket: Ticket): Command {
  return { name: "order.bump", args: { order: ticket.order.id, stations: stationsOf(ticket) } };
}

/** What takes a bump back: each task that it finished goes to where it was, and no other. */
export function unbump(ticket: Ticket): Command[] {
  return (["queued", "started"] as const).flatMap((to) => recallsTo(ticket, to));
}

/** One recall if it hits no other task, else one for each station. */
function recallsTo(ticket: Ticket, to: RecallTo): Command[] {
  const at = (station: StationId) => linesAt(ticket, (task) => task.station === station && task.state === to);
  const stations = stationsOf(ticket).filter((station) => at(station).length > 0);
  const lines = linesAt(ticket, (task) => task.state === to);
  const hit = ticket.lines.filter((line) => lines.includes(line.line.id)).flatMap((line) => line.tasks);
  const alone = hit.every((task) => task.state === to || !stations.includes(task.station));
  const recall = (named: StationId[], of: LineId[]): Command => ({
    name: "order.recall",
    args: { order: ticket.order.id, stations: named, lines: of, to },
  });
  if (stations.length > 0 && alone) {
    return [recall(stations, lines)];
  }
  return stations.map((station) => recall([station], at(station)));
}

function linesAt(ticket: Ticket, is: (task: Task) => boolean): LineId[] {
  return ticket.lines
    .filter(({ line, tasks, held }) => !isVoid(line) && !held && tasks.some(is))
    .map(({ line }) => line.id);
}

/** Brings a bumped ticket back, begun. */
export function recallTicket(order: Order, shown: Shown): Command {
  const stations = [
    ...new Set(order.lines.flatMap((line) => tasksAt(line, shown)).map((task) => task.station)),
  ];
  return { name: "order.recall", args: { order: order.id, stations } };
}

function stationsOf(ticket: Ticket): StationId[] {
  return [...new Set(ticket.lines.flatMap((line) => line.tasks).map((task) => task.station))];
}

/** Commands after which older pictures of a line do not count (W5.7). */
const RENEWS: readonly Command["name"][] = [
  "line.recall",
  "order.recall",
  "line.remake",
  "line.move",
  "line.void",
];

/**
 * The version that a tap says it was made on: the board's, which is what the picture was made from. After
 * an own recall that is still under way the picture is newer than any version, and says none: the server
 * would take the tap for one that does not know of the recall.
 */
export function baseVersion(order: Order, underway: readonly Tap[]): number | undefined {
  const recalled = underway.some(
    ({ command }) => orderOf(command) === order.id && RENEWS.some((name) => name === command.name),
  );
  return recalled ? undefined : order.version;
}

/** The order as it will be when the server has done this, as far as a kitchen shows it. */
export function afterTap(order: Order, { command, made_at }: Tap): Order {
  const at = new Date(made_at).toISOString();
  switch (command.name) {
    case "line.start":
      return onTasks(order, (task, line) => (hits(command.args, task, line) ? started(task, at) : task));
    case "line.done":
      return onTasks(order, (task, line) => (hits(command.args, task, line) ? finished(task, at) : task));
    case "line.recall":
      return onTasks(order, (task, line) =>
        hits(command.args, task, line) ? recalled(task, command.args.to) : task,
      );
    case "order.bump": {
      const { stations = [] } = command.args;
      const held = new Set(order.lines.filter((line) => line.held).map((line) => line.id));
      return onTasks(order, (task, line) =>
        within(stations, task.station) && !held.has(line) ? finished(task, at) : task,
      );
    }
    case "order.recall": {
      const { stations = [], lines = [], to } = command.args;
      return onTasks(order, (task, line) =>
        within(stations, task.station) && within(lines, line) ? recalled(task, to) : task,
      );
    }
    case "order.confirm_allergy":
      return { ...order, allergy_confirmed_at: order.allergy_confirmed_at ?? at };
    case "order.confirm":
      return {
        ...order,
        confirmed_at: order.confirmed_at ?? at,
        state: order.state === "pending" ? "confirmed" : order.state,
      };
    case "order.start": {
      const { start_at: _, ...begun } = order;
      return begun;
    }
    case "order.rush":
      return { ...order, rush: command.args.rush };
    case "line.hold":
    case "line.fire":
      return onLine(order, command.args.line, (line) => ({ ...line, held: command.name === "line.hold" }));
    case "line.move": {
      const { from, to } = command.args;
      return onTasks(order, (task, line) =>
        line === command.args.line && task.station === from ? { ...begun(task), station: to } : task,
      );
    }
    case "line.remake":
      return onLine(order, command.args.line, (line) => ({
        ...line,
        called_at: at,
        remakes: (line.remakes ?? 0) + 1,
        tasks: line.tasks.map((task) => (hits(command.args, task, line.id) ? begun(task) : task)),
      }));
    case "order.reopen":
      return { ...order, state: "ready", completed_at: null };
    case "order.complete":
      return { ...order, state: "completed", completed_at: at };
    default:
      return order;
  }
}

/** The menu as it will be when the server has done this. */
export function afterItemTap(dishes: Board["dishes"], { command }: Tap): Board["dishes"] {
  if (command.name !== "item.set") {
    return dishes;
  }
  const { item, available, stock = null } = command.args;
  const dish = dishes.get(item);
  const gone = stock === 0;
  return dish
    ? new Map(dishes).set(item, {
        ...dish,
        item: { ...dish.item, available: available && !gone, stock },
      })
    : dishes;
}

/** Whether takeaway is closed for today, as it will be when the server has done this. */
export function afterPause(paused: boolean, { command }: Tap): boolean {
  return command.name === "takeaway.pause" ? command.args.paused : paused;
}

function onTasks(order: Order, change: (task: Task, line: LineId) => Task): Order {
  const lines = order.lines.map((line) => ({
    ...line,
    tasks: line.tasks.map((task) => change(task, line.id)),
  }));
  return { ...order, lines };
}

function onLine(order: Order, id: LineId, change: (line: Line) => Line): Order {
  return { ...order, lines: order.lines.map((line) => (line.id === id ? change(line) : line)) };
}

/** As if never begun. */
function begun(task: Task): Task {
  return { ...task, state: "queued", started_at: null, done_at: null };
}

function hits(args: { line: LineId; station?: StationId }, task: Task, line: LineId): boolean {
  return args.line === line && (args.station === undefined || args.station === task.station);
}

/** An empty list names all. */
function within(names: readonly string[], name: string): boolean {
  return names.length === 0 || names.includes(name);
}

function started(task: Task, at: string): Task {
  return task.state === "queued" ? { ...task, state: "started", started_at: at } : task;
}

function finished(task: Task, at: string): Task {
  const open = task.state === "queued" || task.state === "started";
  return open ? { ...task, state: "done", started_at: task.started_at ?? at, done_at: at } : task;
}

function recalled(task: Task, to: RecallTo = "started"): Task {
  if (to === "started") {
    return task.state === "done" ? { ...task, state: "started", done_at: null } : task;
  }
  const begun = task.state === "done" || task.state === "started";
  return begun ? { ...task, state: "queued", started_at: null, done_at: null } : task;
}
