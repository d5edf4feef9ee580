// The menu for taking dishes off and putting them on again. Takes the menu, gives the dish.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { orderable } from "../../table/menu";
import { DishPhoto } from "../../table/views/dish-photo";
import { Icon } from "../../table/views/icon";
import { Layer, type LayerProps, Small, shellStyle } from "../../table/views/shell";
import type { Category, Item, ItemId, Menu } from "../../wire/types";
import { useFloorSpeech } from "../speech";
import style from "./floor.module.css";
import { FoundDishes } from "./found-dishes";

export interface DishesViewProps
  extends Pick<LayerProps, "cut" | "covered" | "under" | "actions" | "notices"> {
  readonly menu: Menu | null;
  /** What stands above the dishes. */
  readonly facts: ComponentChildren;
  readonly onSet: (item: ItemId, available: boolean) => void;
  /** Dishes whose photo is on its way, or was not taken. */
  readonly photos: ReadonlyMap<ItemId, "sending" | "failed">;
  /** Gives a dish a photo; `null` for who may not. */
  readonly onPhoto: ((item: ItemId, photo: Blob) => void) | null;
  readonly onRemovePhoto: (item: ItemId) => void;
}

export function DishesView({
  menu,
  facts,
  onSet,
  photos,
  onPhoto,
  onRemovePhoto,
  ...frame
}: DishesViewProps) {
  const { words } = useFloorSpeech();
  return (
    <Layer {...frame} title={words.dishes}>
      {facts}
      <FoundDishes menu={menu}>
        {(item, category) => (
          <Dish
            key={item.id}
            item={item}
            onSet={onSet}
            photo={
              onPhoto && <PhotoField {...{ item, category, onPhoto }} slug={menu?.restaurant.slug ?? ""} />
            }
            sending={photos.get(item.id)}
            remove={onPhoto !== null && item.picture !== undefined ? () => onRemovePhoto(item.id) : null}
          />
        )}
      </FoundDishes>
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
  /** Takes its photo away; `null` where there is none, or for who may not. */
  readonly remove: (() => void) | null;
}

function Dish({ item, onSet, photo, sending, remove }: DishProps) {
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
        {remove !== null && sending !== "sending" && <RemovePhoto dish={title} onRemove={remove} />}
      </span>
      <Small pick={!item.available} onPress={() => onSet(item.id, !item.available)}>
        {item.available ? words.takeOff : words.putOn}
        <span class="unseen">: {title}</span>
      </Small>
    </li>
  );
}

/** Asked twice: a photo is not at hand to be taken again. */
function RemovePhoto({ dish, onRemove }: { readonly dish: string; readonly onRemove: () => void }) {
  const { words } = useFloorSpeech();
  const [sure, setSure] = useState(false);
  const unseen = <span class="unseen">: {dish}</span>;
  if (!sure) {
    return (
      <button type="button" class={shellStyle.plain} onClick={() => setSure(true)}>
        {words.photoRemove}
        {unseen}
      </button>
    );
  }
  return (
    <span class={style.sure}>
      <Small onPress={() => [setSure(false), onRemove()]}>
        {words.photoRemoveSure}
        {unseen}
      </Small>
      <Small onPress={() => setSure(false)}>{words.photoKeep}</Small>
    </span>
  );
}
