// A waiter's till for the tests: signs in and orders over HTTP, so that a test about the kitchen need not
// press every button of a phone.

import { randomUUID } from "node:crypto";
import type { Command, Item, LoggedIn, Menu, Order, Table } from "../src/wire/types";
import type { Server } from "./server";

/** What somebody wants: a dish by its name, and the rest as it is said on the wire. */
export interface Wanted {
  readonly dish: string;
  readonly quantity?: number;
  readonly note?: string;
}

export interface Placed {
  readonly table?: string;
  readonly note?: string;
  readonly allergy?: string;
  /** When it is picked up; else as soon as possible. */
  readonly pickup_at?: string;
}

export class Till {
  readonly #base: string;
  readonly #token: string;
  readonly #items: readonly Item[];
  readonly #tables: ReadonlyMap<string, string>;

  private constructor(
    base: string,
    token: string,
    items: readonly Item[],
    tables: ReadonlyMap<string, string>,
  ) {
    this.#base = base;
    this.#token = token;
    this.#items = items;
    this.#tables = tables;
  }

  static async open({ plain: base }: Server): Promise<Till> {
    const email = "mateo@casa-oliva.example";
    const { token } = await json<LoggedIn>(`${base}/api/auth/login`, { email, password: "comanda-demo" });
    const menu = await json<Menu>(`${base}/api/restaurants/casa-oliva/menu`);
    const listed = await json<readonly Table[]>(`${base}/api/tables`, undefined, token);
    const tables = new Map(listed.map((table) => [table.label, table.id]));
    const items = menu.categories.flatMap((category) => category.items);
    return new Till(base, token, items, tables);
  }

  /** Orders as many of each as wanted, with the first answers to what must be answered. */
  async order(wanted: readonly (string | Wanted)[], placed: Placed = {}): Promise<Order> {
    const { table, ...rest } = placed;
    const lines = wanted.map((one) => this.#line(typeof one === "string" ? { dish: one } : one));
    const kind = table ? { kind: "dine_in", table: this.#tables.get(table) } : { kind: "takeaway" };
    return json<Order>(`${this.#base}/api/orders`, { ...kind, lines, ...rest }, this.#token);
  }

  /** Commands in one batch; each must be done. */
  async give(...commands: readonly Command[]): Promise<void> {
    const batch = commands.map((command) => ({ id: randomUUID(), ...command }));
    const answers = await json<{ op: string }[]>(`${this.#base}/api/commands`, batch, this.#token);
    const refused = answers.find((answer) => answer.op !== "ok");
    if (refused) {
      throw new Error(JSON.stringify(refused));
    }
  }

  /** Bumps whatever is open, so that the next test begins with an empty wall. */
  async clear(): Promise<void> {
    const { orders } = await this.orders();
    const open = orders.filter(({ state }) => state === "confirmed" || state === "preparing");
    for (const { id, allergy } of open) {
      const seen = allergy ? [{ name: "order.confirm_allergy", args: { order: id } } as const] : [];
      await this.give(...seen, { name: "order.bump", args: { order: id } });
    }
  }

  /** All orders, the newest first, however many pages they take. */
  async orders(): Promise<{ readonly orders: readonly Order[] }> {
    type Page = { readonly orders: readonly Order[]; readonly next?: string };
    const orders: Order[] = [];
    for (let next: string | undefined = ""; next !== undefined; ) {
      const query: string = next && `?before=${encodeURIComponent(next)}`;
      const page: Page = await json<Page>(`${this.#base}/api/orders${query}`, undefined, this.#token);
      orders.push(...page.orders);
      next = page.next;
    }
    return { orders };
  }

  /** When screens had shown the order at every station it concerns. */
  async seenAt(order: string): Promise<string | null> {
    type Answer = { readonly seen_at: string | null };
    return (await json<Answer>(`${this.#base}/api/orders/${order}`, undefined, this.#token)).seen_at;
  }

  item(dish: string): Item {
    const found = this.#items.find((item) => item.name.en === dish || item.kitchen_name === dish);
    if (!found) {
      throw new Error(`The demo has no ${dish}`);
    }
    return found;
  }

  #line({ dish, quantity = 1, note }: Wanted) {
    const item = this.item(dish);
    const options = item.option_groups.flatMap((group) => group.options.slice(0, group.min));
    return { item: item.id, quantity, options: options.map((option) => option.id), ...(note && { note }) };
  }
}

async function json<T>(url: string, body?: unknown, token?: string): Promise<T> {
  const request = {
    method: body === undefined ? "GET" : "POST",
    headers: {
      "content-type": "application/json",
      "idempotency-key": randomUUID(),
      ...(token && { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  // The server may just be closing the idle connection that fetch took: the same request goes out again.
  const answer = await fetch(url, request).catch(() => fetch(url, request));
  if (!answer.ok) {
    throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  }
  return (await answer.json()) as T;
}
