// "When do you pick it up?": as soon as possible, or a time of a day; what is taken is there and says so. Takes what
// is left and what is chosen, gives a choice.

import { useState } from "preact/hooks";
import { useSpeech } from "../../table/speech";
import { Icon } from "../../table/views/icon";
import { Go, Layer, type LayerProps, Round, shellStyle } from "../../table/views/shell";
import { clock } from "../../time";
import type { Timestamp } from "../../wire/types";
import { standingSaid } from "../say";
import type { Day, Pickup, Standing } from "../slots";
import { useAway } from "../speech";
import style from "./takeaway.module.css";

export interface PickupViewProps extends Pick<LayerProps, "cut" | "notices"> {
  readonly standing: Standing;
  readonly days: readonly Day[];
  readonly soonest: Timestamp | null;
  readonly pickup: Pickup;
  readonly onPickup: (pickup: Timestamp | null) => void;
  readonly onDone: () => void;
  readonly onBack: () => void;
}

export function PickupView(props: PickupViewProps) {
  const { words } = useSpeech();
  const speech = useAway();
  const { away, when } = speech;
  const { standing, days, soonest, pickup, onDone, onBack } = props;
  const said = standingSaid(standing, speech, clock.value);
  const take =
    pickup === undefined
      ? away.pickup.choose
      : pickup === null
        ? away.pickup.asap
        : away.pickup.take(when(pickup, clock.value));
  return (
    <Layer
      cut={props.cut}
      notices={props.notices}
      title={away.pickup.title}
      under={away.title}
      actions={<Round icon="cross" label={words.close} onPress={onBack} />}
      foot={
        <Go disabled={pickup === undefined} onPress={onDone}>
          <span class={style.first}>{take}</span>
        </Go>
      }
    >
      <div class={style.pickup}>
        {said !== null && (
          <p class={shellStyle.tell} role="status">
            <Icon name="clock" />
            {said}
          </p>
        )}
        {soonest !== null && <Soon {...props} soonest={soonest} />}
        {days.length > 0 && <Times {...props} />}
        {standing.is === "unknown" && <p class={shellStyle.empty}>{away.pickup.reading}</p>}
      </div>
    </Layer>
  );
}

function Soon({ soonest, pickup, onPickup }: PickupViewProps & { readonly soonest: Timestamp }) {
  const { time } = useSpeech();
  const { away } = useAway();
  return (
    <label class={style.soon}>
      <input type="radio" name="pickup" checked={pickup === null} onChange={() => onPickup(null)} />
      <span>
        <b>{away.pickup.asap}</b>
        <span>{away.pickup.about(time(soonest))}</span>
      </span>
    </label>
  );
}

function Times({ days, pickup, onPickup }: PickupViewProps) {
  const { time } = useSpeech();
  const { away, day } = useAway();
  const of = days.find(({ times }) => times.some(({ at }) => at === pickup));
  const [chosen, setChosen] = useState<string | null>(of?.date ?? null);
  const shown = days.find(({ date }) => date === chosen) ?? days[0];
  return (
    <>
      <fieldset class={style.days}>
        <legend class="unseen">{away.pickup.day}</legend>
        {days.map(({ date, times }) => (
          <button
            type="button"
            key={date}
            aria-pressed={date === shown?.date}
            onClick={() => setChosen(date)}
          >
            {day(times[0]?.at ?? date, clock.value)}
          </button>
        ))}
      </fieldset>
      <fieldset>
        <legend class="unseen">{away.pickup.times}</legend>
        <div class={style.times}>
          {shown?.times.map(({ at, full }) => (
            <label class={style.time} key={at}>
              <input
                type="radio"
                name="pickup"
                disabled={full}
                checked={at === pickup}
                onChange={() => onPickup(at)}
              />
              <b>{time(at)}</b>
              {full && <small>{away.pickup.taken}</small>}
            </label>
          ))}
        </div>
      </fieldset>
    </>
  );
}
