// The rail beside the tickets: what there is to cook in all, what is sold out, what was bumped last. A
// function of what it is given.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "../design/icons";
import { stopwatch } from "../time";
import type { Order } from "../wire/types";
import type { Dish } from "./board";
import type { Bumped, ToCook } from "./counts";
import style from "./screen.module.css";
import { useSpeech } from "./speech";
import { keepFocus } from "./ticket-view";
import type { Drawer } from "./touch";
import type { Takeaway } from "./under-way";

const BUMPED_SHOWN = 6;
const SOLD_OUT_SHOWN = 5;

interface RailProps {
  readonly filter: ComponentChildren;
  readonly toCook: readonly ToCook[];
  readonly soldOut: readonly Dish[];
  readonly takeaway: Takeaway;
  /** Orders with courses that wait. */
  readonly waiting: number;
  /** Orders for later, the first to begin first. */
  readonly scheduled: readonly Order[];
  readonly bumped: readonly Bumped[];
  readonly atPass: boolean;
  readonly pace: { readonly took_ms: number; readonly aim_ms: number } | null;
  readonly onRecall: (order: Order) => void;
  readonly onOpen: (drawer: Drawer) => void;
}

export function Rail({
  filter,
  toCook,
  soldOut,
  takeaway,
  waiting,
  scheduled,
  atPass,
  bumped,
  pace,
  onRecall,
  onOpen,
}: RailProps) {
  const speech = useSpeech();
  const { words } = speech;
  return (
    <aside class={style.rail} aria-label={words.allDay}>
      <div class={style.part}>
        {filter}
        <AllDay toCook={toCook} onOpen={() => onOpen("all_day")} />
      </div>
      <div class={style.part}>
        {waiting > 0 && (
          <section>
            <Title onOpen={() => onOpen("on_hold")} beside={`${waiting}`}>
              {words.onHold}
            </Title>
          </section>
        )}
        {scheduled[0]?.start_at !== undefined && (
          <section>
            <Title
              onOpen={() => onOpen("scheduled")}
              beside={`${scheduled.length} · ${speech.time(Date.parse(scheduled[0].start_at))}`}
            >
              {words.scheduled}
            </Title>
          </section>
        )}
        <SoldOut dishes={soldOut} takeaway={takeaway} onOpen={() => onOpen("sold_out")} />
      </div>
      <div class={style.part}>
        <section>
          <Title onOpen={() => onOpen("bumped")}>{atPass ? words.gone : words.bumped}</Title>
          <ul class={style.bumped}>
            {bumped.slice(0, BUMPED_SHOWN).map(({ order, at_ms }) => (
              <li key={order.id}>
                <button type="button" onMouseDown={keepFocus} onClick={() => onRecall(order)}>
                  <span class="unseen">{words.bringBack(speech.name(order))}, </span>
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
      </div>
    </aside>
  );
}

/** Whole rows, as many as there is room for; the title counts the rest. */
function AllDay({ toCook, onOpen }: { readonly toCook: readonly ToCook[]; readonly onOpen: () => void }) {
  const speech = useSpeech();
  const { words } = speech;
  const list = useRef<HTMLUListElement>(null);
  const hidden = useSignal(0);
  useLayoutEffect(() => {
    const count = () => {
      const edge = list.current?.getBoundingClientRect();
      const rows = [...(list.current?.children ?? [])].map((row) => row.getBoundingClientRect());
      hidden.value = edge ? rows.filter((row) => row.left >= edge.right || row.right <= edge.left).length : 0;
    };
    count();
    const observer = new ResizeObserver(count);
    if (list.current) {
      observer.observe(list.current);
    }
    return () => observer.disconnect();
  }, [toCook.length]);
  return (
    <section class={style.grows}>
      <Title
        onOpen={onOpen}
        beside={hidden.value > 0 ? `${words.toCook} ${words.more(hidden.value)}` : words.toCook}
      >
        {words.allDay}
      </Title>
      <ul class={style.allDay} ref={list}>
        {toCook.map((sum) => (
          <li key={sum.item}>
            <b class="num">{sum.portions}</b>
            <span>
              <bdi>{speech.dish(sum.line)}</bdi>
            </span>
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
  );
}

interface TitleProps {
  readonly children: string;
  readonly beside?: string;
  readonly onOpen: () => void;
}

/** A tap opens the list at full size. */
function Title({ children, beside, onOpen }: TitleProps) {
  return (
    <h2>
      <button type="button" aria-haspopup="dialog" onMouseDown={keepFocus} onClick={onOpen}>
        {children.charAt(0).toLocaleUpperCase() + children.slice(1)} <span>{beside}</span>
        <Icon sign="more" turns />
      </button>
    </h2>
  );
}

interface SoldOutProps {
  readonly dishes: readonly Dish[];
  readonly takeaway: Takeaway;
  readonly onOpen: () => void;
}

function SoldOut({ dishes, takeaway, onOpen }: SoldOutProps) {
  const speech = useSpeech();
  return (
    <section>
      <Title onOpen={onOpen}>{speech.words.soldOut}</Title>
      <ul class={style.soldOut}>
        {takeaway === "paused" && (
          <li>
            <Icon sign="bag" />
            {speech.words.takeawayClosed}
          </li>
        )}
        {dishes.slice(0, SOLD_OUT_SHOWN).map(({ item, kitchen_name }) => (
          <li key={item.id}>
            <Icon sign={item.available ? "minus" : "cross"} />
            <bdi>{kitchen_name ?? speech.text(item.name)}</bdi>
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
