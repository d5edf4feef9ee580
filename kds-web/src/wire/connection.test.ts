// How a page holds its socket (DESIGN §6), with time and sockets held in the hand.

import { expect, test, vi } from "vitest";
import { Connection, type ConnectionOptions } from "./connection";
import { AT, beat, event, FakeWorld, welcome } from "./fakes";
import { afterClose, backoff_ms, SignedOut, socketUrl } from "./link";
import { CLOSE, type ClientMessage } from "./types";

const inMinutes = (minutes: number) => new Date(Date.parse(AT) + minutes * 60_000).toISOString();
const quiet = beat({ last: 0, upto: { epoch: "e", seq: 0 } });

function page(options: Partial<ConnectionOptions> = {}) {
  const world = new FakeWorld();
  const token = vi.fn(async (stale?: string) => ({
    token: stale ? `${stale}+` : "t",
    expires_at: inMinutes(stale ? 30 : 15),
  }));
  const received = vi.fn();
  const connection = new Connection({
    url: "ws://here/ws/demo",
    silence_ms: 5_000,
    token,
    welcomed: () => {},
    received,
    probe: () => ({ op: "subscribe", topic: "kitchen" }),
    world,
    ...options,
  });
  const live = async () => {
    connection.start();
    await world.passes(0);
    world.socket.opens();
    world.socket.hears(welcome);
  };
  return { world, token, received, connection, live };
}

test("W1 hello with the token is the first message, and the token is not in the address", async () => {
  const { world, connection } = page();
  connection.start();
  await world.passes(0);
  expect(connection.send({ op: "unsubscribe", topic: "kitchen" })).toBe(false);
  world.socket.opens();
  expect(world.socket.sent).toEqual([{ op: "hello", token: "t", protocol: 1 }]);
  expect(world.socket.url).not.toContain("t=");
});

test("W1 the address follows the page: wss over https", () => {
  expect(socketUrl("la-brasa", { protocol: "https:", host: "h:1" })).toBe("wss://h:1/ws/la-brasa");
  expect(socketUrl("la brasa", { protocol: "http:", host: "h" })).toBe("ws://h/ws/la%20brasa");
});

test("W10 the code says whether to come back", () => {
  for (const code of [1006, CLOSE.restart, CLOSE.stalled, CLOSE.busy, CLOSE.too_fast, CLOSE.fault, 4499]) {
    expect(afterClose(code), String(code)).toBe("return");
  }
  expect(afterClose(CLOSE.expired)).toBe("return_with_new_token");
  for (const code of [CLOSE.too_large, CLOSE.revoked, CLOSE.seating_closed, CLOSE.update, 4999]) {
    expect(afterClose(code), String(code)).toBe("end");
  }
});

test("W10 a restart is come back from after retry_ms, and shown as a move, not as a loss", async () => {
  const { world, connection, live } = page();
  await live();
  world.socket.isClosed(CLOSE.restart, { code: "restart", retry_ms: 1_500, message: "" });
  expect(connection.state.value.is).toBe("connecting");
  await world.passes(1_499);
  expect(world.sockets).toHaveLength(1);
  await world.passes(1);
  expect(world.sockets).toHaveLength(2);
});

test("W10 an expired token is replaced before coming back", async () => {
  const { world, token, live } = page();
  await live();
  world.socket.isClosed(CLOSE.expired, { code: "expired", retry_ms: 0, message: "" });
  await world.passes(0);
  world.socket.opens();
  expect(token).toHaveBeenLastCalledWith("t");
  expect(world.socket.sent[0]).toMatchObject({ token: "t+" });
});

test("W10 a terminal close is not come back from", async () => {
  const { world, connection, live } = page();
  await live();
  const reason = { code: "revoked", message: "This login was ended." };
  world.socket.isClosed(CLOSE.revoked, reason);
  connection.wake();
  await world.passes(120_000);
  expect(world.sockets).toHaveLength(1);
  expect(connection.state.value).toEqual({ is: "ended", reason });
});

test("W11 backoff is full jitter between 0 and a bound that doubles from 0.5 s to 20 s", () => {
  expect(backoff_ms(0, 1)).toBe(500);
  expect(backoff_ms(3, 1)).toBe(4_000);
  expect(backoff_ms(60, 1)).toBe(20_000);
  expect(backoff_ms(60, 0.25)).toBe(5_000);
});

test("W11 losses back off, and a good connection forgives them", async () => {
  const { world, connection, live } = page();
  await live();
  for (const wait_ms of [250, 500, 1_000]) {
    world.socket.isClosed(1006);
    expect(connection.state.value.is).toBe("offline");
    const before = world.sockets.length;
    await world.passes(wait_ms - 1);
    expect(world.sockets).toHaveLength(before);
    await world.passes(1);
    expect(world.sockets).toHaveLength(before + 1);
  }
  world.socket.opens();
  world.socket.hears(welcome);
  for (let i = 0; i < 6; i += 1) {
    await world.passes(2_000);
    world.socket.hears(quiet);
  }
  world.socket.isClosed(1006);
  await world.passes(250);
  expect(world.sockets).toHaveLength(5);
});

test("W11 silence past the limit opens a new socket, and a frame in time does not", async () => {
  const { world, connection, live } = page();
  await live();
  await world.passes(4_000);
  world.socket.hears(quiet);
  await world.passes(4_999);
  expect(connection.state.value.is).toBe("live");
  await world.passes(1);
  expect(connection.state.value.is).toBe("stale");
  expect(world.sockets).toHaveLength(2);
  expect(world.sockets[0]?.closed).toBe(true);
});

test("W11 a replaced socket is not listened to", async () => {
  const { world, connection, received, live } = page();
  await live();
  const old = world.socket;
  await world.passes(5_000);
  old.hears(event(5, 4));
  old.isClosed(CLOSE.revoked, { code: "revoked", message: "" });
  expect(received).not.toHaveBeenCalled();
  expect(connection.state.value.is).toBe("stale");
});

test("W11 waking asks, and without an answer within 1 s opens a new socket", async () => {
  const { world, connection, live } = page();
  await live();
  connection.wake();
  expect(world.socket.sent.at(-1)).toEqual({ op: "subscribe", topic: "kitchen" });
  await world.passes(1_000);
  expect(world.sockets).toHaveLength(2);
});

test("W11 waking with an answer keeps the socket", async () => {
  const { world, connection, live } = page();
  await live();
  connection.wake();
  await world.passes(900);
  world.socket.hears(quiet);
  await world.passes(200);
  expect(world.sockets).toHaveLength(1);
});

test("W11 waking while waiting to come back comes back at once", async () => {
  const { world, connection, live } = page();
  await live();
  world.socket.isClosed(CLOSE.too_fast, { code: "too_fast", retry_ms: 9_000, message: "" });
  connection.wake();
  await world.passes(0);
  expect(world.sockets).toHaveLength(2);
});

test("W11 a socket that opens but is never welcomed counts as a failure", async () => {
  const { world, connection } = page();
  connection.start();
  await world.passes(0);
  world.socket.opens();
  await world.passes(5_000);
  expect(connection.state.value.is).toBe("offline");
  await world.passes(500);
  expect(world.sockets).toHaveLength(2);
});

test("W8 the token is renewed on the same socket before it runs out, and again after that", async () => {
  const { world, live } = page({ silence_ms: 1e9 });
  await live();
  const renewals = () =>
    world.socket.sent.filter((m): m is ClientMessage & { op: "renew" } => m.op === "renew");
  await world.passes(14 * 60_000 - 1);
  expect(renewals()).toHaveLength(0);
  await world.passes(1);
  expect(renewals().map((m) => m.token)).toEqual(["t+"]);
  await world.passes(15 * 60_000);
  expect(renewals().map((m) => m.token)).toEqual(["t+", "t++"]);
  expect(world.sockets).toHaveLength(1);
});

test("W8 without a token to be had it ends, and says so", async () => {
  const { world, connection } = page({ token: () => Promise.reject(new SignedOut("signed out")) });
  connection.start();
  await world.passes(0);
  expect(connection.state.value).toMatchObject({ is: "ended", reason: { code: "unauthorized" } });
});

test("W8 a token that cannot be fetched now is tried for again", async () => {
  const token = vi.fn().mockRejectedValueOnce(new Error("no network"));
  token.mockResolvedValue({ token: "t", expires_at: inMinutes(15) });
  const { world, connection } = page({ token });
  connection.start();
  await world.passes(0);
  expect(connection.state.value.is).toBe("offline");
  await world.passes(500);
  expect(world.sockets).toHaveLength(1);
});

test("L10 the age of the data and the newest number are there to show", async () => {
  const { world, connection, live } = page();
  expect(connection.lastFrameAt.value).toBeNull();
  await live();
  await world.passes(700);
  world.socket.hears(event(41, 40));
  expect(connection.lastFrameAt.value).toBe(world.now());
  expect(connection.lastSeq.value).toBe(41);
});
