// The menu for taking dishes off and putting them on again. Takes the menu, gives the dish.

import { useState } from "preact/hooks";
import { orderable, search } from "../../table/menu";
import { Layer, type LayerProps, Small, shellStyle } from "../../table/views/shell";
import type { Item, ItemId, Menu } from "../../wire/types";
import { useFloorSpeech } from "../speech";
import style from "./floor.module.css";

export interface DishesViewProps
  extends Pick<LayerProps, "cut" | "covered" | "under" | "actions" | "notices"> {
  readonly menu: Menu | null;
  readonly onSet: (item: ItemId, available: boolean) => void;
}

export function DishesView({ menu, onSet, ...frame }: DishesViewProps) {
  const { words, name } = useFloorSpeech();
  const [query, setQuery] = useState("");
  const found = menu === null ? [] : search(menu, query);
  return (
    <Layer {...frame} title={words.dishes}>
      <input
        class={shellStyle.field}
        type="search"
        aria-label={words.findDish}
        placeholder={words.findDish}
        value={query}
        onInput={(event) => setQuery(event.currentTarget.value)}
      />
      {found.map((category) => (
        <section key={category.id} class={style.dishes}>
          <h2 class={style.area} dir="auto">
            {name(category.name)}
          </h2>
          <ul class={shellStyle.card}>
            {category.items.map((item) => (
              <Dish key={item.id} item={item} onSet={onSet} />
            ))}
          </ul>
        </section>
      ))}
    </Layer>
  );
}

function Dish({ item, onSet }: { readonly item: Item } & Pick<DishesViewProps, "onSet">) {
  const { words, name } = useFloorSpeech();
  const can = orderable(item);
  const title = name(item.name);
  return (
    <li>
      <span class={style.dish} dir="auto">
        {title}
        {!can && <small class={style.off}>{words.soldOut}</small>}
        {can && item.stock !== null && <small>{words.left(item.stock)}</small>}
      </span>
      <Small pick={!item.available} onPress={() => onSet(item.id, !item.available)}>
        {item.available ? words.takeOff : words.putOn}
        <span class="unseen">: {title}</span>
      </Small>
    </li>
  );
}
