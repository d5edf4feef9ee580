// What the page has to tell the guest once, until they have read it: an order that came back, or was
// dropped. Knows no words; the view has them.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Step } from "./sending";

export type Notice =
  | {
      readonly is:
        | "unavailable"
        | "total_changed"
        | "taken_back"
        | "too_late"
        | "closed"
        | "unsure"
        | "dropped"
        | "other_tab";
    }
  | { readonly is: "refused"; readonly code: string; readonly message: string };

/** What an order's end has to say; nothing when all went well. */
export function noticeOf(step: Step | { do: "drop" }): Notice | null {
  switch (step.do) {
    case "drop":
      return { is: "dropped" };
    case "done":
      return step.too_late ? { is: "too_late" } : null;
    case "wait":
    case "scan":
      return null;
    case "put_back":
      return step.why.is === "closed" ? { is: step.why.unsure ? "unsure" : "closed" } : step.why;
  }
}

export class Notices {
  readonly #all = signal<readonly Notice[]>([]);

  get all(): ReadonlySignal<readonly Notice[]> {
    return this.#all;
  }

  /** A newer notice of a kind takes the place of the older one. */
  add(notice: Notice): void {
    this.#all.value = [...this.#all.value.filter((held) => held.is !== notice.is), notice];
  }

  dismiss(notice: Notice): void {
    this.#all.value = this.#all.value.filter((held) => held !== notice);
  }
}
