// What a guest at a table sees after the menu and the cart: orders, the bill, the receipt, the bell. Loaded by
// screens.tsx once the menu is drawn.

export { BillScreen, CallScreen } from "./screens/bill-screens";
export { OrderScreen } from "./screens/order-screens";
export { ClosedView } from "./views/bill-view";
export { ReceiptView } from "./views/receipt-view";
