// What the taps on a cart's lines and notes do, at a table or without one.

import { changed, type PricedCart, removed, withQuantity } from "../cart";
import type { Ordering } from "../ordering";
import type { CartViewProps } from "../views/cart-view";

type Taps = Pick<
  CartViewProps,
  "onLine" | "onQuantity" | "onRemove" | "onAnother" | "onNote" | "onAllergy" | "onClose"
>;

export function cartTaps(ordering: Ordering, cart: PricedCart): Taps {
  const { views } = ordering;
  return {
    onLine: (key) => {
      const line = cart.lines.find(({ line }) => line.key === key);
      if (line?.item) views.open({ is: "item", item: line.item.id, line: key });
    },
    onQuantity: (key, quantity) => ordering.changeCart((held, now) => withQuantity(held, key, quantity, now)),
    onRemove: (keys) =>
      ordering.changeCart((held, now) => keys.reduce((left, key) => removed(left, key, now), held)),
    onAnother: () => views.home(),
    onNote: (note) => ordering.changeCart((held, now) => changed(held, { note }, now)),
    onAllergy: (allergy) => ordering.changeCart((held, now) => changed(held, { allergy }, now)),
    onClose: () => views.home(),
  };
}
