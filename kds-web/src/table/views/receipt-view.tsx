// The receipt: every line with its price, the sums, who served it where and when; to be shown, printed or
// handed on as text. Takes the tab, gives taps. Not a tax document, and says so.

import type { GuestOrder, Restaurant } from "../../wire/types";
import { type Speech, useSpeech } from "../speech";
import { billOf, ordersOf, type Tab } from "../tab";
import style from "./order.module.css";
import { Go, Layer, type LayerProps, Round, shellStyle } from "./shell";

export interface ReceiptViewProps extends Pick<LayerProps, "cut"> {
  readonly tab: Tab;
  readonly restaurant: Restaurant;
  readonly onBack: () => void;
}

export function ReceiptView({ tab, restaurant, onBack, cut }: ReceiptViewProps) {
  const speech = useSpeech();
  const { words, money } = speech;
  const orders = ordersOf(tab).filter((order) => order.state !== "cancelled");
  const share = () => {
    const text = receiptText(tab, restaurant, speech);
    if (navigator.share) void navigator.share({ title: restaurant.name, text }).catch(() => undefined);
    else print();
  };
  const sum = (of: (order: GuestOrder) => number) => orders.reduce((total, order) => total + of(order), 0);
  const service = sum((order) => order.totals.service);
  return (
    <Layer
      cut={cut}
      title={words.receipt.title}
      under={`${restaurant.name} · ${words.table(tab.seating.table.label)}`}
      actions={<Round icon="cross" label={words.close} onPress={onBack} />}
      foot={<Go onPress={share}>{words.receipt.share}</Go>}
    >
      {orders.map((order) => (
        <section class={style.entry} key={order.id}>
          <h2>
            {words.order.number(order.number)}
            <span class={style.end}>{speech.time(order.placed_at)}</span>
          </h2>
          <ul>
            {standing(order).map((line) => (
              <li key={line.id}>
                <b>{line.quantity}</b>
                <span dir="auto">
                  {[speech.name(line.name), ...line.options.map((option) => speech.name(option.name))].join(
                    ", ",
                  )}
                </span>
                <span class={style.end}>{money.of(line.unit_price * line.quantity)}</span>
              </li>
            ))}
          </ul>
        </section>
      ))}
      <dl class={shellStyle.sum}>
        {service > 0 && <dt>{words.cart.service}</dt>}
        {service > 0 && <dd>{money.of(service)}</dd>}
        <dt>{restaurant.settings.charges.tax_included ? words.cart.taxIncluded : words.cart.tax}</dt>
        <dd>{money.of(sum((order) => order.totals.tax))}</dd>
        <dt class={shellStyle.all}>{words.cart.total}</dt>
        <dd class={shellStyle.all}>{money.of(billOf(tab))}</dd>
      </dl>
      <p class={shellStyle.aside}>{words.receipt.notTax}</p>
    </Layer>
  );
}

function standing(order: GuestOrder) {
  return order.lines.filter((line) => line.state !== "voided");
}

function receiptText(tab: Tab, restaurant: Restaurant, { words, money, name, time }: Speech): string {
  const orders = ordersOf(tab).filter((order) => order.state !== "cancelled");
  const lines = orders.flatMap((order) => [
    `${words.order.number(order.number)}, ${time(order.placed_at)}`,
    ...standing(order).map(
      (line) => `  ${line.quantity} ${name(line.name)}  ${money.of(line.unit_price * line.quantity)}`,
    ),
  ]);
  const head = `${restaurant.name}, ${words.table(tab.seating.table.label)}`;
  return [head, ...lines, `${words.cart.total}: ${money.of(billOf(tab))}`, words.receipt.notTax].join("\n");
}
