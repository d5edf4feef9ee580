// Carries kept orders to the kitchen, one after another, until each has an answer: writes a try down
// before it begins, sends it, and does what the machine (sending.ts) says. Tabs share the work by the
// lease that is stored with the order. Knows no view and no cart; the visit starts it and is told.

import { effect } from "@preact/signals";
import { recall, remember } from "../storage";
import { ApiProblem, call } from "../wire/http";
import { newId } from "../wire/ids";
import type { CommandId, GuestOrder, GuestOrderAnswer, SeatingId } from "../wire/types";
import type { HeldPad } from "./held-pad";
import { answered, find, tryBegun, without } from "./pad";
import { type Answer, hurried, type KeptOrder, LEASE_MS, readiness, type Step, TRY_MS } from "./sending";

/** Whose orders go out, and with which token. Without a table it is the guest that stands for the seating. */
export interface Seat {
  readonly token: string;
  readonly seating: SeatingId;
}

export interface CourierOptions {
  readonly held: HeldPad;
  /** Names the tab in leases. */
  readonly tab?: string;
  /** Whose orders go out now; `null` while nobody's can. */
  seat(): Seat | null;
  /** The token is not good any more: scans again. */
  rescan(): Promise<void>;
  /** An order is at the server. */
  placed(key: CommandId, order: GuestOrder, answer: GuestOrderAnswer | null): void;
  /** An order is settled, or was dropped after a day. */
  settled(order: KeptOrder, step: Step | { do: "drop" }): void;
}

/** Over a reload, this is the same tab. */
const THIS_TAB = recall("tab", "visit") ?? newId();
remember("tab", THIS_TAB, "visit");
/** A phone that says it has no network is believed, but not for ever. */
const OFFLINE_LOOK_MS = 15_000;

export class Courier {
  readonly #options: CourierOptions;
  readonly #tab: string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #busy = false;
  #running = false;
  #stop: () => void = () => {};

  constructor(options: CourierOptions) {
    this.#options = options;
    this.#tab = options.tab ?? THIS_TAB;
  }

  start(): void {
    this.#running = true;
    const look = () => this.#look();
    const stop = effect(() => {
      this.#options.held.pad.value;
      queueMicrotask(look);
    });
    const woke = () => document.visibilityState === "visible" && this.hurry();
    addEventListener("online", this.hurry);
    document.addEventListener("visibilitychange", woke);
    this.#stop = () => {
      stop();
      clearTimeout(this.#timer);
      removeEventListener("online", this.hurry);
      document.removeEventListener("visibilitychange", woke);
    };
  }

  /** No further tries; the answer to one that is under way is still written down. */
  stop(): void {
    this.#running = false;
    this.#stop();
    this.#stop = () => {};
  }

  /** Do not wait any longer: the page woke, the network is back, or somebody pressed. */
  readonly hurry = (): void => {
    const now = Date.now();
    void this.#options.held
      .change((pad) => {
        const orders = pad.orders.map((order) => hurried(order, now));
        return orders.every((order, n) => order === pad.orders[n]) ? pad : { ...pad, orders };
      })
      .then(() => this.#look());
  };

  /** The socket told of an order that this phone had sent: its answer may have been lost. */
  heard(key: CommandId, order: GuestOrder): void {
    if (find(this.#options.held.pad.value, key) !== undefined) {
      this.#options.placed(key, order, null);
      void this.#settle(key, { is: "placed", order: order.id });
    }
  }

  /** Sees to the first order: tries it, or waits for its time. */
  #look(): void {
    clearTimeout(this.#timer);
    const order = this.#options.held.pad.value.orders[0];
    const seat = this.#options.seat();
    if (!this.#running || this.#busy || order === undefined || seat === null) return;
    const now = Date.now();
    const ready = readiness(order, this.#tab, seat.seating, now);
    switch (ready) {
      case "now":
        if (navigator.onLine === false) this.#lookIn(OFFLINE_LOOK_MS);
        else void this.#try(order, seat);
        return;
      case "not_yet":
        this.#lookIn(order.next_at - now);
        return;
      case "elsewhere":
        this.#lookIn(Math.min(LEASE_MS, (order.lease?.until ?? now) - now));
        return;
      case "too_old":
        void this.#drop(order);
        return;
      case "other_seating":
        // `seated` (pad.ts) moves it out of the way when the visit learns of the new seating.
        return;
    }
  }

  #lookIn(wait_ms: number): void {
    this.#timer = setTimeout(() => this.#look(), Math.max(50, wait_ms));
  }

  async #try(order: KeptOrder, seat: Seat): Promise<void> {
    this.#busy = true;
    try {
      const pad = await this.#options.held.change((held) =>
        tryBegun(held, order.id, this.#tab, seat.seating, Date.now()),
      );
      const mine = find(pad, order.id);
      if (mine === undefined || mine.lease?.tab !== this.#tab) return;
      await this.#settle(order.id, await this.#ask(mine, seat));
    } finally {
      this.#busy = false;
      this.#look();
    }
  }

  async #ask(order: KeptOrder, seat: Seat): Promise<Answer> {
    const late = new Promise<Answer>((resolve) => setTimeout(() => resolve({ is: "silence" }), TRY_MS));
    return Promise.race([
      order.placed === null ? this.#place(order, seat) : cancel(order.placed, seat.token),
      late,
    ]);
  }

  async #place(order: KeptOrder, seat: Seat): Promise<Answer> {
    try {
      const { body } = await call<GuestOrderAnswer>("POST", "/api/orders", {
        token: seat.token,
        headers: { "idempotency-key": order.id },
        body: order.draft,
        deadline_ms: TRY_MS,
      });
      if (body === undefined) return { is: "silence" };
      this.#options.placed(order.id, body, body);
      return { is: "placed", order: body.id };
    } catch (error) {
      return refusal(error);
    }
  }

  /** Writes down what follows from an answer, and tells. */
  async #settle(id: CommandId, answer: Answer): Promise<void> {
    const { held, rescan, settled } = this.#options;
    const before = find(held.pad.value, id);
    const roll = Math.random();
    const now = Date.now();
    const steps: Step[] = [];
    await held.changeStored((pad) => {
      const { pad: after, step } = answered(pad, id, answer, now, roll);
      if (step !== null) steps.push(step);
      return after;
    });
    const step = steps.at(-1);
    if (step === undefined || before === undefined) return;
    if (step.do === "scan") await rescan();
    settled(before, step);
  }

  async #drop(order: KeptOrder): Promise<void> {
    await this.#options.held.changeStored((pad) => without(pad, order.id));
    this.#options.settled(order, { do: "drop" });
  }
}

/** Cancels an order at the server. Cancelling a cancelled one is fine. */
export async function cancel(order: string, token: string): Promise<Answer> {
  try {
    await call("DELETE", `/api/orders/${encodeURIComponent(order)}`, { token, deadline_ms: TRY_MS });
    return { is: "cancelled" };
  } catch (error) {
    return refusal(error);
  }
}

function refusal(error: unknown): Answer {
  if (!(error instanceof ApiProblem)) return { is: "silence" };
  const retry_after_ms = error.retry_after_s === null ? null : error.retry_after_s * 1000;
  return { is: "refused", status: error.problem.status, problem: error.problem, retry_after_ms };
}
