// What every guest does with a cart and with orders, at a table or without one: changes the cart, sends it, takes an
// order back, cancels it, orders it again. Owns the courier. Who the guest is, and where the orders are held that the
// server knows, is said by the visit or the errand that makes it. All state is in signals; knows no view from inside.

import { signal } from "@preact/signals";
import { recall, remember } from "../storage";
import { newId } from "../wire/ids";
import type {
  CommandId,
  EventMessage,
  GuestOrder,
  GuestOrderAnswer,
  OrderId,
  SeatingId,
} from "../wire/types";
import { type Cart, priced, repeated } from "./cart";
import { Courier, cancel, type Seat } from "./courier";
import type { HeldMenu } from "./held-menu";
import type { HeldPad } from "./held-pad";
import { Notices, noticeOf } from "./notices";
import { find, seated, sent, takeBack } from "./pad";
import type { KeptOrder, NewOrder, PutBack, Step } from "./sending";
import type { Views } from "./stack";
import { type Wish, wishFrom } from "./wish";

const WISH = "guest_wish";

/** What became of the wish to cancel an order. */
export type Cancelling = "asking" | "no_answer" | "too_late";

export interface OrderingOptions {
  readonly menu: HeldMenu;
  readonly held: HeldPad;
  readonly views: Views;
  /** Whose orders go out now; `null` while nobody's can. */
  seat(): Seat | null;
  /** The seat's token is not good any more: gets another. */
  rescan(): Promise<void>;
  /** A good token; `null` when there is none to be had. */
  token(): Promise<string | null>;
  /** The server told how an order is. */
  told(order: GuestOrder): void;
  /** The server has answered to an order that was sent. */
  answered(answer: GuestOrderAnswer): void;
  /** An order is the cart's again. */
  cameBack(why: PutBack): void;
}

export class Ordering {
  readonly menu: HeldMenu;
  readonly held: HeldPad;
  readonly views: Views;
  readonly notices = new Notices();
  readonly cancelling = signal<ReadonlyMap<OrderId, Cancelling>>(new Map());
  /** Under which number the server knows an order that this page sent. */
  readonly placed = signal<ReadonlyMap<CommandId, OrderId>>(new Map());
  /** What this phone's guest does not eat; kept on the phone, for every restaurant. */
  readonly wish = signal<Wish>(wishFrom(recall(WISH)));

  readonly #options: OrderingOptions;
  readonly #courier: Courier;

  constructor(options: OrderingOptions) {
    const { menu, held, views, seat, rescan } = options;
    this.menu = menu;
    this.held = held;
    this.views = views;
    this.#options = options;
    this.#courier = new Courier({
      held,
      seat,
      rescan,
      placed: (key, order, answer) => this.#placed(key, order, answer),
      settled: (order, step) => this.#settled(order, step),
    });
  }

  start(): void {
    this.#courier.start();
  }

  stop(): void {
    this.#courier.stop();
  }

  hurry(): void {
    this.#courier.hurry();
  }

  /** The answer to an order may have been lost, and the socket tells of it. */
  heard({ order, command }: EventMessage): void {
    if (order) this.#courier.heard(command, order as GuestOrder);
  }

  // ---- the cart ------------------------------------------------------------------------------------

  changeCart(change: (cart: Cart, now: number) => Cart): void {
    const now = Date.now();
    void this.held.change((pad) => {
      const cart = change(pad.cart, now);
      return cart === pad.cart ? pad : { ...pad, cart };
    });
  }

  setWish(wish: Wish): void {
    this.wish.value = wish;
    remember(WISH, JSON.stringify(wish));
  }

  /** Puts what was ordered into the cart once more, as far as the menu still has it. */
  orderAgain(order: GuestOrder): void {
    this.changeCart((cart, now) => repeated(cart, order.lines, this.menu.items.value, newId, now));
    this.views.open({ is: "cart" });
  }

  // ---- sending -------------------------------------------------------------------------------------

  /** Keeps the cart, with what is added `last`, as an order, and shows it. The courier does the rest. */
  async send(who: Pick<NewOrder, "seating" | "guest">, last: Partial<Cart> = {}): Promise<void> {
    const menu = this.menu.menu.value;
    const { cart } = this.held.pad.value;
    if (menu === null || cart.lines.length === 0) return;
    const price = priced(cart, menu, this.menu.items.value);
    const id = newId();
    const locale = document.documentElement.lang;
    const stored = this.held.change((pad) => {
      const ready = { ...pad, cart: { ...pad.cart, ...last } };
      const after = sent(ready, cart.revision, { ...who, id }, price, Date.now(), locale);
      return after === ready ? pad : after;
    });
    if (find(this.held.pad.value, id) === undefined) return;
    this.views.replace({ is: "order", order: id });
    if (find(await stored, id) !== undefined || this.placed.value.has(id)) return;
    this.notices.add({ is: "other_tab" });
    this.views.replace({ is: "cart" });
  }

  /** The guest is in this seating: orders of another cannot go out any more, and that is said. */
  async sitDown(seating: SeatingId): Promise<void> {
    const before = this.held.pad.value.orders.filter((order) => order.seating !== seating);
    await this.held.changeStored((pad) => seated(pad, seating, Date.now()));
    this.tellUnsent(before);
  }

  tellUnsent(orders: readonly KeptOrder[]): void {
    if (orders.length === 0) return;
    const unsure = orders.some((order) => order.doubts > 0);
    this.notices.add({ is: unsure ? "unsure" : "closed" });
  }

  #placed(key: CommandId, order: GuestOrder, answer: GuestOrderAnswer | null): void {
    this.placed.value = new Map(this.placed.value).set(key, order.id);
    if (answer === null) this.#options.told(order);
    else this.#options.answered(answer);
    const { now } = this.views;
    if (now.is === "order" && now.order === key) this.views.replace({ is: "order", order: order.id });
  }

  #settled(order: KeptOrder, step: Step | { do: "drop" }): void {
    const put_back = step.do === "put_back" ? step.why : null;
    if (put_back !== null) this.#options.cameBack(put_back);
    if (put_back?.is === "unavailable" || put_back?.is === "total_changed") void this.menu.refresh();
    // The cart itself asks for a new total; a notice would say it twice.
    const asked = this.held.pad.value.cart.asked_total !== null;
    const notice = put_back?.is === "total_changed" && asked ? null : noticeOf(step);
    if (notice !== null) this.notices.add(notice);
    const { now } = this.views;
    const gone = step.do === "put_back" || step.do === "drop";
    if (gone && now.is === "order" && now.order === order.id) this.views.replace({ is: "cart" });
  }

  // ---- taking back ---------------------------------------------------------------------------------

  /** An order without an answer. */
  async takeBack(id: CommandId): Promise<void> {
    const before = find(this.held.pad.value, id);
    const steps: Step[] = [];
    await this.held.changeStored((pad) => {
      const { pad: after, step } = takeBack(pad, id, Date.now());
      if (step !== null) steps.push(step);
      return after;
    });
    const step = steps.at(-1);
    if (before !== undefined && step !== undefined) this.#settled(before, step);
  }

  /** An order that the server has. */
  async cancel(order: OrderId): Promise<void> {
    if (this.cancelling.value.get(order) === "asking") return;
    this.#setCancelling(order, "asking");
    const token = await this.#options.token();
    const answer = token === null ? { is: "silence" as const } : await cancel(order, token);
    if (answer.is === "silence") return this.#setCancelling(order, "no_answer");
    if (answer.is !== "refused") return;
    const { status, problem } = answer;
    if (problem.current) this.#options.told(problem.current as GuestOrder);
    this.#setCancelling(order, status >= 500 || status === 429 || status === 401 ? "no_answer" : "too_late");
  }

  #setCancelling(order: OrderId, state: Cancelling): void {
    this.cancelling.value = new Map(this.cancelling.value).set(order, state);
  }
}
