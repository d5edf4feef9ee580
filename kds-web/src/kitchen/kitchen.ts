// The kitchen screen's state, put together: hub, board, taps under way, chosen stations, slots. Pure
// parts decide (board, ticket, slots, counts); this file only connects them with signals. Knows no view.
// Made by the page once per sign-in; `touch.ts` changes it, the views read it.

import { batch, computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { recall, remember } from "../storage";
import { clock, serverNow } from "../time";
import { SCREEN_SILENCE_MS, type Token, type World } from "../wire/connection";
import { menu } from "../wire/http";
import { Hub } from "../wire/hub";
import type {
  CommandId,
  EventMessage,
  LineId,
  Order,
  OrderId,
  Refused,
  Snapshot,
  StationId,
} from "../wire/types";
import { Acknowledged } from "./acknowledged";
import { afterEvent, type Board, fromSnapshot, withMenu, withOrder } from "./board";
import { stationsFor } from "./choice";
import { Receipts } from "./receipts";
import { type Cut, cutsOf, type LineWords, type Room } from "./sizes";
import { NOWHERE, type Place, type Places, pagesOf, perPage, placed } from "./slots";
import { Sounds } from "./sounds";
import { afterTap, lineOf, orderOf, type Tap } from "./taps";
import { type Shown, type Ticket, type TicketLine, ticketOf } from "./ticket";
import { type Trust, trustOf } from "./trust";

const KNOCK_AGAIN_MS = 60_000;
const BACK_SHOWN_MS = 5_000;
/** News of the time away comes right after the connection; then it is counted. */
const BACK_COUNT_MS = 1_000;

/** A tap that was answered; its event is on the way. */
interface Settling extends Tap {
  readonly id: CommandId;
  readonly seq: number;
}

/** What a return from being disconnected brought. */
export interface Back {
  readonly taps: number;
  readonly tickets: number;
}

export interface KitchenOptions {
  readonly slug: string;
  readonly person: string;
  token(stale?: string): Promise<Token>;
  /** How a line is written on this screen, to judge its size. */
  words(line: TicketLine): LineWords;
  readonly world?: World;
}

export class Kitchen {
  readonly hub: Hub;
  readonly sounds = new Sounds();
  readonly acknowledged: Acknowledged;
  readonly board = signal<Board | null>(null);
  /** `undefined` until somebody chose. */
  readonly shown = signal<Shown | undefined>(undefined);
  readonly room = signal<Room>({ columns: 6, rows: 2, cell_rem: 29, column_rem: 16.6 });
  readonly page = signal(0);
  readonly back = signal<Back | null>(null);
  readonly #options: KitchenOptions;
  readonly #settling = signal<readonly Settling[]>([]);
  readonly #places = signal<Places>(NOWHERE);
  #left = new Map<string, Place>();
  /** Tickets that this screen has had, to tell new ones. `null`: whatever comes next is not news. */
  #known: Set<OrderId> | null = null;
  /** Cancelled tickets on the screen. */
  #struck: ReadonlySet<OrderId> = new Set();
  /** What is shown was out of date for a while. */
  #away = false;
  readonly #receipts: Receipts;
  readonly #stops: (() => void)[] = [];

  constructor(options: KitchenOptions) {
    this.#options = options;
    this.acknowledged = new Acknowledged(options.slug);
    this.hub = new Hub({
      slug: options.slug,
      topics: ["kitchen"],
      silence_ms: SCREEN_SILENCE_MS,
      person: options.person,
      token: options.token,
      snapshot: (_, snapshot) => this.#replaced(snapshot),
      event: (event) => this.#happened(event),
      done: (id, seq) => this.#done(id, seq),
      refused: (refused) => this.#refused(refused),
      welcomed: () => this.#countBack(),
      ...(options.world && { world: options.world }),
    });
    this.#receipts = new Receipts(
      () => this.hub.seqOf("kitchen"),
      (seq) =>
        this.trust.peek() === "live" &&
        this.hub.send({ op: "shown", topic: "kitchen", seq, stations: this.stationIds() }),
    );
  }

  start(): void {
    const poke = () => this.#receipts.poke();
    document.addEventListener("visibilitychange", poke);
    this.#stops.push(
      () => document.removeEventListener("visibilitychange", poke),
      this.sounds.start(),
      effect(() => this.#chooseAtFirst()),
      effect(() => this.#place()),
      effect(() => this.#notice()),
      effect(() => this.#trusted()),
      effect(() => this.#settle(clock.value)),
    );
    this.hub.start();
    void this.#readMenu();
  }

  stop(): void {
    this.hub.stop();
    for (const stop of this.#stops.splice(0)) {
      stop();
    }
  }

  /** Taps whose event is not here: answered ones first, because they were made first. */
  readonly taps: ReadonlySignal<readonly Tap[]> = computed(() => [
    ...this.#settling.value,
    ...this.hub.outbox.pending.value,
  ]);

  /** Orders as they will be once every tap is done. */
  readonly orders: ReadonlySignal<readonly Order[]> = computed(() => {
    const taps = this.taps.value;
    const orders = [...(this.board.value?.orders.values() ?? [])];
    if (taps.length === 0) {
      return orders;
    }
    return orders.map((order) =>
      taps.filter((tap) => orderOf(tap.command) === order.id).reduce(afterTap, order),
    );
  });

  /** Oldest first. */
  readonly tickets: ReadonlySignal<readonly Ticket[]> = computed(() => {
    const board = this.board.value;
    const shown = this.shown.value;
    if (!board || shown === undefined) {
      return [];
    }
    const acknowledged = this.acknowledged.all.value;
    const unsent = new Set(
      this.hub.outbox.pending.value.flatMap(({ command }) => keysOf(orderOf(command), lineOf(command))),
    );
    const look = {
      shown,
      settings: board.restaurant.settings,
      now_ms: serverNow(),
      inSlot: (order: OrderId) => this.#places.peek().has(order),
      acknowledged: (order: OrderId, line?: LineId) => acknowledged.has(keyOf(order, line)),
      unsent: (order: OrderId, line?: LineId) => unsent.has(keyOf(order, line)),
    };
    const tickets = this.orders.value.flatMap((order) => ticketOf(order, look) ?? []);
    return tickets.sort((a, b) => a.promised.from_ms - b.promised.from_ms || a.order.number - b.order.number);
  });

  readonly cuts: ReadonlySignal<readonly Cut[]> = computed(() =>
    this.tickets.value.flatMap((ticket) => cutsOf(ticket, this.room.value, this.#options.words)),
  );

  /** What stands in which slot. */
  readonly standing: ReadonlySignal<readonly { readonly cut: Cut; readonly place: Place }[]> = computed(
    () => {
      const places = this.#places.value;
      return this.cuts.value.flatMap((cut) => {
        const place = places.get(cut.key);
        return place ? [{ cut, place }] : [];
      });
    },
  );

  readonly pages: ReadonlySignal<number> = computed(() => pagesOf(this.#places.value, this.room.value));

  readonly trust: ReadonlySignal<Trust> = computed(() => {
    const following = this.hub.following.value.has("kitchen") && this.board.value !== null;
    return trustOf(this.hub.link.value, following, this.board.value ? this.age_ms.value : null);
  });

  /** Since the last frame; renewed once a second. `null` before the first. */
  readonly age_ms: ReadonlySignal<number | null> = computed(() => {
    const at = this.hub.lastFrameAt.value;
    return clock.value && at === null ? null : Math.max(0, performance.now() - (at ?? 0));
  });

  stationIds(): StationId[] {
    const shown = this.shown.peek();
    return shown ? [...shown] : (this.board.peek()?.stations.map((station) => station.id) ?? []);
  }

  choose(shown: Shown): void {
    batch(() => {
      this.shown.value = shown;
      this.page.value = 0;
      this.#known = null;
      this.#places.value = NOWHERE;
      this.#left.clear();
    });
    remember(`stations.${this.#options.slug}`, shown ? [...shown].join(" ") : "all");
  }

  /** T: closes the gaps, when the chef asks. */
  tidy(): void {
    this.#left.clear();
    this.#places.value = placed(NOWHERE, this.cuts.peek(), this.room.peek(), {
      promote: true,
      left: NOWHERE,
    });
  }

  /** The grid has other columns now: everything is laid out anew. */
  resize(room: Room): void {
    const before = this.room.peek();
    batch(() => {
      this.room.value = room;
      if (before.columns !== room.columns || before.rows !== room.rows) {
        this.page.value = 0;
        this.tidy();
      }
    });
  }

  #replaced(snapshot: Snapshot): void {
    if (snapshot.of === "kitchen") {
      this.board.value = fromSnapshot(snapshot, this.board.peek());
      this.#settle();
    }
  }

  #happened(event: EventMessage): void {
    const board = this.board.peek();
    if (board) {
      this.board.value = afterEvent(board, event);
      this.#settle();
    }
  }

  #done(id: CommandId, seq: number): void {
    const pending = this.hub.outbox.pending.peek().find((p) => p.id === id);
    if (pending && seq > this.hub.seqOf("kitchen")) {
      this.#settling.value = [
        ...this.#settling.value,
        { id, command: pending.command, made_at: pending.made_at, seq },
      ];
    }
  }

  /** An answered tap steps back once the board contains it. */
  #settle(_tick?: number): void {
    const seq = this.hub.seqOf("kitchen");
    const settling = this.#settling.peek();
    const left = settling.filter((tap) => tap.seq > seq);
    if (left.length !== settling.length) {
      this.#settling.value = left;
    }
  }

  #refused({ current }: Refused): void {
    const board = this.board.peek();
    if (board && current) {
      this.board.value = withOrder(board, current);
    }
  }

  #chooseAtFirst(): void {
    const board = this.board.value;
    if (board && this.shown.value === undefined) {
      const asked = new URLSearchParams(location.search).get("station");
      const chosen = stationsFor(board.stations, asked, recall(`stations.${this.#options.slug}`));
      if (chosen !== undefined) {
        this.choose(chosen);
      }
    }
  }

  #place(): void {
    const before = this.#places.peek();
    const room = this.room.value;
    const promote = this.page.value === 0;
    const next = placed(before, this.cuts.value, room, { promote, left: this.#left });
    for (const [key, place] of before) {
      if (!next.has(key)) {
        this.#left.set(key, place);
      }
    }
    for (const key of next.keys()) {
      this.#left.delete(key);
    }
    this.#left = new Map([...this.#left].slice(-perPage(room)));
    if (!samePlaces(before, next)) {
      this.#places.value = next;
    }
    this.page.value = Math.min(this.page.peek(), pagesOf(next, room) - 1);
  }

  /** New tickets are told to the ear and, once drawn, to the server. */
  #notice(): void {
    const tickets = this.tickets.value;
    if (!this.board.value || this.shown.value === undefined) {
      return;
    }
    const known = this.#known;
    const fresh = tickets.filter(({ order }) => !known?.has(order.id));
    this.#known = new Set([...(known ?? []), ...tickets.map(({ order }) => order.id)]);
    if (fresh.length > 0) {
      this.#receipts.drew();
    }
    const struck = tickets.filter((ticket) => ticket.cancelled).map(({ order }) => order.id);
    if (known && struck.some((id) => known.has(id) && !this.#struck.has(id))) {
      this.sounds.play("cancelled");
    }
    this.#struck = new Set(struck);
    if (known && fresh.length > 0) {
      const asks = fresh.some(({ order }) => order.allergy && !order.allergy_confirmed_at);
      this.sounds.play(asks ? "allergy" : "new");
    }
  }

  /** Knocks when the screen is cut off, and again each minute; tells what is untold once it is back. */
  #trusted(): (() => void) | undefined {
    const trust = this.trust.value;
    if (trust === "live") {
      this.#receipts.poke();
    }
    this.#away ||= trust === "offline" || trust === "stale";
    if (trust === "offline") {
      this.sounds.play("cut");
      const timer = setInterval(() => this.sounds.play("cut"), KNOCK_AGAIN_MS);
      return () => clearInterval(timer);
    }
    return undefined;
  }

  /** "Connected. 3 taps sent, 2 new tickets." */
  #countBack(): void {
    if (!this.#known || !this.#away) {
      return;
    }
    this.#away = false;
    const taps = this.hub.outbox.pending.peek().length;
    const tickets = this.#known.size;
    setTimeout(() => {
      const sent = Math.max(0, taps - this.hub.outbox.pending.peek().length);
      this.back.value = { taps: sent, tickets: Math.max(0, (this.#known?.size ?? 0) - tickets) };
      setTimeout(() => {
        this.back.value = null;
      }, BACK_SHOWN_MS);
    }, BACK_COUNT_MS);
  }

  /** Only for the order of dishes and what is sold out: a kitchen works without. */
  async #readMenu(): Promise<void> {
    try {
      const { menu: read } = await menu(this.#options.slug);
      this.#stops.push(
        effect(() => {
          const board = this.board.value;
          if (board && board.dishes.size === 0) {
            this.board.value = withMenu(board, read);
          }
        }),
      );
    } catch (error) {
      console.warn("The menu could not be read; dishes are counted in the order they came.", error);
    }
  }
}

export function keyOf(order: OrderId, line?: LineId): string {
  return line ? `${order}/${line}` : order;
}

function keysOf(order: OrderId | null, line: LineId | null): string[] {
  return order === null ? [] : [keyOf(order, line ?? undefined)];
}

function samePlaces(a: Places, b: Places): boolean {
  return (
    a.size === b.size &&
    [...a].every(([key, place]) => b.get(key)?.cell === place.cell && b.get(key)?.tall === place.tall)
  );
}
