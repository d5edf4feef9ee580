// The kinds of orders on this screen, with their numbers: one can be shown alone. A screen that hides something
// says so where its name stands. Functions of what they are given.

import { Icon, type Sign } from "../design/icons";
import type { OrderKind } from "../wire/types";
import { KINDS, type KindCounts, type Only } from "./kinds";
import style from "./screen.module.css";
import { useSpeech } from "./speech";
import { keepFocus } from "./ticket-view";

const SIGNS: Readonly<Record<OrderKind, Sign>> = { dine_in: "table", takeaway: "bag", delivery: "scooter" };

interface FilterProps {
  readonly only: Only;
  readonly counts: KindCounts;
  readonly onOnly: (only: Only) => void;
}

export function Filter({ only, counts, onOnly }: FilterProps) {
  const { words } = useSpeech();
  const all = KINDS.reduce((sum, kind) => sum + counts[kind], 0);
  return (
    <fieldset class={style.kinds} aria-label={words.orderKinds}>
      <button type="button" aria-pressed={only === null} onMouseDown={keepFocus} onClick={() => onOnly(null)}>
        {words.all} <b class="num">{all}</b>
      </button>
      {KINDS.map((kind) => (
        <button
          type="button"
          key={kind}
          aria-label={`${words.kinds[kind]}: ${counts[kind]}`}
          aria-pressed={only === kind}
          onMouseDown={keepFocus}
          onClick={() => onOnly(only === kind ? null : kind)}
        >
          <Icon sign={SIGNS[kind]} />
          <b class="num">{counts[kind]}</b>
        </button>
      ))}
    </fieldset>
  );
}

/** "Only takeaway, 8 hidden": a tap shows all. */
export function Filtered({ only, counts, onOnly }: FilterProps) {
  const { words } = useSpeech();
  if (only === null) {
    return null;
  }
  const hidden = KINDS.reduce((sum, kind) => sum + (kind === only ? 0 : counts[kind]), 0);
  return (
    <button type="button" class={style.only} onMouseDown={keepFocus} onClick={() => onOnly(null)}>
      <Icon sign={SIGNS[only]} />
      {words.onlyKind(words.kinds[only], hidden)}
    </button>
  );
}
