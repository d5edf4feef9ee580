// The waiter's state, put together: hub, room, menu, what is said once. Pure parts decide (room, tiles); this
// file connects them with signals and offers what a waiter can do as plain calls. Knows no view.
// Made by the page once per sign-in.

import { batch, computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { addState, indexOf, withStates } from "../table/menu";
import { clock } from "../time";
import { call, menu as fetchMenu, type TaggedMenu } from "../wire/http";
import { Hub } from "../wire/hub";
import { newId } from "../wire/ids";
import { SCREEN_SILENCE_MS, type Token } from "../wire/link";
import type {
  CallReason,
  Draft,
  EventMessage,
  Item,
  ItemId,
  ItemState,
  Menu,
  Messages,
  OrderId,
  SeatingId,
  Snapshot,
  TableId,
} from "../wire/types";
import { Guests } from "./guests";
import { Inbox } from "./inbox";
import { type Sent, sendOrder } from "./orderer";
import { shrunk } from "./photo";
import { afterEvent, type Room, roomOf, withMessages, withOrder } from "./room";
import { type Asking, askingOf, keyOf, type Tile, tilesOf } from "./tiles";

const MENU_AGAIN_MS = 3_000;
/** A photo may take its time. */
const PHOTO_MS = 40_000;
/** A short touch in the hand: something new wants somebody. */
const BUZZ_MS = [160, 80, 160];

/** `GET /api/reports/estimates`, as far as it is shown (docs/PROTOCOL.md, H11.1). */
export interface Accuracy {
  readonly orders: number;
  readonly error_seconds: number;
  readonly within_permille: number;
}

export interface FloorOptions {
  readonly slug: string;
  readonly person: string;
  token(stale?: string): Promise<Token>;
}

export class Floor {
  readonly hub: Hub;
  readonly inbox: Inbox;
  readonly guests: Guests;
  readonly room = signal<Room | null>(null);
  /** Alarms that somebody took care of, by order and how often it rang. */
  readonly told = signal<ReadonlySet<string>>(new Set());
  /** Dishes that get a photo, and those of which it was not taken. */
  readonly photos = signal<ReadonlyMap<ItemId, "sending" | "failed">>(new Map());
  readonly #options: FloorOptions;
  readonly #fetched = signal<TaggedMenu | null>(null);
  readonly #states = signal<ReadonlyMap<ItemId, ItemState>>(new Map());
  #known: ReadonlySet<string> | null = null;
  #menu_timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;
  readonly #stops: (() => void)[] = [];

  constructor(options: FloorOptions) {
    this.#options = options;
    const token = async () => (await options.token()).token;
    this.inbox = new Inbox(token);
    this.guests = new Guests(token);
    this.hub = new Hub({
      slug: options.slug,
      topics: ["floor"],
      silence_ms: SCREEN_SILENCE_MS,
      person: options.person,
      token: options.token,
      snapshot: (_, snapshot) => this.#replaced(snapshot),
      event: (event) => this.#happened(event),
      refused: ({ current }) => {
        const room = this.room.peek();
        if (current && room) this.room.value = withOrder(room, current);
      },
    });
  }

  start(): void {
    this.hub.start();
    void this.#readMenu();
    void this.inbox.refresh();
    this.#stops.push(effect(() => this.#notice(this.asking.value)));
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#menu_timer);
    this.inbox.stop();
    this.hub.stop();
    for (const stop of this.#stops.splice(0)) stop();
  }

  readonly menu: ReadonlySignal<Menu | null> = computed(() => {
    const held = this.#fetched.value;
    return held && withStates(held.menu, this.#states.value);
  });

  readonly items: ReadonlySignal<ReadonlyMap<ItemId, Item>> = computed(() => {
    const menu = this.menu.value;
    return menu ? indexOf(menu) : new Map();
  });

  readonly tiles: ReadonlySignal<readonly Tile[]> = computed(() => {
    const room = this.room.value;
    return room ? tilesOf(room, clock.value) : [];
  });

  /** What wants somebody, without the alarms that were taken care of. */
  readonly asking: ReadonlySignal<readonly Asking[]> = computed(() => {
    const room = this.room.value;
    const told = this.told.value;
    const open = ({ want }: Asking) =>
      want.is !== "unseen" || !told.has(`${want.unseen.order}/${want.unseen.nth}`);
    return room ? askingOf(room).filter(open) : [];
  });

  /** Milliseconds since the last frame, once a second. `null` before the first. */
  readonly age_ms: ReadonlySignal<number | null> = computed(() => {
    const at = this.hub.lastFrameAt.value;
    return clock.value && at === null ? null : Math.max(0, performance.now() - (at ?? 0));
  });

  // ---- what a waiter does --------------------------------------------------------------------------

  open(table: TableId): void {
    this.hub.outbox.put({ name: "seating.open", args: { table } });
  }

  release(seating: SeatingId): void {
    this.hub.outbox.put({ name: "seating.release", args: { seating } });
  }

  close(seating: SeatingId, force: boolean): void {
    this.hub.outbox.put({ name: "seating.close", args: { seating, force } });
  }

  move(seating: SeatingId, table: TableId): void {
    this.hub.outbox.put({ name: "seating.move", args: { seating, table } });
  }

  coming(seating: SeatingId, reason: CallReason): void {
    this.hub.outbox.put({ name: "call.coming", args: { seating, reason } });
  }

  done(seating: SeatingId, reason: CallReason): void {
    this.hub.outbox.put({ name: "call.done", args: { seating, reason } });
  }

  served(order: OrderId): void {
    this.hub.outbox.put({ name: "order.complete", args: { order } });
  }

  rush(order: OrderId, rush: boolean): void {
    this.hub.outbox.put({ name: "order.rush", args: { order, rush } });
  }

  setItem(item: ItemId, available: boolean): void {
    this.hub.outbox.put({ name: "item.set", args: { item, available } });
  }

  /** Closes takeaway until the next business day, or opens it again. */
  pauseTakeaway(paused: boolean): void {
    this.hub.outbox.put({ name: "takeaway.pause", args: { paused } });
  }

  /** A manager takes a dish's photo away. */
  removePhoto(item: ItemId): Promise<void> {
    return this.#photoIs(item, (token) => call("DELETE", `/api/items/${item}/picture`, { token }));
  }

  /** A manager changes what guests are told: seen at once, and as it was when the server did not take it. */
  async setMessages(messages: Messages): Promise<void> {
    const before = this.room.peek();
    if (before === null) return;
    this.room.value = withMessages(before, messages);
    if (await this.guests.set(messages)) return;
    const now = this.room.peek();
    if (now) this.room.value = withMessages(now, before.restaurant.settings.messages);
  }

  /** A manager gives a dish a photo. */
  putPhoto(item: ItemId, photo: Blob): Promise<void> {
    return this.#photoIs(item, async (token) => {
      const body = await shrunk(photo);
      await call("PUT", `/api/items/${item}/picture`, { token, body, deadline_ms: PHOTO_MS });
    });
  }

  async #photoIs(item: ItemId, send: (token: string) => Promise<unknown>): Promise<void> {
    if (this.photos.peek().get(item) === "sending") return;
    this.#photo(item, "sending");
    try {
      await send((await this.#options.token()).token);
      await this.#readMenu();
      this.#photo(item, null);
    } catch {
      this.#photo(item, "failed");
    }
  }

  #photo(item: ItemId, state: "sending" | "failed" | null): void {
    const photos = new Map(this.photos.peek());
    if (state === null) photos.delete(item);
    else photos.set(item, state);
    this.photos.value = photos;
  }

  /** How wrong the estimates of the last week were, for a manager; `null` when there was no answer. */
  async accuracy(): Promise<Accuracy | null> {
    try {
      const { token } = await this.#options.token();
      return (await call<Accuracy>("GET", "/api/reports/estimates", { token })).body ?? null;
    } catch {
      return null;
    }
  }

  /** What to tell a party whose gate is a PIN; `null` when there was no answer. */
  async pinOf(seating: SeatingId): Promise<string | null> {
    try {
      const { token } = await this.#options.token();
      const answer = await call<{ pin: string }>("GET", `/api/seatings/${seating}/pin`, { token });
      return answer.body?.pin ?? null;
    } catch {
      return null;
    }
  }

  toldThem(order: OrderId, nth: number): void {
    this.told.value = new Set(this.told.value).add(`${order}/${nth}`);
  }

  /** Sends an order for a table. One call is one order, however often it has to be tried. */
  order(draft: Draft, waiting: () => void): Promise<Sent | null> {
    const token = async () => (await this.#options.token()).token;
    return sendOrder({ id: newId(), draft, token, waiting }, () => this.#stopped);
  }

  // ---- what comes ----------------------------------------------------------------------------------

  #replaced(snapshot: Snapshot): void {
    if (snapshot.of === "floor") this.room.value = roomOf(snapshot, this.room.peek());
  }

  #happened(event: EventMessage): void {
    this.inbox.happened(event);
    const room = this.room.peek();
    batch(() => {
      if (room) this.room.value = afterEvent(room, event);
      if (event.item) this.#itemChanged(event.item);
    });
  }

  #itemChanged(state: ItemState): void {
    this.#states.value = addState(this.#states.peek(), state);
  }

  async #readMenu(): Promise<void> {
    try {
      this.#fetched.value = await fetchMenu(this.#options.slug, this.#fetched.peek() ?? undefined);
    } catch {
      if (!this.#stopped) this.#menu_timer = setTimeout(() => void this.#readMenu(), MENU_AGAIN_MS);
    }
  }

  /** What was not there a moment ago is felt in the hand; what the page began with is not news. */
  #notice(asking: readonly Asking[]): void {
    if (this.room.peek() === null) return;
    const keys = new Set(asking.map(keyOf));
    const news = this.#known !== null && [...keys].some((key) => !this.#known?.has(key));
    this.#known = keys;
    if (news) navigator.vibrate?.(BUZZ_MS);
  }
}
