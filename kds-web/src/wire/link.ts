// What a connection is made of: how it stands, the token it says hello with, the socket and the time it uses,
// and the pure rules of when to come back (W10). Knows nothing that lasts. Used by connection.ts and by all
// who ask how the connection stands.

import type { NextFrame } from "./burst";
import { CLOSE, type CloseReason, type ServerMessage, type Timestamp } from "./types";

/** A screen without a frame for this long opens a new socket. */
export const SCREEN_SILENCE_MS = 5_000;
/** The same for a phone, whose beats come every 25 s. */
export const PHONE_SILENCE_MS = 55_000;
const BACKOFF_LEAST_MS = 500;
const BACKOFF_MOST_MS = 20_000;

/** How much what is shown can be trusted. */
export type Link =
  /** No news yet, or a planned move to another node. */
  | { readonly is: "connecting" }
  | { readonly is: "live" }
  /** The socket went silent; another one is being opened. */
  | { readonly is: "stale" }
  /** The socket broke, or could not be opened. */
  | { readonly is: "offline" }
  /** The server said not to come back. */
  | { readonly is: "ended"; readonly reason: CloseReason };

export interface Token {
  readonly token: string;
  readonly expires_at: Timestamp;
}

/** Thrown by a token callback when there is no token to be had: the person must sign in (or scan) again. */
export class SignedOut extends Error {}

export type Welcome = Extract<ServerMessage, { op: "welcome" }>;

export interface Socket {
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  send(text: string): void;
  close(): void;
}

/** Time, chance and the network, so that tests can hold them. */
export interface World {
  /** Monotonic milliseconds. */
  now(): number;
  after(wait_ms: number, run: () => void): () => void;
  /** In [0, 1). */
  random(): number;
  open(url: string): Socket;
  readonly nextFrame: NextFrame;
}

/** Nothing is painted in a page that is hidden: what waits for a frame then waits so long. */
const HIDDEN_FRAME_MS = 100;

function nextFrame(run: () => void): void {
  let ran = false;
  const once = () => {
    if (!ran) {
      ran = true;
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      run();
    }
  };
  const frame = requestAnimationFrame(once);
  const timer = setTimeout(once, HIDDEN_FRAME_MS);
}

export const browser: World = {
  now: () => performance.now(),
  after: (wait_ms, run) => {
    const timer = setTimeout(run, wait_ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  open: (url) => new WebSocket(url),
  nextFrame,
};

/** What to do after the server closed (W10). */
export function afterClose(code: number): "return" | "return_with_new_token" | "end" {
  if (code === CLOSE.expired) {
    return "return_with_new_token";
  }
  return code === CLOSE.too_large || (code >= 4500 && code <= 4999) ? "end" : "return";
}

/** Full jitter: anywhere between nothing and a bound that doubles. */
export function backoff_ms(failures: number, random: number): number {
  return random * Math.min(BACKOFF_MOST_MS, BACKOFF_LEAST_MS * 2 ** Math.min(failures, 10));
}

/** `ws(s)://host/ws/{slug}` of the page's own server. */
export function socketUrl(slug: string, place: { protocol: string; host: string } = location): string {
  return `${place.protocol === "https:" ? "wss" : "ws"}://${place.host}/ws/${encodeURIComponent(slug)}`;
}

export function parsed(text: unknown): ServerMessage | null {
  try {
    return JSON.parse(String(text)) as ServerMessage;
  } catch {
    console.warn("A frame from the server is not JSON.");
    return null;
  }
}

export function reasonOf(text: string): CloseReason | null {
  try {
    return JSON.parse(text) as CloseReason;
  } catch {
    return null;
  }
}

export function wordOf(code: number): string {
  return Object.entries(CLOSE).find(([, number]) => number === code)?.[0] ?? String(code);
}
