// An order that is kept on this phone and not answered yet: that it is safe, what it waits for, and the
// way to have it back. Takes the kept order, gives taps.

import { stopwatch } from "../../time";
import type { PricedLine } from "../cart";
import type { KeptOrder, Waits } from "../sending";
import { useSpeech } from "../speech";
import type { Words } from "../words/en";
import { Icon } from "./icon";
import style from "./order.module.css";
import { Go, Layer, type LayerProps, Round, Soft, shellStyle } from "./shell";

export interface WaitingViewProps extends Pick<LayerProps, "cut" | "notices"> {
  readonly order: KeptOrder;
  readonly lines: readonly PricedLine[];
  /** Where it is eaten, or that it is taken away. */
  readonly under: string;
  /** What to do meanwhile. */
  readonly aside: string;
  /** This phone's clock. */
  readonly now: number;
  /** A try is under way, or about to be. */
  readonly trying: boolean;
  readonly onTakeBack: () => void;
  readonly onTryNow: () => void;
  readonly onBack: () => void;
}

export function WaitingView({ order, lines, under, aside, now, trying, ...rest }: WaitingViewProps) {
  const { words, time } = useSpeech();
  const { onTakeBack, onTryNow, onBack } = rest;
  const foot = (
    <>
      <Soft disabled={order.take_back} onPress={onTakeBack}>
        {words.order.takeBack}
      </Soft>
      <Go onPress={onTryNow}>{words.tryNow}</Go>
    </>
  );
  return (
    <Layer
      cut={rest.cut}
      notices={rest.notices}
      title={order.take_back ? words.order.takingBackTitle : words.cart.title}
      under={`${under} · ${words.order.waiting}`}
      actions={<Round icon="cross" label={words.cart.toMenu} onPress={onBack} />}
      foot={foot}
    >
      <ul class={shellStyle.card}>
        {lines.map((line) => (
          <Line key={line.line.key} priced={line} />
        ))}
      </ul>
      <div role="status" class={shellStyle.card}>
        <ul class={style.proof}>
          <li>
            <Icon name="tick" />
            <span>{words.order.keptOnPhone}</span>
            <time>{time(order.kept_at)}</time>
          </li>
          <li>
            <Icon name={trying ? "up" : "clock"} class={style.quiet} />
            <span>{trying ? words.order.sending : waitsFor(order, now, words.order)}</span>
            {order.tries > 1 && <span class={style.end}>{words.order.nth(order.tries)}</span>}
          </li>
        </ul>
      </div>
      <p class={shellStyle.aside}>{order.take_back ? words.order.takingBack : aside}</p>
    </Layer>
  );
}

function waitsFor(order: KeptOrder, now: number, words: Words["order"]): string {
  const say: Record<Waits, string> = {
    turn: words.trying,
    connection: words.noConnection,
    server: words.serverBusy,
    limit: words.limited(stopwatch(order.next_at - now)),
  };
  return say[order.waits_for];
}

function Line({ priced: { line, item, options, price } }: { readonly priced: PricedLine }) {
  const { money, name } = useSpeech();
  return (
    <li class={style.line}>
      <b class={style.dish}>{line.quantity}</b>
      <div>
        <p class={style.dish} dir="auto">
          {name(item?.name ?? line.name)}
        </p>
        {options.length > 0 && (
          <p class={style.more} dir="auto">
            {options.map(name).join(", ")}
          </p>
        )}
        {line.note !== "" && (
          <p class={style.more} dir="auto">
            “{line.note}”
          </p>
        )}
      </div>
      {item !== null && <span class={style.price}>{money.of(price)}</span>}
    </li>
  );
}
