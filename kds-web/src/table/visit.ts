// A guest's visit at one table: puts together the door, the menu, the pad, the ordering and the socket,
// and offers what a guest can do as plain calls. All state is in signals; views never see the parts.
// Called by page.tsx, once per opened page.

import { batch, effect, type ReadonlySignal, signal } from "@preact/signals";
import { serverNow } from "../time";
import { Hub } from "../wire/hub";
import { PHONE_SILENCE_MS, SignedOut, type Token } from "../wire/link";
import type { CallReason, Command, EventMessage, Scanned, Snapshot } from "../wire/types";
import { Door, usable } from "./arrival";
import { afterItemChange } from "./cart";
import { visited } from "./early";
import { HeldMenu } from "./held-menu";
import { HeldPad } from "./held-pad";
import { type Keeping, openKeeping, type Place } from "./keeping";
import { Ordering } from "./ordering";
import { unseated } from "./pad";
import { Views } from "./stack";
import { fold, freshTab, type Tab, tabOf, withAnswer, withOrder } from "./tab";

/** A sign-in that the server refuses again so soon is not tried in a circle. */
const RESCAN_PAUSE_MS = 10_000;

export class Visit {
  readonly door: Door;
  readonly views = new Views();
  readonly menu: HeldMenu;
  readonly held: HeldPad;
  readonly ordering: Ordering;
  readonly hub = signal<Hub | null>(null);
  /** When the tie to the restaurant was lost (server time); `null` while it holds. */
  readonly lost_at = signal<number | null>(serverNow());
  /** There was a tie since the page was opened. */
  readonly was_live = signal(false);

  readonly #code: string;
  readonly #keeping: Keeping;
  readonly #place = signal<Place | null>(null);
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
    this.ordering = new Ordering({
      menu: this.menu,
      held: this.held,
      views: this.views,
      seat: () => {
        const seat = this.#seat();
        return seat && { token: seat.token, seating: seat.seating.id };
      },
      rescan: async () => void (await this.#rescan()),
      token: async () => this.token(),
      told: (order) => this.#changeTab((tab) => withOrder(tab, order)),
      answered: (answer) => this.#changeTab((tab) => withAnswer(tab, answer)),
      cameBack: (why) => why.is === "closed" && this.#tableClosed(),
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
    void this.ordering.sitDown(scanned.seating.id);
    void this.menu.open(scanned.slug).then(() => this.menu.refresh());
    this.#followTable(scanned);
    this.ordering.start();
  }

  #leave(): void {
    this.ordering.stop();
    this.#leave_hub();
    this.#leave_hub = () => {};
    this.hub.value = null;
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
      token: (stale) => this.#socketToken(scanned, stale),
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

  async #socketToken(mine: Scanned, stale: string | undefined): Promise<Token> {
    const seat = this.#seat();
    if (seat !== null && seat.token !== stale && usable(seat, serverNow())) return seat;
    const scanned = seat === null ? null : await this.#rescan();
    if (scanned === null || scanned.guest !== mine.guest) throw new SignedOut("another guest");
    return scanned;
  }

  #live(): void {
    this.was_live.value = true;
    this.lost_at.value = null;
    this.ordering.hurry();
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
    this.#changeTab(() => tabOf(snapshot));
    this.menu.heardOf(snapshot.menu_version, "now");
    if (snapshot.seating.closed_at !== null) this.#tableClosed();
  }

  #event(event: EventMessage): void {
    const { item, seating } = event;
    this.#changeTab((tab) => fold(tab, event));
    this.ordering.heard(event);
    if (item) {
      this.menu.itemChanged(item);
      this.ordering.changeCart((cart) => afterItemChange(cart, item.id));
    }
    if (seating?.closed_at) this.#tableClosed();
  }

  #changeTab(change: (tab: Tab) => Tab): void {
    const place = this.#place.value;
    if (place === null) return;
    const tab = change(place.tab);
    if (place.tab !== tab) this.#place.value = { ...place, tab };
  }

  #tableClosed(): void {
    const place = this.#place.value;
    if (place === null || place.closed) return;
    const before = this.held.pad.value.orders;
    batch(() => {
      this.#place.value = { ...place, closed: true };
      this.#leave();
    });
    void this.held
      .changeStored((pad) => unseated(pad, Date.now()))
      .then(() => this.ordering.tellUnsent(before));
  }

  // ---- orders ------------------------------------------------------------------------------------

  readonly tryNow = (): void => {
    this.ordering.hurry();
    this.door.hurry();
    this.hub.value?.wake();
    if (this.menu.menu.value === null) void this.menu.refresh();
  };

  /** Keeps the cart as an order, and shows it. */
  async send(): Promise<void> {
    const seat = this.#seat();
    if (seat !== null) await this.ordering.send({ seating: seat.seating.id, guest: seat.guest });
  }

  /** Of this seat; `null` while there is none. */
  token(): string | null {
    return this.#seat()?.token ?? null;
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

  givePin(pin: string): void {
    const outbox = this.hub.value?.outbox;
    if (outbox === undefined) return;
    for (const { pending } of outbox.undone.value) outbox.dismiss(pending.id);
    outbox.put({ name: "seating.pin", args: { pin } });
  }
}
