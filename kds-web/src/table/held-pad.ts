// The pad as one tab holds it: changed at once on the screen, then in storage as one transaction, and
// told to the phone's other tabs. What storage says is the truth; the screen follows it as soon as
// nothing newer is on its way there. Called by the visit and the courier.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Keeping } from "./keeping";
import { emptyPad, type Pad } from "./pad";

const CHANNEL = "comanda.table.pad";

export class HeldPad {
  readonly #code: string;
  readonly #keeping: Keeping;
  readonly #pad: ReturnType<typeof signal<Pad>>;
  #others: BroadcastChannel | null;
  #on_their_way = 0;

  constructor(code: string, keeping: Keeping) {
    this.#code = code;
    this.#keeping = keeping;
    this.#pad = signal(emptyPad(code));
    this.#others = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(CHANNEL);
    if (this.#others) this.#others.onmessage = ({ data }) => data === code && void this.read();
  }

  get pad(): ReadonlySignal<Pad> {
    return this.#pad as ReadonlySignal<Pad>;
  }

  /** Takes over what is stored: at the beginning, and when another tab changed it. */
  async read(): Promise<void> {
    const stored = await this.#keeping.pad(this.#code);
    if (this.#on_their_way === 0) this.#pad.value = stored;
  }

  /**
   * Changes the pad. `change` is pure and runs twice: on what the screen shows, and on what is stored.
   * Resolves with what is stored, once it is.
   */
  async change(change: (pad: Pad) => Pad): Promise<Pad> {
    this.#pad.value = change(this.pad.value);
    return this.#store(change);
  }

  /** Changes the pad in storage first: for what must not be shown before it is sure. */
  async changeStored(change: (pad: Pad) => Pad): Promise<Pad> {
    return this.#store(change);
  }

  close(): void {
    this.#others?.close();
    this.#others = null;
  }

  async #store(change: (pad: Pad) => Pad): Promise<Pad> {
    this.#on_their_way += 1;
    let stored: Pad;
    try {
      stored = await this.#keeping.changePad(this.#code, change);
    } finally {
      this.#on_their_way -= 1;
    }
    if (this.#on_their_way === 0) this.#pad.value = stored;
    this.#others?.postMessage(this.#code);
    return stored;
  }
}
