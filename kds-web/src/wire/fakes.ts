// For tests only: a world whose time, chance and sockets are held in the hand.

import type { Socket, World } from "./link";
import type { ClientMessage, Head, Kind, ServerMessage } from "./types";

export class FakeSocket implements Socket {
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  readonly sent: ClientMessage[] = [];
  closed = false;
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as ClientMessage);
  }

  close(): void {
    this.closed = true;
  }

  opens(): void {
    this.onopen?.(new Event("open"));
  }

  hears(message: ServerMessage): void {
    this.onmessage?.({ data: JSON.stringify(message) } as MessageEvent);
  }

  isClosed(code: number, reason: object | "" = ""): void {
    this.onclose?.({ code, reason: reason && JSON.stringify(reason) } as CloseEvent);
  }
}

export class FakeWorld implements World {
  time_ms = 1_000;
  chance = 0.5;
  readonly sockets: FakeSocket[] = [];
  #due: { readonly at: number; readonly run: () => void }[] = [];

  now(): number {
    return this.time_ms;
  }

  random(): number {
    return this.chance;
  }

  after(wait_ms: number, run: () => void): () => void {
    const entry = { at: this.time_ms + wait_ms, run };
    this.#due.push(entry);
    return () => {
      this.#due = this.#due.filter((other) => other !== entry);
    };
  }

  open(url: string): FakeSocket {
    const socket = new FakeSocket(url);
    this.sockets.push(socket);
    return socket;
  }

  /** Each message has a frame of its own here. */
  readonly nextFrame = (run: () => void) => run();

  get socket(): FakeSocket {
    const last = this.sockets.at(-1);
    if (!last) {
      throw new Error("no socket was opened");
    }
    return last;
  }

  /** Lets time pass, with everything that falls due in it, and lets promises settle between. */
  async passes(span_ms: number): Promise<void> {
    const end = this.time_ms + span_ms;
    await settled();
    for (;;) {
      const next = this.#due.filter((entry) => entry.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) {
        break;
      }
      this.#due = this.#due.filter((entry) => entry !== next);
      this.time_ms = Math.max(this.time_ms, next.at);
      next.run();
      await settled();
    }
    this.time_ms = end;
  }
}

export async function settled(): Promise<void> {
  for (let i = 0; i < 10; i += 1) {
    await Promise.resolve();
  }
}

export const AT = "2026-01-31T19:00:00.000Z";

export const welcome: ServerMessage = {
  op: "welcome",
  session: "s",
  who: { role: "staff", session: "s", staff_role: "kitchen", name: "Chef" },
  restaurant: "r",
  protocol: 1,
  at: AT,
};

export function beat(head: Head, topic = "kitchen"): ServerMessage {
  return { op: "beat", at: AT, topics: { [topic]: head } };
}

export function event(seq: number, prev: number, kind: Kind = "order.rush"): ServerMessage & { op: "event" } {
  return { op: "event", topic: "kitchen", seq, prev, at: AT, kind, command: `c${seq}` };
}
