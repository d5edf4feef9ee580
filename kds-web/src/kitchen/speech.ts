// How this screen speaks: its words, and how it names orders, dishes and stations. Handed to the views by
// context, so that every view is a function of what it is given.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { timeOfDay } from "../time";
import type { Line, Localized, Order, Restaurant, Station, StationId } from "../wire/types";
import type { Words } from "../words/en";
import { type Language, spoken } from "../words/language";
import type { LineWords } from "./sizes";
import type { TicketLine } from "./ticket";

export class Speech {
  readonly words: Words;
  readonly language: Language;
  readonly #restaurant: Restaurant | null;
  readonly #stations: readonly Station[];

  constructor(
    words: Words,
    language: Language,
    restaurant: Restaurant | null = null,
    stations: readonly Station[] = [],
  ) {
    this.words = words;
    this.language = language;
    this.#restaurant = restaurant;
    this.#stations = stations;
  }

  text(localized: Localized): string {
    return spoken(localized, [this.language, ...(this.#restaurant?.locales ?? [])]);
  }

  dish(line: Line): string {
    return line.kitchen_name ?? this.text(line.name);
  }

  /** A line as it is written, to judge its size. */
  lineWords({ line, mark }: TicketLine): LineWords {
    const dish = line.quantity > 1 ? `${line.quantity} ${this.dish(line)}` : this.dish(line);
    const options = line.options.map((option) => this.text(option.name));
    return { dish, options: mark === "voided" ? [this.voided(line)] : options };
  }

  /** What stands under a line that was taken off. */
  voided({ void_reason, quantity }: Line): string {
    const { cancelled, wasPortions } = this.words;
    return void_reason ? `${cancelled}: ${void_reason}` : `${cancelled}, ${wasPortions(quantity)}`;
  }

  station(id: StationId): string {
    const station = this.#stations.find((s) => s.id === id);
    return station ? this.text(station.name) : "";
  }

  /** What a ticket is called across the kitchen. */
  name(order: Pick<Order, "table" | "number">): string {
    return order.table?.label ?? `#${order.number}`;
  }

  time(at_ms: number, seconds = false): string {
    return timeOfDay(at_ms, this.#restaurant?.timezone, seconds);
  }
}

const SpeechContext = createContext<Speech | null>(null);

export const Speaking = SpeechContext.Provider;

export function useSpeech(): Speech {
  const speech = useContext(SpeechContext);
  if (!speech) {
    throw new Error("This view stands outside <Speaking>.");
  }
  return speech;
}
