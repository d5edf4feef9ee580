// Where the guest wants to be told: asked for, said, changed, taken back. Takes what is held, gives every letter.
// Nothing is sent before the order, and nothing without the sentence beside the field.

import { useState } from "preact/hooks";
import { numberOf, type Reach, type Way } from "../contact";
import { useSpeech } from "../speech";
import style from "./cart.module.css";
import { Icon } from "./icon";
import { NumberField, WayField } from "./number-field";
import { shellStyle } from "./shell";

export interface ContactFieldProps {
  readonly reach: Reach | null;
  /** By what this restaurant can tell; none: nothing is asked. */
  readonly ways: readonly Way[];
  readonly onReach: (reach: Reach | null) => void;
}

export function ContactField(props: ContactFieldProps) {
  const { reach, ways } = props;
  const [open, setOpen] = useState(false);
  if (ways.length === 0) return null;
  const number = reach && numberOf(reach.phone);
  if (open || (reach !== null && number === null))
    return <NumberForm {...props} onDone={() => setOpen(false)} />;
  return <Said number={number} onChange={() => setOpen(true)} />;
}

function Said({ number, onChange }: { readonly number: string | null; readonly onChange: () => void }) {
  const { words } = useSpeech();
  const { contact } = words.cart;
  return (
    <div class={`${shellStyle.card} ${style.askAllergy}`}>
      <Icon name="bell" />
      <p>
        <b>{number === null ? contact.ask : contact.will(number)}</b>
      </p>
      <button type="button" class={shellStyle.plain} onClick={onChange}>
        {number === null ? contact.tell : contact.change}
      </button>
    </div>
  );
}

/** Gives at the end what was kept: nothing, or a number that is one. */
export function NumberForm({
  reach,
  ways,
  onReach,
  onDone,
}: ContactFieldProps & { readonly onDone: (kept: Reach | null) => void }) {
  const { words } = useSpeech();
  const { contact } = words.cart;
  const phone = reach?.phone ?? "";
  const way = reach?.way ?? ways[0] ?? "sms";
  const bad = phone.trim() !== "" && numberOf(phone) === null;
  const done = (event: Event) => {
    event.preventDefault();
    if (phone.trim() === "") onReach(null);
    if (!bad) onDone(phone.trim() === "" ? null : { way, phone });
  };
  return (
    <form class={`${shellStyle.card} ${shellStyle.roomy} ${style.contact}`} onSubmit={done}>
      <label for="contact">{contact.field}</label>
      <div>
        <NumberField
          id="contact"
          phone={phone}
          bad={bad}
          describedBy="contact-consent"
          enter="done"
          onPhone={(phone) => onReach({ way, phone })}
        />
        <button type="submit" class={shellStyle.small}>
          {contact.done}
        </button>
      </div>
      {bad && <p class={style.bad}>{contact.bad}</p>}
      <WayField ways={ways} way={way} onWay={(way) => onReach({ way, phone })} />
      <p id="contact-consent">{contact.consent}</p>
      <button type="button" class={shellStyle.plain} onClick={() => [onReach(null), onDone(null)]}>
        {contact.no}
      </button>
    </form>
  );
}
