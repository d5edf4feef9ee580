// What there is to cook in all, by dish and option, what was bumped in this shift, and what waits for its
// course. Functions of what they are given.

import { useSignal } from "@preact/signals";
import { Icon } from "../design/icons";
import type { Command, Line, Order } from "../wire/types";
import type { Bumped, ToCook } from "./counts";
import { DrawerFrame } from "./drawer";
import style from "./drawer.module.css";
import { useSpeech } from "./speech";

interface AllDayProps {
  readonly toCook: readonly ToCook[];
  readonly onClose: () => void;
}

export function AllDayList({ toCook, onClose }: AllDayProps) {
  const speech = useSpeech();
  const { words } = speech;
  return (
    <DrawerFrame title={words.allDay} onClose={onClose}>
      {toCook.length === 0 && <p>{words.nothingToCook}</p>}
      <ul class={style.sums}>
        {toCook.map((sum) => (
          <li key={sum.item}>
            <b class="num">{sum.portions}</b>
            <span>
              {speech.dish(sum.line)}
              {sum.started > 0 && (
                <i>
                  <Icon sign="fire" turns />
                  {words.begun(sum.started)}
                </i>
              )}
            </span>
            {sum.options.map((option) => (
              <span class={style.option} key={option.key}>
                <b class="num">{option.portions}</b>{" "}
                {option.names.map((name) => speech.text(name)).join(" · ")}
              </span>
            ))}
          </li>
        ))}
      </ul>
    </DrawerFrame>
  );
}

interface BumpedProps {
  /** A station bumps, the pass hands over. */
  readonly title: "bumped" | "gone";
  readonly bumped: readonly Bumped[];
  readonly onRecall: (order: Order) => void;
  /** Fetches more of the shift; says whether there is more still. */
  readonly onEarlier: () => Promise<boolean>;
  readonly onClose: () => void;
}

/** Everything this screen bumped in the shift, the latest first. */
export function BumpedList({ title, bumped, onRecall, onEarlier, onClose }: BumpedProps) {
  const speech = useSpeech();
  const { words } = speech;
  const more = useSignal<"some" | "asking" | "none" | "no_answer">("some");
  const ask = async () => {
    more.value = "asking";
    more.value = await onEarlier().then(
      (some) => (some ? "some" : "none"),
      () => "no_answer" as const,
    );
  };
  return (
    <DrawerFrame title={words[title]} onClose={onClose}>
      {bumped.map(({ order, at_ms }) => (
        <div class={style.row} data-row key={order.id}>
          <p class={style.name}>
            <span>
              <b>{speech.name(order)}</b> <time>{speech.time(at_ms)}</time>
            </span>
            <small>{order.lines.map((line) => `${line.quantity} ${speech.dish(line)}`).join(", ")}</small>
          </p>
          <button type="button" class={style.act} onClick={() => onRecall(order)}>
            {words.recall} <span class="unseen">{speech.name(order)}</span>
          </button>
        </div>
      ))}
      <div class={style.row} data-row>
        <button
          type="button"
          class={style.act}
          disabled={more.value === "asking" || more.value === "none"}
          onClick={ask}
        >
          {more.value === "none" ? words.thatIsAll : words.earlier}
        </button>
        {more.value === "no_answer" && <p role="alert">{words.noAnswer}</p>}
      </div>
    </DrawerFrame>
  );
}

/** An order with courses that wait. */
export interface Waiting {
  readonly order: Order;
  readonly lines: readonly Line[];
}

interface OnHoldProps {
  readonly waiting: readonly Waiting[];
  readonly onFire: (commands: readonly Command[]) => void;
  readonly onClose: () => void;
}

/** Courses that wait until somebody fires them. */
export function OnHoldList({ waiting, onFire, onClose }: OnHoldProps) {
  const speech = useSpeech();
  const { words } = speech;
  return (
    <DrawerFrame title={words.onHold} onClose={onClose}>
      {waiting.length === 0 && <p>{words.nothingToCook}</p>}
      {waiting.map(({ order, lines }) => (
        <div class={style.row} data-row key={order.id}>
          <p class={style.name}>
            <b>{speech.name(order)}</b>
            <small>{lines.map((line) => `${line.quantity} ${speech.dish(line)}`).join(", ")}</small>
          </p>
          <button
            type="button"
            class={style.act}
            onClick={() =>
              onFire(lines.map(({ id }) => ({ name: "line.fire", args: { order: order.id, line: id } })))
            }
          >
            {words.fire} <span class="unseen">{speech.name(order)}</span>
          </button>
        </div>
      ))}
    </DrawerFrame>
  );
}
