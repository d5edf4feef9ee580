// Tells the server which news this screen has really drawn (W7): while the page is visible, after a frame
// was painted, at most each 0.5 s, and only when tickets came that it had not told of. Knows no board;
// `send` and the browser are handed in. Called by kitchen.ts.

const LEAST_MS = 500;

export interface Screen {
  visible(): boolean;
  /** Calls back when what is in the page now has been painted. */
  painted(then: () => void): void;
  after(wait_ms: number, run: () => void): void;
  now(): number;
}

export const browserScreen: Screen = {
  visible: () => document.visibilityState === "visible",
  // The first frame draws, the second proves that the first was shown.
  painted: (then) => requestAnimationFrame(() => requestAnimationFrame(then)),
  after: (wait_ms, run) => setTimeout(run, wait_ms),
  now: () => performance.now(),
};

export class Receipts {
  readonly #screen: Screen;
  readonly #seq: () => number;
  readonly #send: (seq: number) => boolean;
  #untold = false;
  #underway = false;
  #last_at = Number.NEGATIVE_INFINITY;

  /** `seq` is the newest event that the page shows; `send` says whether it went out. */
  constructor(seq: () => number, send: (seq: number) => boolean, screen: Screen = browserScreen) {
    this.#seq = seq;
    this.#send = send;
    this.#screen = screen;
  }

  /** Tickets are in the page that were not there before. */
  drew(): void {
    this.#untold = true;
    this.poke();
  }

  /** What held a receipt back may be over: the page is visible, or connected, again. */
  poke(): void {
    if (!this.#untold || this.#underway || !this.#screen.visible()) {
      return;
    }
    this.#underway = true;
    this.#screen.after(Math.max(0, this.#last_at + LEAST_MS - this.#screen.now()), () => {
      const seq = this.#seq();
      this.#untold = false;
      this.#screen.painted(() => this.#tell(seq));
    });
  }

  #tell(seq: number): void {
    this.#underway = false;
    if (this.#screen.visible() && this.#send(seq)) {
      this.#last_at = this.#screen.now();
      this.poke();
    } else {
      this.#untold = true;
    }
  }
}
