// The samples in tests/golden, which the server's own tests keep byte for byte: the web app's types describe
// them, its code reads them as they come, and says the same words. Whichever side drifts turns this red.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { afterEvent, type Board, fromSnapshot } from "../kitchen/board";
import { fold, ordersOf, tabOf } from "../table/tab";
import { Connection } from "./connection";
import { FakeWorld } from "./fakes";
import { type ApiProblem, call } from "./http";
import { afterClose, SCREEN_SILENCE_MS } from "./link";
import { Outbox } from "./outbox";
import { newSync, type Sync, step, subscribe } from "./sync";
import {
  CLOSE,
  type ClientMessage,
  type CloseReason,
  type Command,
  type CommandMessage,
  type Cursor,
  type EventMessage,
  type Kind,
  type Problem,
  type ServerMessage,
  type Snapshot,
  type Subscribed,
  type TableSnapshot,
} from "./types";

const FOLDER = resolve(import.meta.dirname, "../../../tests/golden");
const TYPES = resolve(import.meta.dirname, "types");

/** Each sample's name and text. */
const samples = new Map(
  readdirSync(FOLDER)
    .filter((file) => file.endsWith(".json"))
    .map((file) => [file.slice(0, -".json".length), readFileSync(join(FOLDER, file), "utf8").trim()]),
);

function text(name: string): string {
  const found = samples.get(name);
  if (found === undefined) {
    throw new Error(`tests/golden/${name}.json is not there`);
  }
  return found;
}

const sample = <T>(name: string) => JSON.parse(text(name)) as T;
const named = (prefix: string) => [...samples.keys()].filter((name) => name.startsWith(prefix));

/** What a sample is, by the beginning of its name; the longest that fits counts. */
const TYPE_OF: Readonly<Record<string, string>> = {
  "client.": "ClientMessage",
  "server.": "ServerMessage",
  "close.": "CloseReason",
  "problem.": "Problem",
  "http.order.request": "Draft",
  "http.order.guest": "GuestOrderAnswer",
  "http.order.takeaway": "GuestOrderAnswer",
  "http.slots": "SlotList",
  "http.codes.request": "CodeRequest",
  "http.codes.asked": "CodeAsked",
  "http.codes.given": "CodeGiven",
  "http.takeaway.answer": "TakeawayGuest",
  "http.order.staff": "StaffOrderAnswer",
  "http.orders.": "OrderList",
  "http.seatings.request": "ScanRequest",
  "http.seatings.answer": "Scanned",
  "http.login.request": "LoginRequest",
  "http.login.answer": "LoggedIn",
  "http.pair.request": "PairRequest",
  "http.pair.answer": "PairingAsked",
  "http.collect.request": "CollectRequest",
  "http.collect.waits": "PairingWaits",
  "http.collect.answer": "LoggedIn",
  "http.screens.request": "ConfirmRequest",
  "http.screens.answer": "Screen",
  "http.screens.list": "ScreenList",
  "http.staff.request": "NewMember",
  "http.staff.answer": "StaffMember",
  "http.staff.list": "StaffList",
  "http.password.request": "NewPassword",
  "http.commands.request": "CommandMessage[]",
  "http.commands.answer": "BatchAnswer[]",
  "http.feed.answer": "FeedAnswer",
  "http.menu": "Menu",
  "http.health": "Health",
  "http.ready.": "Health",
};

function typeOf(name: string): string {
  const fitting = Object.keys(TYPE_OF).filter((prefix) => name.startsWith(prefix));
  const longest = fitting.sort((a, b) => b.length - a.length)[0];
  const type = longest && TYPE_OF[longest];
  if (!type) {
    throw new Error(`of which type is the sample ${name}?`);
  }
  return type;
}

/** One statement for each sample, and for each command's name with its arguments. */
function program(): string {
  const lines = [`import type * as wire from ${JSON.stringify(TYPES)};`];
  for (const [name, json] of samples) {
    lines.push(`export const ${name.replace(/\W/g, "_")}: wire.${typeOf(name)} = ${json};`);
    if (name.startsWith("client.command.")) {
      const { name: command, args } = JSON.parse(json) as CommandMessage;
      const wish = JSON.stringify({ name: command, args });
      lines.push(`export const wish_${command.replace(/\W/g, "_")}: wire.Command = ${wish};`);
    }
  }
  return lines.join("\n");
}

afterEach(() => {
  vi.unstubAllGlobals();
});

/** The compiler refuses fields that a type does not have, and misses those that it has. */
test("the wire types describe every sample", { timeout: 30_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "comanda-golden-"));
  const file = join(folder, "samples.ts");
  const compilerOptions = {
    noEmit: true,
    strict: true,
    module: "esnext",
    moduleResolution: "bundler",
    types: [],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [file] }));
  try {
    writeFileSync(file, program());
    expect(complaints(folder)).toBe("");
    writeFileSync(file, `${program()}\nexport const wrong: wire.CloseReason = { code: 1, message: "" };`);
    expect(complaints(folder)).toContain("TS2322");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function complaints(project: string): string {
  const compiler = resolve(import.meta.dirname, "../../node_modules/.bin/tsc");
  try {
    return execFileSync(compiler, ["-p", project], { encoding: "utf8" });
  } catch (error) {
    return (error as { stdout: string }).stdout || String(error);
  }
}

/** Kinds that reach a topic. A kind more or less in the types turns this red for the compiler. */
const TOLD: Readonly<Record<Exclude<Kind, "session.revoked" | "staff.changed">, true>> = {
  "order.placed": true,
  "order.released": true,
  "order.confirmed": true,
  "order.bumped": true,
  "order.recalled": true,
  "order.completed": true,
  "order.cancelled": true,
  "order.rush": true,
  "order.moved": true,
  "order.allergy_confirmed": true,
  "order.reopened": true,
  "takeaway.changed": true,
  "messages.changed": true,
  "line.held": true,
  "line.fired": true,
  "line.moved": true,
  "line.remade": true,
  "line.started": true,
  "line.done": true,
  "line.recalled": true,
  "line.voided": true,
  "orders.seen": true,
  "order.unseen": true,
  "order.told": true,
  "orders.expected": true,
  "seating.opened": true,
  "seating.joined": true,
  "seating.released": true,
  "seating.closed": true,
  "seating.moved": true,
  "seating.called": true,
  "call.coming": true,
  "call.done": true,
  "item.changed": true,
  "table.changed": true,
  "screen.paired": true,
  "screen.changed": true,
  "screen.revoked": true,
};

const OPS: Readonly<Record<ServerMessage["op"], true>> = {
  welcome: true,
  subscribed: true,
  event: true,
  ok: true,
  refused: true,
  not_tried: true,
  beat: true,
  resync: true,
  renewed: true,
  error: true,
};

test("there is a sample of every kind of event and of every message", () => {
  const kinds = named("server.event.").map((name) => sample<EventMessage>(name).kind);
  expect(new Set(kinds)).toEqual(new Set(Object.keys(TOLD)));
  const ops = named("server.").map((name) => sample<ServerMessage>(name).op);
  expect(new Set(ops)).toEqual(new Set(Object.keys(OPS)));
});

// ---- the connection ----------------------------------------------------------------------------------

async function connected() {
  const world = new FakeWorld();
  const received: ServerMessage[] = [];
  const hello = sample<ClientMessage & { op: "hello" }>("client.hello");
  const connection = new Connection({
    url: "ws://here/ws/casa-oliva",
    silence_ms: SCREEN_SILENCE_MS,
    token: async () => ({ token: hello.token, expires_at: "2026-01-31T19:17:11.480Z" }),
    welcomed: () => {},
    received: (message) => void received.push(message),
    probe: () => undefined,
    world,
  });
  connection.start();
  await world.passes(0);
  world.socket.opens();
  const hears = (name: string) => world.socket.onmessage?.({ data: text(name) } as MessageEvent);
  return { world, connection, received, hears, hello };
}

test("W1 the page says hello as the server expects it, and takes its welcome", async () => {
  for (const name of named("server.welcome.")) {
    const { world, connection, hears, hello } = await connected();
    expect(world.socket.sent).toEqual([hello]);
    hears(name);
    expect(connection.state.value).toEqual({ is: "live" });
  }
});

test("every message of the server reaches the page unchanged", async () => {
  const { received, hears } = await connected();
  hears("server.welcome.staff");
  const names = named("server.").filter((name) => !name.startsWith("server.welcome."));
  names.forEach(hears);
  expect(received).toEqual(names.map((name) => sample(name)));
});

test("W10 each close says what the page then does", async () => {
  expect(named("close.").sort()).toEqual(
    Object.keys(CLOSE)
      .map((word) => `close.${word}`)
      .sort(),
  );
  for (const [word, code] of Object.entries(CLOSE)) {
    const { world, connection, hears } = await connected();
    hears("server.welcome.staff");
    const reason = sample<CloseReason>(`close.${word}`);
    expect(reason.code).toBe(word);
    world.socket.isClosed(code, reason);
    const ends = afterClose(code) === "end";
    expect(reason.retry_ms === undefined, word).toBe(ends);
    if (ends) {
      expect(connection.state.value).toEqual({ is: "ended", reason });
    } else {
      await world.passes(reason.retry_ms ?? 0);
      expect(world.sockets, word).toHaveLength(2);
    }
  }
});

// ---- topics ------------------------------------------------------------------------------------------

function following(topic: string, cursor: Cursor): Sync {
  return { topic, cursor, phase: { is: "following" } };
}

const epoch = sample<Subscribed>("server.subscribed.kitchen").epoch;
const topics = { kitchen: "kitchen", floor: "floor", table: "table", order: "" };
topics.order = sample<EventMessage>("server.event.order.placed.order").topic;

test("W2 a page asks as the server expects it", () => {
  expect(subscribe(newSync("kitchen")).ask).toEqual(sample("client.subscribe"));
  expect(subscribe(following("kitchen", { epoch, seq: 812 })).ask).toEqual(sample("client.subscribe.after"));
  expect(subscribe(newSync(topics.order)).ask).toEqual(sample("client.subscribe.order"));
});

test("W2 every snapshot is taken whole, and the cursor with it", () => {
  for (const [short, topic] of Object.entries(topics)) {
    const taken = step(newSync(topic), sample(`server.subscribed.${short}`));
    expect(taken.snapshot).toEqual(sample<Subscribed>(`server.subscribed.${short}`).snapshot);
    expect(taken.sync).toEqual(following(topic, { epoch, seq: 840 }));
  }
});

test("W2 a snapshot in parts is put together, a replay keeps the cursor", () => {
  const first = step(newSync("kitchen"), sample("server.subscribed.part1"));
  expect(first.snapshot).toBeUndefined();
  const second = step(first.sync, sample("server.subscribed.part2"));
  const orders: readonly { number: number }[] = second.snapshot?.orders ?? [];
  expect(orders.map((order) => order.number)).toEqual([12, 13]);
  const replay = step(
    subscribe(following("kitchen", { epoch, seq: 812 })).sync,
    sample("server.subscribed.replay"),
  );
  expect(replay.sync).toEqual(following("kitchen", { epoch, seq: 812 }));
});

test("W4 every event is applied on its topic, and only there", () => {
  for (const name of named("server.event.")) {
    const event = sample<ServerMessage & { op: "event" }>(name);
    for (const topic of Object.values(topics)) {
      const taken = step(following(topic, { epoch, seq: event.prev }), event);
      expect(taken.event, name).toEqual(topic === event.topic ? event : undefined);
    }
    expect(step(following(event.topic, { epoch, seq: event.prev - 1 }), event).ask?.op).toBe("subscribe");
    expect(step(following(event.topic, { epoch, seq: event.seq }), event).event).toBeUndefined();
  }
});

test("W6 a beat moves the cursor, W9 resync begins anew", () => {
  const beat = step(following("kitchen", { epoch, seq: 841 }), sample("server.beat"));
  expect(beat.sync.cursor).toEqual({ epoch, seq: 845 });
  const behind = step(following("kitchen", { epoch, seq: 840 }), sample("server.beat"));
  expect(behind.ask).toMatchObject({ op: "subscribe", after: { seq: 840 } });
  const resync = step(following("kitchen", { epoch, seq: 841 }), sample("server.resync"));
  expect(resync.ask).toEqual(sample("client.subscribe"));
});

// ---- what is shown -----------------------------------------------------------------------------------

const snapshot = <T extends Snapshot["of"]>(name: T) =>
  sample<Subscribed>(`server.subscribed.${name}`).snapshot as Extract<Snapshot, { of: T }>;

test("L5 the kitchen's board holds what each event says", () => {
  for (const name of named("server.event.").filter((name) => name.endsWith(".kitchen"))) {
    const event = sample<EventMessage>(name);
    const empty: Board = { ...fromSnapshot(snapshot("kitchen"), null), orders: new Map() };
    const board = afterEvent(empty, event);
    if (event.order) {
      expect(board.orders.get(event.order.id), name).toEqual(event.order);
    }
    if (event.unseen) {
      expect(board.alarms.get(event.unseen.order)?.unseen).toEqual(event.unseen);
    }
    if (event.item) {
      expect(board.dishes.get(event.item.id)?.item).toEqual(event.item);
    }
  }
});

test("L5 the table's tab holds what each event says", () => {
  const before = tabOf(snapshot("table") as TableSnapshot);
  const order = ordersOf(before)[0];
  for (const name of named("server.event.").filter((name) => name.endsWith(".table"))) {
    const event = sample<EventMessage>(name);
    const tab = fold(before, event);
    if (event.order && event.order.version > (order?.version ?? 0)) {
      expect(tab.orders.get(event.order.id), name).toEqual(event.order);
    }
    if (event.seating && event.seating.version > before.seating.version) {
      expect(tab.seating, name).toEqual(event.seating);
    }
    for (const seen of event.seen ?? []) {
      expect(tab.seen.get(seen.order)).toBe(seen.at);
    }
    for (const { order, seating: _, ...expected } of event.expected ?? []) {
      expect(tab.orders.get(order)?.expected).toEqual(expected);
    }
  }
});

// ---- commands and HTTP -------------------------------------------------------------------------------

const FORGETFUL = { all: async () => [], put: async () => {}, remove: async () => {}, durable: true };

test("L4 the outbox sends every command in the words that the server understands", () => {
  for (const name of named("client.command.")) {
    const { op, ...message } = sample<ClientMessage & { op: "command" }>(name);
    const sent: CommandMessage[] = [];
    const outbox = new Outbox({ box: "casa-oliva/mateo", store: FORGETFUL });
    outbox.connected((message) => sent.push(message) > 0);
    const wish = { name: message.name, args: message.args } as Command;
    const id = outbox.put(wish, message.base_version);
    expect([op, ...sent]).toEqual(["command", { ...message, id }]);
    outbox.done(id);
    outbox.close();
  }
});

test("every problem document becomes an ApiProblem that says the same", async () => {
  for (const name of named("problem.")) {
    const problem = sample<Problem>(name);
    vi.stubGlobal("fetch", async () => new Response(text(name), { status: problem.status }));
    const error = await call("POST", "/api/orders", { body: {} }).catch((e: unknown) => e as ApiProblem);
    expect((error as ApiProblem).problem, name).toEqual(problem);
  }
});
