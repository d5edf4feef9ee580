// The menu's dishes under their categories, those that are searched for. Takes the menu and how a dish is drawn; keeps
// what is typed.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { search } from "../../table/menu";
import { shellStyle } from "../../table/views/shell";
import type { Category, Item, Menu } from "../../wire/types";
import { useFloorSpeech } from "../speech";
import style from "./floor.module.css";

interface FoundDishesProps {
  /** `null`: not there yet. */
  readonly menu: Menu | null;
  /** An entry of the list. */
  readonly children: (item: Item, category: Category) => ComponentChildren;
}

export function FoundDishes({ menu, children }: FoundDishesProps) {
  const { words, name } = useFloorSpeech();
  const [query, setQuery] = useState("");
  const found = menu === null ? [] : search(menu, query);
  return (
    <>
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
          <ul class={shellStyle.card}>{category.items.map((item) => children(item, category))}</ul>
        </section>
      ))}
    </>
  );
}
