// How fast the kitchen page is on a slow tablet: `npm run speed` measures and says. 300 open tickets, a
// processor four times slower; one change drawn, a rush of 20 events a second, and the memory over a long
// shift. Without SPEED there is nothing to do.

import { availableParallelism, loadavg } from "node:os";
import type { Browser, CDPSession, Page } from "playwright-core";
import { expect, test } from "vitest";
import type { Command, Order } from "../src/wire/types";
import { launch } from "./browser";
import { kitchen, SOON } from "./people";
import { Till } from "./pos";
import { serve } from "./server";

const TICKETS = 300;
const SLOWER = 4;
const RUSH_PER_S = 20;
const RUSH_S = 10;
const SHIFT_ORDERS = 2_400;
const DRAWN_MS = 50;
/** Without an event for so long, the page has nothing to do. */
const QUIET_MS = 700;
const TASK_MS = 100;
/** Load per processor from which on this machine does something else. */
const BUSY = 1.5;
/** What a shift may leave behind, of what the page holds at its middle. */
const GROWTH = 1.25;

const UNLIMITED = {
  COMANDA_LIMITS__STAFF_REQUESTS: "1000000",
  COMANDA_LIMITS__ORDERS_PER_RESTAURANT: "1000000",
};
const DISHES = ["Ribeye", "Pulpo", "Lubina", "Solomillo", "Tataki", "Gazpacho", "Burrata", "Patatas bravas"];

/** Notes when each event came and when the frame after it was painted; and every long task. */
function watch(): void {
  const seen = { drawn: [] as number[], tasks: [] as number[] };
  Object.assign(globalThis, { seen });
  new PerformanceObserver((list) => {
    seen.tasks.push(...list.getEntries().map((entry) => entry.duration));
  }).observe({ type: "longtask", buffered: true });
  const Plain = WebSocket;
  globalThis.WebSocket = class extends Plain {
    constructor(url: string | URL) {
      super(url);
      this.addEventListener("message", ({ data }) => {
        if (String(data).startsWith('{"op":"event"')) {
          const came = performance.now();
          requestAnimationFrame(() => setTimeout(() => seen.drawn.push(performance.now() - came)));
        }
      });
    }
  };
}

interface Seen {
  readonly drawn: readonly number[];
  readonly tasks: readonly number[];
}

async function taken(page: Page): Promise<Seen> {
  return page.evaluate(() => {
    const { seen } = globalThis as unknown as { seen: { drawn: number[]; tasks: number[] } };
    return { drawn: seen.drawn.splice(0), tasks: seen.tasks.splice(0) };
  });
}

async function fill(till: Till, count: number): Promise<Order[]> {
  const orders: Order[] = [];
  while (orders.length < count) {
    const batch = Array.from({ length: Math.min(20, count - orders.length) }, (_, i) => {
      const nth = orders.length + i;
      const wanted = [0, 1, 2, 3].map((k) => DISHES[(nth * 3 + k) % DISHES.length] ?? "Ribeye");
      return till.order(wanted, { note: nth % 5 === 0 ? "Bring it all together" : "" });
    });
    orders.push(...(await Promise.all(batch)));
  }
  return orders;
}

const percentile = (values: readonly number[], share: number) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
const rounded = (ms: number) => `${ms.toFixed(0)} ms`;

/** Times say something of the page only while nobody else wants the processor. */
function judged(limit: () => void): void {
  const [busy = 0] = loadavg();
  if (busy > availableParallelism() * BUSY) {
    console.log(`  not judged: the machine is busy with other things (load ${busy.toFixed(1)})`);
  } else {
    limit();
  }
}

async function heap(session: CDPSession): Promise<number> {
  // What the first round frees may hold what the second frees.
  await session.send("HeapProfiler.collectGarbage");
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  return usedSize / 1024 / 1024;
}

/** That the screen has shown 300 tickets comes back as hundreds of events: how they are drawn, until none comes. */
async function receipts(page: Page): Promise<void> {
  const drawn: number[] = [];
  for (let more = 1; more > 0 || drawn.length < TICKETS / 10; ) {
    await page.waitForTimeout(QUIET_MS);
    const seen = (await taken(page)).drawn;
    more = seen.length;
    drawn.push(...seen);
  }
  console.log(
    `${drawn.length} events after 300 tickets were shown: drawn in ${rounded(percentile(drawn, 0.5))} (99 %: ${rounded(percentile(drawn, 0.99))})`,
  );
}

/** One change after the other: each has the page to itself. */
async function single(page: Page, till: Till, orders: readonly Order[]): Promise<void> {
  await taken(page);
  for (const { id } of orders.slice(0, 20)) {
    await till.give({ name: "order.rush", args: { order: id, rush: true } });
    await page.waitForTimeout(150);
  }
  const { drawn } = await taken(page);
  const [usual, slow] = [percentile(drawn, 0.5), percentile(drawn, 0.9)];
  console.log(`one change: drawn in ${rounded(usual)}, 90 % within ${rounded(slow)}`);
  expect(drawn.length).toBeGreaterThanOrEqual(20);
  judged(() => expect(slow).toBeLessThanOrEqual(DRAWN_MS));
}

async function rush(page: Page, till: Till, orders: readonly Order[]): Promise<void> {
  await taken(page);
  const line = (order: Order, n: number) => order.lines[n % order.lines.length]?.id ?? "";
  for (let i = 0; i < RUSH_PER_S * RUSH_S; i += 1) {
    const order = orders[i % 40];
    if (order) {
      const args = { order: order.id, line: line(order, Math.floor(i / 40)) };
      void till.give({ name: "line.start", args });
    }
    await new Promise((done) => setTimeout(done, 1_000 / RUSH_PER_S));
  }
  await page.waitForTimeout(500);
  const { drawn, tasks } = await taken(page);
  const longest = Math.max(0, ...tasks);
  console.log(
    `rush of ${RUSH_PER_S}/s: ${drawn.length} events, drawn in ${rounded(percentile(drawn, 0.5))} (99 %: ${rounded(percentile(drawn, 0.99))}), longest task ${rounded(longest)}`,
  );
  judged(() => expect(longest).toBeLessThanOrEqual(TASK_MS));
}

/** Orders come, are cooked and leave, as many as a long shift has. */
async function shift(session: CDPSession, till: Till): Promise<void> {
  const sizes: number[] = [];
  for (let done = 0; done < SHIFT_ORDERS; done += SHIFT_ORDERS / 4) {
    for (let n = 0; n < SHIFT_ORDERS / 4; n += 20) {
      const orders = await fill(till, 20);
      const leave = ({ id }: Order): Command[] => [
        { name: "order.bump", args: { order: id } },
        { name: "order.complete", args: { order: id } },
      ];
      await till.give(...orders.flatMap(leave));
    }
    sizes.push(await heap(session));
  }
  const [, middle = 0, , end = 0] = sizes;
  console.log(
    `a shift of ${SHIFT_ORDERS} orders: ${sizes.map((size) => `${size.toFixed(1)} MB`).join(", ")}`,
  );
  expect(end).toBeLessThanOrEqual(middle * GROWTH);
}

test.skipIf(!process.env["SPEED"])(
  "300 tickets on a slow tablet",
  async () => {
    const server = await serve(UNLIMITED);
    const browser: Browser = await launch();
    try {
      const till = await Till.open(server);
      for (const dish of DISHES) {
        await till.give({ name: "item.set", args: { item: till.item(dish).id, available: true } });
      }
      const orders = await fill(till, TICKETS);
      const page = await kitchen(browser, server, "All stations", watch);
      await page.getByText(`${TICKETS}`, { exact: true }).first().waitFor(SOON);
      const session = await page.context().newCDPSession(page);
      await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
      await receipts(page);
      await single(page, till, orders);
      await rush(page, till, orders);
      await session.send("Emulation.setCPUThrottlingRate", { rate: 1 });
      await shift(session, till);
    } finally {
      await browser.close();
      await server.stop();
    }
  },
  300_000,
);
