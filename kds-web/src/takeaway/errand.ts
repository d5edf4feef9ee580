// A guest's errand at one restaurant: puts together the menu, the pad, the ordering, the phone and the socket, and
// offers what a guest can do as plain calls. All state is in signals; views never see the parts. The takeaway
// counterpart of the table's visit: there is no seating, and the phone that orders was verified. Called by page.tsx.

import { effect, type ReadonlySignal, signal } from "@preact/signals";
import { CART_LIFE_MS, changed, EMPTY } from "../table/cart";
import { localeOf, type Reach } from "../table/contact";
import { visited } from "../table/early";
import { HeldMenu } from "../table/held-menu";
import { HeldPad } from "../table/held-pad";
import { type Keeping, openKeeping } from "../table/keeping";
import { Ordering } from "../table/ordering";
import { unseated } from "../table/pad";
import { Views } from "../table/stack";
import { serverNow, startClock } from "../time";
import { ApiProblem, call } from "../wire/http";
import type { Hub } from "../wire/hub";
import type { GuestOrder, SlotList } from "../wire/types";
import { Follower } from "./follower";
import { keep, readKept } from "./kept";
import { listed, NONE, type Orders, withAnswer, withOrder } from "./orders";
import { Phone } from "./phone";
import { pickupOf, workOf } from "./slots";

/** The menu and the times are looked at again this often while the page is looked at. */
const LOOK_MS = 20_000;

export class Errand {
  readonly slug: string;
  readonly views = new Views();
  readonly menu: HeldMenu;
  readonly held: HeldPad;
  readonly ordering: Ordering;
  readonly phone: Phone;
  readonly slots = signal<SlotList | null>(null);
  /** There is no such restaurant. */
  readonly nowhere = signal(false);
  readonly orders = signal<Orders>(NONE);
  /** When the tie to the restaurant was lost (server time); `null` while it holds. */
  readonly lost_at = signal<number | null>(null);

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
    this.menu = new HeldMenu(keeping);
    this.held = new HeldPad(`r/${slug}`, keeping);
    this.ordering = new Ordering({
      menu: this.menu,
      held: this.held,
      views: this.views,
      seat: () => {
        const guest = this.phone.verified.value?.guest;
        return guest ? { token: guest.token, seating: guest.guest } : null;
      },
      rescan: async () => void (await this.#renew()),
      token: () => this.#token(),
      told: (order) => this.#know(withOrder(this.orders.value, order)),
      answered: (answer) => this.#know(withAnswer(this.orders.value, answer)),
      cameBack: (why) => why.is === "refused" && void this.lookAtSlots(),
    });
    this.#follower = new Follower({
      slug,
      orders: this.orders,
      token: (stale) => this.phone.token(stale),
      heard: (event) => this.ordering.heard(event),
      live: () => this.ordering.hurry(),
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
    this.ordering.changeCart((cart, now) => {
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
    this.ordering.start();
    await this.lookAtSlots();
  }

  close(): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.ordering.stop();
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
    await this.ordering.sitDown(guest);
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
    this.ordering.hurry();
    this.hub.value?.wake();
    this.#look();
  };

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
    this.ordering.changeCart((cart, now) => changed(cart, { reach: null }, now));
    this.views.home();
    return true;
  }

  // ---- orders ------------------------------------------------------------------------------------

  /** Keeps the cart as an order, for the time and the number that the page shows, and shows it. */
  async send(): Promise<void> {
    const verified = this.phone.verified.value;
    const pickup = pickupOf(this.held.pad.value.cart.pickup, this.slots.value);
    if (verified === null || pickup === undefined) return;
    const { phone, way, guest } = verified;
    const who = { seating: guest.guest, guest: guest.guest };
    await this.ordering.send(who, { pickup, reach: { phone, way } });
  }

  async #token(): Promise<string | null> {
    try {
      return (await this.phone.token()).token;
    } catch {
      return null;
    }
  }

  #know(orders: Orders): void {
    this.orders.value = orders;
  }

  /** Newest first. */
  get listed(): GuestOrder[] {
    return listed(this.orders.value);
  }
}
