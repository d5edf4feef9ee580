// One order of the table, from the moment the server has it: first that the kitchen has seen it, then
// step by step until it is on the table. Takes the order and what is known of it, gives taps.

import type { ComponentChildren } from "preact";
import type { GuestOrder, Timestamp } from "../../wire/types";
import { beforeOf, dueOf } from "../follow";
import { useSpeech } from "../speech";
import { open } from "../tab";
import type { Words } from "../words/en";
import { CancelRow, type CancelRowProps } from "./cancel-row";
import { Icon, type IconName } from "./icon";
import style from "./order.module.css";
import { AllergyCard, dueSaid, endSaid, Lines, Steps } from "./order-parts";
import { type Pin, PinCard } from "./pin-card";
import { Go, Layer, type LayerProps, Round, Small, Soft, shellStyle } from "./shell";
import { TellCard, type TellCardProps } from "./tell-card";

export interface OrderViewProps extends Pick<LayerProps, "cut" | "notices">, CancelRowProps {
  readonly table: string;
  /** When screens had shown it at every station. */
  readonly seen: Timestamp | null;
  /** Since when no news can come; `null` while they can. */
  readonly lostAt: number | null;
  readonly pin: Pin | null;
  readonly tell: TellCardProps;
  /** The guest was told that the kitchen has it and wants to see how it goes. */
  readonly followed: boolean;
  readonly earlier: readonly GuestOrder[];
  /** The bell. */
  readonly call: ComponentChildren;
  readonly bill: number;
  readonly onFollow: () => void;
  /** The same once more, into the cart. */
  readonly onAgain: () => void;
  readonly onMore: () => void;
  readonly onBill: () => void;
  readonly onBack: () => void;
}

export function OrderView(props: OrderViewProps) {
  const { words, time } = useSpeech();
  const { order, table, onBack } = props;
  const fresh = !props.followed && (order.state === "pending" || order.state === "confirmed");
  return (
    <Layer
      cut={props.cut}
      notices={props.notices}
      title={words.order.number(order.number)}
      under={`${words.table(table)} · ${words.order.sentAt(time(order.placed_at))}`}
      actions={
        <>
          {props.call}
          <Round icon="cross" label={words.cart.toMenu} onPress={onBack} />
        </>
      }
      foot={<Foot {...props} fresh={fresh} />}
    >
      {fresh ? <Received {...props} /> : <Progress {...props} />}
    </Layer>
  );
}

function Foot({ fresh, order, onMore, onFollow, onBill }: OrderViewProps & { readonly fresh: boolean }) {
  const { words } = useSpeech();
  if (fresh && !order.held) {
    return (
      <>
        <Soft onPress={onMore}>{words.order.more}</Soft>
        <Go onPress={onFollow}>{words.order.follow}</Go>
      </>
    );
  }
  return (
    <>
      <Soft onPress={onBill}>
        <Icon name="bill" />
        {words.order.bill}
      </Soft>
      <Go onPress={onMore}>
        <Icon name="plus" />
        {words.order.more}
      </Go>
    </>
  );
}

// ---- just sent -----------------------------------------------------------------------------------

function Received(props: OrderViewProps) {
  const { words, time } = useSpeech();
  const { order, seen, pin } = props;
  const { icon, title, more, full } = sealOf(order, seen !== null, pin !== null, words);
  return (
    <>
      <div class={style.received} role="status">
        <span class={`${style.seal} ${full ? style.full : ""}`}>
          <Icon name={icon} />
        </span>
        <h2>{title}</h2>
        <p>{more}</p>
      </div>
      {pin !== null && <PinCard pin={pin} />}
      <ul class={`${shellStyle.card} ${style.proof}`}>
        <Proof icon="tick" text={words.order.received} at={time(order.placed_at)} />
        {seen !== null && <Proof icon="tick" text={words.order.seenBy} at={time(seen)} />}
        {seen === null && !order.held && <Proof icon="clock" text={words.order.unseen} at={null} />}
        {order.allergy !== null && <AllergyProof order={order} />}
      </ul>
      <When {...props} card />
      <TellRow {...props} />
      <CancelRow {...props} />
      <Lines order={order} />
    </>
  );
}

interface Seal {
  readonly icon: IconName;
  readonly title: string;
  readonly more: string;
  readonly full: boolean;
}

function sealOf(order: GuestOrder, seen: boolean, pin: boolean, words: Words): Seal {
  const { held, heldMore, heldPin, kitchenHasIt, kitchenHasItMore, onItsWay, onItsWayMore } = words.order;
  if (order.held) return { icon: "pause", title: held, more: pin ? heldPin : heldMore, full: false };
  if (seen) return { icon: "tick", title: kitchenHasIt, more: kitchenHasItMore, full: true };
  return { icon: "up", title: onItsWay, more: onItsWayMore, full: false };
}

function Proof({
  icon,
  text,
  at,
}: {
  readonly icon: IconName;
  readonly text: string;
  readonly at: string | null;
}) {
  return (
    <li>
      <Icon name={icon} class={icon.startsWith("shield") ? style.shield : ""} />
      <span>{text}</span>
      {at !== null && <time>{at}</time>}
    </li>
  );
}

function AllergyProof({ order }: { readonly order: GuestOrder }) {
  const { words, time } = useSpeech();
  const { allergy, allergy_confirmed_at: at } = order;
  if (at === null)
    return <Proof icon="shield" text={words.order.allergyUnconfirmed(allergy ?? "")} at={null} />;
  return <Proof icon="shield-tick" text={words.order.allergyConfirmed(allergy ?? "")} at={time(at)} />;
}

// ---- on its way ----------------------------------------------------------------------------------

function Progress(props: OrderViewProps) {
  const { order } = props;
  return (
    <>
      <When {...props} />
      <Steps order={order} />
      <TellRow {...props} />
      <Lines order={order} />
      {order.allergy !== null && <AllergyCard order={order} />}
      <CancelRow {...props} />
      {!order.held && <AgainRow {...props} />}
      <BillSums {...props} />
    </>
  );
}

function When({ order, seen, now, lostAt, card = false }: OrderViewProps & { readonly card?: boolean }) {
  const { words, time } = useSpeech();
  const due = dueOf(order, now);
  const { big, small } = dueSaid(due, words, time);
  const before = beforeOf(order);
  const place = before === null ? null : before === 0 ? words.order.isNext : words.order.before(before);
  const also = card ? null : stateLine(order, seen, words, time);
  const old = lostAt === null ? null : words.order.asOf(time(lostAt));
  if (card && due.is === "unknown") return null;
  return (
    <div class={card ? `${shellStyle.card} ${style.when}` : style.when}>
      {big !== null && <p>{words.order.due}</p>}
      {big !== null && <p class={style.range}>{big}</p>}
      {due.is === "longer" && <p class={style.strong}>{words.order.longer}</p>}
      {big === null && also !== null && <p class={style.strong}>{also}</p>}
      {(small !== null || old !== null) && <p>{[small, old].filter(Boolean).join(" · ")}</p>}
      {place !== null && <p>{place}</p>}
      {big !== null && also !== null && <p>{also}</p>}
    </div>
  );
}

function stateLine(
  order: GuestOrder,
  seen: Timestamp | null,
  words: Words,
  time: (at: string) => string,
): string | null {
  const { seenBy, onItsWay, heldMore } = words.order;
  if (!open(order)) return endSaid(order, words, time);
  if (order.held) return heldMore;
  if (order.state === "ready") return words.bill.state.ready;
  if (order.state === "pending" || order.state === "confirmed") return seen === null ? onItsWay : seenBy;
  return null;
}

// ---- cancelling, the bill ------------------------------------------------------------------------

/** On the phone that ordered, as long as there is something to tell. */
function TellRow({ order, mine, tell }: OrderViewProps) {
  return mine && open(order) ? <TellCard {...tell} /> : null;
}

function AgainRow({ onAgain }: OrderViewProps) {
  const { words } = useSpeech();
  return (
    <div class={style.again}>
      <Small onPress={onAgain}>
        <Icon name="again" />
        {words.order.again}
      </Small>
    </div>
  );
}

function BillSums({ order, earlier, bill }: OrderViewProps) {
  const { words, money, time } = useSpeech();
  const title = (one: GuestOrder) =>
    one.completed_at === null
      ? words.order.number(one.number)
      : words.bill.served(one.number, time(one.completed_at));
  return (
    <dl class={shellStyle.sum}>
      {[...earlier, order]
        .filter((one) => one.state !== "cancelled")
        .map((one) => (
          <>
            <dt>{title(one)}</dt>
            <dd>{money.of(one.totals.total)}</dd>
          </>
        ))}
      <dt class={shellStyle.all}>{words.bill.open}</dt>
      <dd class={shellStyle.all}>{money.of(bill)}</dd>
    </dl>
  );
}
