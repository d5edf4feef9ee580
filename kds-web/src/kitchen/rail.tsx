// The rail beside the tickets: what there is to cook in all, what is sold out, what was bumped last. A
// function of what it is given.

import { Icon } from "../design/icons";
import { stopwatch } from "../time";
import type { Order } from "../wire/types";
import type { Dish } from "./board";
import type { Bumped, ToCook } from "./counts";
import style from "./screen.module.css";
import { useSpeech } from "./speech";
import { keepFocus } from "./ticket-view";

const BUMPED_SHOWN = 6;
const SOLD_OUT_SHOWN = 5;

interface RailProps {
  readonly toCook: readonly ToCook[];
  readonly soldOut: readonly Dish[];
  readonly bumped: readonly Bumped[];
  readonly pace: { readonly took_ms: number; readonly aim_ms: number } | null;
  readonly onRecall: (order: Order) => void;
}

export function Rail({ toCook, soldOut, bumped, pace, onRecall }: RailProps) {
  const speech = useSpeech();
  const { words } = speech;
  return (
    <aside class={style.rail} aria-label={words.allDay}>
      <section class={style.grows}>
        <h2>
          {words.allDay} <span>{words.toCook}</span>
        </h2>
        <ul class={style.allDay}>
          {toCook.map((sum) => (
            <li key={sum.item}>
              <b class="num">{sum.portions}</b>
              <span>{speech.dish(sum.line)}</span>
              {sum.started > 0 && (
                <span class={style.on}>
                  <Icon sign="fire" turns />
                  {sum.started}
                </span>
              )}
            </li>
          ))}
        </ul>
      </section>
      {soldOut.length > 0 && <SoldOut dishes={soldOut} />}
      <section>
        <h2>{words.bumped}</h2>
        <ul class={style.bumped}>
          {bumped.slice(0, BUMPED_SHOWN).map(({ order, at_ms }) => (
            <li key={order.id}>
              <button
                type="button"
                aria-label={words.bringBack(speech.name(order))}
                onMouseDown={keepFocus}
                onClick={() => onRecall(order)}
              >
                <Icon sign="tick" />
                {speech.name(order)}
                <time>{speech.time(at_ms)}</time>
              </button>
            </li>
          ))}
        </ul>
      </section>
      {pace && (
        <p class={style.pace}>
          <span>
            {words.pace} <b class="num">{stopwatch(pace.took_ms)}</b>
          </span>
          <span>
            {words.aim} <b class="num">{stopwatch(pace.aim_ms)}</b>
          </span>
        </p>
      )}
    </aside>
  );
}

function SoldOut({ dishes }: { readonly dishes: readonly Dish[] }) {
  const speech = useSpeech();
  return (
    <section>
      <h2>{speech.words.soldOut}</h2>
      <ul class={style.soldOut}>
        {dishes.slice(0, SOLD_OUT_SHOWN).map(({ item }) => (
          <li key={item.id}>
            <Icon sign={item.available ? "minus" : "cross"} />
            <span>{speech.text(item.name)}</span>
            {item.available && item.stock !== null && (
              <span class={style.end}>{speech.words.left(item.stock)}</span>
            )}
          </li>
        ))}
        {dishes.length > SOLD_OUT_SHOWN && <li>{speech.words.more(dishes.length - SOLD_OUT_SHOWN)}</li>}
      </ul>
    </section>
  );
}
