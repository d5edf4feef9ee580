// What an order shows wherever it is looked at: when it is due, how far it is, its lines, its allergy; at a table and
// without one.

import type { GuestLine, GuestOrder } from "../../wire/types";
import { type Due, lineWord, STEPS, stepOf } from "../follow";
import { useSpeech } from "../speech";
import type { Words } from "../words/en";
import { Icon } from "./icon";
import style from "./order.module.css";
import { shellStyle } from "./shell";

/** Left-to-right also between Arabic words. */
const apart = (text: string) => `\u2066${text}\u2069`;

/** The range in large letters, and in small ones below it. */
export function dueSaid(due: Due, words: Words, time: (at: number) => string) {
  if (due.is !== "range") return { big: null, small: null };
  const clock = apart([...new Set([time(due.from), time(due.to)])].join("–"));
  if (due.minutes === null) return { big: clock, small: null };
  return { big: words.order.inMinutes(apart(due.minutes.join("–"))), small: words.order.around(clock) };
}

/** How an order ended; `null` while it has not. */
export function endSaid(order: GuestOrder, words: Words, time: (at: string) => string): string | null {
  const { completed_at, cancelled_at, cancel_reason } = order;
  if (order.state === "completed")
    return completed_at === null ? null : words.order.served(time(completed_at));
  if (order.state !== "cancelled") return null;
  const at = cancelled_at === null ? words.bill.state.cancelled : words.order.cancelledAt(time(cancelled_at));
  return [at, cancel_reason].filter(Boolean).join(". ");
}

export function Steps({ order }: { readonly order: GuestOrder }) {
  const { words } = useSpeech();
  const at = stepOf(order.state);
  if (at === null) return null;
  return (
    <ol class={style.path} aria-label={words.order.progress}>
      {STEPS.map((step, n) => (
        <li
          key={step}
          class={n < at ? style.past : n === at ? style.now : ""}
          aria-current={n === at ? "step" : undefined}
        >
          {words.order.steps[step]}
        </li>
      ))}
    </ol>
  );
}

export function Lines({ order }: { readonly order: GuestOrder }) {
  const { words } = useSpeech();
  return (
    <ul class={`${shellStyle.card} ${style.lines}`}>
      {order.lines.map((line) => (
        <OrderLine key={line.id} order={order} line={line} />
      ))}
      {order.note !== null && <li class={style.note}>{words.order.note(order.note)}</li>}
    </ul>
  );
}

function OrderLine({ order, line }: { readonly order: GuestOrder; readonly line: GuestLine }) {
  const { words, name } = useSpeech();
  const word = lineWord(order, line);
  const done = word === "coming" || word === "served";
  return (
    <li class={style.line} data-word={word}>
      <span class={style.mark}>
        {done ? <Icon name="tick" /> : word === "void" ? <Icon name="cross" /> : line.quantity}
      </span>
      <div>
        <p class={style.dish} dir="auto">
          {(done || word === "void") && line.quantity > 1 ? `${line.quantity} ` : ""}
          {name(line.name)}
        </p>
        {line.options.length > 0 && (
          <p class={style.more} dir="auto">
            {line.options.map((option) => name(option.name)).join(", ")}
          </p>
        )}
        {line.note !== null && (
          <p class={style.more} dir="auto">
            “{line.note}”
          </p>
        )}
        {line.void_reason !== null && (
          <p class={style.more} dir="auto">
            {line.void_reason}
          </p>
        )}
      </div>
      <span class={style.state}>{words.order.line[word]}</span>
    </li>
  );
}

export function AllergyCard({ order }: { readonly order: GuestOrder }) {
  const { words, time } = useSpeech();
  const at = order.allergy_confirmed_at;
  return (
    <div class={`${shellStyle.card} ${shellStyle.allergy}`}>
      <Icon name={at === null ? "shield" : "shield-tick"} />
      <p>
        <b>{words.cart.allergyIs(order.allergy ?? "")}</b>
        <span>{at === null ? words.order.allergyWaits : words.order.allergyConfirmedAt(time(at))}</span>
      </p>
    </div>
  );
}
