// What somebody at this screen said OK to: cancelled orders and voided lines. It is this device's own
// affair (the server has no word for it), kept over reloads. Called by kitchen.ts.

import { type ReadonlySignal, signal } from "@preact/signals";
import { recall, remember } from "../storage";

const KEPT = 200;

export class Acknowledged {
  readonly #key: string;
  readonly #all;

  constructor(slug: string) {
    this.#key = `ok.${slug}`;
    this.#all = signal<ReadonlySet<string>>(
      new Set((recall(this.#key) ?? "").split(" ").filter((key) => key !== "")),
    );
  }

  get all(): ReadonlySignal<ReadonlySet<string>> {
    return this.#all;
  }

  add(...keys: string[]): void {
    this.#all.value = new Set([...this.#all.value, ...keys].slice(-KEPT));
    remember(this.#key, [...this.#all.value].join(" "));
  }
}
