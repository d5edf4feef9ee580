import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Draft, GuestOrderAnswer } from "../wire/types";
import { added, EMPTY, priced, withQuantity } from "./cart";
import { Courier, type Seat } from "./courier";
import { item, menu, order } from "./fixtures";
import { HeldPad } from "./held-pad";
import { type Keeping, openKeeping } from "./keeping";
import { indexOf } from "./menu";
import { sent, takeBack } from "./pad";
import { KEEP_MS, TRY_MS } from "./sending";

const card = menu([item("steak", { price: 2900 })]);
const seat: Seat = { token: "t", seating: "s" };

type Fate = "answered" | "lost" | "answer_lost" | "refused_503" | "refused_429" | "hangs";

/** The server's promise (DESIGN L4), behind a network that cuts what it likes. */
class Kitchen {
  readonly orders = new Map<string, { live: boolean; body: string }>();
  readonly log: Fate[] = [];
  fate: () => Fate = () => "answered";
  refusal: { status: number; code: string } | null = null;

  readonly fetch = async (path: string, init: RequestInit): Promise<Response> => {
    const fate = this.fate();
    this.log.push(fate);
    if (fate === "lost") throw new TypeError("network");
    if (fate === "hangs") return new Promise(() => {});
    if (fate === "refused_503") return problem(503, "busy");
    if (fate === "refused_429") return problem(429, "limited", { "retry-after": "2" });
    const answer = init.method === "DELETE" ? this.#cancel(path) : this.#place(init);
    if (fate === "answer_lost") throw new TypeError("network");
    return answer;
  };

  live(): number {
    return [...this.orders.values()].filter(({ live }) => live).length;
  }

  #place(init: RequestInit): Response {
    if (this.refusal) return problem(this.refusal.status, this.refusal.code);
    const key = new Headers(init.headers).get("idempotency-key") ?? "";
    const body = String(init.body);
    const held = this.orders.get(key) ?? { live: true, body };
    if (held.body !== body) return problem(422, "id_reused");
    this.orders.set(key, held);
    const answer: GuestOrderAnswer = { ...order(key), seq: 1, seen_at: null };
    return Response.json(answer, { status: 201 });
  }

  #cancel(path: string): Response {
    const held = this.orders.get(path.split("/").at(-1) ?? "");
    if (!held) return problem(404, "unknown_order");
    held.live = false;
    return Response.json({});
  }
}

function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  return Response.json({ type: "about:blank", title: code, status, code, detail: "" }, { status, headers });
}

/** One opened page: what a reload throws away. */
class Tab {
  readonly held: HeldPad;
  readonly courier: Courier;
  readonly settled: string[] = [];

  constructor(keeping: Keeping, tab: string, code: string) {
    this.held = new HeldPad(code, keeping);
    this.courier = new Courier({
      held: this.held,
      tab,
      seat: () => seat,
      rescan: async () => {},
      placed: () => {},
      settled: (_, step) => this.settled.push(step.do),
    });
  }

  async open(): Promise<this> {
    await this.held.read();
    this.courier.start();
    return this;
  }

  close(): void {
    this.courier.stop();
    this.held.close();
  }

  send(id: string): Promise<unknown> {
    const who = { id, seating: "s", guest: "me" };
    const { cart } = this.held.pad.value;
    const price = priced(cart, card, indexOf(card));
    return this.held.change((pad) => sent(pad, cart.revision, who, price, Date.now()));
  }

  fill(): Promise<unknown> {
    const steak = card.categories[0]?.items[0];
    const choice = { options: [], note: "", quantity: 1 };
    return this.held.change((pad) =>
      steak ? { ...pad, cart: added({ ...EMPTY, seating: "s" }, steak, choice, "l", Date.now()) } : pad,
    );
  }
}

/** Lets time pass, and the database and the network get on in it. */
async function pass(span_ms: number): Promise<void> {
  for (let n = 0; n < 10; n += 1) {
    await vi.advanceTimersByTimeAsync(span_ms / 10);
    for (let m = 0; m < 5; m += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

let kitchen: Kitchen;
let keeping: Keeping;
let code = 0;
const tabs: Tab[] = [];
const open = async (tab = "one") => {
  const opened = await new Tab(keeping, tab, `code-${code}`).open();
  tabs.push(opened);
  return opened;
};

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  kitchen = new Kitchen();
  vi.stubGlobal("fetch", kitchen.fetch);
  keeping = await openKeeping();
  code += 1;
});

afterEach(() => {
  for (const tab of tabs.splice(0)) tab.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("an order reaches the kitchen:", () => {
  test("is tried with one key until it is answered", async () => {
    const fates: Fate[] = ["lost", "answer_lost", "refused_503", "hangs", "answered"];
    kitchen.fate = () => fates.shift() ?? "answered";
    const page = await open();
    await page.fill();
    await page.send("k");
    await pass(TRY_MS + 90_000);
    expect(kitchen.log).toHaveLength(5);
    expect([...kitchen.orders.keys()]).toEqual(["k"]);
    expect(page.held.pad.value.orders).toEqual([]);
    expect(page.held.pad.value.cart.lines).toEqual([]);
  });

  test("goes out after a reload, from what is stored", async () => {
    kitchen.fate = () => "lost";
    const before = await open();
    await before.fill();
    await before.send("k");
    await pass(1_000);
    before.close();
    kitchen.fate = () => "answered";
    const after = await open();
    await pass(60_000);
    expect(kitchen.live()).toBe(1);
    expect(after.held.pad.value.orders).toEqual([]);
  });

  test("pressed twice, and in two tabs, is one order", async () => {
    const [one, two] = [await open("one"), await open("two")];
    await one.fill();
    await two.held.read();
    await Promise.all([one.send("a"), one.send("b"), two.send("c")]);
    await pass(60_000);
    expect(kitchen.live()).toBe(1);
  });

  test("is not made of a cart that another tab has changed since", async () => {
    const [one, two] = [await open("one"), await open("two")];
    await one.fill();
    await two.held.read();
    await one.held.change((pad) => ({ ...pad, cart: withQuantity(pad.cart, "l", 2, Date.now()) }));
    await two.send("k");
    await pass(5_000);
    expect(kitchen.log).toEqual([]);
    expect(two.held.pad.value.cart.lines[0]?.quantity).toBe(2);
  });

  test("is not sent while the phone says it has no network, and can be had back at once", async () => {
    vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
    const page = await open();
    await page.fill();
    await page.send("k");
    await pass(30_000);
    expect(kitchen.log).toEqual([]);
    await page.held.changeStored((pad) => takeBack(pad, "k", Date.now()).pad);
    expect(page.held.pad.value.cart.lines).toHaveLength(1);
    expect(page.held.pad.value.orders).toEqual([]);
  });
});

describe("an order ends well or visibly:", () => {
  test("that was refused is in the cart again, and nowhere else", async () => {
    kitchen.refusal = { status: 409, code: "unavailable" };
    const page = await open();
    await page.fill();
    await page.send("k");
    await pass(5_000);
    expect(page.settled).toEqual(["put_back"]);
    expect(page.held.pad.value.cart.lines).toHaveLength(1);
    expect(page.held.pad.value.orders).toEqual([]);
  });

  test("whose answer was lost is settled by the socket's news", async () => {
    kitchen.fate = () => "answer_lost";
    const page = await open();
    await page.fill();
    await page.send("k");
    await pass(100);
    page.courier.heard("k", order("k"));
    await pass(100);
    expect(page.held.pad.value.orders).toEqual([]);
    expect(kitchen.live()).toBe(1);
  });

  test("that could not be sent for a day is dropped, and said so", async () => {
    kitchen.fate = () => "lost";
    const page = await open();
    await page.fill();
    await page.send("k");
    await pass(1_000);
    page.close();
    vi.setSystemTime(Date.now() + KEEP_MS);
    const later = await open();
    await pass(1_000);
    expect(later.settled).toEqual(["drop"]);
    expect(later.held.pad.value.orders).toEqual([]);
  });
});

/** Numbers from a seed, so that a failing round can be run again. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

describe("whatever is cut, in any order", () => {
  const fates: readonly Fate[] = ["answered", "lost", "answer_lost", "refused_503", "refused_429", "hangs"];
  const seeds = Array.from({ length: 25 }, (_, n) => n + 1);
  const done = { lost: 0, doubled_posts: 0, taken_back: 0, reloads: 0 };

  test.each(seeds)("seed %i: the order is in the kitchen or in the cart, once", async (seed) => {
    const roll = dice(seed);
    kitchen.fate = () => fates[Math.floor(roll() * fates.length)] ?? "answered";
    let one = await open("one");
    const two = await open("two");
    await one.fill();
    await one.send("k");
    for (let n = 0; n < 6; n += 1) {
      await pass(roll() * 4_000);
      if (roll() < 0.3) {
        one.close();
        one = await open("one");
        done.reloads += 1;
      }
      if (roll() < 0.15) {
        await (roll() < 0.5 ? one : two).held.changeStored((pad) => takeBack(pad, "k", Date.now()).pad);
        done.taken_back += 1;
      }
    }
    kitchen.fate = () => "answered";
    await pass(120_000);
    const pad = await keeping.pad(`code-${code}`);
    expect(pad.orders).toEqual([]);
    expect(kitchen.live() + pad.cart.lines.length).toBe(1);
    done.lost += kitchen.log.filter((fate) => fate !== "answered").length;
    done.doubled_posts += kitchen.log.length - 1;
  });

  test("the rounds did cut, repeat, take back and reload", () => {
    expect(Math.min(...Object.values(done))).toBeGreaterThan(5);
  });
});

test("a draft never changes between tries", async () => {
  const bodies = new Set<string>();
  const answers: Fate[] = ["answer_lost", "lost", "answered"];
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => {
    bodies.add(JSON.stringify(JSON.parse(String(init.body)) as Draft));
    return kitchen.fetch(path, init);
  });
  kitchen.fate = () => answers.shift() ?? "answered";
  const page = await open();
  await page.fill();
  await page.send("k");
  await pass(60_000);
  expect(bodies.size).toBe(1);
});
