// One order to take away: its number as large as it is called out, when to come, how far it is, until it is picked
// up. Takes the order and what is known of it, gives taps.

import { dueOf } from "../../table/follow";
import { useSpeech } from "../../table/speech";
import { CancelRow, type CancelRowProps } from "../../table/views/cancel-row";
import { Icon } from "../../table/views/icon";
import orderStyle from "../../table/views/order.module.css";
import { AllergyCard, dueSaid, endSaid, Lines, Steps } from "../../table/views/order-parts";
import { Go, Layer, type LayerProps, Round, Small, Soft, shellStyle } from "../../table/views/shell";
import type { GuestOrder, Timestamp } from "../../wire/types";
import { isOpen } from "../orders";
import { agreedOf } from "../slots";
import { useAway } from "../speech";
import style from "./takeaway.module.css";

export interface TrackViewProps extends Pick<LayerProps, "cut" | "notices">, Omit<CancelRowProps, "mine"> {
  /** When screens had shown it at every station. */
  readonly seen: Timestamp | null;
  /** Since when no news can come; `null` while they can. */
  readonly lostAt: number | null;
  /** There are other orders on this phone. */
  readonly others: boolean;
  readonly onAgain: () => void;
  readonly onMore: () => void;
  readonly onOrders: () => void;
  readonly onBack: () => void;
}

export function TrackView(props: TrackViewProps) {
  const { words, money, time } = useSpeech();
  const { away } = useAway();
  const { order, others, onMore, onOrders, onBack } = props;
  return (
    <Layer
      cut={props.cut}
      notices={props.notices}
      title={words.order.number(order.number)}
      under={`${away.title} · ${words.order.sentAt(time(order.placed_at))}`}
      actions={<Round icon="cross" label={words.cart.toMenu} onPress={onBack} />}
      foot={
        <>
          {others && <Soft onPress={onOrders}>{away.order.list}</Soft>}
          <Go onPress={onMore}>
            <Icon name="plus" />
            {away.order.another}
          </Go>
        </>
      }
    >
      {isOpen(order) && <NumberCard order={order} />}
      <When {...props} />
      <Steps order={order} />
      <Proof {...props} />
      <Lines order={order} />
      {order.allergy !== null && <AllergyCard order={order} />}
      <CancelRow {...props} mine />
      <dl class={shellStyle.sum}>
        <dt class={shellStyle.all}>{words.cart.total}</dt>
        <dd class={shellStyle.all}>{money.of(order.totals.total)}</dd>
      </dl>
      <div class={orderStyle.again}>
        <Small onPress={props.onAgain}>
          <Icon name="again" />
          {words.order.again}
        </Small>
      </div>
    </Layer>
  );
}

function NumberCard({ order }: { readonly order: GuestOrder }) {
  const { away } = useAway();
  const ready = order.state === "ready";
  return (
    <div class={`${shellStyle.card} ${style.number} ${ready ? style.ready : ""}`} role="status">
      <p>{away.order.yourNumber}</p>
      <b>{order.number}</b>
      {ready && (
        <p class={style.call}>
          <Icon name="tick" />
          {away.order.ready}
        </p>
      )}
      {ready && <p>{away.order.readyMore}</p>}
    </div>
  );
}

/** When to come: the time that was agreed, or what the kitchen is thought to need. */
function When({ order, now, lostAt }: TrackViewProps) {
  const { words, time } = useSpeech();
  const { away, day, when } = useAway();
  if (order.state === "ready") return null;
  const old = lostAt === null ? null : words.order.asOf(time(lostAt));
  if (!isOpen(order)) return <Over order={order} />;
  const due = dueOf(order, now);
  const agreed = agreedOf(order);
  const { big, small } = dueSaid(due, words, time);
  if (agreed !== null) {
    return (
      <div class={style.when}>
        <p>
          {away.order.pickItUp} <span>{day(agreed, now)}</span>
        </p>
        <p class={style.big}>{time(agreed)}</p>
        {order.start_at !== undefined && <p>{away.order.begins(when(order.start_at, now))}</p>}
        {due.is === "longer" && <p class={style.strong}>{words.order.longer}</p>}
        {old !== null && <p>{old}</p>}
      </div>
    );
  }
  return (
    <div class={style.when}>
      {big !== null && <p>{words.order.due}</p>}
      {big !== null && <p class={style.big}>{big}</p>}
      {due.is === "longer" && <p class={style.strong}>{words.order.longer}</p>}
      {(small !== null || old !== null) && <p>{[small, old].filter(Boolean).join(" · ")}</p>}
      {big === null && order.pickup_at !== undefined && (
        <p>{away.order.agreed(when(order.pickup_at, now))}</p>
      )}
    </div>
  );
}

function Over({ order }: { readonly order: GuestOrder }) {
  const { words, time } = useSpeech();
  return (
    <div class={style.when}>
      <p class={style.strong}>{endSaid(order, words, time)}</p>
    </div>
  );
}

/** That the kitchen has it, once screens said so; a planned order says when it begins instead. */
function Proof({ order, seen }: TrackViewProps) {
  const { words, time } = useSpeech();
  if (!isOpen(order) || order.state === "ready" || order.start_at !== undefined) return null;
  return (
    <div role="status">
      <ul class={`${shellStyle.card} ${orderStyle.proof} ${style.proof}`}>
        <li>
          <Icon name={seen === null ? "clock" : "tick"} class={seen === null ? orderStyle.quiet : ""} />
          <span>{seen === null ? words.order.unseen : words.order.kitchenHasIt}</span>
          {seen !== null && <time>{time(seen)}</time>}
        </li>
      </ul>
    </div>
  );
}
