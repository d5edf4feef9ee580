// Taking back an order that the server has: how long that can be done, the question before it, what became of it. Shared
// by the order at a table and the one without.

import { useState } from "preact/hooks";
import { stopwatch } from "../../time";
import type { GuestOrder } from "../../wire/types";
import type { Cancelling } from "../ordering";
import { useSpeech } from "../speech";
import { open } from "../tab";
import type { Words } from "../words/en";
import style from "./order.module.css";
import { Small, shellStyle } from "./shell";

export interface CancelRowProps {
  readonly order: GuestOrder;
  /** This phone sent it. */
  readonly mine: boolean;
  /** Until when this phone may cancel it; `null`: not. */
  readonly cancelUntil: number | null;
  readonly cancelling: Cancelling | undefined;
  /** Server time. */
  readonly now: number;
  readonly onCancel: () => void;
}

export function CancelRow({ order, mine, cancelUntil, cancelling, now, onCancel }: CancelRowProps) {
  const { words } = useSpeech();
  const [sure, setSure] = useState(false);
  if (!mine || !open(order)) return null;
  const said = cancelSaid(cancelling, words);
  if (said !== null) {
    return (
      <p class={style.cancel} role="status">
        {said}
      </p>
    );
  }
  if (cancelUntil === null || cancelUntil <= now) {
    // The row keeps its place while the order stands: nothing moves when the time is over.
    return order.state === "confirmed" ? <p class={style.cancel}>{words.order.cancelLate}</p> : null;
  }
  const left = Number.isFinite(cancelUntil)
    ? words.order.cancelFor(stopwatch(cancelUntil - now))
    : words.order.cancelAny;
  return (
    <div class={style.cancel}>
      {sure ? (
        <div>
          <Small onPress={() => [setSure(false), onCancel()]}>{words.order.cancelSure}</Small>
          <Small onPress={() => setSure(false)}>{words.order.cancelKeep}</Small>
        </div>
      ) : (
        <button type="button" class={shellStyle.plain} onClick={() => setSure(true)}>
          {words.order.cancel}
        </button>
      )}
      <p class="num" role={cancelling === "no_answer" ? "status" : undefined}>
        {cancelling === "no_answer" ? words.order.cancelFailed : left}
      </p>
    </div>
  );
}

/** What stands in place of the button. */
function cancelSaid(cancelling: Cancelling | undefined, words: Words): string | null {
  if (cancelling === "asking") return words.order.cancelling;
  return cancelling === "too_late" ? words.notice.tooLate : null;
}
