// Below the menu: the way to the orders that were sent, and to the cart. Takes how both stand, gives taps. At a table
// and without one.

import type { PricedCart } from "../cart";
import { useSpeech } from "../speech";
import { Icon, type IconName } from "./icon";
import { Go, Soft, shellStyle } from "./shell";

export interface MenuFootProps {
  readonly cart: PricedCart;
  /** Something was ordered. */
  readonly ordered: boolean;
  /** How far the newest order is. */
  readonly label: string;
  /** Of the orders. */
  readonly icon: IconName;
  readonly onOrders: () => void;
  readonly onCart: () => void;
}

export function MenuFoot({ cart, ordered, label, icon, onOrders, onCart }: MenuFootProps) {
  const { words, money } = useSpeech();
  if (cart.lines.length === 0) {
    return (
      <Soft wide onPress={onOrders}>
        <Icon name={icon} />
        {words.menu.yourOrders}
        <span class={shellStyle.end}>{label}</span>
      </Soft>
    );
  }
  return (
    <>
      {ordered && (
        <Soft onPress={onOrders} label={[words.menu.yourOrders, label].filter(Boolean).join(", ")}>
          <Icon name={icon} />
        </Soft>
      )}
      <Go onPress={onCart}>
        <span class={shellStyle.count}>{cart.portions}</span>
        {words.menu.seeOrder}
        <span class={shellStyle.end}>{money.of(cart.totals.total)}</span>
      </Go>
    </>
  );
}
