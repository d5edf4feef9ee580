// The allergy that goes with an order: asked for, said, changed. Takes the text, gives every letter, so
// that nothing is lost when the phone is put away in the middle of it.

import { useEffect, useRef, useState } from "preact/hooks";
import { NOTE_CHARS } from "../cart";
import { useSpeech } from "../speech";
import style from "./cart.module.css";
import { Icon } from "./icon";
import { shellStyle } from "./shell";

export interface AllergyFieldProps {
  readonly allergy: string;
  readonly onAllergy: (allergy: string) => void;
}

export function AllergyField({ allergy, onAllergy }: AllergyFieldProps) {
  const [open, setOpen] = useState(false);
  if (open) return <Asked allergy={allergy} onAllergy={onAllergy} onDone={() => setOpen(false)} />;
  return <Said allergy={allergy.trim()} onChange={() => setOpen(true)} />;
}

function Said({ allergy, onChange }: { readonly allergy: string; readonly onChange: () => void }) {
  const { words } = useSpeech();
  const none = allergy === "";
  return (
    <div class={`${shellStyle.card} ${none ? style.askAllergy : shellStyle.allergy}`}>
      <Icon name="shield" />
      <p>
        <b>{none ? words.cart.allergyAsk : words.cart.allergyIs(allergy)}</b>
        {!none && <span>{words.cart.allergyConfirm}</span>}
      </p>
      <button type="button" class={shellStyle.plain} onClick={onChange}>
        {none ? words.cart.allergyTell : words.cart.allergyChange}
      </button>
    </div>
  );
}

function Asked({ allergy, onAllergy, onDone }: AllergyFieldProps & { readonly onDone: () => void }) {
  const { words } = useSpeech();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const done = (event: Event) => {
    event.preventDefault();
    onDone();
  };
  return (
    <form class={`${shellStyle.card} ${shellStyle.roomy} ${style.tellAllergy}`} onSubmit={done}>
      <label for="allergy">{words.cart.allergyField}</label>
      <div>
        <input
          id="allergy"
          ref={field}
          class={shellStyle.field}
          maxLength={NOTE_CHARS}
          placeholder={words.cart.allergyHint}
          autocomplete="off"
          enterkeyhint="done"
          value={allergy}
          onInput={(event) => onAllergy(event.currentTarget.value)}
        />
        <button type="submit" class={shellStyle.small}>
          {words.cart.allergyDone}
        </button>
      </div>
    </form>
  );
}
