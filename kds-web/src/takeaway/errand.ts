// A guest's errand at one restaurant: puts together the menu, the pad, the courier, the phone and the socket, and
// offers what a guest can do as plain calls. All state is in signals; views never see the parts. The takeaway
// counterpart of the table's visit: there is no seating, and the phone that orders was verified. Called by page.tsx.

import { effect, type ReadonlySignal, signal } from "@preact/signals";
import { recall, remember } from "../storage";
import { CART_LIFE_MS, type Cart, changed, EMPTY, priced, repeated } from "../table/cart";
import { localeOf, type Reach } from "../table/contact";
import { Courier, cancel } from "../table/courier";
import { visited } from "../table/early";
import { HeldMenu } from "../table/held-menu";
import { HeldPad } from "../table/held-pad";
import { type Keeping, openKeeping } from "../table/keeping";
import { Notices, noticeOf } from "../table/notices";
import { find, seated, sent, takeBack, unseated } from "../table/pad";
import type { KeptOrder, Step } from "../table/sending";
import { Views } from "../table/stack";
import type { Cancelling } from "../table/visit";
import { NO_WISH, type Wish, wishFrom } from "../table/wish";
import { serverNow, startClock } from "../time";
import { ApiProblem, call } from "../wire/http";
import type { Hub } from "../wire/hub";
import { newId } from "../wire/ids";
import type { CommandId, GuestOrder, GuestOrderAnswer, OrderId, SlotList } from "../wire/types";
import { Follower } from "./follower";
import { keep, readKept } from "./kept";
import { listed, NONE, type Orders, withAnswer, withOrder } from "./orders";
import { Phone } from "./phone";
import { pickupOf, workOf } from "./slots";

const WISH = "guest_wish";
/** The menu and the times are looked at again this often while the page is looked at. */
const LOOK_MS = 20_000;

export class Errand {
  readonly slug: string;
  readonly views = new Views();
  readonly notices = new Notices();
  readonly menu: HeldMenu;
  readonly held: HeldPad;
  readonly phone: Phone;
  readonly slots = signal<SlotList | null>(null);
  /** There is no such restaurant. */
  readonly nowhere = signal(false);
  readonly orders = signal<Orders>(NONE);
  /** When the tie to the restaurant was lost (server time); `null` while it holds. */
  readonly lost_at = signal<number | null>(null);
  readonly cancelling = signal<ReadonlyMap<OrderId, Cancelling>>(new Map());
  readonly wish = signal<Wish>(NO_WISH);
  /** Under which number the server knows an order that this page sent. */
  readonly placed = signal<ReadonlyMap<CommandId, OrderId>>(new Map());

  readonly #courier: Courier;
  readonly #follower: Follower;
  readonly #stops: (() => void)[] = [];
  #guest: string | null = null;

  static async open(slug: string): Promise<Errand> {
    const errand = new Errand(slug, await openKeeping());
    await errand.#begin();
    return errand;
  }

  constructor(slug: string, keeping: Keeping) {
    this.slug = slug;
    const kept = readKept(slug);
    this.orders.value = kept.orders;
    this.phone = new Phone(slug, kept.verified);
    this.wish.value = wishFrom(recall(WISH));
    this.menu = new HeldMenu(keeping);
    this.held = new HeldPad(`r/${slug}`, keeping);
    this.#courier = new Courier({
      held: this.held,
      seat: () => {
        const guest = this.phone.verified.value?.guest;
        return guest ? { token: guest.token, seating: guest.guest } : null;
      },
      rescan: async () => void (await this.#renew()),
      placed: (key, order, answer) => this.#orderPlaced(key, order, answer),
      settled: (order, step) => this.#settled(order, step),
    });
    this.#follower = new Follower({
      slug,
      orders: this.orders,
      token: (stale) => this.phone.token(stale),
      heard: (event) => event.order && this.#courier.heard(event.command, event.order as GuestOrder),
      live: () => this.#courier.hurry(),
    });
  }

  get hub(): ReadonlySignal<Hub | null> {
    return this.#follower.hub;
  }

  /** Since when news cannot come (server time); `null` while it can. */
  get lostAt(): number | null {
    return this.#follower.lostAt.value ?? this.lost_at.value;
  }

  /** There was a tie to the restaurant since the page was opened. */
  get wasLive(): boolean {
    return this.#follower.wasLive.value || this.slots.value !== null;
  }

  // ---- coming, staying, leaving ------------------------------------------------------------------

  async #begin(): Promise<void> {
    await Promise.all([this.held.read(), this.menu.open(this.slug)]);
    this.changeCart((cart, now) => {
      const old = cart.lines.length > 0 && now - cart.touched_at > CART_LIFE_MS;
      return old ? { ...EMPTY, seating: cart.seating, revision: cart.revision + 1 } : cart;
    });
    void this.menu.refresh().then((there) => there && visited(`r/${this.slug}`));
    const look = setInterval(() => this.#look(), LOOK_MS);
    const woke = () => this.#look();
    document.addEventListener("visibilitychange", woke);
    addEventListener("online", woke);
    this.#stops.push(
      startClock(),
      () => clearInterval(look),
      () => document.removeEventListener("visibilitychange", woke),
      () => removeEventListener("online", woke),
      effect(() => keep(this.slug, { verified: this.phone.verified.value, orders: this.orders.value })),
      effect(() => {
        const guest = this.phone.verified.value?.guest.guest ?? null;
        queueMicrotask(() => void this.#guestIs(guest));
      }),
      this.#follower.start(),
    );
    this.#courier.start();
    await this.lookAtSlots();
  }

  close(): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.#courier.stop();
    this.menu.close();
    this.held.close();
    this.views.close();
  }

  #look(): void {
    if (document.visibilityState !== "visible") return;
    void this.menu.refresh();
    void this.lookAtSlots();
  }

  /** Asks when the cart could be picked up. */
  async lookAtSlots(): Promise<void> {
    const { preparation, minutes } = workOf(this.held.pad.value.cart, this.menu.items.value);
    const path = `/api/restaurants/${encodeURIComponent(this.slug)}/slots`;
    try {
      const { body } = await call<SlotList>("GET", `${path}?preparation=${preparation}&minutes=${minutes}`);
      this.slots.value = body ?? this.slots.value;
      this.lost_at.value = null;
    } catch (error) {
      if (error instanceof ApiProblem) this.nowhere.value = error.problem.status === 404;
      else this.lost_at.value ??= serverNow();
    }
  }

  /** Another phone, or the same one verified anew: its orders are asked for, what another could not send is the cart's. */
  async #guestIs(guest: string | null): Promise<void> {
    if (guest === this.#guest) return;
    this.#guest = guest;
    if (guest === null) return;
    const before = this.held.pad.value.orders.filter((order) => order.seating !== guest);
    await this.held.changeStored((pad) => seated(pad, guest, Date.now()));
    if (before.length > 0) {
      this.notices.add({ is: before.some((order) => order.doubts > 0) ? "unsure" : "closed" });
    }
    await this.#readOrders();
  }

  async #readOrders(): Promise<void> {
    try {
      const { token } = await this.phone.token();
      const { body } = await call<{ orders: readonly GuestOrder[] }>("GET", "/api/orders", { token });
      this.orders.value = (body?.orders ?? []).reduce(withOrder, this.orders.value);
    } catch {
      // What is held is shown; the orders that are open are followed anyway.
    }
  }

  async #renew(): Promise<boolean> {
    try {
      await this.phone.token(this.phone.verified.value?.guest.token);
      return true;
    } catch {
      return false;
    }
  }

  readonly tryNow = (): void => {
    this.#courier.hurry();
    this.hub.value?.wake();
    this.#look();
  };

  // ---- what is chosen ------------------------------------------------------------------------------

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

  // ---- the phone -----------------------------------------------------------------------------------

  askCode(reach: Reach): Promise<void> {
    return this.phone.ask(reach, localeOf(document.documentElement.lang));
  }

  async giveCode(typed: string): Promise<void> {
    if ((await this.phone.give(typed)) && this.views.now.is === "phone") this.views.back();
  }

  /** This phone is somebody else's from now on; resolves with whether the server has heard it. */
  async forget(): Promise<boolean> {
    try {
      await this.phone.forget();
    } catch {
      return false;
    }
    this.orders.value = NONE;
    // The number is also in what was not sent, and in the cart.
    await this.held.changeStored((pad) => unseated(pad, Date.now()));
    this.changeCart((cart, now) => changed(cart, { reach: null }, now));
    this.views.home();
    return true;
  }

  // ---- orders ------------------------------------------------------------------------------------

  /** Keeps the cart as an order, and shows it. The courier does the rest. */
  async send(): Promise<void> {
    const verified = this.phone.verified.value;
    const menu = this.menu.menu.value;
    const { cart } = this.held.pad.value;
    const pickup = pickupOf(cart.pickup, this.slots.value);
    if (verified === null || menu === null || pickup === undefined || cart.lines.length === 0) return;
    const price = priced(cart, menu, this.menu.items.value);
    const id = newId();
    const who = { id, seating: verified.guest.guest, guest: verified.guest.guest };
    const reach = { phone: verified.phone, way: verified.way };
    const locale = document.documentElement.lang;
    const stored = this.held.change((pad) =>
      sent({ ...pad, cart: { ...pad.cart, pickup, reach } }, cart.revision, who, price, Date.now(), locale),
    );
    if (find(this.held.pad.value, id) === undefined) return;
    this.views.replace({ is: "order", order: id });
    if (find(await stored, id) !== undefined || this.placed.value.has(id)) return;
    this.notices.add({ is: "other_tab" });
    this.views.replace({ is: "cart" });
  }

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

  async cancel(order: OrderId): Promise<void> {
    if (this.cancelling.value.get(order) === "asking") return;
    this.#setCancelling(order, "asking");
    const guest = await this.phone.token().catch(() => null);
    const answer = guest === null ? { is: "silence" as const } : await cancel(order, guest.token);
    if (answer.is === "silence") return this.#setCancelling(order, "no_answer");
    if (answer.is !== "refused") return;
    const { status, problem } = answer;
    if (problem.current) this.orders.value = withOrder(this.orders.value, problem.current as GuestOrder);
    this.#setCancelling(order, status >= 500 || status === 429 || status === 401 ? "no_answer" : "too_late");
  }

  #setCancelling(order: OrderId, state: Cancelling): void {
    this.cancelling.value = new Map(this.cancelling.value).set(order, state);
  }

  #orderPlaced(key: CommandId, order: GuestOrder, answer: GuestOrderAnswer | null): void {
    this.placed.value = new Map(this.placed.value).set(key, order.id);
    const { value } = this.orders;
    this.orders.value = answer === null ? withOrder(value, order) : withAnswer(value, answer);
    const { now } = this.views;
    if (now.is === "order" && now.order === key) this.views.replace({ is: "order", order: order.id });
  }

  #settled(order: KeptOrder, step: Step | { do: "drop" }): void {
    const put_back = step.do === "put_back" ? step.why : null;
    if (put_back?.is === "unavailable" || put_back?.is === "total_changed") void this.menu.refresh();
    if (put_back?.is === "refused") void this.lookAtSlots();
    // The cart itself asks for a new total; a notice would say it twice.
    const asked = this.held.pad.value.cart.asked_total !== null;
    const notice = put_back?.is === "total_changed" && asked ? null : noticeOf(step);
    if (notice !== null) this.notices.add(notice);
    const { now } = this.views;
    const gone = step.do === "put_back" || step.do === "drop";
    if (gone && now.is === "order" && now.order === order.id) this.views.replace({ is: "cart" });
  }

  /** Newest first. */
  get listed(): GuestOrder[] {
    return listed(this.orders.value);
  }
}
