// Orders for later: when each is begun and picked up, and a button for the cook who does not wait. A function
// of what it is given. Called by drawers.tsx.

import type { Order } from "../wire/types";
import { DrawerFrame } from "./drawer";
import style from "./drawer.module.css";
import { useSpeech } from "./speech";

interface ScheduledProps {
  readonly scheduled: readonly Order[];
  readonly onStart: (order: Order) => void;
  readonly onClose: () => void;
}

export function ScheduledList({ scheduled, onStart, onClose }: ScheduledProps) {
  const speech = useSpeech();
  const { words } = speech;
  return (
    <DrawerFrame title={words.scheduled} onClose={onClose}>
      {scheduled.length === 0 && <p>{words.nothingScheduled}</p>}
      {scheduled.map((order) => (
        <div class={style.row} data-row key={order.id}>
          <p class={style.name}>
            <span>
              <b>{speech.name(order)}</b>{" "}
              <time>{words.startsAt(speech.time(Date.parse(order.start_at ?? order.placed_at)))}</time>{" "}
              <time>{words.pickupAt(speech.time(Date.parse(order.pickup_at ?? order.due_at)))}</time>
            </span>
            <small>{order.lines.map((line) => `${line.quantity} ${speech.dish(line)}`).join(", ")}</small>
          </p>
          <button type="button" class={style.act} onClick={() => onStart(order)}>
            {words.startNow} <span class="unseen">{speech.name(order)}</span>
          </button>
        </div>
      ))}
    </DrawerFrame>
  );
}

/** What waits for its time, the first to begin first; and what the kitchen has. */
export function split(orders: readonly Order[]): {
  readonly here: readonly Order[];
  readonly later: readonly Order[];
} {
  const later = orders.filter((order) => order.start_at !== undefined);
  if (later.length === 0) return { here: orders, later };
  later.sort((a, b) => (a.start_at ?? "").localeCompare(b.start_at ?? "") || a.number - b.number);
  return { here: orders.filter((order) => order.start_at === undefined), later };
}
