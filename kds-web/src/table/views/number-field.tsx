// The parts of a form that asks for a phone number: the field, and by which way the number is told. Shared by the
// table's contact and by the number without a table.

import type { Ref } from "preact";
import type { Way } from "../contact";
import { useSpeech } from "../speech";
import { shellStyle } from "./shell";

interface NumberFieldProps {
  readonly id: string;
  readonly phone: string;
  /** It is no number yet, and that is said. */
  readonly bad: boolean;
  /** What the field is explained by. */
  readonly describedBy: string;
  readonly enter: "done" | "send";
  readonly field?: Ref<HTMLInputElement>;
  readonly onPhone: (phone: string) => void;
}

export function NumberField({ id, phone, bad, describedBy, enter, field, onPhone }: NumberFieldProps) {
  const { contact } = useSpeech().words.cart;
  return (
    <input
      id={id}
      ref={field ?? null}
      class={shellStyle.field}
      type="tel"
      dir="ltr"
      autocomplete="tel"
      inputMode="tel"
      maxLength={24}
      enterkeyhint={enter}
      placeholder={contact.hint}
      aria-invalid={bad}
      aria-describedby={describedBy}
      value={phone}
      onInput={(event) => onPhone(event.currentTarget.value)}
    />
  );
}

interface WayFieldProps {
  readonly ways: readonly Way[];
  readonly way: Way;
  readonly onWay: (way: Way) => void;
}

/** Nothing where there is no choice. */
export function WayField({ ways, way, onWay }: WayFieldProps) {
  const { contact } = useSpeech().words.cart;
  if (ways.length < 2) return null;
  return (
    <fieldset>
      <legend class="unseen">{contact.by}</legend>
      {ways.map((one) => (
        <label key={one}>
          <input type="radio" name="way" checked={one === way} onChange={() => onWay(one)} />
          {contact[one]}
        </label>
      ))}
    </fieldset>
  );
}
