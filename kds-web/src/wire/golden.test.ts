// The samples in tests/golden, which the server's own tests keep byte for byte: the web app's code reads them as they
// come, and says the same words. Whichever side drifts turns this red. That its types describe them: golden-types.test.ts.

import { afterEach, expect, test, vi } from "vitest";
import { afterEvent, type Board, fromSnapshot } from "../kitchen/board";
import { fold, ordersOf, tabOf } from "../table/tab";
import { Connection } from "./connection";
import { FakeWorld } from "./fakes";
import { type ApiProblem, call } from "./http";
import { afterClose, SCREEN_SILENCE_MS } from "./link";
import { Outbox } from "./outbox";
import { named, sample, text } from "./samples";
import { newSync, type Sync, step, subscribe } from "./sync";
import {
  CLOSE,
  type ClientMessage,
  type CloseReason,
  type Command,
  type CommandMessage,
  type Cursor,
  type EventMessage,
  type Problem,
  type ServerMessage,
  type Snapshot,
  type Subscribed,
  type TableSnapshot,
} from "./types";

afterEach(() => {
  vi.unstubAllGlobals();
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
