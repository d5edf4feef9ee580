// Where the guest of an order that was sent wants to be told: asked of the server, order by order. The order itself says
// by which channel it is told; here is only what is under way. Called by the order's screen, and loaded with it.

import { signal } from "@preact/signals";
import { ApiProblem, call } from "../../wire/http";
import type { Contact, OrderId } from "../../wire/types";
import { ring, silence } from "./ring";

/** What became of the last wish. `blocked`: the browser lets no page ring here. */
export type Telling = "asking" | "no_answer" | "refused" | "blocked";

const wishes = signal<ReadonlyMap<OrderId, Telling>>(new Map());

/** What became of the last wish for an order; nothing once the server has taken it. */
export function tellingOf(order: OrderId): Telling | undefined {
  return wishes.value.get(order);
}

/** Says where; nothing: nowhere. True when the server has taken it. */
export async function tell(order: OrderId, contact: Contact | null, token: string): Promise<boolean> {
  became(order, "asking");
  const path = `/api/orders/${encodeURIComponent(order)}/contact`;
  try {
    if (contact === null) await call("DELETE", path, { token });
    else await call("PUT", path, { token, body: contact });
    became(order, null);
    return true;
  } catch (error) {
    const heard = error instanceof ApiProblem && error.problem.status < 500;
    became(order, heard ? "refused" : "no_answer");
    return false;
  }
}

/** Lets this phone ring for an order. */
export async function tellByRinging(
  order: OrderId,
  key: string,
  locale: Contact["locale"],
  token: string,
): Promise<void> {
  became(order, "asking");
  const ringing = await ring(key);
  if (ringing.is !== "on") return became(order, ringing.is === "denied" ? "blocked" : "no_answer");
  const contact: Contact = { channel: "push", push: ringing.subscription, ...(locale && { locale }) };
  if (!(await tell(order, contact, token))) await silence();
}

/** Tells nobody any more, and lets the browser forget it. */
export async function tellNobody(order: OrderId, token: string): Promise<void> {
  if (await tell(order, null, token)) await silence().catch(() => {});
}

function became(order: OrderId, state: Telling | null): void {
  const orders = new Map(wishes.value);
  if (state === null) orders.delete(order);
  else orders.set(order, state);
  wishes.value = orders;
}
