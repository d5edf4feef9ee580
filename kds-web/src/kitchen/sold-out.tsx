// What guests can order: take a dish off, put it back, count its last portions, or close takeaway for today. A
// function of what it is given.

import { useSignal } from "@preact/signals";
import { Icon } from "../design/icons";
import type { ItemId } from "../wire/types";
import type { Dish } from "./board";
import { DrawerFrame } from "./drawer";
import style from "./drawer.module.css";
import { useSpeech } from "./speech";
import type { Shown } from "./ticket";
import type { Takeaway } from "./under-way";

/** Portions that are counted down from, one tap each. */
const COUNTS = [1, 2, 3, 5, 8, 10, 15, 20];

interface SoldOutProps {
  readonly dishes: readonly Dish[];
  readonly shown: Shown;
  readonly takeaway: Takeaway;
  readonly onSet: (item: ItemId, available: boolean, stock: number | null) => void;
  readonly onPause: (paused: boolean) => void;
  readonly onClose: () => void;
}

/** Dishes of the shown stations, in the order of the menu: a row never moves under a finger. */
export function SoldOutList({ dishes, shown, takeaway, onSet, onPause, onClose }: SoldOutProps) {
  const speech = useSpeech();
  const open = useSignal<ItemId | null>(null);
  const mine = dishes.filter((dish) => shown === null || dish.stations.some((id) => shown.has(id)));
  return (
    <DrawerFrame title={speech.words.soldOut} onClose={onClose}>
      {takeaway !== "none" && <TakeawayRow paused={takeaway === "paused"} onPause={onPause} />}
      {mine.map((dish, i) => (
        <div key={dish.item.id}>
          {speech.text(mine[i - 1]?.category ?? {}) !== speech.text(dish.category) && (
            <h3>{speech.text(dish.category)}</h3>
          )}
          <DishRow
            dish={dish}
            open={open.value === dish.item.id}
            onOpen={() => {
              open.value = open.value === dish.item.id ? null : dish.item.id;
            }}
            onSet={(available, stock) => onSet(dish.item.id, available, stock)}
          />
        </div>
      ))}
    </DrawerFrame>
  );
}

interface TakeawayProps {
  readonly paused: boolean;
  readonly onPause: (paused: boolean) => void;
}

/** A kitchen that drowns stops what comes from outside, for today. */
function TakeawayRow({ paused, onPause }: TakeawayProps) {
  const { words } = useSpeech();
  return (
    <div class={style.row} data-row>
      <p class={style.name}>
        <span>
          <Icon sign="bag" /> {paused ? words.takeawayClosed : words.takeaway}
        </span>
      </p>
      <button type="button" class={style.act} onClick={() => onPause(!paused)}>
        <span class="unseen">{words.takeaway}: </span>
        {paused ? words.takeawayAgain : words.takeawayStop}
      </button>
    </div>
  );
}

interface DishProps {
  readonly dish: Dish;
  readonly open: boolean;
  readonly onOpen: () => void;
  readonly onSet: (available: boolean, stock: number | null) => void;
}

function DishRow({ dish: { item }, open, onOpen, onSet }: DishProps) {
  const speech = useSpeech();
  const { words } = speech;
  const name = speech.text(item.name);
  return (
    <>
      <div class={item.available ? style.row : `${style.row} ${style.gone}`} data-row>
        <button type="button" class={style.name} aria-expanded={open} onClick={onOpen}>
          <span>{name}</span>
          {!item.available && (
            <b>
              <Icon sign="cross" /> {words.soldOut}
            </b>
          )}
          {item.available && item.stock !== null && <b class="num">{words.left(item.stock)}</b>}
        </button>
        <button type="button" class={style.act} onClick={() => onSet(!item.available, null)}>
          <span class="unseen">{name}: </span>
          {item.available ? words.soldOut : words.backOn}
        </button>
      </div>
      {open && (
        <div class={style.counts} data-row>
          <span>{words.countFrom}</span>
          {COUNTS.map((count) => (
            <button
              type="button"
              key={count}
              class="num"
              aria-pressed={item.available && item.stock === count}
              onClick={() => onSet(true, count)}
            >
              {count}
            </button>
          ))}
          <button
            type="button"
            aria-pressed={item.available && item.stock === null}
            onClick={() => onSet(true, null)}
          >
            {words.dontCount}
          </button>
        </div>
      )}
    </>
  );
}
