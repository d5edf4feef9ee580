// From the visit to one order: while it waits on this phone, and once the server has it.

import { useEffect } from "preact/hooks";
import { clock } from "../../time";
import type { GuestOrder, OrderId } from "../../wire/types";
import { priced } from "../cart";
import { localeOf } from "../contact";
import { cancelUntil } from "../follow";
import { find } from "../pad";
import { canRing } from "../ring";
import { gateOf } from "../say";
import { useSpeech } from "../speech";
import { billOf, ordersOf } from "../tab";
import { OrderView } from "../views/order-view";
import { WaitingView } from "../views/waiting-view";
import { askWays, pushKeyOf, waysOf } from "../ways";
import { Bell, type Common, labelOf, Notices } from "./common";

interface OrderScreenProps extends Common {
  readonly id: string;
  readonly followed: ReadonlySet<OrderId>;
  readonly onFollow: (order: OrderId) => void;
}

export function OrderScreen(props: OrderScreenProps) {
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
  const { words } = useSpeech();
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
      under={words.table(labelOf(place))}
      aside={words.order.onlyOnce(labelOf(place))}
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
  menu,
  cut,
  order,
  followed,
  onFollow,
}: OrderScreenProps & { readonly order: GuestOrder }) {
  const { views, tell } = visit;
  const { settings } = menu.restaurant;
  const { language } = useSpeech();
  const key = pushKeyOf(settings);
  useEffect(() => void askWays(), []);
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
      tell={{
        by: order.told_by,
        ways: waysOf(settings),
        canRing: canRing(key),
        telling: tell.orders.value.get(order.id),
        onNumber: (contact) => visit.withToken((token) => tell.set(order.id, contact, token)),
        onRing: () =>
          key !== null && visit.withToken((token) => tell.ring(order.id, key, localeOf(language), token)),
        onStop: () => visit.withToken((token) => tell.stop(order.id, token)),
      }}
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
