// A guest's visit at one table: puts together the door, the menu, the pad, the courier and the socket,
// and offers what a guest can do as plain calls. All state is in signals; views never see the parts.
// Called by page.tsx, once per opened page.

import { batch, effect, type ReadonlySignal, signal } from "@preact/signals";
import { recall, remember } from "../storage";
import { serverNow } from "../time";
import { Hub } from "../wire/hub";
import { newId } from "../wire/ids";
import { PHONE_SILENCE_MS, SignedOut, type Token } from "../wire/link";
import type {
  CallReason,
  Command,
  CommandId,
  EventMessage,
  GuestOrder,
  GuestOrderAnswer,
  OrderId,
  Scanned,
  Snapshot,
} from "../wire/types";
import { Door, usable } from "./arrival";
import { afterItemChange, type Cart, priced, repeated } from "./cart";
import { Courier, cancel } from "./courier";
import { visited } from "./early";
import { HeldMenu } from "./held-menu";
import { HeldPad } from "./held-pad";
import { type Keeping, openKeeping, type Place } from "./keeping";
import { Notices, noticeOf } from "./notices";
import { find, seated, sent, takeBack, unseated } from "./pad";
import type { KeptOrder, Step } from "./sending";
import { Views } from "./stack";
import { fold, freshTab, type Tab, tabOf, withAnswer, withOrder } from "./tab";
import { Tell } from "./tell";
import { type Wish, wishFrom } from "./wish";

const WISH = "guest_wish";
/** What became of the wish to cancel an order. */
export type Cancelling = "asking" | "no_answer" | "too_late";
/** A sign-in that the server refuses again so soon is not tried in a circle. */
const RESCAN_PAUSE_MS = 10_000;

export class Visit {
  readonly door: Door;
  readonly views = new Views();
  readonly notices = new Notices();
  readonly menu: HeldMenu;
  readonly held: HeldPad;
  readonly tell = new Tell();
  readonly hub = signal<Hub | null>(null);
  /** When the tie to the restaurant was lost (server time); `null` while it holds. */
  readonly lost_at = signal<number | null>(serverNow());
  /** There was a tie since the page was opened. */
  readonly was_live = signal(false);
  readonly cancelling = signal<ReadonlyMap<OrderId, Cancelling>>(new Map());
  /** What this phone's guest does not eat; kept on the phone, for every restaurant. */
  readonly wish = signal<Wish>(wishFrom(recall(WISH)));
  /** Under which number the server knows an order that this page sent. */
  readonly placed = signal<ReadonlyMap<CommandId, OrderId>>(new Map());

  readonly #code: string;
  readonly #keeping: Keeping;
  readonly #place = signal<Place | null>(null);
  readonly #courier: Courier;
  readonly #just_scanned: boolean;
  #rescanned_at = 0;
  #stops: (() => void)[] = [];
  #leave_hub: () => void = () => {};

  static async open(code: string, just_scanned: boolean): Promise<Visit> {
    const visit = new Visit(code, await openKeeping(), just_scanned);
    await visit.#begin();
    return visit;
  }

  constructor(code: string, keeping: Keeping, just_scanned: boolean) {
    this.#code = code;
    this.#keeping = keeping;
    this.#just_scanned = just_scanned;
    this.door = new Door(code);
    this.menu = new HeldMenu(keeping);
    this.held = new HeldPad(code, keeping);
    this.#courier = new Courier({
      held: this.held,
      seat: () => {
        const seat = this.#seat();
        return seat && { token: seat.token, seating: seat.seating.id };
      },
      rescan: async () => void (await this.#rescan()),
      placed: (key, order, answer) => this.#orderPlaced(key, order, answer),
      settled: (order, step) => this.#settled(order, step),
    });
  }

  get place(): ReadonlySignal<Place | null> {
    return this.#place;
  }

  // ---- coming, staying, leaving ------------------------------------------------------------------

  async #begin(): Promise<void> {
    await this.held.read();
    const place = await this.#keeping.place(this.#code);
    this.#stops.push(effect(() => this.#keep(this.#place.value)));
    if (place === null) return void this.#arrive(null);
    this.#place.value = place;
    await this.menu.open(place.scanned.slug);
    if (place.closed && !this.#just_scanned) {
      this.door.arrival.value = { is: "here" };
      return;
    }
    if (place.closed || !usable(place.scanned, Date.now())) return void this.#arrive(place.scanned.token);
    this.door.arrival.value = { is: "here" };
    this.#enter(place.scanned);
  }

  close(): void {
    this.#leave();
    for (const stop of this.#stops.splice(0)) stop();
    this.door.close();
    this.menu.close();
    this.held.close();
    this.views.close();
  }

  async #arrive(before: string | null): Promise<void> {
    const scanned = await this.door.scan(before);
    if (scanned !== null) this.#enter(scanned);
  }

  #enter(scanned: Scanned): void {
    this.#leave();
    visited(this.#code);
    const held = this.#place.value?.tab;
    const tab = held?.seating.id === scanned.seating.id ? held : freshTab(scanned.seating);
    this.#place.value = { code: this.#code, scanned, tab, closed: false };
    void this.#seatPad(scanned);
    void this.menu.open(scanned.slug).then(() => this.menu.refresh());
    this.#followTable(scanned);
    this.#courier.start();
  }

  #leave(): void {
    this.#courier.stop();
    this.#leave_hub();
    this.#leave_hub = () => {};
    this.hub.value = null;
  }

  async #seatPad(scanned: Scanned): Promise<void> {
    const before = this.held.pad.value.orders;
    await this.held.changeStored((pad) => seated(pad, scanned.seating.id, Date.now()));
    this.#tellUnsent(before.filter((order) => order.seating !== scanned.seating.id));
  }

  /** Scans again with the token held; another guest or seating begins anew. */
  async #rescan(): Promise<Scanned | null> {
    const held = this.#place.value;
    const scanned = await this.door.scan(held?.scanned.token ?? null);
    if (scanned === null || held === null) return scanned;
    const same = scanned.guest === held.scanned.guest && scanned.seating.id === held.scanned.seating.id;
    if (same) this.#place.value = { ...held, scanned };
    else this.#enter(scanned);
    return scanned;
  }

  /** The table was closed, or the code refused; the guest scans anew. */
  beginAgain(): void {
    this.views.home();
    this.door.arrival.value = { is: "opening" };
    void this.#arrive(this.#place.value?.scanned.token ?? null);
  }

  #seat(): Scanned | null {
    const place = this.#place.value;
    return place === null || place.closed ? null : place.scanned;
  }

  #keep(place: Place | null): void {
    if (place !== null) void this.#keeping.putPlace(place);
  }

  // ---- the socket --------------------------------------------------------------------------------

  #followTable(scanned: Scanned): void {
    const hub = new Hub({
      slug: scanned.slug,
      topics: ["table"],
      silence_ms: PHONE_SILENCE_MS,
      person: scanned.guest,
      token: (stale) => this.#token(scanned, stale),
      snapshot: (_, snapshot) => this.#snapshot(snapshot),
      event: (event) => this.#event(event),
    });
    this.hub.value = hub;
    hub.start();
    const unlink = hub.link.subscribe((link) => {
      if (link.is === "live") this.#live();
      else this.lost_at.value ??= serverNow();
      if (link.is === "ended") queueMicrotask(() => this.#ended(hub, link.reason.code));
    });
    this.#leave_hub = () => {
      unlink();
      hub.stop();
    };
  }

  async #token(mine: Scanned, stale: string | undefined): Promise<Token> {
    const seat = this.#seat();
    if (seat !== null && seat.token !== stale && usable(seat, serverNow())) return seat;
    const scanned = seat === null ? null : await this.#rescan();
    if (scanned === null || scanned.guest !== mine.guest) throw new SignedOut("another guest");
    return scanned;
  }

  #live(): void {
    this.was_live.value = true;
    this.lost_at.value = null;
    this.#courier.hurry();
  }

  #ended(hub: Hub, code: string): void {
    if (this.hub.value !== hub) return;
    if (code === "seating_closed" || code === "revoked") {
      // Whoever has just scanned the code does not want to hear of the party before.
      if (this.#just_scanned && !this.was_live.value) this.beginAgain();
      else this.#tableClosed();
    }
    if (code === "unauthorized" && Date.now() - this.#rescanned_at > RESCAN_PAUSE_MS) {
      this.#rescanned_at = Date.now();
      this.#leave();
      this.beginAgain();
    }
  }

  #snapshot(snapshot: Snapshot): void {
    if (snapshot.of !== "table") return;
    this.#setTab(tabOf(snapshot));
    this.menu.heardOf(snapshot.menu_version, "now");
    if (snapshot.seating.closed_at !== null) this.#tableClosed();
  }

  #event(event: EventMessage): void {
    const { order, item, seating } = event;
    const tab = this.#place.value?.tab;
    if (tab) this.#setTab(fold(tab, event));
    if (order) this.#courier.heard(event.command, order as GuestOrder);
    if (item) {
      this.menu.itemChanged(item);
      this.changeCart((cart) => afterItemChange(cart, item.id));
    }
    if (seating?.closed_at) this.#tableClosed();
  }

  #setTab(tab: Tab): void {
    const place = this.#place.value;
    if (place !== null && place.tab !== tab) this.#place.value = { ...place, tab };
  }

  #tableClosed(): void {
    const place = this.#place.value;
    if (place === null || place.closed) return;
    const before = this.held.pad.value.orders;
    batch(() => {
      this.#place.value = { ...place, closed: true };
      this.#leave();
    });
    void this.held.changeStored((pad) => unseated(pad, Date.now())).then(() => this.#tellUnsent(before));
  }

  #tellUnsent(orders: readonly KeptOrder[]): void {
    if (orders.length === 0) return;
    const unsure = orders.some((order) => order.doubts > 0);
    this.notices.add(unsure ? { is: "unsure" } : { is: "closed" });
  }

  // ---- orders ------------------------------------------------------------------------------------

  changeCart(change: (cart: Cart, now: number) => Cart): void {
    const now = Date.now();
    void this.held.change((pad) => {
      const cart = change(pad.cart, now);
      return cart === pad.cart ? pad : { ...pad, cart };
    });
  }

  /** Keeps the cart as an order, and shows it. The courier does the rest. */
  async send(): Promise<void> {
    const seat = this.#seat();
    const menu = this.menu.menu.value;
    const { cart } = this.held.pad.value;
    if (seat === null || menu === null || cart.lines.length === 0) return;
    const price = priced(cart, menu, this.menu.items.value);
    const id = newId();
    const who = { id, seating: seat.seating.id, guest: seat.guest };
    const locale = document.documentElement.lang;
    const stored = this.held.change((pad) => sent(pad, cart.revision, who, price, Date.now(), locale));
    if (find(this.held.pad.value, id) === undefined) return;
    this.views.replace({ is: "order", order: id });
    if (find(await stored, id) !== undefined || this.placed.value.has(id)) return;
    this.notices.add({ is: "other_tab" });
    this.views.replace({ is: "cart" });
  }

  readonly tryNow = (): void => {
    this.#courier.hurry();
    this.door.hurry();
    this.hub.value?.wake();
    if (this.menu.menu.value === null) void this.menu.refresh();
  };

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
    const seat = this.#seat();
    if (seat === null || this.cancelling.value.get(order) === "asking") return;
    this.#setCancelling(order, "asking");
    const answer = await cancel(order, seat.token);
    if (answer.is === "silence") return this.#setCancelling(order, "no_answer");
    if (answer.is !== "refused") return;
    const { status, problem } = answer;
    const tab = this.#place.value?.tab;
    if (tab && problem.current) this.#setTab(withOrder(tab, problem.current as GuestOrder));
    this.#setCancelling(order, status >= 500 || status === 429 || status === 401 ? "no_answer" : "too_late");
  }

  #setCancelling(order: OrderId, state: Cancelling): void {
    this.cancelling.value = new Map(this.cancelling.value).set(order, state);
  }

  /** Calls with the token of this seat, while there is one. */
  withToken(does: (token: string) => Promise<unknown>): void {
    const seat = this.#seat();
    if (seat !== null) void does(seat.token);
  }

  // ---- calling the staff ---------------------------------------------------------------------------

  /** Only while there is a connection: nobody wants a call that arrives an hour later. */
  callStaff(reason: CallReason): void {
    this.#calls("seating.call", { reason });
  }

  callNotNeeded(reason: CallReason): void {
    const seat = this.#seat();
    if (seat !== null) this.#calls("call.done", { seating: seat.seating.id, reason });
  }

  #calls(name: "seating.call" | "call.done", args: { reason: CallReason; seating?: string }): void {
    const hub = this.hub.value;
    if (hub === null || hub.link.value.is !== "live") return;
    for (const { pending } of hub.outbox.undone.value) hub.outbox.dismiss(pending.id);
    hub.outbox.put({ name, args } as Command);
  }

  // ---- what the guest does not eat -------------------------------------------------------------------

  setWish(wish: Wish): void {
    this.wish.value = wish;
    remember(WISH, JSON.stringify(wish));
  }

  /** Puts what was ordered into the cart once more, as far as the menu still has it. */
  orderAgain(order: GuestOrder): void {
    this.changeCart((cart, now) => repeated(cart, order.lines, this.menu.items.value, newId, now));
    this.views.open({ is: "cart" });
  }

  givePin(pin: string): void {
    const outbox = this.hub.value?.outbox;
    if (outbox === undefined) return;
    for (const { pending } of outbox.undone.value) outbox.dismiss(pending.id);
    outbox.put({ name: "seating.pin", args: { pin } });
  }

  #orderPlaced(key: CommandId, order: GuestOrder, answer: GuestOrderAnswer | null): void {
    this.placed.value = new Map(this.placed.value).set(key, order.id);
    const tab = this.#place.value?.tab;
    if (tab) this.#setTab(answer === null ? withOrder(tab, order) : withAnswer(tab, answer));
    const { now } = this.views;
    if (now.is === "order" && now.order === key) this.views.replace({ is: "order", order: order.id });
  }

  #settled(order: KeptOrder, step: Step | { do: "drop" }): void {
    const put_back = step.do === "put_back" ? step.why : null;
    if (put_back?.is === "closed") this.#tableClosed();
    if (put_back?.is === "unavailable" || put_back?.is === "total_changed") void this.menu.refresh();
    // The cart itself asks for a new total; a notice would say it twice.
    const asked = this.held.pad.value.cart.asked_total !== null;
    if (put_back?.is !== "total_changed" || !asked) this.#told(step);
    const { now } = this.views;
    const gone = step.do === "put_back" || step.do === "drop";
    if (gone && now.is === "order" && now.order === order.id) this.views.replace({ is: "cart" });
  }

  #told(step: Step | { do: "drop" }): void {
    const notice = noticeOf(step);
    if (notice !== null) this.notices.add(notice);
  }
}
