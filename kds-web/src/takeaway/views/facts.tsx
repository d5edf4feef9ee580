// What stands in the cart of an order to take away: when it is picked up, and which phone is told. Takes both, gives
// taps.

import { useSpeech } from "../../table/speech";
import { Icon } from "../../table/views/icon";
import { shellStyle } from "../../table/views/shell";
import { clock } from "../../time";
import type { Timestamp } from "../../wire/types";
import type { Pickup } from "../slots";
import { useAway } from "../speech";
import style from "./takeaway.module.css";

export interface PickupFactProps {
  readonly pickup: Pickup;
  /** What "as soon as possible" means now. */
  readonly soonest: Timestamp | null;
  /** A time was chosen that is gone. */
  readonly gone: boolean;
  readonly onPickup: () => void;
}

export function PickupFact({ pickup, soonest, gone, onPickup }: PickupFactProps) {
  const { time } = useSpeech();
  const { away, when } = useAway();
  const chosen = pickup === undefined ? away.pickup.choose : pickup === null ? away.pickup.asap : null;
  return (
    <div class={`${shellStyle.card} ${style.fact} ${pickup === undefined ? style.missing : ""}`}>
      <Icon name="bag" />
      <p role="status">
        <span>{away.pickup.label}</span>
        <b class={style.first}>{chosen ?? when(pickup ?? "", clock.value)}</b>
        {pickup === null && soonest !== null && <span>{away.pickup.about(time(soonest))}</span>}
        {pickup === undefined && gone && <span>{away.pickup.gone}</span>}
      </p>
      <button type="button" class={shellStyle.plain} onClick={onPickup}>
        {pickup === undefined ? away.pickup.choose : away.pickup.change}
      </button>
    </div>
  );
}

/** The number that was verified, and the way to another one. */
export function PhoneFact({ phone, onPhone }: { readonly phone: string; readonly onPhone: () => void }) {
  const { away } = useAway();
  return (
    <div class={`${shellStyle.card} ${style.fact}`}>
      <Icon name="bell" />
      <p>
        <b>{away.phone.will(`\u2066${phone}\u2069`)}</b>
      </p>
      <button type="button" class={shellStyle.plain} onClick={onPhone}>
        {away.pickup.change}
      </button>
    </div>
  );
}
