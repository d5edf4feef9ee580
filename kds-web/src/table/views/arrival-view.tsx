// Before there is a menu: that it is being opened, why it is not there yet, or that this code opens
// nothing. Takes the state, gives "try again".

import type { Arrival } from "../arrival";
import { useSpeech } from "../speech";
import type { Words } from "../words/en";
import { Icon } from "./icon";
import style from "./order.module.css";
import { Go, Layer } from "./shell";

export interface ArrivalViewProps {
  readonly arrival: Arrival;
  readonly onTryNow: () => void;
  readonly onScanAgain: () => void;
}

export function ArrivalView({ arrival, onTryNow, onScanAgain }: ArrivalViewProps) {
  const { words } = useSpeech();
  switch (arrival.is) {
    case "opening":
    case "here":
      return <Plate icon="bill" title={words.arrival.opening} />;
    case "waiting":
      return (
        <Plate icon={arrival.for === "connection" ? "cut" : "clock"} title={words.arrival[arrival.for]}>
          <Go onPress={onTryNow}>{words.tryNow}</Go>
        </Plate>
      );
    case "refused": {
      const { title, more } = refusal(arrival.problem, words);
      return (
        <Plate icon="warn" title={title} more={more}>
          <Go onPress={onScanAgain}>{words.arrival.scanAgain}</Go>
        </Plate>
      );
    }
  }
}

function refusal({ code, detail }: { readonly code: string; readonly detail: string }, { arrival }: Words) {
  switch (code) {
    case "old_code":
      return { title: arrival.oldCodeTitle, more: arrival.oldCode };
    case "invalid_code":
    case "unknown_table":
      return { title: arrival.unknownCodeTitle, more: arrival.unknownCode };
    case "seating_full":
      return { title: arrival.fullTitle, more: detail };
    default:
      return { title: arrival.refusedTitle, more: detail };
  }
}

interface PlateProps {
  readonly icon: Parameters<typeof Icon>[0]["name"];
  readonly title: string;
  readonly more?: string;
  readonly children?: preact.ComponentChildren;
}

export function Plate({ icon, title, more = "", children }: PlateProps) {
  return (
    <Layer cut={null} title="" under="" foot={children}>
      <div class={style.received} role="status">
        <span class={style.seal}>
          <Icon name={icon} />
        </span>
        <h2>{title}</h2>
        <p>{more}</p>
      </div>
    </Layer>
  );
}
