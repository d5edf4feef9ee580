// The table's tab: every order of the party, who sent it, how far it is, and the running bill. Also what
// stays on the phone when the table is closed. Takes the tab, gives taps.

import { type ComponentChildren, Fragment } from "preact";
import { useState } from "preact/hooks";
import type { GuestId } from "../../wire/types";
import { useSpeech } from "../speech";
import { byGuest, evenly, peopleOf } from "../split";
import { billOf, guestOf, ordersOf, type Tab } from "../tab";
import type { Words } from "../words/en";
import { Icon } from "./icon";
import style from "./order.module.css";
import { OrderEntry, type Unsent, UnsentEntry } from "./order-entry";
import { Go, Layer, type LayerProps, Round, Small, Soft, shellStyle } from "./shell";
import { Stepper } from "./stepper";

/** Even parts that a table can be looked at in. */
const SPLIT_PEOPLE = 40;

interface OrdersProps {
  readonly tab: Tab;
  readonly me: GuestId;
  readonly onOrder?: (order: string) => void;
}

export interface BillViewProps extends OrdersProps, Pick<LayerProps, "cut" | "notices"> {
  readonly table: string;
  /** Orders of this phone that are not sent yet. */
  readonly unsent: readonly Unsent[];
  readonly onOrder: (order: string) => void;
  /** The bell. */
  readonly call: ComponentChildren;
  /** How the wish for the bill stands: `null` while it can be asked for. */
  readonly asked: string | null;
  readonly onAsk: () => void;
  readonly onReceipt: () => void;
  readonly onMore: () => void;
  readonly onBack: () => void;
}

export function BillView({ tab, me, table, unsent, onOrder, ...rest }: BillViewProps) {
  const { call, asked, onAsk, onReceipt, onMore, onBack, ...frame } = rest;
  const { words } = useSpeech();
  const orders = ordersOf(tab);
  const foot = (
    <Go onPress={onMore}>
      <Icon name="plus" />
      {words.order.more}
    </Go>
  );
  return (
    <Layer
      {...frame}
      title={words.bill.title}
      under={words.table(table)}
      actions={
        <>
          {call}
          <Round icon="cross" label={words.cart.toMenu} onPress={onBack} />
        </>
      }
      foot={foot}
    >
      <div class={style.orders}>
        {unsent.map((order) => (
          <UnsentEntry key={order.id} order={order} onOrder={onOrder} />
        ))}
        <Orders tab={tab} me={me} onOrder={onOrder} />
      </div>
      {orders.length === 0 && unsent.length === 0 && (
        <p class={shellStyle.empty}>{tab.heard ? words.bill.none : words.bill.reaching}</p>
      )}
      {orders.length > 0 && <Sum title={words.bill.open} tab={tab} />}
      {orders.length > 0 && <Split tab={tab} me={me} />}
      {orders.length > 0 && (
        <div class={style.cancel}>
          <Small pick disabled={asked !== null} onPress={onAsk}>
            <Icon name="bill" />
            {asked ?? words.bill.ask}
          </Small>
          <Small onPress={onReceipt}>{words.receipt.title}</Small>
        </div>
      )}
    </Layer>
  );
}

type Way = "all" | "own" | "even";

/** The bill in parts: a look at it, nothing is paid here. */
function Split({ tab, me }: Pick<OrdersProps, "tab" | "me">) {
  const { words, money } = useSpeech();
  const [way, setWay] = useState<Way>("all");
  const [people, setPeople] = useState(() => peopleOf(tab));
  const parts = evenly(billOf(tab), people);
  return (
    <section class={style.split} aria-label={words.bill.split}>
      <div class={style.ways}>
        {(["all", "own", "even"] as const).map((one) => (
          <button type="button" key={one} aria-pressed={way === one} onClick={() => setWay(one)}>
            {words.bill.ways[one]}
          </button>
        ))}
      </div>
      {way === "own" && (
        <dl class={shellStyle.sum}>
          {byGuest(tab).map(({ guest, total }) => (
            <Fragment key={guest ?? ""}>
              <dt>{nameOfGuest(tab, guest, me, words)}</dt>
              <dd>{money.of(total)}</dd>
            </Fragment>
          ))}
        </dl>
      )}
      {way === "even" && (
        <div class={style.people}>
          <Stepper low least={2} most={SPLIT_PEOPLE} quantity={people} onQuantity={setPeople} />
          <p role="status">{words.bill.each(money.of(parts[0] ?? 0))}</p>
        </div>
      )}
    </section>
  );
}

function nameOfGuest(tab: Tab, guest: GuestId | null, me: GuestId, words: Words): string {
  if (guest === me) return words.bill.you;
  const number = guestOf(tab, guest)?.number;
  return number === undefined ? words.bill.staff : words.bill.guest(number);
}

function Orders({ tab, me, onOrder }: OrdersProps) {
  const { words } = useSpeech();
  return ordersOf(tab).map((order) => (
    <OrderEntry key={order.id} order={order} onOrder={onOrder}>
      <b>{nameOfGuest(tab, order.guest, me, words)}</b> ·{" "}
      {words.bill.state[order.held ? "held" : order.state]}
    </OrderEntry>
  ));
}

function Sum({ title, tab }: { readonly title: string; readonly tab: Tab }) {
  const { money } = useSpeech();
  return (
    <dl class={shellStyle.sum}>
      <dt class={shellStyle.all}>{title}</dt>
      <dd class={shellStyle.all}>{money.of(billOf(tab))}</dd>
    </dl>
  );
}

export interface ClosedViewProps
  extends Omit<OrdersProps, "onOrder">,
    Pick<LayerProps, "notices" | "actions"> {
  readonly restaurant: string;
  readonly table: string;
  /** Asking the server for a new place. */
  readonly busy: string | null;
  readonly onReceipt: () => void;
  readonly onAgain: () => void;
}

/** The seating has ended; the bill stays. */
export function ClosedView(props: ClosedViewProps) {
  const { tab, me, restaurant, table, busy, notices, actions, onReceipt, onAgain } = props;
  const { words } = useSpeech();
  return (
    <Layer
      cut={null}
      title={restaurant}
      under={words.table(table)}
      actions={actions}
      notices={notices}
      foot={
        <>
          {tab.orders.size > 0 && <Soft onPress={onReceipt}>{words.receipt.title}</Soft>}
          <Go disabled={busy !== null} onPress={onAgain}>
            {busy ?? words.closed.again}
          </Go>
        </>
      }
    >
      <div class={style.received} role="status">
        <span class={style.seal}>
          <Icon name="bill" />
        </span>
        <h2>{words.closed.title}</h2>
        <p>{words.closed.more}</p>
      </div>
      <div class={style.orders}>
        <Orders tab={tab} me={me} />
      </div>
      {tab.orders.size > 0 && <Sum title={words.bill.final} tab={tab} />}
    </Layer>
  );
}
