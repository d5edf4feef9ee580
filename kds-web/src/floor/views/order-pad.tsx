// An order that a waiter takes: dishes by tapping, with the guest page's sheet for their questions, then sent
// for the table. Holds the cart; gives the draft and shows what became of it. Knows no server.

import { useState } from "preact/hooks";
import {
  added,
  type Cart,
  changed,
  draftOf,
  EMPTY,
  NOTE_CHARS,
  ORDER_LINES,
  priced,
  withQuantity,
} from "../../table/cart";
import type { Choice } from "../../table/choice";
import { LINE_QUANTITY } from "../../table/choice";
import { orderable } from "../../table/menu";
import { ItemSheet } from "../../table/views/item-sheet";
import { Go, Layer, type LayerProps, Round, shellStyle } from "../../table/views/shell";
import { Stepper } from "../../table/views/stepper";
import { newId } from "../../wire/ids";
import type { Draft, Item, ItemId, Menu } from "../../wire/types";
import type { Sent } from "../orderer";
import { useFloorSpeech } from "../speech";
import style from "./floor.module.css";
import { FoundDishes } from "./found-dishes";

export interface OrderPadProps extends Pick<LayerProps, "cut"> {
  readonly table: string;
  readonly menu: Menu;
  readonly items: ReadonlyMap<ItemId, Item>;
  readonly onSend: (draft: Draft, waiting: () => void) => Promise<Sent | null>;
  readonly onPlaced: () => void;
  readonly onBack: () => void;
}

type State = "idle" | "sending" | "again";

export function OrderPad({ table, menu, items, onSend, onPlaced, onBack, cut }: OrderPadProps) {
  const { words, money } = useFloorSpeech();
  const [cart, setCart] = useState<Cart>(EMPTY);
  const [sheet, setSheet] = useState<Item | null>(null);
  const [state, setState] = useState<State>("idle");
  const [said, setSaid] = useState<string | null>(null);
  const price = priced(cart, menu, items);
  const add = (item: Item, choice: Choice) => {
    setCart((held) => added(held, item, choice, newId(), Date.now()));
    setSheet(null);
  };
  const send = async () => {
    setState("sending");
    setSaid(null);
    const sent = await onSend(draftOf(cart, price.totals.total), () => setState("again"));
    setState("idle");
    if (sent?.is === "placed") return onPlaced();
    const total = sent?.problem.total;
    if (total !== undefined) setCart((held) => ({ ...held, asked_total: total }));
    setSaid(total === undefined ? (sent?.problem.detail ?? null) : words.newTotal(money.of(total)));
  };
  const busy = state !== "idle";
  const full = cart.lines.length >= ORDER_LINES;
  return (
    <>
      <Layer
        cut={cut}
        covered={sheet !== null}
        title={words.orderFor(table)}
        under={words.choose}
        actions={<Round icon="cross" label={words.back} onPress={onBack} />}
        foot={
          <Go disabled={busy || cart.lines.length === 0 || price.problems > 0} onPress={() => void send()}>
            {busy ? words.sending : words.send}
            <span class={shellStyle.end}>{money.of(price.totals.total)}</span>
          </Go>
        }
      >
        <p role="status">{state === "again" ? words.sendingAgain : said}</p>
        <Lines cart={cart} price={price} disabled={busy} onCart={setCart} />
        <Menus menu={menu} disabled={busy || full} onItem={setSheet} />
      </Layer>
      {sheet !== null && (
        <ItemSheet
          item={items.get(sheet.id) ?? sheet}
          category={menu.categories.find((category) => category.items.some(({ id }) => id === sheet.id))}
          slug={menu.restaurant.slug}
          before={null}
          fullCart={full}
          onDone={(choice) => add(items.get(sheet.id) ?? sheet, choice)}
          onTakeOut={() => setSheet(null)}
          onClose={() => setSheet(null)}
        />
      )}
    </>
  );
}

interface LinesProps {
  readonly cart: Cart;
  readonly price: ReturnType<typeof priced>;
  readonly disabled: boolean;
  readonly onCart: (change: (cart: Cart) => Cart) => void;
}

function Lines({ cart, price, disabled, onCart }: LinesProps) {
  const { words, name } = useFloorSpeech();
  if (cart.lines.length === 0) return null;
  const text = (field: "note" | "allergy", label: string) => (
    <>
      <label class={shellStyle.label} for={`pad-${field}`}>
        {label}
      </label>
      <input
        id={`pad-${field}`}
        class={shellStyle.field}
        maxLength={NOTE_CHARS}
        value={cart[field]}
        disabled={disabled}
        onInput={(event) => {
          const value = event.currentTarget.value;
          onCart((held) => changed(held, { [field]: value }, Date.now()));
        }}
      />
    </>
  );
  return (
    <>
      <ul class={`${shellStyle.card} ${style.cart}`}>
        {price.lines.map(({ line, item, options, problem }) => (
          <li key={line.key}>
            <span dir="auto">
              <b>{name(item?.name ?? line.name)}</b>
              <br />
              <span class={style.price}>{options.map(name).join(", ")}</span>
            </span>
            <Stepper
              low
              least={0}
              most={disabled ? line.quantity : LINE_QUANTITY}
              quantity={line.quantity}
              onQuantity={(quantity) => onCart((held) => withQuantity(held, line.key, quantity, Date.now()))}
            />
            {problem !== null && <p class={style.problem}>{words.soldOut}</p>}
          </li>
        ))}
      </ul>
      {text("allergy", words.allergyField)}
      {text("note", words.note)}
    </>
  );
}

function Menus({
  menu,
  disabled,
  onItem,
}: {
  readonly menu: Menu;
  readonly disabled: boolean;
  readonly onItem: (item: Item) => void;
}) {
  const { words, name, money } = useFloorSpeech();
  return (
    <FoundDishes menu={menu}>
      {(item) => (
        <li key={item.id}>
          <button
            type="button"
            class={style.pick}
            dir="auto"
            disabled={disabled || !orderable(item)}
            onClick={() => onItem(item)}
          >
            {name(item.name)}
          </button>
          <span class={style.price}>{orderable(item) ? money.of(item.price) : words.soldOut}</span>
        </li>
      )}
    </FoundDishes>
  );
}
