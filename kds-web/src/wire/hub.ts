// A page's tie to its restaurant: the connection, one `Sync` per topic and the outbox, put together.
// The page hands in what to do with snapshots and events and gets signals to show. Knows no view and
// no board. Called by the kitchen page and the table page, once each.

import { batch, type ReadonlySignal, signal } from "@preact/signals";
import { recall, remember } from "../storage";
import { heard, startClock } from "../time";
import { Burst } from "./burst";
import { Connection, type ConnectionOptions } from "./connection";
import { browser, type Link, socketUrl, type Token, type Welcome, type World } from "./link";
import { Outbox, type OutboxOptions } from "./outbox";
import { PollSocket } from "./poll";
import { newSync, type Step, type Sync, step, subscribe } from "./sync";
import type {
  ClientMessage,
  CommandId,
  EventMessage,
  Refused,
  ServerMessage,
  Snapshot,
  TopicName,
} from "./types";

/** Closes that a newer copy of this page would not have met. */
const CURED_BY_RELOAD: readonly string[] = ["update", "malformed", "no_hello", "too_large"];
/** A reload that did not help is not tried again before this. */
const RELOAD_PAUSE_MS = 60_000;
/** Besides becoming visible: what a browser says when a page or its network comes back, or goes. */
const LIFE_SIGNS = ["online", "offline", "pageshow"] as const;
const RELOAD_CHECK_MS = 2_000;

export interface HubOptions {
  readonly slug: string;
  readonly topics: readonly TopicName[];
  readonly silence_ms: number;
  /** See `ConnectionOptions.token`. */
  token(stale?: string): Promise<Token>;
  /** Names the person, for the outbox: nobody sends another's taps. */
  readonly person: string;
  /** Replaces everything that is held of this topic. */
  snapshot(topic: TopicName, snapshot: Snapshot): void;
  event(event: EventMessage): void;
  welcomed?(welcome: Welcome): void;
  /** A command was done, by the event with this number or before it, which may still be on its way. Is
   * called while the outbox still has the command. */
  done?(id: CommandId, seq: number): void;
  /** Nothing that only this page holds would be lost by a reload. */
  mayReload?(): boolean;
  /** A command was refused; it also appears in `outbox.undone`. */
  refused?(refused: Refused): void;
  readonly world?: World;
  readonly outbox?: Omit<OutboxOptions, "box">;
}

export class Hub {
  readonly #options: HubOptions;
  readonly #connection: Connection;
  readonly #outbox: Outbox;
  readonly #burst: Burst<ServerMessage>;
  readonly #syncs: Map<TopicName, Sync>;
  readonly #following = signal<ReadonlySet<TopicName>>(new Set());
  readonly #stops: (() => void)[] = [];

  constructor(options: HubOptions) {
    this.#options = options;
    this.#syncs = new Map(options.topics.map((topic) => [topic, newSync(topic)]));
    this.#outbox = new Outbox({ ...options.outbox, box: `${options.slug}/${options.person}` });
    this.#burst = new Burst(
      (all) =>
        batch(() => {
          for (const message of all) {
            this.#received(message);
          }
        }),
      (options.world ?? browser).nextFrame,
    );
    const connection: ConnectionOptions = {
      url: socketUrl(options.slug),
      silence_ms: options.silence_ms,
      token: options.token,
      welcomed: (welcome) => this.#welcomed(welcome),
      received: (message) => {
        if (message.op === "beat") {
          heard(message.at);
        }
        this.#burst.push(message);
      },
      probe: () => this.#probe(),
      poll: () => new PollSocket(options.silence_ms),
      ...(options.world && { world: options.world }),
    };
    this.#connection = new Connection(connection);
  }

  get link(): ReadonlySignal<Link> {
    return this.#connection.state;
  }

  get lastFrameAt(): ReadonlySignal<number | null> {
    return this.#connection.lastFrameAt;
  }

  /** The highest event number heard; 0 before the first. */
  get lastSeq(): ReadonlySignal<number> {
    return this.#connection.lastSeq;
  }

  get outbox(): Outbox {
    return this.#outbox;
  }

  /** Topics whose state is whole: a snapshot or a cursor was accepted on this connection. */
  get following(): ReadonlySignal<ReadonlySet<TopicName>> {
    return this.#following;
  }

  /** The number of the newest event applied on a topic. */
  seqOf(topic: TopicName): number {
    return this.#syncs.get(topic)?.cursor?.seq ?? 0;
  }

  send(message: ClientMessage): boolean {
    return this.#connection.send(message);
  }

  start(): void {
    void this.#outbox.open();
    this.#stops.push(
      this.#listen(),
      startClock(() => this.#connection.wake()),
    );
    this.#stops.push(this.#connection.state.subscribe((link) => this.#linkChanged(link)));
    this.#connection.start();
  }

  stop(): void {
    this.#connection.close();
    this.#outbox.close();
    for (const stop of this.#stops.splice(0)) {
      stop();
    }
  }

  /** A person asked to try now. */
  wake(): void {
    this.#connection.wake();
  }

  /** Every sign that the page came back to life (W11). */
  #listen(): () => void {
    const wake = () => this.#connection.wake();
    const seen = () => document.visibilityState === "visible" && wake();
    document.addEventListener("visibilitychange", seen);
    for (const name of LIFE_SIGNS) {
      addEventListener(name, wake);
    }
    return () => {
      document.removeEventListener("visibilitychange", seen);
      for (const name of LIFE_SIGNS) {
        removeEventListener(name, wake);
      }
    };
  }

  #welcomed(welcome: Welcome): void {
    this.#burst.flush();
    heard(welcome.at);
    this.#options.welcomed?.(welcome);
    this.#following.value = new Set();
    for (const sync of this.#syncs.values()) {
      this.#take(subscribe(sync));
    }
    this.#outbox.connected((message) => this.#connection.send({ op: "command", ...message }));
  }

  #received(message: ServerMessage): void {
    if (message.op === "ok") {
      this.#options.done?.(message.id, message.seq);
      this.#outbox.done(message.id);
    }
    if (message.op === "not_tried") {
      this.#outbox.notTried(message.id, message.retry_ms);
    }
    if (message.op === "refused") {
      this.#outbox.refused(message);
      this.#options.refused?.(message);
    }
    for (const sync of this.#syncs.values()) {
      this.#take(step(sync, message));
    }
  }

  #take({ sync, ask, snapshot, event }: Step): void {
    this.#syncs.set(sync.topic, sync);
    if (snapshot) {
      this.#options.snapshot(sync.topic, snapshot);
    }
    if (event) {
      this.#options.event(event);
    }
    if (ask) {
      this.#connection.send(ask);
    }
    // Asking from a cursor (at a hole, on waking) takes nothing away from what is shown.
    const whole =
      sync.phase.is === "following" || (this.#following.value.has(sync.topic) && sync.cursor !== null);
    this.#follows(sync.topic, whole);
  }

  #follows(topic: TopicName, whole: boolean): void {
    const before = this.#following.value;
    if (before.has(topic) !== whole) {
      this.#following.value = new Set(whole ? [...before, topic] : [...before].filter((t) => t !== topic));
    }
  }

  /** Asking for what is after the cursor is always answered, and brings what was missed. */
  #probe(): ClientMessage | undefined {
    this.#burst.flush();
    const sync = this.#syncs.values().next().value;
    const asked = sync && subscribe(sync);
    if (asked) {
      this.#syncs.set(asked.sync.topic, asked.sync);
    }
    return asked?.ask;
  }

  #linkChanged(link: Link): void {
    this.#burst.flush();
    if (link.is !== "live") {
      this.#outbox.disconnected();
    }
    if (link.is === "ended" && CURED_BY_RELOAD.includes(link.reason.code)) {
      this.#reloadWhenSafe();
    }
  }

  /** Reloads when that loses nothing, and not in a circle. */
  #reloadWhenSafe(): void {
    const since_ms = Date.now() - Number(recall("reloaded_at", "visit") ?? 0);
    const safe = this.#outbox.safe && (this.#options.mayReload?.() ?? true);
    if (safe && since_ms >= RELOAD_PAUSE_MS) {
      remember("reloaded_at", String(Date.now()), "visit");
      location.reload();
      return;
    }
    const timer = setTimeout(() => this.#reloadWhenSafe(), RELOAD_CHECK_MS);
    this.#stops.push(() => clearTimeout(timer));
  }
}
