// A dish's photo in the width that the phone needs, fetched when it comes near; the drawing of its kind where there
// is none, or it cannot be fetched. Both take the same room, so nothing moves. Decoration only.

import { useState } from "preact/hooks";
import type { Category, Item } from "../../wire/types";
import { groundOf, pictureOf } from "../pictures";
import { Picture } from "./picture";
import style from "./picture.module.css";

export interface DishPhotoProps {
  readonly item: Item;
  readonly category: Category | undefined;
  /** The restaurant's. */
  readonly slug: string;
  /** How wide it is shown, as the attribute `sizes` has it. */
  readonly sizes: string;
  /** It is looked at now: not fetched only when it comes near. */
  readonly now?: boolean;
  readonly class?: string;
}

export function DishPhoto({ item, category, slug, sizes, now = false, class: extra = "" }: DishPhotoProps) {
  const [broken, setBroken] = useState<string | null>(null);
  const { picture } = item;
  const kind = pictureOf(item, category);
  const widest = picture?.widths.at(-1);
  if (picture === undefined || widest === undefined || picture.id === broken)
    return <Picture kind={kind} class={extra} />;
  const at = (width: number) =>
    `/api/restaurants/${encodeURIComponent(slug)}/pictures/${picture.id}/${width}`;
  return (
    <img
      class={`${style.picture} ${style.photo} ${style[`ground${groundOf(kind)}`]} ${extra}`}
      srcset={picture.widths.map((width) => `${at(width)} ${width}w`).join(", ")}
      sizes={sizes}
      src={at(widest)}
      loading={now ? "eager" : "lazy"}
      decoding="async"
      alt=""
      onError={() => setBroken(picture.id)}
    />
  );
}
