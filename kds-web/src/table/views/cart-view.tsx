// The order that is not sent yet: its lines and what stands in their way, allergy, note, sums, "Send".
// Takes the priced cart, gives changes. Knows no server and no storage.

import type { ComponentChildren } from "preact";
import type { Charges, Totals } from "../../wire/types";
import { NOTE_CHARS, type PricedCart, type PricedLine } from "../cart";
import { LINE_QUANTITY } from "../choice";
import { useSpeech } from "../speech";
import { AllergyField } from "./allergy-field";
import style from "./cart.module.css";
import { Icon } from "./icon";
import { type Pin, PinCard } from "./pin-card";
import { Go, Layer, type LayerProps, Round, Small, shellStyle } from "./shell";
import { Stepper } from "./stepper";

export interface CartViewProps extends Pick<LayerProps, "cut" | "notices"> {
  /** Where it is eaten, or that it is taken away. */
  readonly under: string;
  readonly cart: PricedCart;
  readonly note: string;
  readonly allergy: string;
  /** The server counted another total than this page and the guest is asked. */
  readonly askedTotal: number | null;
  readonly charges: Charges;
  /** Who must let the table order first; `null` when the way is free. */
  readonly gate: "waiter" | Pin | null;
  /** There is a table to send it from. */
  readonly canSend: boolean;
  /** What has to be said before it can be sent. */
  readonly first?: { readonly label: string; readonly onPress: () => void } | null;
  readonly onLine: (key: string) => void;
  readonly onQuantity: (key: string, quantity: number) => void;
  readonly onRemove: (keys: readonly string[]) => void;
  readonly onAnother: () => void;
  /** What matters before all dishes. */
  readonly lead?: ComponentChildren;
  /** What else goes with the order. */
  readonly more: ComponentChildren;
  readonly onNote: (note: string) => void;
  readonly onAllergy: (allergy: string) => void;
  readonly onSend: () => void;
  readonly onClose: () => void;
}

export function CartView(props: CartViewProps) {
  const { words } = useSpeech();
  const { cart, under, onClose } = props;
  const frame = {
    cut: props.cut,
    notices: props.notices,
    title: words.cart.title,
    under: `${under} · ${words.cart.notSent}`,
    actions: <Round icon="cross" label={words.cart.toMenu} onPress={onClose} />,
  };
  if (cart.lines.length === 0) {
    return (
      <Layer {...frame} foot={<Go onPress={onClose}>{words.cart.toMenu}</Go>}>
        <p class={shellStyle.empty}>{words.cart.empty}</p>
      </Layer>
    );
  }
  return (
    <Layer {...frame} foot={<Foot {...props} />}>
      {props.lead}
      <Gate gate={props.gate} />
      {props.askedTotal !== null && <Tell text={words.cart.newTotal} total={props.askedTotal} />}
      <AllergyField allergy={props.allergy} onAllergy={props.onAllergy} />
      <ul class={`${shellStyle.card} ${style.lines}`}>
        {cart.lines.map((line) => (
          <CartLineRow key={line.line.key} priced={line} {...props} />
        ))}
      </ul>
      <Sums totals={cart.totals} charges={props.charges} />
      <label class={shellStyle.label} for="order-note">
        {words.cart.note}
      </label>
      <textarea
        id="order-note"
        class={shellStyle.field}
        rows={1}
        maxLength={NOTE_CHARS}
        placeholder={words.cart.noteHint}
        value={props.note}
        onInput={(event) => props.onNote(event.currentTarget.value)}
      />
      {props.more}
    </Layer>
  );
}

function Foot({ cart, canSend, first = null, onSend, onRemove }: CartViewProps) {
  const { words, money } = useSpeech();
  if (!canSend) {
    return (
      <Go disabled onPress={onSend}>
        {words.cart.reaching}
      </Go>
    );
  }
  if (cart.problems > 0) {
    const bad = cart.lines.filter(({ problem }) => problem !== null).map(({ line }) => line.key);
    return <Go onPress={() => onRemove(bad)}>{words.cart.removeProblems(bad.length)}</Go>;
  }
  if (first !== null) {
    return <Go onPress={first.onPress}>{first.label}</Go>;
  }
  return (
    <Go onPress={onSend}>
      {words.cart.send}
      <span class={shellStyle.end}>{money.of(cart.totals.total)}</span>
    </Go>
  );
}

function Gate({ gate }: Pick<CartViewProps, "gate">) {
  const { words } = useSpeech();
  if (gate === null) return null;
  if (gate !== "waiter") return <PinCard pin={gate} />;
  return (
    <p class={shellStyle.tell}>
      <Icon name="pause" />
      {words.cart.gate}
    </p>
  );
}

function Tell({ text, total }: { readonly text: (total: string) => string; readonly total: number }) {
  const { money } = useSpeech();
  return (
    <p class={shellStyle.tell} role="status">
      <Icon name="warn" />
      {text(money.of(total))}
    </p>
  );
}

type LineProps = Pick<CartViewProps, "onLine" | "onQuantity" | "onRemove" | "onAnother"> & {
  readonly priced: PricedLine;
};

function CartLineRow({ priced, onLine, onQuantity, onRemove, onAnother }: LineProps) {
  const { words, money, name } = useSpeech();
  const { line, item, options, price, problem } = priced;
  const dish = name(item?.name ?? line.name);
  return (
    <li class={`${style.line} ${problem === null ? "" : style.wrong}`}>
      <button type="button" class={style.dish} disabled={item === null} onClick={() => onLine(line.key)}>
        <b dir="auto">{dish}</b>
        {options.length > 0 && <span dir="auto">{options.map(name).join(", ")}</span>}
        {line.note !== "" && <span dir="auto">“{line.note}”</span>}
        <span class="unseen">{words.cart.edit}</span>
      </button>
      {problem === null ? (
        <span class={style.price}>{money.of(price)}</span>
      ) : (
        <p class={style.problem}>
          <Icon name="warn" />
          {words.cart.problem[problem.reason](problem.left)}
        </p>
      )}
      <div class={style.act}>
        {problem === null ? (
          <Stepper
            low
            quantity={line.quantity}
            least={0}
            most={LINE_QUANTITY}
            onQuantity={(quantity) => onQuantity(line.key, quantity)}
          />
        ) : (
          <Ways
            priced={priced}
            onLine={onLine}
            onQuantity={onQuantity}
            onAnother={onAnother}
            onRemove={onRemove}
          />
        )}
      </div>
    </li>
  );
}

/** What can be done about a line that cannot be ordered as it is. */
function Ways({ priced: { line, problem }, onLine, onQuantity, onRemove, onAnother }: LineProps) {
  const { words } = useSpeech();
  const reason = problem?.reason;
  const left = problem?.left ?? 0;
  return (
    <>
      {reason === "not_enough" && left > 0 && (
        <Small pick onPress={() => onQuantity(line.key, left)}>
          {words.cart.take(left)}
        </Small>
      )}
      {(reason === "sold_out" || reason === "unknown_item") && (
        <Small pick onPress={onAnother}>
          {words.cart.another}
        </Small>
      )}
      {reason !== undefined && OPTION_REASONS.includes(reason) && (
        <Small pick onPress={() => onLine(line.key)}>
          {words.cart.choose}
        </Small>
      )}
      <Small onPress={() => onRemove([line.key])}>{words.cart.remove}</Small>
    </>
  );
}

const OPTION_REASONS: readonly string[] = [
  "unknown_option",
  "option_unavailable",
  "too_few_options",
  "too_many_options",
];

export function Sums({ totals, charges }: { readonly totals: Totals; readonly charges: Charges }) {
  const { words, money } = useSpeech();
  return (
    <dl class={shellStyle.sum}>
      <dt>{words.cart.subtotal}</dt>
      <dd>{money.of(totals.subtotal)}</dd>
      {totals.service !== 0 && (
        <>
          <dt>{words.cart.service}</dt>
          <dd>{money.of(totals.service)}</dd>
        </>
      )}
      {totals.tax !== 0 && (
        <>
          <dt>{charges.tax_included ? words.cart.taxIncluded : words.cart.tax}</dt>
          <dd>{money.of(totals.tax)}</dd>
        </>
      )}
      <dt class={shellStyle.all}>{words.cart.total}</dt>
      <dd class={shellStyle.all}>{money.of(totals.total)}</dd>
    </dl>
  );
}
