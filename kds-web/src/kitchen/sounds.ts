// The kitchen's sounds: short, synthesised, each unlike the others. Browsers keep a page silent until a
// hand touches it; `blocked` says so, because a silent screen must not look like a quiet evening.
// Called by kitchen.ts.

import { type ReadonlySignal, signal } from "@preact/signals";

export type Sound = "new" | "added" | "allergy" | "cancelled" | "ready" | "chime" | "cut";

/** One tone: when it begins, its pitch and how long it rings. */
interface Note {
  readonly at_s: number;
  readonly hertz: number;
  readonly rings_s: number;
  readonly shape: OscillatorType;
  readonly loud: number;
}

const wooden = (at_s: number, hertz: number): Note => ({
  at_s,
  hertz,
  rings_s: 0.28,
  shape: "triangle",
  loud: 0.5,
});
const low = (at_s: number): Note => ({ at_s, hertz: 294, rings_s: 0.16, shape: "sine", loud: 0.6 });
const bell = (at_s: number, hertz: number): Note => ({
  at_s,
  hertz,
  rings_s: 0.45,
  shape: "sine",
  loud: 0.4,
});
const knock = (at_s: number): Note => ({ at_s, hertz: 82, rings_s: 0.12, shape: "square", loud: 0.45 });

const SCORE: Readonly<Record<Sound, readonly Note[]>> = {
  new: [wooden(0, 523), wooden(0.17, 784)],
  added: [wooden(0, 784)],
  allergy: [low(0), low(0.2), low(0.4)],
  cancelled: [wooden(0, 587), wooden(0.17, 392)],
  ready: [bell(0, 1568)],
  chime: [bell(0, 988), bell(0.12, 1319)],
  cut: [knock(0), knock(0.19)],
};

/** M is for a phone call, not for the shift. */
export const MUTE_MS = 5 * 60_000;
/** Sound that is allowed is there within this; before it nothing is said. Each one begins as "suspended". */
const BEGINS_MS = 1_500;

export class Sounds {
  #context: AudioContext | null = null;
  readonly #blocked = signal(false);
  readonly #muted_until = signal(0);
  #begins: ReturnType<typeof setTimeout> | undefined;

  /** The browser waits for a touch before it lets a sound out. */
  get blocked(): ReadonlySignal<boolean> {
    return this.#blocked;
  }

  /** A sound would be heard now. */
  get audible(): boolean {
    return this.#context?.state === "running" && Date.now() >= this.#muted_until.value;
  }

  /** Wall-clock milliseconds. */
  get mutedUntil(): ReadonlySignal<number> {
    return this.#muted_until;
  }

  /** Finds out whether sound is allowed. Returns the stop. */
  start(): () => void {
    const touched = () => void this.unlock();
    if (typeof AudioContext !== "undefined") {
      this.#context = new AudioContext();
      this.#context.onstatechange = () => this.#look();
      this.#begins = setTimeout(() => this.#look(), BEGINS_MS);
      addEventListener("pointerdown", touched);
      addEventListener("keydown", touched);
    }
    return () => {
      clearTimeout(this.#begins);
      removeEventListener("pointerdown", touched);
      removeEventListener("keydown", touched);
      void this.#context?.close();
    };
  }

  async unlock(): Promise<void> {
    if (this.#context && this.#context.state !== "running") {
      await this.#context.resume().catch(() => {});
    }
    this.#look();
  }

  /** M: silent for five minutes, or loud again. */
  toggleMute(now_ms: number): void {
    this.#muted_until.value = this.#muted_until.value > now_ms ? 0 : now_ms + MUTE_MS;
  }

  play(sound: Sound): void {
    const context = this.#context;
    if (context?.state !== "running" || Date.now() < this.#muted_until.value) {
      return;
    }
    for (const note of SCORE[sound]) {
      ring(context, note);
    }
  }

  #look(): void {
    this.#blocked.value = this.#context?.state === "suspended";
  }
}

function ring(context: AudioContext, { at_s, hertz, rings_s, shape, loud }: Note): void {
  const begin = context.currentTime + at_s;
  const tone = new OscillatorNode(context, { type: shape, frequency: hertz });
  const soft = new BiquadFilterNode(context, { type: "lowpass", frequency: hertz * 4 });
  const fade = new GainNode(context, { gain: 0 });
  fade.gain.setValueAtTime(0, begin);
  fade.gain.linearRampToValueAtTime(loud, begin + 0.008);
  fade.gain.exponentialRampToValueAtTime(0.001, begin + rings_s);
  tone.connect(soft).connect(fade).connect(context.destination);
  tone.start(begin);
  tone.stop(begin + rings_s);
}
