// A full service on the wall for pictures: orders as a good Friday has them, with ages that took more than the
// seconds of a test. The server's orders are real; only their times are moved back, on the way to the page.

import type { Page } from "playwright-core";
import type { Command, Order, ServerMessage } from "../src/wire/types";
import type { Placed, Till, Wanted } from "./pos";

/** One ticket of the picture. */
interface Scene {
  readonly dishes: readonly (string | Wanted)[];
  readonly placed?: Placed;
  /** Minutes since it was placed. */
  readonly age: number;
  /** What happened to its lines, by their place. */
  readonly started?: readonly number[];
  readonly done?: readonly number[];
  readonly held?: readonly number[];
  readonly voided?: readonly number[];
  readonly rush?: boolean;
  readonly seen?: boolean;
  readonly remade?: readonly number[];
  readonly ready?: boolean;
}

const SERVICE: readonly Scene[] = [
  { dishes: ["Patatas bravas"], age: 7, ready: true },
  { dishes: ["Gazpacho", "Mixta"], age: 6, ready: true },
  { dishes: ["Lubina"], placed: { table: "T2" }, age: 15, ready: true },
  { dishes: ["Ribeye", "Mixta"], placed: { table: "T6" }, age: 14, ready: true },
  {
    dishes: [{ dish: "Ribeye", quantity: 2 }, "Lubina", { dish: "Chuletillas", quantity: 1 }],
    placed: { table: "T12" },
    age: 19,
    started: [0, 1],
    done: [2],
  },
  {
    dishes: ["Casa burger", { dish: "½ pollo", note: "Guest has a train to catch" }],
    placed: { table: "T7" },
    age: 17,
    started: [0],
    rush: true,
  },
  {
    dishes: [
      { dish: "Pulpo", quantity: 3 },
      { dish: "Gambas ajillo", quantity: 2 },
      { dish: "Ribeye", quantity: 3 },
      { dish: "½ pollo", quantity: 2 },
      { dish: "Chuletillas", quantity: 2 },
      "Coliflor",
    ],
    placed: {
      table: "T10",
      allergy: "sesame",
      note: "Birthday. All mains together, the cake comes from the bar after.",
    },
    age: 13,
    done: [0, 1],
    started: [2, 3],
    seen: true,
  },
  { dishes: [{ dish: "Dbl cheese", quantity: 2 }, "Coliflor"], age: 11 },
  {
    dishes: ["Bacalao", { dish: "Chuletillas", quantity: 2 }, "½ pollo"],
    placed: { table: "T3" },
    age: 11,
    started: [0, 2],
    voided: [1],
  },
  {
    dishes: [{ dish: "Morunos", note: "Very mild, for a child" }, "Solomillo"],
    placed: { table: "T5", allergy: "peanut. Severe, seat 2: clean pan and board" },
    age: 6,
  },
  {
    dishes: ["Pulpo", "Coliflor", "Solomillo", "Lubina"],
    placed: { table: "T9" },
    age: 6,
    started: [0],
    held: [2, 3],
  },
  {
    dishes: [{ dish: "Solomillo", quantity: 2 }, "Ens. cabra"],
    placed: { table: "T4" },
    age: 7,
    started: [0],
    done: [1],
  },
  { dishes: ["½ pollo", { dish: "Casa burger", quantity: 2 }], age: 4, started: [0] },
  { dishes: ["Salmón", "Mejillones"], placed: { table: "T11" }, age: 3, remade: [0] },
  { dishes: ["Pulpo", "Chuletillas", "Ribeye"], placed: { table: "T8" }, age: 0.4 },
  { dishes: ["Calamares"], age: 3 },
  { dishes: ["Gazpacho"], age: 2 },
  { dishes: ["Mixta"], age: 4, ready: true },
];

/** No order of a picture is promised for later than this after it came. */
export const PROMISED_MINUTES = 16;

/** How old each order of the picture is, by its number. */
export type Ages = ReadonlyMap<number, number>;

export async function service(till: Till): Promise<Ages> {
  const ages = new Map<number, number>();
  for (const scene of SERVICE) {
    const order = await till.order(scene.dishes, scene.placed);
    ages.set(order.number, scene.age);
    for (const command of commandsOf(order, scene)) {
      await till.give(command);
    }
  }
  await till.give({ name: "item.set", args: { item: till.item("Mejillones").id, available: false } });
  await till.give({ name: "item.set", args: { item: till.item("Pulpo").id, available: true, stock: 3 } });
  return ages;
}

function commandsOf(order: Order, scene: Scene): Command[] {
  const at = (n: number) => ({ order: order.id, line: order.lines[n]?.id ?? "" });
  const all = (lines: readonly number[] | undefined, make: (n: number) => Command) => (lines ?? []).map(make);
  const work = scene.started ?? scene.done ?? scene.ready ?? scene.remade;
  const seen = order.allergy !== null && (scene.seen || work !== undefined);
  return [
    ...(seen ? [{ name: "order.confirm_allergy", args: { order: order.id } } satisfies Command] : []),
    ...all(scene.started, (n) => ({ name: "line.start", args: at(n) })),
    ...all(scene.done, (n) => ({ name: "line.done", args: at(n) })),
    ...all(scene.held, (n) => ({ name: "line.hold", args: at(n) })),
    ...all(scene.remade, (n) => ({ name: "line.start", args: at(n) })),
    ...all(scene.remade, (n) => ({ name: "line.remake", args: at(n) })),
    ...all(scene.voided, (n) => ({
      name: "line.void",
      args: { ...at(n), reason: "Guest changed their mind" },
    })),
    ...(scene.rush ? [{ name: "order.rush", args: { order: order.id, rush: true } } satisfies Command] : []),
    ...(scene.ready ? [{ name: "order.bump", args: { order: order.id } } satisfies Command] : []),
  ];
}

/** Moves the times of what the server says of orders back by their ages. */
export async function ageing(page: Page, ages: Ages): Promise<void> {
  await page.routeWebSocket(/\/ws\//, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((text) => {
      const message = JSON.parse(String(text)) as ServerMessage;
      if (message.op === "subscribed" && message.snapshot) {
        for (const order of message.snapshot.orders) {
          moveBack(order as unknown as Record<string, unknown>, ages);
        }
      } else if (message.op === "event" && message.order) {
        moveBack(message.order as unknown as Record<string, unknown>, ages);
      }
      socket.send(JSON.stringify(message));
    });
  });
}

function moveBack(order: Record<string, unknown>, ages: Ages): void {
  const back_ms = (ages.get(Number(order["number"])) ?? 0) * 60_000;
  for (const name of ["placed_at", "confirmed_at", "due_at"]) {
    const at = order[name];
    if (typeof at === "string") {
      order[name] = new Date(Date.parse(at) - back_ms).toISOString();
    }
  }
  // All orders of the picture came in one second, so that the last was promised for when the others are cooked.
  const usual_ms = Date.parse(String(order["placed_at"])) + PROMISED_MINUTES * 60_000;
  if (Date.parse(String(order["due_at"])) > usual_ms) {
    order["due_at"] = new Date(usual_ms).toISOString();
  }
  for (const line of order["lines"] as { tasks: { started_at: string | null }[] }[]) {
    for (const [i, task] of line.tasks.entries()) {
      if (task.started_at) {
        const cooking_ms = back_ms * (0.35 + 0.1 * i);
        task.started_at = new Date(Date.parse(task.started_at) - cooking_ms).toISOString();
      }
    }
  }
}
