// What a guest does not eat: allergens to stay away from, diets to keep to. Takes the wish, gives the next one.

import { useSpeech, wordOr } from "../speech";
import type { Wish } from "../wish";
import { ALLERGENS, toggledIn } from "../wish";
import { Icon } from "./icon";
import { Sheet } from "./sheet";
import style from "./sheet.module.css";
import { Go, Soft } from "./shell";

export interface WishSheetProps {
  readonly wish: Wish;
  /** Diets that the menu speaks of. */
  readonly diets: readonly string[];
  /** Dishes that are left. */
  readonly left: number;
  readonly onWish: (wish: Wish) => void;
  readonly onClear: () => void;
  readonly onClose: () => void;
}

export function WishSheet({ wish, diets, left, onWish, onClear, onClose }: WishSheetProps) {
  const { words } = useSpeech();
  const foot = (
    <>
      <Soft onPress={onClear}>{words.wish.clear}</Soft>
      <Go onPress={onClose}>{words.wish.show(left)}</Go>
    </>
  );
  return (
    <Sheet label={words.wish.title} onClose={onClose} foot={foot}>
      <div class={style.call}>
        <h1>{words.wish.title}</h1>
        <Chips
          title={words.wish.without}
          names={ALLERGENS}
          chosen={wish.avoid}
          words={words.allergens}
          onToggle={(name) => onWish({ ...wish, avoid: toggledIn(wish.avoid, name) })}
        />
        {diets.length > 0 && (
          <Chips
            title={words.wish.only}
            names={diets}
            chosen={wish.diets}
            words={words.diets}
            onToggle={(name) => onWish({ ...wish, diets: toggledIn(wish.diets, name) })}
          />
        )}
        <label class={style.choice}>
          <input
            type="checkbox"
            checked={wish.strict}
            onChange={() => onWish({ ...wish, strict: !wish.strict })}
          />
          <span class={`${style.dot} ${style.box}`}>
            <Icon name="tick" />
          </span>
          <span>{words.wish.strict}</span>
        </label>
        <p class={style.quiet}>{words.wish.honest}</p>
      </div>
    </Sheet>
  );
}

interface ChipsProps {
  readonly title: string;
  readonly names: readonly string[];
  readonly chosen: readonly string[];
  readonly words: Readonly<Record<string, string>>;
  readonly onToggle: (name: string) => void;
}

function Chips({ title, names, chosen, words, onToggle }: ChipsProps) {
  return (
    <fieldset class={style.group}>
      <legend>{title}</legend>
      <div class={style.chips}>
        {names.map((name) => (
          <label class={style.chip} key={name}>
            <input type="checkbox" checked={chosen.includes(name)} onChange={() => onToggle(name)} />
            <span>{wordOr(words, name)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
