// What a restaurant wants to know beside its dishes: whether takeaway is taken, with a switch, and, for managers, how
// wrong the promised times were. Takes both, gives the tap.

import { Icon } from "../../table/views/icon";
import { Small } from "../../table/views/shell";
import type { Timestamp } from "../../wire/types";
import type { Accuracy } from "../floor";
import { useFloorSpeech } from "../speech";
import style from "./floor.module.css";

export interface TakeawayFactProps {
  /** Closed by hand until then; `null` while orders are taken. */
  readonly paused_until: Timestamp | null;
  /** The tap is on its way. */
  readonly sending: boolean;
  readonly onPause: (paused: boolean) => void;
}

export function TakeawayFact({ paused_until, sending, onPause }: TakeawayFactProps) {
  const { words, time } = useFloorSpeech();
  const paused = paused_until !== null;
  return (
    <section class={style.fact} data-paused={paused} aria-label={words.takeaway.title}>
      <Icon name="bag" />
      <p role="status">
        <b>{words.takeaway.title}</b>
        <span>{paused ? words.takeaway.paused(time(paused_until)) : words.takeaway.taken}</span>
      </p>
      <Small pick={paused} disabled={sending} onPress={() => onPause(!paused)}>
        {paused ? words.takeaway.open : words.takeaway.pause}
      </Small>
    </section>
  );
}

/** Nothing is said of fewer orders than this: it would be chance. */
const ENOUGH_ORDERS = 10;

export function EstimateFact({ accuracy }: { readonly accuracy: Accuracy | null }) {
  const { words, language } = useFloorSpeech();
  if (accuracy === null || accuracy.orders < ENOUGH_ORDERS) return null;
  const minutes = new Intl.NumberFormat(`${language}-u-nu-latn`, { maximumFractionDigits: 1 });
  const share = new Intl.NumberFormat(`${language}-u-nu-latn`, { style: "percent" });
  const { orders, error_seconds, within_permille } = accuracy;
  return (
    <section class={style.fact} aria-label={words.estimates.title}>
      <Icon name="clock" />
      <p>
        <b>{words.estimates.title}</b>
        <span>
          {words.estimates.off(minutes.format(error_seconds / 60))}{" "}
          {words.estimates.within(share.format(within_permille / 1_000), orders)}
        </span>
      </p>
    </section>
  );
}
