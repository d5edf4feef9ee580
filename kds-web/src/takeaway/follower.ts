// Follows a phone's open orders over the socket: one topic each, as many as a connection may have. A new order means
// another connection, which takes its place; without open orders there is none. Called by the errand.

import { effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { serverNow } from "../time";
import { Hub } from "../wire/hub";
import { PHONE_SILENCE_MS, type Token } from "../wire/link";
import type { EventMessage, OrderId, TopicName } from "../wire/types";
import { folded, followed, type Orders, withSnapshot } from "./orders";

export interface FollowerOptions {
  readonly slug: string;
  readonly orders: Signal<Orders>;
  token(stale?: string): Promise<Token>;
  heard(event: EventMessage): void;
  /** A connection holds. */
  live(): void;
}

export class Follower {
  readonly #options: FollowerOptions;
  readonly #hub = signal<Hub | null>(null);
  readonly #lost_at = signal<number | null>(null);
  readonly #was_live = signal(false);
  #topics: ReadonlySet<OrderId> = new Set();
  #leave: () => void = () => {};

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  get hub(): ReadonlySignal<Hub | null> {
    return this.#hub;
  }

  /** Since when no news of an open order can come (server time); `null` while they can, or none is open. */
  get lostAt(): ReadonlySignal<number | null> {
    return this.#lost_at;
  }

  get wasLive(): ReadonlySignal<boolean> {
    return this.#was_live;
  }

  start(): () => void {
    const stop = effect(() => {
      const wanted = followed(this.#options.orders.value);
      const news = wanted.some((id) => !this.#topics.has(id));
      // An order that ended stays a topic until the next one comes: no connection is made for that.
      if (news || (wanted.length === 0 && this.#topics.size > 0)) queueMicrotask(() => this.#follow());
    });
    return () => {
      stop();
      this.#leave();
    };
  }

  #follow(): void {
    const wanted = followed(this.#options.orders.value);
    if (wanted.length > 0 && wanted.every((id) => this.#topics.has(id))) return;
    this.#leave();
    this.#topics = new Set(wanted);
    if (wanted.length === 0) {
      this.#lost_at.value = null;
      return;
    }
    const { slug, orders, token, heard, live } = this.#options;
    const hub = new Hub({
      slug,
      topics: wanted.map((id): TopicName => `order:${id}`),
      silence_ms: PHONE_SILENCE_MS,
      person: "takeaway",
      token,
      snapshot: (_, snapshot) => {
        if (snapshot.of === "order") orders.value = withSnapshot(orders.value, snapshot);
      },
      event: (event) => {
        orders.value = folded(orders.value, event);
        heard(event);
      },
    });
    this.#hub.value = hub;
    hub.start();
    const unlink = hub.link.subscribe((link) => {
      if (link.is !== "live") {
        this.#lost_at.value ??= serverNow();
        return;
      }
      this.#was_live.value = true;
      this.#lost_at.value = null;
      live();
    });
    this.#leave = () => {
      unlink();
      hub.stop();
      this.#hub.value = null;
      this.#leave = () => {};
    };
  }
}
