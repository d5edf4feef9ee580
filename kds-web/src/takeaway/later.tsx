// What comes after the menu: the cart, the time, the number, the orders. Loaded by screens.tsx once the menu is drawn.

import type { View } from "../table/stack";
import { BasketScreen, PhoneScreen, PickupScreen } from "./screens/basket-screens";
import type { Common } from "./screens/common";
import { OrderScreen, OrdersScreen } from "./screens/order-screens";

export function Layers({ layer, ...common }: Common & { readonly layer: View }) {
  return (
    <>
      {layer.is === "cart" && <BasketScreen {...common} />}
      {layer.is === "pickup" && <PickupScreen {...common} />}
      {layer.is === "phone" && <PhoneScreen {...common} />}
      {layer.is === "order" && <OrderScreen {...common} id={layer.order} />}
      {layer.is === "orders" && <OrdersScreen {...common} />}
    </>
  );
}
