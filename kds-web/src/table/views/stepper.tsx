// Minus, a number, plus. Takes the number, gives the next one.

import { useSpeech } from "../speech";
import { Icon } from "./icon";
import style from "./sheet.module.css";

export interface StepperProps {
  readonly quantity: number;
  readonly least?: number;
  readonly most: number;
  /** As high as a finger needs, no more. */
  readonly low?: boolean;
  readonly onQuantity: (quantity: number) => void;
}

export function Stepper({ quantity, least = 1, most, low = false, onQuantity }: StepperProps) {
  const { words } = useSpeech();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset here would want a legend on the screen
    <div class={`${style.stepper} ${low ? style.low : ""}`} role="group" aria-label={words.item.quantity}>
      <button
        type="button"
        aria-label={quantity === 1 && least === 0 ? words.cart.remove : words.item.less}
        disabled={quantity <= least}
        onClick={() => onQuantity(quantity - 1)}
      >
        <Icon name={quantity === 1 && least === 0 ? "bin" : "minus"} />
      </button>
      <b aria-live="polite">{quantity}</b>
      <button
        type="button"
        aria-label={words.item.more}
        disabled={quantity >= most}
        onClick={() => onQuantity(quantity + 1)}
      >
        <Icon name="plus" />
      </button>
    </div>
  );
}
