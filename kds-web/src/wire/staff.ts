// Who is signed in on this device: the access token (in memory only), its renewal by the refresh cookie,
// and signing in and out. One page refreshes at a time, because a refresh token is good for one use.
// Called by the kitchen page; the connection gets `token` as its callback.

import { type ReadonlySignal, signal } from "@preact/signals";
import { recall, remember } from "../storage";
import { ApiProblem, login, logout, refresh } from "./http";
import { SignedOut, type Token } from "./link";
import type { LoggedIn } from "./types";

/** A device remembers who was signed in, so that a page without a network is not a locked door. */
const KNOWN = ["name", "session", "restaurant", "slug", "role", "screen"] as const;

/** A token with less life than this is renewed before use. */
const ENOUGH_LIFE_MS = 30_000;

export type Presence =
  | { readonly is: "unknown" }
  | { readonly is: "out" }
  | {
      readonly is: "in";
      readonly as: LoggedIn /** Who this is on this device: a name for stored things. */;
      readonly person: string;
    };

export interface Staff {
  readonly presence: ReadonlySignal<Presence>;
  /** After a reload: in by the cookie, out when the server says so. Throws when there was no answer. */
  resume(): Promise<void>;
  signIn(email: string, password: string): Promise<void>;
  /** A manager paired this screen: it is somebody now. */
  paired(as: LoggedIn): void;
  /** Throws when the server did not answer: then the cookie still holds, and so does the login. */
  signOut(): Promise<void>;
  /** For the connection. Throws `SignedOut` when only the person can help. */
  token(stale?: string): Promise<Token>;
  /** The server ended this login; the person must sign in again. */
  forget(): void;
  /** The address that signed in here last. */
  lastEmail(): string;
}

export function staffOf(slug: string, now: () => number = Date.now): Staff {
  const presence = signal<Presence>({ is: "unknown" });
  const email_key = `email.${slug}`;
  const known_key = `signed_in.${slug}`;
  let fetched_at = 0;
  let renewing: Promise<LoggedIn> | null = null;

  const enter = (as: LoggedIn) => {
    if (as.slug !== slug) {
      presence.value = { is: "out" };
      throw new SignedOut("signed in at another restaurant");
    }
    fetched_at = now();
    enterAs(as);
    remember(known_key, JSON.stringify(Object.fromEntries(KNOWN.map((field) => [field, as[field]]))));
    return as;
  };

  const enterAs = (as: LoggedIn) => {
    const person = as.screen ? `screen ${as.screen.id}` : (recall(email_key) ?? "") || as.session;
    presence.value = { is: "in", as, person };
  };

  const leave = () => {
    remember(known_key, null);
    presence.value = { is: "out" };
  };

  const renewed = () => {
    renewing ??= alone(refresh)
      .catch((error: unknown) => {
        if (error instanceof ApiProblem && (error.problem.status === 401 || error.problem.status === 403)) {
          leave();
          throw new SignedOut(error.problem.code);
        }
        throw error;
      })
      .then(enter)
      .finally(() => {
        renewing = null;
      });
    return renewing;
  };

  return {
    presence,
    lastEmail: () => recall(email_key) ?? "",
    forget: leave,
    async resume() {
      await renewed().catch((error: unknown) => {
        const known = knownAs(recall(known_key));
        if (!(error instanceof SignedOut) && !known) {
          throw error;
        }
        if (!(error instanceof SignedOut) && known && presence.value.is === "unknown") {
          enterAs(known);
        }
      });
    },
    async signIn(email, password) {
      const as = await login({ email: email.trim(), password, restaurant: slug });
      remember(email_key, email.trim().toLowerCase());
      enter(as);
    },
    paired: (as) => void enter(as),
    async signOut() {
      const held = presence.value;
      await logout(held.is === "in" && held.as.token ? held.as.token : undefined);
      leave();
    },
    async token(stale) {
      const held = presence.value;
      if (held.is === "out") {
        throw new SignedOut("signed out");
      }
      const usable =
        held.is === "in" &&
        held.as.token !== "" &&
        held.as.token !== stale &&
        lifeLeft(held.as, fetched_at, now()) > ENOUGH_LIFE_MS;
      return usable ? held.as : renewed();
    },
  };
}

/** Who was signed in here, with a token that no longer counts. */
function knownAs(kept: string | null): LoggedIn | null {
  try {
    const found = JSON.parse(kept ?? "null") as LoggedIn | null;
    return found && { ...found, token: "", expires_at: new Date(0).toISOString() };
  } catch {
    return null;
  }
}

/** Judged by this device's clock, which may be wrong: so never by more than the time since it was fetched. */
function lifeLeft(as: LoggedIn, fetched_at: number, now: number): number {
  const life_ms = Date.parse(as.expires_at) - now;
  return now - fetched_at < ENOUGH_LIFE_MS ? Number.POSITIVE_INFINITY : life_ms;
}

/** One page of this browser at a time, where the browser can see to that (only over HTTPS). */
function alone<T>(run: () => Promise<T>): Promise<T> {
  return navigator.locks ? navigator.locks.request("comanda.refresh", run) : run();
}
