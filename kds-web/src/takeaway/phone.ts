// The guest's number: a code is sent to it, the code is given back, and a token comes of it, which is renewed as long
// as the server knows the phone. Holds what the page shows of that. Called by the errand; knows no view.

import { type ReadonlySignal, signal } from "@preact/signals";
import { numberOf, type Reach } from "../table/contact";
import { ApiProblem, call } from "../wire/http";
import { SignedOut } from "../wire/link";
import type { CodeAsked, CodeRequest, TakeawayGuest } from "../wire/types";
import type { Verified } from "./kept";

/** How far the number is from being verified. Times are this phone's. */
export type Asking =
  | { readonly is: "number"; readonly trouble: Trouble | null }
  | { readonly is: "sending" }
  | {
      readonly is: "code";
      readonly reach: Reach;
      readonly id: string;
      readonly again_at: number;
      readonly ends_at: number;
      readonly said: Said;
    };

/** Why no code was sent. */
export type Trouble =
  | { readonly is: "limit"; readonly until: number }
  | { readonly is: "connection" }
  | { readonly is: "refused"; readonly message: string };

/** What became of the code that was typed last. */
export type Said = "nothing" | "checking" | "wrong" | "ended" | "no_answer" | "sending_again";

/** A token that is about to end is not worth beginning with. */
const ENOUGH_LIFE_MS = 60_000;
/** Digits of a code. */
export const CODE_DIGITS = 6;

export class Phone {
  readonly #slug: string;
  readonly #verified = signal<Verified | null>(null);
  readonly #asking = signal<Asking>({ is: "number", trouble: null });
  #renewing: Promise<TakeawayGuest> | null = null;

  constructor(slug: string, verified: Verified | null) {
    this.#slug = slug;
    this.#verified.value = verified;
  }

  get verified(): ReadonlySignal<Verified | null> {
    return this.#verified;
  }

  get asking(): ReadonlySignal<Asking> {
    return this.#asking;
  }

  /** Sends a code to the number, if it is one. */
  async ask(reach: Reach, locale: NonNullable<CodeRequest["locale"]>): Promise<void> {
    const before = this.#asking.value;
    const phone = numberOf(reach.phone);
    if (phone === null || before.is === "sending") return;
    this.#asking.value = before.is === "code" ? { ...before, said: "sending_again" } : { is: "sending" };
    try {
      const body: CodeRequest = { phone, channel: reach.way, locale, consent: true };
      const { body: asked } = await call<CodeAsked>("POST", this.#path("codes"), { body });
      if (asked === undefined) throw new Error("The answer has no body.");
      const now = Date.now();
      const ends_at = now + CODE_MS;
      const again_at = now + asked.again_ms;
      this.#asking.value = {
        is: "code",
        reach: { ...reach, phone },
        id: asked.id,
        again_at,
        ends_at,
        said: "nothing",
      };
    } catch (error) {
      const trouble = troubleOf(error);
      // The code before may still be on its way: its field stays.
      const waits = trouble.is === "limit" ? trouble.until : Date.now();
      this.#asking.value =
        before.is === "code"
          ? { ...before, again_at: waits, said: trouble.is === "limit" ? "nothing" : "no_answer" }
          : { is: "number", trouble };
    }
  }

  /** Gives the code back; `true` when it was the right one. */
  async give(typed: string): Promise<boolean> {
    const asking = this.#asking.value;
    if (asking.is !== "code" || asking.said === "checking") return false;
    const say = (said: Said) => {
      // Another code may have been asked for meanwhile.
      const { value } = this.#asking;
      if (value.is === "code" && value.id === asking.id) this.#asking.value = { ...value, said };
    };
    say("checking");
    try {
      const path = this.#path(`codes/${encodeURIComponent(asking.id)}`);
      const { body: guest } = await call<TakeawayGuest>("POST", path, { body: { code: digitsOf(typed) } });
      if (guest === undefined) throw new Error("The answer has no body.");
      this.#verified.value = { phone: asking.reach.phone, way: asking.reach.way, guest };
      this.#asking.value = { is: "number", trouble: null };
      return true;
    } catch (error) {
      const code = error instanceof ApiProblem ? error.problem.code : "";
      say(code === "wrong_code" ? "wrong" : code === "code_ended" ? "ended" : "no_answer");
      return false;
    }
  }

  /** Back to the number. */
  change(): void {
    this.#asking.value = { is: "number", trouble: null };
  }

  /** A token that is good for a while; `stale` is one that was refused. */
  async token(stale?: string): Promise<TakeawayGuest> {
    const guest = this.#verified.value?.guest;
    if (guest === undefined) throw new SignedOut("nobody is verified");
    if (guest.token !== stale && Date.parse(guest.expires_at) - Date.now() > ENOUGH_LIFE_MS) return guest;
    this.#renewing ??= this.#renew(guest.token).finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  /** The phone is to be known no more, here and at the server. */
  async forget(): Promise<void> {
    const token = this.#verified.value?.guest.token;
    if (token !== undefined) await call("DELETE", "/api/takeaway/token", { token });
    this.#verified.value = null;
  }

  async #renew(token: string): Promise<TakeawayGuest> {
    try {
      const { body: guest } = await call<TakeawayGuest>("POST", "/api/takeaway/token", { token });
      if (guest === undefined) throw new Error("The answer has no body.");
      const held = this.#verified.value;
      if (held !== null) this.#verified.value = { ...held, guest };
      return guest;
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.problem.status !== 401) throw error;
      this.#verified.value = null;
      throw new SignedOut("the phone has to be verified again");
    }
  }

  #path(rest: string): string {
    return `/api/restaurants/${encodeURIComponent(this.#slug)}/${rest}`;
  }
}

/** How long a code can be given (src/commands/takeaway.rs). */
const CODE_MS = 5 * 60_000;

/** The digits of what was typed or pasted, also Arabic ones. */
export function digitsOf(typed: string): string {
  const digits = [...typed].map((letter) => {
    const at = "٠١٢٣٤٥٦٧٨٩".indexOf(letter);
    return at < 0 ? letter : String(at);
  });
  return digits
    .filter((letter) => /\d/.test(letter))
    .join("")
    .slice(0, CODE_DIGITS);
}

function troubleOf(error: unknown): Trouble {
  if (!(error instanceof ApiProblem)) return { is: "connection" };
  const { status, detail, title } = error.problem;
  if (status === 429) return { is: "limit", until: Date.now() + (error.retry_after_s ?? 30) * 1000 };
  return status >= 500 ? { is: "connection" } : { is: "refused", message: detail || title };
}
