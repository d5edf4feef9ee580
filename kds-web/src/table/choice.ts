// What a guest has answered on an item's sheet: options under each group's least and most, a note, a
// quantity, and the price of it all. Pure; the sheet shows it and hands every tap to it.

import type { Item, MenuOption, OptionGroup, OptionId } from "../wire/types";
import { unitPrice } from "./prices";

/** Most portions of one line (src/domain/limits.rs). */
export const LINE_QUANTITY = 99;

export interface Choice {
  options: readonly OptionId[];
  note: string;
  quantity: number;
}

/** A group that takes exactly one answer. */
export function single(group: OptionGroup): boolean {
  return group.min === 1 && group.max === 1;
}

/** An untouched sheet. A question with only one possible answer is answered. */
export function freshChoice(item: Item): Choice {
  const options: OptionId[] = [];
  for (const group of item.option_groups) {
    const open = group.options.filter((option) => option.available);
    if (open.length === group.min) options.push(...open.map((option) => option.id));
  }
  return { options, note: "", quantity: 1 };
}

/** The choice after a tap on an option; the same object when the tap can do nothing. */
export function toggled(choice: Choice, group: OptionGroup, option: MenuOption): Choice {
  const has = choice.options.includes(option.id);
  if (has && single(group)) return choice;
  if (has) return { ...choice, options: choice.options.filter((id) => id !== option.id) };
  if (!option.available) return choice;
  const others = chosenIn(choice, group);
  if (group.max === 1) return { ...choice, options: [...without(choice.options, others), option.id] };
  if (others.length >= group.max) return choice;
  return { ...choice, options: [...choice.options, option.id] };
}

function without(options: readonly OptionId[], taken: readonly MenuOption[]): OptionId[] {
  return options.filter((id) => !taken.some((option) => option.id === id));
}

export function chosenIn(choice: Pick<Choice, "options">, group: OptionGroup): MenuOption[] {
  return group.options.filter((option) => choice.options.includes(option.id));
}

/** All chosen options, in the menu's order. */
export function chosenOf(item: Item, options: readonly OptionId[]): MenuOption[] {
  return item.option_groups.flatMap((group) => chosenIn({ options }, group));
}

/** The group takes no further answer until one is taken back. */
export function full(choice: Choice, group: OptionGroup): boolean {
  return group.max > 1 && chosenIn(choice, group).length >= group.max;
}

/** The first group that still needs an answer, or holds one that is sold out. */
export function unanswered(item: Item, options: readonly OptionId[]): OptionGroup | null {
  const wrong = (group: OptionGroup) => {
    const chosen = chosenIn({ options }, group);
    return (
      chosen.length < group.min || chosen.length > group.max || chosen.some((option) => !option.available)
    );
  };
  return item.option_groups.find(wrong) ?? null;
}

/** Most portions that can be asked for now. */
export function mostOf(item: Item): number {
  return item.stock === null ? LINE_QUANTITY : Math.max(1, Math.min(LINE_QUANTITY, item.stock));
}

export function withQuantity(choice: Choice, item: Item, quantity: number): Choice {
  return { ...choice, quantity: Math.min(Math.max(1, quantity), mostOf(item)) };
}

export function choicePrice(item: Item, choice: Choice): number {
  return unitPrice(item.price, chosenOf(item, choice.options)) * choice.quantity;
}
