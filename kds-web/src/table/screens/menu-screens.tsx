// From the visit to the menu: its dishes, one of them, what a guest does not eat.

import { useEffect } from "preact/hooks";
import { newId } from "../../wire/ids";
import type { Category, ItemId, Menu } from "../../wire/types";
import { added, edited, ORDER_LINES, removed } from "../cart";
import type { Ordering } from "../ordering";
import { inCartOf, onlyOne, ordersLabel } from "../say";
import { useSpeech } from "../speech";
import type { View } from "../stack";
import { open, ordersOf } from "../tab";
import { ItemSheet } from "../views/item-sheet";
import { MenuFoot } from "../views/menu-foot";
import { MenuView } from "../views/menu-view";
import { Round } from "../views/shell";
import { WishSheet } from "../views/wish-sheet";
import { dietsOf, NO_WISH, sortedBy } from "../wish";
import type { Words } from "../words/en";
import { Bell, type Common, labelOf, Notices } from "./common";

export function MenuScreen({
  visit,
  place,
  menu,
  cart,
  cut,
  covered,
}: Common & { readonly covered: boolean }) {
  const { words } = useSpeech();
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
      wish={visit.ordering.wish.value}
      onWish={() => views.open({ is: "wish" })}
      notices={!covered && <Notices visit={visit} />}
      foot={menuFoot({ visit, place, cart, words })}
      inCart={inCartOf(cart)}
      onItem={(item) => views.open({ is: "item", item, line: null })}
    />
  );
}

interface FootProps extends Pick<Common, "visit" | "place" | "cart"> {
  readonly words: Words;
}

function menuFoot({ visit, place, cart, words }: FootProps) {
  const { views, held } = visit;
  const unsent = held.pad.value.orders;
  const mine = ordersOf(place.tab).filter((order) => order.guest === place.scanned.guest && open(order));
  const ordered = unsent.length + place.tab.orders.size > 0;
  if (!ordered && cart.lines.length === 0) return undefined;
  const only = onlyOne(unsent, mine);
  return (
    <MenuFoot
      cart={cart}
      ordered={ordered}
      label={ordersLabel(unsent, mine, words)}
      icon="bill"
      onOrders={() => views.open(only === undefined ? { is: "bill" } : { is: "order", order: only })}
      onCart={() => views.open({ is: "cart" })}
    />
  );
}

/** At a table or to take away. */
interface ChooserProps {
  readonly ordering: Ordering;
  readonly menu: Menu;
}

export function WishScreen({ ordering, menu }: ChooserProps) {
  const wish = ordering.wish.value;
  const { categories } = sortedBy(menu.categories, wish);
  return (
    <WishSheet
      wish={wish}
      diets={dietsOf(menu)}
      left={categories.reduce((sum, { items }) => sum + items.length, 0)}
      onWish={(next) => ordering.setWish(next)}
      onClear={() => [ordering.setWish(NO_WISH), ordering.views.back()]}
      onClose={() => ordering.views.back()}
    />
  );
}

export function ItemScreen({
  ordering,
  menu,
  view,
}: ChooserProps & { readonly view: View & { is: "item" } }) {
  const item = ordering.menu.items.value.get(view.item);
  const { cart } = ordering.held.pad.value;
  const line = view.line === null ? undefined : cart.lines.find(({ key }) => key === view.line);
  const gone = item === undefined || (view.line !== null && line === undefined);
  useEffect(() => {
    if (gone) ordering.views.back();
  }, [gone, ordering]);
  if (item === undefined || gone) return null;
  const close = () => ordering.views.back();
  return (
    <ItemSheet
      item={item}
      category={categoryOf(menu, view.item)}
      slug={menu.restaurant.slug}
      before={line ?? null}
      fullCart={cart.lines.length >= ORDER_LINES}
      avoid={ordering.wish.value.avoid}
      onClose={close}
      onTakeOut={() => [line && ordering.changeCart((held, now) => removed(held, line.key, now)), close()]}
      onDone={(choice) => {
        const key = newId();
        ordering.changeCart((held, now) =>
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
