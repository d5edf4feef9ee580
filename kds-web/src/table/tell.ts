// Where the guest of an order that was sent wants to be told: asked of the server, order by order. The order itself says
// by which channel it is told; here is only what is under way. Called by the visit's screens.

import { signal } from "@preact/signals";
import { ApiProblem, call } from "../wire/http";
import type { Contact, OrderId } from "../wire/types";
import { ring, silence } from "./ring";

/** What became of the last wish. `blocked`: the browser lets no page ring here. */
export type Telling = "asking" | "no_answer" | "refused" | "blocked";

export class Tell {
  readonly orders = signal<ReadonlyMap<OrderId, Telling>>(new Map());

  /** Says where; nothing: nowhere. True when the server has taken it. */
  async set(order: OrderId, contact: Contact | null, token: string): Promise<boolean> {
    this.#is(order, "asking");
    const path = `/api/orders/${encodeURIComponent(order)}/contact`;
    try {
      if (contact === null) await call("DELETE", path, { token });
      else await call("PUT", path, { token, body: contact });
      this.#is(order, null);
      return true;
    } catch (error) {
      const heard = error instanceof ApiProblem && error.problem.status < 500;
      this.#is(order, heard ? "refused" : "no_answer");
      return false;
    }
  }

  /** Lets this phone ring for an order. */
  async ring(order: OrderId, key: string, locale: Contact["locale"], token: string): Promise<void> {
    this.#is(order, "asking");
    const ringing = await ring(key);
    if (ringing.is !== "on") return this.#is(order, ringing.is === "denied" ? "blocked" : "no_answer");
    const contact: Contact = { channel: "push", push: ringing.subscription, ...(locale && { locale }) };
    if (!(await this.set(order, contact, token))) await silence();
  }

  /** Tells nobody any more, and lets the browser forget it. */
  async stop(order: OrderId, token: string): Promise<void> {
    if (await this.set(order, null, token)) await silence().catch(() => {});
  }

  #is(order: OrderId, state: Telling | null): void {
    const orders = new Map(this.orders.value);
    if (state === null) orders.delete(order);
    else orders.set(order, state);
    this.orders.value = orders;
  }
}
