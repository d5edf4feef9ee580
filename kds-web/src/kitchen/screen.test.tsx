// The whole screen on a held socket: what a cook sees and what goes out, in a real document.

import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AT, beat, FakeWorld, welcome } from "../wire/fakes";
import type { ClientMessage, Order, ServerMessage } from "../wire/types";
import en from "../words/en";
import { inMinutes, line, NOW, order, restaurant, snapshot, stations } from "./fakes";
import { Kitchen } from "./kitchen";
import { Screen } from "./screen";
import { Speaking, Speech } from "./speech";
import { Touch } from "./touch";

type Sent = ClientMessage & { op: "command" };
let ends: (() => void)[] = [];

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
  vi.stubGlobal("indexedDB", new IDBFactory());
  vi.stubGlobal("fetch", vi.fn().mockRejectedValue(new TypeError("no network")));
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      disconnect() {}
    },
  );
  vi.spyOn(console, "warn").mockImplementation(() => {});
  localStorage.clear();
});

afterEach(() => {
  for (const end of ends) {
    end();
  }
  ends = [];
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

async function wall(...orders: Order[]) {
  const world = new FakeWorld();
  const token = async () => ({ token: "t", expires_at: inMinutes(15) });
  const speech = new Speech(en, "en", restaurant, stations);
  const kitchen = new Kitchen({
    slug: "demo",
    person: "ana",
    token,
    words: () => speech,
    world,
  });
  const touch = new Touch(kitchen);
  const root = document.body.appendChild(document.createElement("div"));
  const hears = (message: ServerMessage) => act(() => world.socket.hears(message));
  const joins = async () => {
    world.socket.opens();
    await hears(welcome);
  };
  localStorage.setItem("comanda.stations.demo", "grill");
  kitchen.start();
  await act(() =>
    render(
      <Speaking value={speech}>
        <Screen
          kitchen={kitchen}
          touch={touch}
          who="Ana"
          manages={false}
          onLanguage={() => {}}
          onSignOut={() => {}}
        />
      </Speaking>,
      root,
    ),
  );
  await world.passes(0);
  const follows = async () => {
    await joins();
    await hears({
      op: "subscribed",
      topic: "kitchen",
      epoch: "e",
      seq: 10,
      head: 10,
      snapshot: snapshot(...orders),
    });
  };
  ends.push(() => {
    kitchen.stop();
    render(null, root);
    root.remove();
  });
  const button = (name: string) => {
    const found = [...root.querySelectorAll("button")].find((b) =>
      (b.getAttribute("aria-label") ?? b.textContent ?? "").includes(name),
    );
    if (!found) {
      throw new Error(`no button says ${name}`);
    }
    return found;
  };
  return {
    world,
    kitchen,
    hears,
    joins,
    follows,
    text: () => root.textContent ?? "",
    tap: (name: string) => act(() => button(name).click()),
    commands: () => world.sockets.flatMap((s) => s.sent).filter((m): m is Sent => m.op === "command"),
    happens: (seq: number, of: Order) =>
      hears({
        op: "event",
        topic: "kitchen",
        seq,
        prev: seq - 1,
        at: AT,
        kind: "order.placed",
        command: "c",
        order: of,
      }),
  };
}

test("L10 an empty kitchen says so only while it is live", async () => {
  const { world, follows, text, joins } = await wall();
  expect(text()).not.toContain("All done");
  await joins();
  expect(text()).not.toContain("All done");
  await follows();
  expect(text()).toContain("All done.");
  await act(() => world.socket.isClosed(1006));
  expect(text()).not.toContain("All done");
  expect(text()).toContain("Not connected.No new tickets can arrive.");
});

test("W5 a tap shows at once, goes out with the version shown, and holds until its event is here", async () => {
  const rib = order("T1", [line("Rib"), line("Corn")], { version: 4 });
  const { follows, tap, commands, hears, happens, kitchen } = await wall(rib);
  await follows();
  await tap("Rib");
  const mark = () => kitchen.tickets.value[0]?.lines[0];
  expect(mark()).toMatchObject({ mark: "started", unsent: true });
  expect(commands()).toMatchObject([
    { name: "line.start", args: { order: "T1", line: "l-Rib" }, base_version: 4 },
  ]);
  await hears({ op: "ok", id: commands()[0]?.id ?? "", seq: 12 });
  expect(mark()).toMatchObject({ mark: "started", unsent: false });
  await happens(11, order("T2", [line("Lamb")]));
  expect(mark()).toMatchObject({ mark: "started" });
  expect(kitchen.taps.value).toHaveLength(1);
  await happens(12, { ...rib, version: 5, lines: [line("Rib", "started"), line("Corn")] });
  expect(kitchen.taps.value).toHaveLength(0);
  expect(mark()).toMatchObject({ mark: "started" });
});

test("W5 an ok whose event is not for this topic lets go with the next beat", async () => {
  const { follows, tap, commands, hears, kitchen } = await wall(order("T1", [line("Rib"), line("Corn")]));
  await follows();
  await tap("Rib");
  await hears({ op: "ok", id: commands()[0]?.id ?? "", seq: 12 });
  await hears(beat({ last: 10, upto: { epoch: "e", seq: 12 } }));
  vi.setSystemTime(NOW + 1_000);
  await vi.waitFor(() => expect(kitchen.taps.value).toHaveLength(0), { timeout: 2_500 });
});

test("W5 a refused tap is taken back and said until somebody has seen it", async () => {
  const { follows, tap, commands, hears, text } = await wall(order("T1", [line("Rib"), line("Corn")]));
  await follows();
  await tap("Bump T1");
  expect(text()).not.toContain("Corn");
  const current = order("T1", [line("Rib"), line("Corn")], {
    version: 2,
    state: "cancelled",
    cancelled_at: AT,
  });
  await hears({ op: "refused", id: commands()[0]?.id ?? "", code: "wrong_state", message: "x", current });
  expect(text()).toContain("T1 was cancelled at 20:00. Your tap was not needed.");
  await tap("Your tap was not needed");
  expect(text()).not.toContain("Your tap was not needed");
});

test("W11 taps on a cut screen are kept, counted, and sent in order when it is back", async () => {
  const { world, follows, tap, commands, text, joins } = await wall(
    order("T1", [line("Rib"), line("Corn")]),
    order("T2", [line("Lamb")]),
  );
  await follows();
  await act(() => world.socket.isClosed(1006));
  await tap("Rib");
  await tap("Bump T2");
  expect(text()).toContain("your 2 taps are kept");
  expect(commands()).toHaveLength(0);
  await world.passes(500);
  await joins();
  expect(commands().map((c) => c.name)).toEqual(["line.start", "order.bump"]);
});

test("an allergy must be confirmed before anything is touched", async () => {
  const { follows, tap, commands, text } = await wall(
    order("T1", [line("Rib"), line("Corn")], { allergy: "peanut" }),
  );
  await follows();
  await tap("Rib");
  await tap("Bump T1");
  expect(commands()).toHaveLength(0);
  expect(text()).toContain("Confirm the allergy first.");
  await tap("We have seen it");
  expect(commands().map((c) => c.name)).toEqual(["order.confirm_allergy"]);
});

test("a double tap of a wet hand is one tap", async () => {
  const { follows, tap, commands } = await wall(order("T1", [line("Rib"), line("Corn")]));
  await follows();
  await tap("Rib");
  await tap("Rib");
  expect(commands()).toHaveLength(1);
});

test("a bump can be undone for five seconds", async () => {
  const { follows, tap, commands, text } = await wall(order("T1", [line("Rib"), line("Corn", "started")]));
  await follows();
  await tap("Bump T1");
  expect(text()).toContain("T1 bumped");
  await tap("undo");
  expect(commands().map((c) => c.name)).toEqual(["order.bump", "order.recall", "order.recall"]);
  expect(text()).toContain("Corn");
});

test("a cancelled order stays struck until somebody says OK", async () => {
  const rib = order("T1", [line("Rib"), line("Corn")]);
  const { follows, tap, happens, text, commands } = await wall(rib);
  await follows();
  await happens(11, {
    ...rib,
    version: 2,
    state: "cancelled",
    cancelled_at: AT,
    cancel_reason: "Guest left",
  });
  expect(text()).toContain("Cancelled 20:00: Guest left");
  await tap("OK, not cooking it");
  expect(text()).not.toContain("Guest left");
  expect(commands()).toHaveLength(0);
});

test("W7 an order that another station does not show is said here", async () => {
  const { follows, hears, tap, text } = await wall(order("T1", [line("Rib"), line("Corn")]));
  await follows();
  const unseen = {
    order: "T1",
    number: 1,
    table: { id: "t", label: "T1" },
    stations: ["fry"],
    nth: 1,
    since: inMinutes(-1),
  };
  await hears({
    op: "event",
    topic: "kitchen",
    seq: 11,
    prev: 10,
    at: AT,
    kind: "order.unseen",
    command: "c",
    unseen,
  });
  expect(text()).toContain("T1 is not on the Fry screen, 1:0");
  await tap("I told them");
  expect(text()).not.toContain("is not on");
});
