// From the visit's state to the views: which ones are shown, what each gets, and what its taps do.
// The only file that knows both. The menu stays in place below all others, so that coming back to it
// finds the same dish under the thumb.

import { useEffect, useState } from "preact/hooks";
import { clock, stopwatch } from "../time";
import { newId } from "../wire/ids";
import type { CallReason, Category, GuestOrder, ItemId, Menu, OrderId } from "../wire/types";
import { anyOpen, type Calling, type Clocked, callingOf } from "./calls";
import { added, changed, edited, ORDER_LINES, type PricedCart, priced, removed, withQuantity } from "./cart";
import { cancelUntil } from "./follow";
import type { Place } from "./keeping";
import { offered } from "./language";
import { find } from "./pad";
import { cutOf, gateOf, inCartOf, ordersLabel, saidOf } from "./say";
import { type Speech, useSpeech } from "./speech";
import { isSheet, type View } from "./stack";
import { billOf, open, ordersOf } from "./tab";
import { ArrivalView } from "./views/arrival-view";
import { BillView, ClosedView } from "./views/bill-view";
import { CallSheet } from "./views/call-sheet";
import { CartView } from "./views/cart-view";
import { Icon } from "./views/icon";
import { ItemSheet } from "./views/item-sheet";
import { LanguageSheet } from "./views/language-sheet";
import { MenuView } from "./views/menu-view";
import { OrderView } from "./views/order-view";
import { ReceiptView } from "./views/receipt-view";
import { type Cut, Go, NoticeList, Round, Soft, shellStyle } from "./views/shell";
import { WaitingView } from "./views/waiting-view";
import { WishSheet } from "./views/wish-sheet";
import type { Visit } from "./visit";
import { dietsOf, NO_WISH, sortedBy } from "./wish";
import type { Words } from "./words/en";

/** Where the party sits: it may have moved since the scan. */
function labelOf(place: Place): string {
  return place.tab.seating.table.label;
}

interface ScreensProps {
  readonly visit: Visit;
  readonly onLanguage: (language: string) => void;
}

export function Screens({ visit, onLanguage }: ScreensProps) {
  const place = visit.place.value;
  const menu = visit.menu.menu.value;
  const arrival = visit.door.arrival.value;
  if (place?.closed && arrival.is !== "refused")
    return <ClosedScreen visit={visit} place={place} menu={menu} />;
  if (place === null || menu === null || arrival.is === "refused") {
    const waits = place !== null && arrival.is === "here" && visit.menu.failing.value;
    const shown = waits ? ({ is: "waiting", for: "connection", until: 0 } as const) : arrival;
    return <ArrivalView arrival={shown} onTryNow={visit.tryNow} onScanAgain={() => visit.beginAgain()} />;
  }
  return <Table visit={visit} place={place} menu={menu} onLanguage={onLanguage} />;
}

function ClosedScreen({
  visit,
  place,
  menu,
}: {
  readonly visit: Visit;
  readonly place: Place;
  readonly menu: Menu | null;
}) {
  const { words } = useSpeech();
  const arrival = visit.door.arrival.value;
  if (visit.views.stack.value.at(-1)?.is === "receipt" && menu !== null) {
    const back = () => visit.views.back();
    return <ReceiptView tab={place.tab} restaurant={menu.restaurant} cut={null} onBack={back} />;
  }
  const busy =
    arrival.is === "opening"
      ? words.arrival.opening
      : arrival.is === "waiting"
        ? words.arrival[arrival.for]
        : null;
  return (
    <ClosedView
      tab={place.tab}
      me={place.scanned.guest}
      restaurant={menu?.restaurant.name ?? ""}
      table={labelOf(place)}
      busy={busy}
      notices={<Notices visit={visit} />}
      onReceipt={() => visit.views.open({ is: "receipt" })}
      onAgain={() => visit.beginAgain()}
    />
  );
}

function Notices({ visit }: { readonly visit: Visit }) {
  const speech = useSpeech();
  const notices = visit.notices.all.value;
  return (
    <NoticeList
      notices={notices.map((notice) => ({
        key: notice.is,
        text: saidOf(notice, speech),
        onDismiss: () => visit.notices.dismiss(notice),
      }))}
    />
  );
}

// ---- at the table --------------------------------------------------------------------------------

interface TableProps {
  readonly visit: Visit;
  readonly place: Place;
  readonly menu: Menu;
  readonly onLanguage: (language: string) => void;
}

/** What every screen at the table is given. */
interface Common {
  readonly visit: Visit;
  readonly place: Place;
  readonly menu: Menu;
  readonly cart: PricedCart;
  readonly cut: Cut;
}

function Table({ visit, place, menu, onLanguage }: TableProps) {
  const speech = useSpeech();
  const [followed, setFollowed] = useState<ReadonlySet<OrderId>>(new Set());
  const stack = visit.views.stack.value;
  const layer = stack.findLast((view) => !isSheet(view)) ?? { is: "menu" };
  const sheet = stack.at(-1);
  const cart = priced(visit.held.pad.value.cart, menu, visit.menu.items.value);
  const common: Common = { visit, place, menu, cart, cut: cutOf(visit, speech) };
  const follow = (order: OrderId) => setFollowed(new Set(followed).add(order));
  return (
    <>
      <MenuScreen {...common} covered={layer.is !== "menu"} />
      {layer.is === "cart" && <CartScreen {...common} />}
      {layer.is === "order" && (
        <OrderScreen {...common} id={layer.order} followed={followed} onFollow={follow} />
      )}
      {layer.is === "bill" && <BillScreen {...common} />}
      {layer.is === "receipt" && (
        <ReceiptView
          tab={place.tab}
          restaurant={menu.restaurant}
          cut={common.cut}
          onBack={() => visit.views.back()}
        />
      )}
      {sheet?.is === "call" && <CallScreen {...common} />}
      {sheet?.is === "wish" && <WishScreen {...common} />}
      {sheet?.is === "item" && <ItemScreen key={`${sheet.item}/${sheet.line}`} {...common} view={sheet} />}
      {sheet?.is === "language" && (
        <LanguageSheet
          languages={offered(menu.restaurant.locales)}
          onPick={(language) => [onLanguage(language), visit.views.back()]}
          onClose={() => visit.views.back()}
        />
      )}
    </>
  );
}

function MenuScreen({ visit, place, menu, cart, cut, covered }: Common & { readonly covered: boolean }) {
  const speech = useSpeech();
  const { words } = speech;
  const { views } = visit;
  const guests = place.tab.seating.guests.length;
  return (
    <MenuView
      menu={menu}
      cut={cut}
      covered={covered}
      under={`${words.table(labelOf(place))}${guests > 0 ? ` · ${words.guests(guests)}` : ""}`}
      actions={
        <>
          <Round icon="globe" label={words.language} onPress={() => views.open({ is: "language" })} />
          <Bell visit={visit} place={place} />
        </>
      }
      wish={visit.wish.value}
      onWish={() => views.open({ is: "wish" })}
      notices={!covered && <Notices visit={visit} />}
      foot={menuFoot({ visit, place, cart, speech })}
      inCart={inCartOf(cart)}
      onItem={(item) => views.open({ is: "item", item, line: null })}
    />
  );
}

/** The way to the staff, with a mark while somebody is awaited. */
function Bell({ visit, place }: Pick<Common, "visit" | "place">) {
  const { words } = useSpeech();
  const waits = anyOpen(place.tab.seating);
  return (
    <span class={shellStyle.bell} data-waits={waits}>
      <Round icon="bell" label={words.call.title} onPress={() => visit.views.open({ is: "call" })} />
    </span>
  );
}

function clocked(menu: Menu): Clocked {
  return { now: clock.value, pause_ms: menu.restaurant.settings.call_again_seconds * 1_000 };
}

function callingAt(
  { visit, place, menu }: Pick<Common, "visit" | "place" | "menu">,
  reason: CallReason,
): Calling {
  const pending = visit.hub.value?.outbox.pending.value ?? [];
  const sending = pending.some(
    ({ command }) => command.name === "seating.call" && command.args.reason === reason,
  );
  return callingOf(place.tab.seating, reason, sending, clocked(menu));
}

function CallScreen(props: Common) {
  const { visit } = props;
  const undone = visit.hub.value?.outbox.undone.value.at(-1);
  const calls =
    undone?.pending.command.name === "seating.call" || undone?.pending.command.name === "call.done";
  const of = (reason: CallReason) => callingAt(props, reason);
  return (
    <CallSheet
      calling={{ waiter: of("waiter"), bill: of("bill"), water: of("water"), cutlery: of("cutlery") }}
      live={visit.hub.value?.link.value.is === "live"}
      refused={calls && undone.is === "refused" ? undone.refused.message : null}
      onCall={(reason) => visit.callStaff(reason)}
      onNotNeeded={(reason) => visit.callNotNeeded(reason)}
      onClose={() => visit.views.back()}
    />
  );
}

function WishScreen({ visit, menu }: Common) {
  const wish = visit.wish.value;
  const { categories } = sortedBy(menu.categories, wish);
  return (
    <WishSheet
      wish={wish}
      diets={dietsOf(menu)}
      left={categories.reduce((sum, { items }) => sum + items.length, 0)}
      onWish={(next) => visit.setWish(next)}
      onClear={() => [visit.setWish(NO_WISH), visit.views.back()]}
      onClose={() => visit.views.back()}
    />
  );
}

function menuFoot({
  visit,
  place,
  cart,
  speech,
}: Pick<Common, "visit" | "place" | "cart"> & { readonly speech: Speech }) {
  const { words, money } = speech;
  const unsent = visit.held.pad.value.orders;
  const mine = ordersOf(place.tab).filter((order) => order.guest === place.scanned.guest && open(order));
  const some = unsent.length + place.tab.orders.size > 0;
  if (!some && cart.lines.length === 0) return undefined;
  const only = unsent.length + mine.length === 1 ? (unsent[0]?.id ?? mine[0]?.id) : undefined;
  const toOrders = () => visit.views.open(only === undefined ? { is: "bill" } : { is: "order", order: only });
  const label = ordersLabel(unsent, mine, words);
  if (cart.lines.length === 0) {
    return (
      <Soft wide onPress={toOrders}>
        <Icon name="bill" />
        {words.menu.yourOrders}
        <span class={shellStyle.end}>{label}</span>
      </Soft>
    );
  }
  return (
    <>
      {some && (
        <Soft onPress={toOrders} label={[words.menu.yourOrders, label].filter(Boolean).join(", ")}>
          <Icon name="bill" />
        </Soft>
      )}
      <Go onPress={() => visit.views.open({ is: "cart" })}>
        <span class={shellStyle.count}>{cart.portions}</span>
        {words.menu.seeOrder}
        <span class={shellStyle.end}>{money.of(cart.totals.total)}</span>
      </Go>
    </>
  );
}

function ItemScreen({ visit, menu, view }: Common & { readonly view: View & { is: "item" } }) {
  const item = visit.menu.items.value.get(view.item);
  const { cart } = visit.held.pad.value;
  const line = view.line === null ? undefined : cart.lines.find(({ key }) => key === view.line);
  const gone = item === undefined || (view.line !== null && line === undefined);
  useEffect(() => {
    if (gone) visit.views.back();
  }, [gone, visit]);
  if (item === undefined || gone) return null;
  const close = () => visit.views.back();
  return (
    <ItemSheet
      item={item}
      category={categoryOf(menu, view.item)}
      before={line ?? null}
      fullCart={cart.lines.length >= ORDER_LINES}
      avoid={visit.wish.value.avoid}
      onClose={close}
      onTakeOut={() => [line && visit.changeCart((held, now) => removed(held, line.key, now)), close()]}
      onDone={(choice) => {
        const key = newId();
        visit.changeCart((held, now) =>
          line ? edited(held, line.key, choice, now) : added(held, item, choice, key, now),
        );
        close();
      }}
    />
  );
}

function categoryOf(menu: Menu, id: ItemId): Category | undefined {
  return menu.categories.find((category) => category.items.some((item) => item.id === id));
}

function CartScreen({ visit, place, menu, cart, cut }: Common) {
  const { views } = visit;
  const { note, allergy, asked_total } = visit.held.pad.value.cart;
  return (
    <CartView
      cut={cut}
      notices={<Notices visit={visit} />}
      table={labelOf(place)}
      cart={cart}
      note={note}
      allergy={allergy}
      askedTotal={asked_total}
      charges={menu.restaurant.settings.charges}
      gate={gateOf(visit, place)}
      canSend={!place.closed}
      onLine={(key) => {
        const line = cart.lines.find(({ line }) => line.key === key);
        if (line?.item) views.open({ is: "item", item: line.item.id, line: key });
      }}
      onQuantity={(key, quantity) => visit.changeCart((held, now) => withQuantity(held, key, quantity, now))}
      onRemove={(keys) =>
        visit.changeCart((held, now) => keys.reduce((left, key) => removed(left, key, now), held))
      }
      onAnother={() => views.home()}
      onNote={(note) => visit.changeCart((held, now) => changed(held, { note }, now))}
      onAllergy={(allergy) => visit.changeCart((held, now) => changed(held, { allergy }, now))}
      onSend={() => void visit.send()}
      onClose={() => views.home()}
    />
  );
}

interface OrderScreenProps extends Common {
  readonly id: string;
  readonly followed: ReadonlySet<OrderId>;
  readonly onFollow: (order: OrderId) => void;
}

function OrderScreen(props: OrderScreenProps) {
  const { visit, place, id } = props;
  const kept = find(visit.held.pad.value, id);
  const order = place.tab.orders.get(visit.placed.value.get(id) ?? id);
  const gone = kept === undefined && order === undefined;
  useEffect(() => {
    if (gone) visit.views.replace({ is: "bill" });
  }, [gone, visit]);
  if (kept !== undefined) return <WaitingScreen {...props} />;
  return order === undefined ? null : <PlacedScreen {...props} order={order} />;
}

function WaitingScreen({ visit, place, menu, cut, id }: OrderScreenProps) {
  const order = find(visit.held.pad.value, id);
  clock.value;
  if (order === undefined) return null;
  const { lines, note, allergy } = order;
  const shown = priced({ ...visit.held.pad.value.cart, lines, note, allergy }, menu, visit.menu.items.value);
  return (
    <WaitingView
      cut={cut}
      notices={<Notices visit={visit} />}
      order={order}
      lines={shown.lines}
      table={labelOf(place)}
      now={Date.now()}
      trying={(order.lease?.until ?? 0) > Date.now() || (order.tries === 0 && cut === null)}
      onTakeBack={() => void visit.takeBack(id)}
      onTryNow={visit.tryNow}
      onBack={() => visit.views.home()}
    />
  );
}

function PlacedScreen({
  visit,
  place,
  cut,
  order,
  followed,
  onFollow,
}: OrderScreenProps & { readonly order: GuestOrder }) {
  const { views } = visit;
  const gate = order.held ? gateOf(visit, place) : null;
  return (
    <OrderView
      cut={cut}
      notices={<Notices visit={visit} />}
      order={order}
      table={labelOf(place)}
      seen={place.tab.seen.get(order.id) ?? null}
      now={clock.value}
      lostAt={cut === null ? null : visit.lost_at.value}
      mine={order.guest === place.scanned.guest}
      cancelUntil={cancelUntil(order, place.scanned.guest)}
      cancelling={visit.cancelling.value.get(order.id)}
      pin={gate === "waiter" ? null : gate}
      followed={followed.has(order.id) || order.guest !== place.scanned.guest}
      call={<Bell visit={visit} place={place} />}
      onAgain={() => visit.orderAgain(order)}
      earlier={ordersOf(place.tab).filter((other) => other.id !== order.id)}
      bill={billOf(place.tab)}
      onFollow={() => onFollow(order.id)}
      onCancel={() => void visit.cancel(order.id)}
      onMore={() => views.home()}
      onBill={() => views.open({ is: "bill" })}
      onBack={() => views.home()}
    />
  );
}

/** What the button says while the wish for the bill is on its way or answered. */
function billAsked(calling: Calling, words: Words): string | null {
  switch (calling.is) {
    case "free":
      return null;
    case "sending":
      return words.call.sending;
    case "called":
      return words.bill.asked;
    case "coming":
      return words.call.coming;
    case "resting":
      return words.call.again(stopwatch(calling.until - clock.value));
  }
}

function BillScreen(props: Common) {
  const { visit, place, cut } = props;
  const { words } = useSpeech();
  const unsent = visit.held.pad.value.orders.map(({ id, draft }) => ({
    id,
    total: draft.expected_total ?? 0,
  }));
  return (
    <BillView
      cut={cut}
      notices={<Notices visit={visit} />}
      tab={place.tab}
      me={place.scanned.guest}
      table={labelOf(place)}
      unsent={unsent}
      call={<Bell visit={visit} place={place} />}
      asked={cut === null ? billAsked(callingAt(props, "bill"), words) : words.call.offlineShort}
      onAsk={() => visit.callStaff("bill")}
      onReceipt={() => visit.views.open({ is: "receipt" })}
      onOrder={(order) => visit.views.open({ is: "order", order })}
      onMore={() => visit.views.home()}
      onBack={() => visit.views.home()}
    />
  );
}
