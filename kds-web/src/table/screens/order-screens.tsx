// From the visit to one order: while it waits on this phone, and once the server has it.

import { useEffect } from "preact/hooks";
import { clock } from "../../time";
import type { GuestOrder, Menu, OrderId } from "../../wire/types";
import { canRing } from "../after/ring";
import { tell, tellByRinging, tellingOf, tellNobody } from "../after/tell";
import { localeOf } from "../contact";
import { cancelUntil } from "../follow";
import { find } from "../pad";
import { gateOf } from "../say";
import { useSpeech } from "../speech";
import { billOf, ordersOf } from "../tab";
import { OrderView } from "../views/order-view";
import type { TellCardProps } from "../views/tell-card";
import type { Visit } from "../visit";
import { askWays, pushKeyOf, waysOf } from "../ways";
import { Bell, type Common, labelOf, Notices } from "./common";
import { WaitingScreen } from "./waiting-screen";

interface OrderScreenProps extends Common {
  readonly id: string;
  readonly followed: ReadonlySet<OrderId>;
  readonly onFollow: (order: OrderId) => void;
}

export function OrderScreen(props: OrderScreenProps) {
  const { visit, place, menu, cut, id } = props;
  const { words } = useSpeech();
  const kept = find(visit.held.pad.value, id);
  const order = place.tab.orders.get(visit.ordering.placed.value.get(id) ?? id);
  const gone = kept === undefined && order === undefined;
  useEffect(() => {
    if (gone) visit.views.replace({ is: "bill" });
  }, [gone, visit]);
  if (kept !== undefined) {
    return (
      <WaitingScreen
        ordering={visit.ordering}
        menu={menu}
        cut={cut}
        id={id}
        notices={<Notices visit={visit} />}
        under={words.table(labelOf(place))}
        aside={words.order.onlyOnce(labelOf(place))}
        onTryNow={visit.tryNow}
      />
    );
  }
  return order === undefined ? null : <PlacedScreen {...props} order={order} />;
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
  const { views, ordering } = visit;
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
      cancelling={ordering.cancelling.value.get(order.id)}
      pin={gate === "waiter" ? null : gate}
      followed={followed.has(order.id) || order.guest !== place.scanned.guest}
      call={<Bell visit={visit} place={place} />}
      tell={useTell(visit, order, menu)}
      onAgain={() => ordering.orderAgain(order)}
      earlier={ordersOf(place.tab).filter((other) => other.id !== order.id)}
      bill={billOf(place.tab)}
      onFollow={() => onFollow(order.id)}
      onCancel={() => void ordering.cancel(order.id)}
      onMore={() => views.home()}
      onBill={() => views.open({ is: "bill" })}
      onBack={() => views.home()}
    />
  );
}

/** How the guest of an order is told of it, and what the taps on that do. */
function useTell(visit: Visit, { id, told_by }: GuestOrder, menu: Menu): TellCardProps {
  const { settings } = menu.restaurant;
  const locale = localeOf(useSpeech().language);
  const key = pushKeyOf(settings);
  const withToken = (does: (token: string) => Promise<unknown>) => {
    const token = visit.token();
    if (token !== null) void does(token);
  };
  return {
    by: told_by,
    ways: waysOf(settings),
    canRing: canRing(key),
    telling: tellingOf(id),
    onNumber: (contact) => withToken((token) => tell(id, contact, token)),
    onRing: () => key !== null && withToken((token) => tellByRinging(id, key, locale, token)),
    onStop: () => withToken((token) => tellNobody(id, token)),
  };
}
