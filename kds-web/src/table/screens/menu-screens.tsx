// From the visit to the menu: its dishes, one of them, what a guest does not eat.

import { useEffect } from "preact/hooks";
import { newId } from "../../wire/ids";
import type { Category, ItemId, Menu } from "../../wire/types";
import { added, edited, ORDER_LINES, removed } from "../cart";
import { inCartOf, ordersLabel } from "../say";
import { type Speech, useSpeech } from "../speech";
import type { View } from "../stack";
import { open, ordersOf } from "../tab";
import { Icon } from "../views/icon";
import { ItemSheet } from "../views/item-sheet";
import { MenuView } from "../views/menu-view";
import { Go, Round, Soft, shellStyle } from "../views/shell";
import { WishSheet } from "../views/wish-sheet";
import type { Visit } from "../visit";
import { dietsOf, NO_WISH, sortedBy } from "../wish";
import { Bell, type Common, labelOf, Notices } from "./common";

export function MenuScreen({
  visit,
  place,
  menu,
  cart,
  cut,
  covered,
}: Common & { readonly covered: boolean }) {
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

/** Whoever chooses from the menu, at a table or to take away. */
type Chooser = Pick<Visit, "menu" | "held" | "views" | "wish" | "setWish" | "changeCart">;

interface ChooserProps {
  readonly visit: Chooser;
  readonly menu: Menu;
}

export function WishScreen({ visit, menu }: ChooserProps) {
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

export function ItemScreen({ visit, menu, view }: ChooserProps & { readonly view: View & { is: "item" } }) {
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
      slug={menu.restaurant.slug}
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
