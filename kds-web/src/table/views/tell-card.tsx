// Beside an order that was sent: how its guest is told of it when the page is closed, or the offer to be. Takes what is
// known, gives wishes. Nothing is sent without the sentence that says what for.

import { useState } from "preact/hooks";
import type { Contact } from "../../wire/types";
import type { Telling } from "../after/tell";
import { contactOf, type Reach, type Way } from "../contact";
import { useSpeech } from "../speech";
import { NumberForm } from "./contact-field";
import { Icon } from "./icon";
import style from "./order.module.css";
import { Small, shellStyle } from "./shell";

export interface TellCardProps {
  /** By which channel it is told now. */
  readonly by: Contact["channel"] | null;
  readonly ways: readonly Way[];
  /** This phone can ring. */
  readonly canRing: boolean;
  readonly telling: Telling | undefined;
  readonly onNumber: (contact: Contact) => void;
  readonly onRing: () => void;
  readonly onStop: () => void;
}

export function TellCard(props: TellCardProps) {
  const { by, ways, canRing, telling, onNumber } = props;
  const { words, language } = useSpeech();
  const [reach, setReach] = useState<Reach | null>(null);
  const [asking, setAsking] = useState(false);
  if (by === null && ways.length === 0 && !canRing) return null;
  if (asking) {
    const done = (kept: Reach | null) => {
      const contact = contactOf(kept, language);
      if (contact !== null) onNumber(contact);
      setAsking(false);
    };
    return (
      <div ref={inSight}>
        <NumberForm reach={reach} ways={ways} onReach={setReach} onDone={done} />
      </div>
    );
  }
  return (
    <section class={`${shellStyle.card} ${style.tell}`} aria-label={words.tell.title}>
      <p>
        <Icon name="bell" />
        <b>{by === null ? words.tell.ask : words.tell.by[by]}</b>
      </p>
      <Said telling={telling} />
      <Wishes {...props} onAsk={() => setAsking(true)} />
      {by === null && canRing && <p class={style.more}>{words.tell.ringMore}</p>}
    </section>
  );
}

/** What is asked, and what it is for, is read before a number is typed. */
function inSight(form: HTMLElement | null): void {
  form?.scrollIntoView({ block: "center" });
}

function Said({ telling }: { readonly telling: Telling | undefined }) {
  const { words } = useSpeech();
  if (telling === undefined) return null;
  return (
    <p class={style.more} role="status">
      {words.tell.state[telling]}
    </p>
  );
}

function Wishes({
  by,
  ways,
  canRing,
  telling,
  onRing,
  onStop,
  onAsk,
}: TellCardProps & { readonly onAsk: () => void }) {
  const { words } = useSpeech();
  if (telling === "asking") return null;
  return (
    <div>
      {by === null && canRing && <Small onPress={onRing}>{words.tell.ring}</Small>}
      {ways.length > 0 && (
        <Small onPress={onAsk}>{by === null ? words.tell.message : words.cart.contact.change}</Small>
      )}
      {by !== null && <Small onPress={onStop}>{words.tell.stop}</Small>}
    </div>
  );
}
