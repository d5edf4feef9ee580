// From the visit's state to the views: which ones are shown, what each gets, and what its taps do.
// The only file that knows both. The menu stays in place below all others, so that coming back to it
// finds the same dish under the thumb.

import { useEffect, useState } from "preact/hooks";
import { clock } from "../time";
import { newId } from "../wire/ids";
import type { Category, GuestOrder, ItemId, Menu, OrderId } from "../wire/types";
import { added, changed, edited, ORDER_LINES, type PricedCart, priced, removed, withQuantity } from "./cart";
import { cancelUntil } from "./follow";
import type { Place } from "./keeping";
import { offered } from "./language";
import { find } from "./pad";
import { cutOf, gateOf, inCartOf, ordersLabel, saidOf } from "./say";
import { type Speech, useSpeech } from "./speech";
import type { View } from "./stack";
import { billOf, open, ordersOf } from "./tab";
import { ArrivalView } from "./views/arrival-view";
import { BillView, ClosedView } from "./views/bill-view";
import { CartView } from "./views/cart-view";
import { Icon } from "./views/icon";
import { ItemSheet } from "./views/item-sheet";
import { LanguageSheet } from "./views/language-sheet";
import { MenuView } from "./views/menu-view";
import { OrderView } from "./views/order-view";
import { type Cut, Go, NoticeList, Round, Soft, shellStyle } from "./views/shell";
import { WaitingView } from "./views/waiting-view";
import type { Visit } from "./visit";

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
      table={place.scanned.table.label}
      busy={busy}
      notices={<Notices visit={visit} />}
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
  const layer = stack.findLast((view) => view.is !== "item" && view.is !== "language") ?? { is: "menu" };
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
      under={`${words.table(place.scanned.table.label)}${guests > 0 ? ` · ${words.guests(guests)}` : ""}`}
      actions={<Round icon="globe" label={words.language} onPress={() => views.open({ is: "language" })} />}
      notices={!covered && <Notices visit={visit} />}
      foot={menuFoot({ visit, place, cart, speech })}
      inCart={inCartOf(cart)}
      onItem={(item) => views.open({ is: "item", item, line: null })}
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
      table={place.scanned.table.label}
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
      table={place.scanned.table.label}
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
      table={place.scanned.table.label}
      seen={place.tab.seen.get(order.id) ?? null}
      now={clock.value}
      lostAt={cut === null ? null : visit.lost_at.value}
      mine={order.guest === place.scanned.guest}
      cancelUntil={cancelUntil(order, place.scanned.guest)}
      cancelling={visit.cancelling.value.get(order.id)}
      pin={gate === "waiter" ? null : gate}
      followed={followed.has(order.id) || order.guest !== place.scanned.guest}
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

function BillScreen({ visit, place, cut }: Common) {
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
      table={place.scanned.table.label}
      unsent={unsent}
      onOrder={(order) => visit.views.open({ is: "order", order })}
      onMore={() => visit.views.home()}
      onBack={() => visit.views.home()}
    />
  );
}
