// The socket made of HTTP says the socket's words; and a connection takes to it, and back, by itself.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Connection } from "./connection";
import { AT, FakeSocket, FakeWorld, settled, welcome } from "./fakes";
import { PollSocket } from "./poll";
import type { ServerMessage } from "./types";

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

let asked: Asked[];
let answers: (request: Asked) => Response | Promise<Response>;
let heard: ServerMessage[];
let closed: number[];
let socket: PollSocket;

const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", date: "Sat, 31 Jan 2026 19:00:00 GMT" },
  });
const never = () => new Promise<Response>(() => {});

beforeEach(() => {
  vi.useFakeTimers();
  [asked, heard, closed] = [[], [], []];
  vi.stubGlobal("fetch", (path: string, { method, body }: RequestInit) => {
    const request = { method: method ?? "", path, ...(body ? { body: JSON.parse(String(body)) } : {}) };
    asked.push(request);
    return Promise.resolve(answers(request));
  });
  socket = new PollSocket(5_000);
  socket.onmessage = ({ data }) => heard.push(JSON.parse(String(data)) as ServerMessage);
  socket.onclose = ({ code }) => closed.push(code);
});
afterEach(() => {
  socket.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const says = (message: object) => socket.send(JSON.stringify(message));
const passes = (span_ms: number) => vi.advanceTimersByTimeAsync(span_ms);

test("H8 it greets, brings the snapshot, then goes on from each answer's cursor", async () => {
  const at = (seq: number) => ({ epoch: "e", seq });
  const feed = [
    {
      subscribed: [{ topic: "kitchen", ...at(4), head: 4, snapshot: { of: "kitchen" } }],
      events: [],
      cursor: at(4),
    },
    {
      subscribed: [{ topic: "kitchen", ...at(4), head: 4 }],
      events: [{ op: "event", seq: 5 }],
      cursor: at(5),
    },
  ];
  answers = ({ path }) => {
    const next = path.startsWith("/healthz") ? {} : feed.shift();
    return next ? json(next) : never();
  };
  says({ op: "hello", token: "t", protocol: 1 });
  await passes(0);
  expect(heard).toMatchObject([{ op: "welcome", at: AT }]);
  says({ op: "subscribe", topic: "kitchen" });
  await passes(200);
  expect(heard.slice(1).map((message) => message.op)).toEqual([
    "subscribed",
    "beat",
    "subscribed",
    "event",
    "beat",
  ]);
  expect(heard.at(-1)).toMatchObject({ topics: { kitchen: { last: 5, upto: at(5) } } });
  expect(asked.slice(1).map(({ path }) => path)).toEqual([
    "/api/feed?topic=kitchen&wait=0",
    "/api/feed?topic=kitchen&wait=2&after=e.4",
    "/api/feed?topic=kitchen&wait=2&after=e.5",
  ]);
});

test("H7 commands go up in one batch at a time, and each gets its answer", async () => {
  answers = ({ body }) =>
    json(
      (body as { id: string }[]).map(({ id }, i) => ({ op: i === 0 ? "ok" : "not_tried", id, seq: 9 })),
      503,
    );
  says({ op: "command", id: "1", name: "order.bump", args: {}, base_version: 3 });
  says({ op: "command", id: "2", name: "order.bump", args: {} });
  await passes(0);
  expect(asked.map(({ body }) => body)).toEqual([
    [{ id: "1", name: "order.bump", args: {}, base_version: 3 }],
    [{ id: "2", name: "order.bump", args: {} }],
  ]);
  expect(heard).toMatchObject([
    { op: "ok", id: "1", seq: 9 },
    { op: "ok", id: "2" },
  ]);
});

test("W10 a problem closes it as the server would have closed a socket", async () => {
  answers = () => json({ code: "expired", status: 401, title: "", type: "", detail: "" }, 401);
  says({ op: "subscribe", topic: "kitchen" });
  await passes(0);
  expect(closed).toEqual([4001]);
});

test("W11 after two sockets that were never welcomed it takes HTTP, and goes back when sockets open", async () => {
  vi.useRealTimers();
  const world = new FakeWorld();
  const polls: FakeSocket[] = [];
  const connection = new Connection({
    url: "ws://h/ws/demo",
    silence_ms: 1e6,
    token: async () => ({ token: "t", expires_at: AT }),
    welcomed: () => {},
    received: () => {},
    probe: () => undefined,
    poll: () => {
      const poll = new FakeSocket("http");
      polls.push(poll);
      return poll;
    },
    world,
  });
  connection.start();
  for (const wait_ms of [0, 250, 500]) {
    await world.passes(wait_ms);
    if (polls.length === 0) {
      world.socket.isClosed(1006);
    }
  }
  expect([world.sockets.length, polls.length]).toEqual([2, 1]);
  polls[0]?.opens();
  polls[0]?.hears(welcome);
  expect(connection.state.value.is).toBe("live");
  await world.passes(2_000);
  expect(world.sockets).toHaveLength(3);
  expect(connection.state.value.is).toBe("live");
  world.socket.opens();
  await settled();
  expect(polls[0]?.closed).toBe(true);
  world.socket.opens();
  world.socket.hears(welcome);
  expect(world.sockets).toHaveLength(4);
  expect(connection.state.value.is).toBe("live");
  connection.close();
});
