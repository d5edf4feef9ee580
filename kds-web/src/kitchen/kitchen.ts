// The kitchen screen's state, put together: hub, board, taps under way, what is shown, slots. Pure parts
// decide (board, ticket, slots, counts); this file only connects them with signals. Knows no view. Made by
// the page once per sign-in; `touch.ts` changes it, the views read it.

import { batch, computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { recall, remember } from "../storage";
import { clock, serverNow } from "../time";
import { SCREEN_SILENCE_MS, type Token, type World } from "../wire/connection";
import { menu, ordersBefore } from "../wire/http";
import { Hub } from "../wire/hub";
import type {
  CommandId,
  EventMessage,
  Line,
  LineId,
  Order,
  OrderId,
  Refused,
  Snapshot,
  StationId,
} from "../wire/types";
import { Acknowledged } from "./acknowledged";
import { afterEvent, type Board, fromSnapshot, withEnded, withMenu, withOrder } from "./board";
import { type Choice, choiceFor, remembered } from "./choice";
import { type Bumped, bumped, handedOver } from "./counts";
import { Hanging } from "./hang";
import { keepBoard, keptBoard } from "./kept";
import { Layout } from "./layout";
import { News } from "./news";
import { type Pickup, pickupOf } from "./pickup";
import { Receipts } from "./receipts";
import type { Cut, LineWords } from "./sizes";
import type { Place } from "./slots";
import { Sounds } from "./sounds";
import { afterItemTap, afterTap, lineOf, orderOf, type Tap } from "./taps";
import { onHold, type Shown, type Ticket, type TicketLine } from "./ticket";
import { type Trust, trustOf } from "./trust";
import { Wake } from "./wake";

const KNOCK_AGAIN_MS = 60_000;
const BACK_SHOWN_MS = 5_000;
/** The picture is kept on the device this often at most. */
const KEEP_MS = 3_000;
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
  words(): { lineWords(line: TicketLine): LineWords };
  /** What a manager said that this screen is to show, until somebody chooses here; none named: all. */
  readonly stations?: readonly StationId[];
  readonly world?: World;
}

export class Kitchen {
  readonly hub: Hub;
  readonly sounds = new Sounds();
  readonly wake = new Wake();
  readonly acknowledged: Acknowledged;
  readonly board = signal<Board | null>(null);
  /** `undefined` until somebody chose. */
  readonly choice = signal<Choice | undefined>(undefined);
  readonly layout: Layout;
  readonly news = new News((sound) => this.sounds.play(sound));
  readonly back = signal<Back | null>(null);
  readonly #options: KitchenOptions;
  readonly #hanging = new Hanging();
  readonly #settling = signal<readonly Settling[]>([]);
  /** What is shown was out of date for a while. */
  #away = false;
  /** When the picture that the device had kept was the truth, while there is no newer one. */
  readonly #kept_at = signal<number | null>(null);
  /** What the pickup board showed as ready; `null` before it showed anything. */
  #ready: ReadonlySet<OrderId> | null = null;
  #keeping: ReturnType<typeof setTimeout> | undefined;
  readonly #receipts: Receipts;
  readonly #stops: (() => void)[] = [];

  constructor(options: KitchenOptions) {
    this.#options = options;
    this.acknowledged = new Acknowledged(options.slug);
    this.layout = new Layout(options.slug);
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
      welcomed: () => {
        // Whatever was told on the old connection may never have arrived.
        this.#receipts.drew();
        this.#countBack();
      },
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
    const hand = () => this.news.acknowledge();
    document.addEventListener("visibilitychange", poke);
    addEventListener("pointerdown", hand);
    addEventListener("keydown", hand);
    this.#stops.push(
      () => document.removeEventListener("visibilitychange", poke),
      () => removeEventListener("pointerdown", hand),
      () => removeEventListener("keydown", hand),
      hand,
      this.sounds.start(),
      this.wake.start(),
      effect(() => this.#chooseAtFirst()),
      effect(() => this.layout.place(this.cuts.value)),
      effect(() => this.#notice()),
      effect(() => this.#trusted()),
      effect(() => this.#settle(clock.value)),
      effect(() => this.#keep()),
      effect(() => this.#chime()),
    );
    void this.#restore();
    this.hub.start();
    void this.#readMenu();
  }

  stop(): void {
    clearTimeout(this.#keeping);
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

  /** What the menu says of each dish, as it will be once every tap is done. */
  readonly dishes: ReadonlySignal<Board["dishes"]> = computed(() =>
    this.taps.value.reduce(afterItemTap, this.board.value?.dishes ?? new Map()),
  );

  /** The stations of this screen; `null` is all. */
  readonly shown: ReadonlySignal<Shown> = computed(() => this.choice.value?.shown ?? null);

  /** Oldest first. */
  readonly tickets: ReadonlySignal<readonly Ticket[]> = computed(() => {
    const board = this.board.value;
    const choice = this.choice.value;
    if (!board || choice === undefined || choice.purpose === "board") {
      return [];
    }
    const acknowledged = this.acknowledged.all.value;
    const pending = this.hub.outbox.pending.value;
    const unsent = new Set(pending.flatMap(({ command }) => keysOf(orderOf(command), lineOf(command))));
    const moment = {
      shown: choice.shown,
      pass: choice.purpose === "pass",
      stations: board.stations.map((station) => station.id),
      settings: board.restaurant.settings,
      now_ms: serverNow(),
      ground: [choice, board.restaurant, board.stations, acknowledged],
      inSlot: (order: OrderId) => this.layout.places.peek().has(order),
      acknowledged: (order: OrderId, line?: LineId) => acknowledged.has(keyOf(order, line)),
      unsent: (order: OrderId, line?: LineId) => unsent.has(keyOf(order, line)),
      unsentOf: (order: OrderId) =>
        unsent.size === 0 ? "" : [...unsent].filter((key) => key.startsWith(order)).join(),
    };
    const tickets = this.#hanging.tickets(this.orders.value, moment);
    return tickets.sort((a, b) => a.promised.from_ms - b.promised.from_ms || a.order.number - b.order.number);
  });

  /** What this screen has done with, the latest first. */
  readonly finished: ReadonlySignal<readonly Bumped[]> = computed(() =>
    this.choice.value?.purpose === "pass"
      ? handedOver(this.orders.value)
      : bumped(this.orders.value, this.shown.value),
  );

  /** Orders with courses of this screen that wait. */
  readonly waiting: ReadonlySignal<readonly { readonly order: Order; readonly lines: readonly Line[] }[]> =
    computed(() =>
      this.orders.value.flatMap((order) => {
        const lines = onHold(order, this.shown.value);
        return lines.length > 0 ? [{ order, lines }] : [];
      }),
    );

  readonly pickup: ReadonlySignal<Pickup> = computed(() => pickupOf(this.orders.value, clock.value));

  readonly cuts: ReadonlySignal<readonly Cut[]> = computed(() =>
    this.tickets.value.flatMap((ticket) =>
      this.#hanging.cuts(ticket, this.layout.room.value, this.#options.words()),
    ),
  );

  /** What stands in which slot. */
  readonly standing: ReadonlySignal<readonly { readonly cut: Cut; readonly place: Place }[]> = computed(
    () => {
      const places = this.layout.places.value;
      return this.cuts.value.flatMap((cut) => {
        const place = places.get(cut.key);
        return place ? [{ cut, place }] : [];
      });
    },
  );

  readonly trust: ReadonlySignal<Trust> = computed(() => {
    const following = this.hub.following.value.has("kitchen") && this.board.value !== null;
    return trustOf(this.hub.link.value, following, this.board.value ? this.age_ms.value : null);
  });

  /** Since the last frame; renewed once a second. `null` before the first. */
  readonly age_ms: ReadonlySignal<number | null> = computed(() => {
    const at = this.hub.lastFrameAt.value;
    const kept_at = this.#kept_at.value;
    if (kept_at !== null) {
      return clock.value && Math.max(0, Date.now() - kept_at);
    }
    return clock.value && at === null ? null : Math.max(0, this.#now() - (at ?? 0));
  });

  /** The stations whose cooks see this screen: the pass and the pickup board stand elsewhere. */
  stationIds(): StationId[] {
    const { purpose, shown } = this.choice.peek() ?? { purpose: "stations", shown: null };
    if (purpose !== "stations") {
      return [];
    }
    return shown ? [...shown] : (this.board.peek()?.stations.map((station) => station.id) ?? []);
  }

  choose(choice: Choice): void {
    batch(() => {
      this.choice.value = choice;
      this.news.forget();
      this.layout.clear();
    });
    remember(`stations.${this.#options.slug}`, remembered(choice));
  }

  async token(): Promise<string> {
    return (await this.#options.token()).token;
  }

  /** More of what ended earlier in the shift. Says whether there is more still. */
  async earlier(): Promise<boolean> {
    const board = this.board.peek();
    const oldest = [...(board?.orders.values() ?? [])].map((order) => order.placed_at).sort()[0];
    const { orders, next } = await ordersBefore(await this.token(), oldest);
    const now = this.board.peek();
    if (now) {
      this.board.value = withEnded(now, orders);
    }
    return next !== undefined;
  }

  #replaced(snapshot: Snapshot): void {
    if (snapshot.of === "kitchen") {
      this.#kept_at.value = null;
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
    if (board && this.choice.value === undefined) {
      const asked = new URLSearchParams(location.search).get("station");
      const { slug, stations } = this.#options;
      const told = stations && (stations.join(" ") || "all");
      const chosen = choiceFor(board.stations, asked, recall(`stations.${slug}`) ?? told ?? null);
      if (chosen !== undefined) {
        this.choose(chosen);
      }
    }
  }

  /** New tickets are told to the ear and, once drawn, to the server. */
  #notice(): void {
    const tickets = this.tickets.value;
    const choice = this.choice.value;
    if (this.board.value && choice && this.news.tell(tickets, choice.purpose === "pass")) {
      this.#receipts.drew();
    }
  }

  /** The pickup board: something became ready since it was looked at last. */
  #chime(): void {
    if (this.choice.value?.purpose === "board") {
      const ready = new Set(this.pickup.value.ready.map(({ order }) => order.id));
      if (this.#ready && [...ready].some((id) => !this.#ready?.has(id))) {
        this.sounds.play("chime");
      }
      this.#ready = ready;
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
    if (!this.news.begun || !this.#away) {
      return;
    }
    this.#away = false;
    const taps = this.hub.outbox.pending.peek().length;
    const tickets = this.news.count;
    setTimeout(() => {
      const sent = Math.max(0, taps - this.hub.outbox.pending.peek().length);
      this.back.value = { taps: sent, tickets: Math.max(0, this.news.count - tickets) };
      setTimeout(() => {
        this.back.value = null;
      }, BACK_SHOWN_MS);
    }, BACK_COUNT_MS);
  }

  /** A screen that starts shows what it had, as old as it is, until there is news. */
  async #restore(): Promise<void> {
    const kept = await keptBoard(this.#box);
    if (kept && this.board.peek() === null) {
      batch(() => {
        this.#kept_at.value = kept.at_ms;
        this.#away = true;
        this.board.value = { ...fromSnapshot(kept.snapshot, null), dishes: kept.dishes };
      });
    }
  }

  #keep(): void {
    if (this.board.value && this.#kept_at.peek() === null) {
      this.#keeping ??= setTimeout(() => {
        this.#keeping = undefined;
        const board = this.board.peek();
        if (board) {
          void keepBoard(this.#box, board, Date.now());
        }
      }, KEEP_MS);
    }
  }

  /** The clock that frames are counted by. */
  #now(): number {
    return this.#options.world?.now() ?? performance.now();
  }

  get #box(): string {
    return `${this.#options.slug}/${this.#options.person}`;
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
