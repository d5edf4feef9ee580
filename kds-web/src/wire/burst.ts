// Messages that come faster than they can be painted: the first after a pause is handed on at once, whatever
// follows before the next frame waits for it and is handed on together. So a flood costs one drawing a frame,
// and one message is never late. Knows nothing of what it carries. Called by hub.ts.

/** Runs something before the next frame is painted, or soon where nothing is painted. */
export type NextFrame = (run: () => void) => void;

export class Burst<T> {
  readonly #take: (all: readonly T[]) => void;
  readonly #nextFrame: NextFrame;
  #waiting: T[] = [];
  #painting = false;

  constructor(take: (all: readonly T[]) => void, nextFrame: NextFrame) {
    this.#take = take;
    this.#nextFrame = nextFrame;
  }

  push(one: T): void {
    this.#waiting.push(one);
    if (!this.#painting) {
      this.flush();
      this.#paint();
    }
  }

  /** Hands on what waits now, before something that must come after it. */
  flush(): void {
    const all = this.#waiting.splice(0);
    if (all.length > 0) {
      this.#take(all);
    }
  }

  #paint(): void {
    this.#painting = true;
    this.#nextFrame(() => {
      this.#painting = false;
      if (this.#waiting.length > 0) {
        this.flush();
        this.#paint();
      }
    });
  }
}
