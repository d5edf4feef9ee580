// One order of the table, from the moment the server has it: first that the kitchen has seen it, then
// step by step until it is on the table. Takes the order and what is known of it, gives taps.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { stopwatch } from "../../time";
import type { GuestLine, GuestOrder, Timestamp } from "../../wire/types";
import { beforeOf, type Due, dueOf, lineWord, STEPS, stepOf } from "../follow";
import { useSpeech } from "../speech";
import { open } from "../tab";
import type { Cancelling } from "../visit";
import type { Words } from "../words/en";
import { Icon, type IconName } from "./icon";
import style from "./order.module.css";
import { type Pin, PinCard } from "./pin-card";
import { Go, Layer, type LayerProps, Round, Small, Soft, shellStyle } from "./shell";
import { TellCard, type TellCardProps } from "./tell-card";

export interface OrderViewProps extends Pick<LayerProps, "cut" | "notices"> {
  readonly order: GuestOrder;
  readonly table: string;
  /** This phone sent it. */
  readonly mine: boolean;
  /** When screens had shown it at every station. */
  readonly seen: Timestamp | null;
  /** Server time. */
  readonly now: number;
  /** Since when no news can come; `null` while they can. */
  readonly lostAt: number | null;
  /** Until when this phone may cancel it; `null`: not. */
  readonly cancelUntil: number | null;
  readonly cancelling: Cancelling | undefined;
  readonly pin: Pin | null;
  readonly tell: TellCardProps;
  /** The guest was told that the kitchen has it and wants to see how it goes. */
  readonly followed: boolean;
  readonly earlier: readonly GuestOrder[];
  /** The bell. */
  readonly call: ComponentChildren;
  readonly bill: number;
  readonly onFollow: () => void;
  readonly onCancel: () => void;
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

/** Left-to-right also between Arabic words. */
const apart = (text: string) => `\u2066${text}\u2069`;

/** The range in large letters, and in small ones below it. */
export function dueSaid(due: Due, words: Words, time: (at: number) => string) {
  if (due.is !== "range") return { big: null, small: null };
  const clock = apart([...new Set([time(due.from), time(due.to)])].join("–"));
  if (due.minutes === null) return { big: clock, small: null };
  return { big: words.order.inMinutes(apart(due.minutes.join("–"))), small: words.order.around(clock) };
}

function stateLine(
  order: GuestOrder,
  seen: Timestamp | null,
  words: Words,
  time: (at: string) => string,
): string | null {
  const { served, cancelledAt, seenBy, onItsWay, heldMore } = words.order;
  if (order.state === "completed")
    return order.completed_at === null ? null : served(time(order.completed_at));
  if (order.state === "cancelled") {
    const at =
      order.cancelled_at === null ? words.bill.state.cancelled : cancelledAt(time(order.cancelled_at));
    return [at, order.cancel_reason].filter(Boolean).join(". ");
  }
  if (order.held) return heldMore;
  if (order.state === "ready") return words.bill.state.ready;
  if (order.state === "pending" || order.state === "confirmed") return seen === null ? onItsWay : seenBy;
  return null;
}

export function Steps({ order }: { readonly order: GuestOrder }) {
  const { words } = useSpeech();
  const at = stepOf(order.state);
  if (at === null) return null;
  return (
    <ol class={style.path} aria-label={words.order.progress}>
      {STEPS.map((step, n) => (
        <li
          key={step}
          class={n < at ? style.past : n === at ? style.now : ""}
          aria-current={n === at ? "step" : undefined}
        >
          {words.order.steps[step]}
        </li>
      ))}
    </ol>
  );
}

export function Lines({ order }: { readonly order: GuestOrder }) {
  const { words } = useSpeech();
  return (
    <ul class={`${shellStyle.card} ${style.lines}`}>
      {order.lines.map((line) => (
        <OrderLine key={line.id} order={order} line={line} />
      ))}
      {order.note !== null && <li class={style.note}>{words.order.note(order.note)}</li>}
    </ul>
  );
}

function OrderLine({ order, line }: { readonly order: GuestOrder; readonly line: GuestLine }) {
  const { words, name } = useSpeech();
  const word = lineWord(order, line);
  const done = word === "coming" || word === "served";
  return (
    <li class={style.line} data-word={word}>
      <span class={style.mark}>
        {done ? <Icon name="tick" /> : word === "void" ? <Icon name="cross" /> : line.quantity}
      </span>
      <div>
        <p class={style.dish} dir="auto">
          {(done || word === "void") && line.quantity > 1 ? `${line.quantity} ` : ""}
          {name(line.name)}
        </p>
        {line.options.length > 0 && (
          <p class={style.more} dir="auto">
            {line.options.map((option) => name(option.name)).join(", ")}
          </p>
        )}
        {line.note !== null && (
          <p class={style.more} dir="auto">
            “{line.note}”
          </p>
        )}
        {line.void_reason !== null && (
          <p class={style.more} dir="auto">
            {line.void_reason}
          </p>
        )}
      </div>
      <span class={style.state}>{words.order.line[word]}</span>
    </li>
  );
}

export function AllergyCard({ order }: { readonly order: GuestOrder }) {
  const { words, time } = useSpeech();
  const at = order.allergy_confirmed_at;
  return (
    <div class={`${shellStyle.card} ${shellStyle.allergy}`}>
      <Icon name={at === null ? "shield" : "shield-tick"} />
      <p>
        <b>{words.cart.allergyIs(order.allergy ?? "")}</b>
        <span>{at === null ? words.order.allergyWaits : words.order.allergyConfirmedAt(time(at))}</span>
      </p>
    </div>
  );
}

// ---- cancelling, the bill ------------------------------------------------------------------------

/** On the phone that ordered, as long as there is something to tell. */
function TellRow({ order, mine, tell }: OrderViewProps) {
  return mine && open(order) ? <TellCard {...tell} /> : null;
}

type CancelRowProps = Pick<
  OrderViewProps,
  "order" | "mine" | "cancelUntil" | "cancelling" | "now" | "onCancel"
>;

export function CancelRow({ order, mine, cancelUntil, cancelling, now, onCancel }: CancelRowProps) {
  const { words } = useSpeech();
  const [sure, setSure] = useState(false);
  if (!mine || !open(order)) return null;
  const said = cancelSaid(cancelling, words);
  if (said !== null) {
    return (
      <p class={style.cancel} role="status">
        {said}
      </p>
    );
  }
  if (cancelUntil === null || cancelUntil <= now) {
    // The row keeps its place while the order stands: nothing moves when the time is over.
    return order.state === "confirmed" ? <p class={style.cancel}>{words.order.cancelLate}</p> : null;
  }
  const left = Number.isFinite(cancelUntil)
    ? words.order.cancelFor(stopwatch(cancelUntil - now))
    : words.order.cancelAny;
  return (
    <div class={style.cancel}>
      {sure ? (
        <div>
          <Small onPress={() => [setSure(false), onCancel()]}>{words.order.cancelSure}</Small>
          <Small onPress={() => setSure(false)}>{words.order.cancelKeep}</Small>
        </div>
      ) : (
        <button type="button" class={shellStyle.plain} onClick={() => setSure(true)}>
          {words.order.cancel}
        </button>
      )}
      <p class="num" role={cancelling === "no_answer" ? "status" : undefined}>
        {cancelling === "no_answer" ? words.order.cancelFailed : left}
      </p>
    </div>
  );
}

/** What stands in place of the button. */
function cancelSaid(cancelling: Cancelling | undefined, words: Words): string | null {
  if (cancelling === "asking") return words.order.cancelling;
  return cancelling === "too_late" ? words.notice.tooLate : null;
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
