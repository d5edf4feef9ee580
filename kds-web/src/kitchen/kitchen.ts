// The kitchen screen's state, put together: hub, board, taps under way, what is shown, slots. Pure parts
// decide (board, ticket, slots, counts); this file only connects them with signals. Knows no view. Made by
// the page once per sign-in; `touch.ts` changes it, the views read it.

import { batch, computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { recall, remember } from "../storage";
import { clock, serverNow } from "../time";
import { Hub } from "../wire/hub";
import { SCREEN_SILENCE_MS, type Token, type World } from "../wire/link";
import type { Line, LineId, Order, OrderId, OrderKind, StationId } from "../wire/types";
import { Absence } from "./absence";
import { Acknowledged } from "./acknowledged";
import type { Alarm, Board } from "./board";
import { type Choice, choiceFor, remembered } from "./choice";
import { alarmsToShow, type Bumped, bumped, handedOver } from "./counts";
import { Hanging } from "./hang";
import { type KindCounts, kindCounts, type Only, ofKind, onlyFrom } from "./kinds";
import { Layout } from "./layout";
import { News } from "./news";
import { type Pickup, pickupOf } from "./pickup";
import { Picture } from "./picture";
import { Receipts } from "./receipts";
import type { Cut, LineWords } from "./sizes";
import type { Place } from "./slots";
import { Sounds } from "./sounds";
import { addedOnes, onHold, type Shown, type Ticket, type TicketLine } from "./ticket";
import { type Trust, trustOf } from "./trust";
import { keyOf, UnderWay } from "./under-way";
import { Wake } from "./wake";

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
  readonly board: Signal<Board | null>;
  /** `undefined` until somebody chose. */
  readonly choice = signal<Choice | undefined>(undefined);
  /** The only kind of orders that is drawn here. */
  readonly only: Signal<Only>;
  readonly layout: Layout;
  readonly news = new News((sound) => this.sounds.play(sound));
  readonly absence: Absence;
  readonly #options: KitchenOptions;
  readonly #hanging = new Hanging();
  readonly #picture: Picture;
  readonly #underWay: UnderWay;
  /** What the pickup board showed as ready; `null` before it showed anything. */
  #ready: ReadonlySet<OrderId> | null = null;
  readonly #receipts: Receipts;
  readonly #stops: (() => void)[] = [];

  constructor(options: KitchenOptions) {
    this.#options = options;
    this.#picture = new Picture(options.slug, options.person);
    this.board = this.#picture.board;
    this.acknowledged = new Acknowledged(options.slug);
    this.only = signal(onlyFrom(recall(`kind.${options.slug}`)));
    this.layout = new Layout(options.slug);
    this.hub = new Hub({
      slug: options.slug,
      topics: ["kitchen"],
      silence_ms: SCREEN_SILENCE_MS,
      person: options.person,
      token: options.token,
      snapshot: (_, snapshot) => {
        this.#picture.replaced(snapshot);
        this.#underWay.settle();
      },
      event: (event) => {
        this.#picture.happened(event);
        this.#underWay.settle();
        // A cook's own tap drew a scheduled order before the kitchen had it: only now can that be told.
        if (event.kind === "order.released") this.#receipts.drew();
      },
      done: (id, seq) => this.#underWay.answered(id, seq),
      refused: ({ current }) => current && this.#picture.corrected(current),
      welcomed: () => {
        // Whatever was told on the old connection may never have arrived.
        this.#receipts.drew();
        this.absence.end();
      },
      ...(options.world && { world: options.world }),
    });
    this.#underWay = new UnderWay(this.board, this.hub.outbox.pending, () => this.hub.seqOf("kitchen"));
    this.absence = new Absence(
      {
        unsent: () => this.hub.outbox.pending.peek().length,
        tickets: () => (this.news.begun ? this.news.count : null),
      },
      () => this.sounds.play("cut"),
    );
    this.#receipts = new Receipts(
      () => this.hub.seqOf("kitchen"),
      (seq) =>
        this.trust.peek() === "live" &&
        this.hub.send({ op: "shown", topic: "kitchen", seq, stations: this.stationIds(), ...this.#kind() }),
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
      effect(() => {
        void clock.value;
        this.#underWay.settle();
      }),
      effect(() => this.#chime()),
    );
    this.#picture.start(() => this.absence.begin());
    this.hub.start();
  }

  stop(): void {
    this.#picture.stop();
    this.hub.stop();
    for (const stop of this.#stops.splice(0)) {
      stop();
    }
  }

  get taps(): UnderWay["taps"] {
    return this.#underWay.taps;
  }

  get orders(): UnderWay["orders"] {
    return this.#underWay.orders;
  }

  /** Orders for later, the first to begin first. */
  get scheduled(): ReadonlySignal<readonly Order[]> {
    return this.#underWay.scheduled;
  }

  get dishes(): UnderWay["dishes"] {
    return this.#underWay.dishes;
  }

  get takeaway(): UnderWay["takeaway"] {
    return this.#underWay.takeaway;
  }

  /** The stations of this screen; `null` is all. */
  readonly shown: ReadonlySignal<Shown> = computed(() => this.choice.value?.shown ?? null);

  /** Of every kind. */
  readonly #all: ReadonlySignal<readonly Ticket[]> = computed(() => {
    const board = this.board.value;
    const choice = this.choice.value;
    if (!board || choice === undefined || choice.purpose === "board") {
      return [];
    }
    const acknowledged = this.acknowledged.all.value;
    const unsent = this.#underWay.unsent.value;
    const moment = {
      shown: choice.shown,
      pass: choice.purpose === "pass",
      stations: board.stations.map((station) => station.id),
      settings: board.restaurant.settings,
      now_ms: serverNow(),
      ground: [choice, board.restaurant, board.stations, acknowledged],
      inSlot: (order: OrderId) => this.layout.places.peek().has(order),
      acknowledged: (order: OrderId, line?: LineId) => acknowledged.has(keyOf(order, line)),
      unsent: (order: OrderId, line?: LineId) => unsent.has(order, line),
      unsentOf: (order: OrderId) => unsent.of(order),
    };
    const tickets = this.#hanging.tickets(this.orders.value, moment);
    return tickets.sort((a, b) => a.promised.from_ms - b.promised.from_ms || a.order.number - b.order.number);
  });

  /** What is drawn, oldest first. */
  readonly tickets: ReadonlySignal<readonly Ticket[]> = computed(() =>
    ofKind(this.#all.value, this.only.value),
  );

  readonly added: ReadonlySignal<ReadonlySet<OrderId>> = computed(() => addedOnes(this.tickets.value));

  /** How many there are of each kind, drawn or not. */
  readonly counts: ReadonlySignal<KindCounts> = computed(() => kindCounts(this.#all.value));

  /** Orders that no screen has shown, as far as it is this screen's business to say so. */
  readonly alarms: ReadonlySignal<readonly Alarm[]> = computed(() => {
    const board = this.board.value;
    return board ? alarmsToShow(board, this.tickets.value, this.shown.value, clock.value) : [];
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
    const kept_at = this.#picture.kept_at.value;
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

  showOnly(only: Only): void {
    batch(() => {
      this.only.value = only;
      this.news.forget();
    });
    remember(`kind.${this.#options.slug}`, only);
  }

  /** A screen speaks for what it draws, and for nothing else (W7). */
  #kind(): { kind?: OrderKind } {
    const only = this.only.peek();
    return only === null ? {} : { kind: only };
  }

  async token(): Promise<string> {
    return (await this.#options.token()).token;
  }

  /** More of what ended earlier in the shift. Says whether there is more still. */
  async earlier(): Promise<boolean> {
    return this.#picture.earlier(await this.token());
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

  /** Tells what is untold once the screen is current again. */
  #trusted(): (() => void) | undefined {
    const trust = this.trust.value;
    if (trust === "live") {
      this.#receipts.poke();
    }
    return this.absence.watch(trust);
  }

  /** The clock that frames are counted by. */
  #now(): number {
    return this.#options.world?.now() ?? performance.now();
  }
}
