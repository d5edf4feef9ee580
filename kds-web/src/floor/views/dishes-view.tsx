// The menu for taking dishes off and putting them on again. Takes the menu, gives the dish.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { orderable, search } from "../../table/menu";
import { DishPhoto } from "../../table/views/dish-photo";
import { Icon } from "../../table/views/icon";
import { Layer, type LayerProps, Small, shellStyle } from "../../table/views/shell";
import type { Category, Item, ItemId, Menu } from "../../wire/types";
import { useFloorSpeech } from "../speech";
import style from "./floor.module.css";

export interface DishesViewProps
  extends Pick<LayerProps, "cut" | "covered" | "under" | "actions" | "notices"> {
  readonly menu: Menu | null;
  readonly onSet: (item: ItemId, available: boolean) => void;
  /** Dishes whose photo is on its way, or was not taken. */
  readonly photos: ReadonlyMap<ItemId, "sending" | "failed">;
  /** Gives a dish a photo; `null` for who may not. */
  readonly onPhoto: ((item: ItemId, photo: Blob) => void) | null;
}

export function DishesView({ menu, onSet, photos, onPhoto, ...frame }: DishesViewProps) {
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
              <Dish
                key={item.id}
                item={item}
                onSet={onSet}
                photo={
                  onPhoto && (
                    <PhotoField {...{ item, category, onPhoto }} slug={menu?.restaurant.slug ?? ""} />
                  )
                }
                sending={photos.get(item.id)}
              />
            ))}
          </ul>
        </section>
      ))}
    </Layer>
  );
}

interface PhotoFieldProps {
  readonly item: Item;
  readonly category: Category;
  readonly slug: string;
  readonly onPhoto: (item: ItemId, photo: Blob) => void;
}

/** The dish as guests see it: a touch takes or chooses another photo. */
function PhotoField({ item, category, slug, onPhoto }: PhotoFieldProps) {
  const { words, name } = useFloorSpeech();
  const picked = (field: HTMLInputElement) => {
    const photo = field.files?.[0];
    if (photo) onPhoto(item.id, photo);
    field.value = "";
  };
  return (
    <label class={style.photo}>
      <DishPhoto item={item} category={category} slug={slug} sizes="3rem" />
      <Icon name="camera" />
      <input
        type="file"
        class="unseen"
        accept="image/jpeg,image/png,image/webp"
        aria-label={words.photoOf(name(item.name))}
        onChange={(event) => picked(event.currentTarget)}
      />
    </label>
  );
}

interface DishProps extends Pick<DishesViewProps, "onSet"> {
  readonly item: Item;
  readonly photo: ComponentChildren;
  readonly sending: "sending" | "failed" | undefined;
}

function Dish({ item, onSet, photo, sending }: DishProps) {
  const { words, name } = useFloorSpeech();
  const can = orderable(item);
  const title = name(item.name);
  return (
    <li>
      {photo}
      <span class={style.dish} dir="auto">
        {title}
        {!can && <small class={style.off}>{words.soldOut}</small>}
        {can && item.stock !== null && <small>{words.left(item.stock)}</small>}
        {sending === "sending" && <small role="status">{words.photoSending}</small>}
        {sending === "failed" && (
          <small role="status" class={style.off}>
            {words.photoFailed}
          </small>
        )}
      </span>
      <Small pick={!item.available} onPress={() => onSet(item.id, !item.available)}>
        {item.available ? words.takeOff : words.putOn}
        <span class="unseen">: {title}</span>
      </Small>
    </li>
  );
}
