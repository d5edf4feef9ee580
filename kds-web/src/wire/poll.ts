// A socket made of HTTP, for networks that let requests through and WebSockets not: `GET /api/feed` in a loop
// for each topic, `POST /api/commands` for what goes up (PROTOCOL H7, H8). Speaks the socket's own words, so
// that nothing above it notices. Knows no cursor rules and no outbox. Opened by connection.ts.

import { ApiProblem, call } from "./http";
import type { Socket } from "./link";
import { CLOSE, type ClientMessage, type Cursor, type FeedAnswer, type ServerMessage } from "./types";

/** A poll's answer may take this much longer than it was asked to wait. */
const SLACK_MS = 5_000;
const COMMANDS_AT_ONCE = 100;
const NOT_TRIED_AGAIN_MS = 1_000;
/** Between two polls that both had an answer: nobody spins. */
const BREATH_MS = 50;

type Sent<Op extends ClientMessage["op"]> = Extract<ClientMessage, { op: Op }>;

/** One answer of a batch. */
type BatchAnswer =
  | { readonly op: "ok"; readonly id: string; readonly seq: number }
  | Extract<ServerMessage, { op: "refused" }>
  | { readonly op: "not_tried"; readonly id: string };

export class PollSocket implements Socket {
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  readonly #wait_s: number;
  #token = "";
  readonly #end = new AbortController();
  /** The loop of each topic. */
  readonly #follows = new Map<string, AbortController>();
  #commands: Sent<"command">[] = [];
  #posting = false;
  /** What this screen has drawn: its stations go with each poll, the receipt with the next. */
  #shown: { readonly message: Sent<"shown">; told: boolean } | null = null;

  /** A poll waits for half of the silence that its page takes for a loss. */
  constructor(silence_ms: number) {
    this.#wait_s = Math.min(25, Math.max(1, Math.floor(silence_ms / 2_000)));
    setTimeout(() => this.onopen?.(new Event("open")));
  }

  send(text: string): void {
    const message = JSON.parse(text) as ClientMessage;
    switch (message.op) {
      case "hello":
        this.#token = message.token;
        void this.#greet();
        break;
      case "renew":
        this.#token = message.token;
        break;
      case "subscribe":
        void this.#follow(message);
        break;
      case "unsubscribe":
        this.#follows.get(message.topic)?.abort();
        break;
      case "command":
        this.#commands.push(message);
        void this.#post();
        break;
      case "shown":
        this.#shown = { message, told: false };
        break;
    }
  }

  close(): void {
    this.#end.abort();
    for (const follow of this.#follows.values()) {
      follow.abort();
    }
  }

  /** Is anybody there, and what time is it there? */
  async #greet(): Promise<void> {
    await this.#asking(async () => {
      const { headers } = await call("GET", "/healthz", { signal: this.#end.signal });
      const who = { role: "staff", session: "", staff_role: "kitchen", name: "" } as const;
      this.#say({ op: "welcome", session: "", who, restaurant: "", protocol: 1, at: timeIn(headers) });
    });
  }

  /** Asks for a topic again and again, from where the last answer ended. */
  async #follow({ topic, after }: Sent<"subscribe">): Promise<void> {
    this.#follows.get(topic)?.abort();
    const mine = new AbortController();
    this.#follows.set(topic, mine);
    let cursor = after;
    let wait_s = 0;
    while (!mine.signal.aborted) {
      const went_on = await this.#asking(async () => {
        cursor = await this.#poll(topic, cursor, wait_s, mine.signal);
      }, mine.signal);
      if (!went_on) {
        return;
      }
      wait_s = this.#wait_s;
      await new Promise((done) => setTimeout(done, BREATH_MS));
    }
  }

  async #poll(
    topic: string,
    after: Cursor | undefined,
    wait_s: number,
    signal: AbortSignal,
  ): Promise<Cursor> {
    const query = new URLSearchParams({ topic, wait: String(wait_s) });
    if (after) {
      query.set("after", `${after.epoch}.${after.seq}`);
    }
    const shown = this.#shown?.message.topic === topic ? this.#shown : null;
    if (shown) {
      query.set("stations", shown.message.stations.join(","));
      if (shown.message.kind) {
        query.set("kind", shown.message.kind);
      }
    }
    if (shown && !shown.told) {
      query.set("shown", String(shown.message.seq));
    }
    const deadline_ms = wait_s * 1_000 + SLACK_MS;
    const path = `/api/feed?${query}`;
    const answer = await call<FeedAnswer>("GET", path, { token: this.#token, signal, deadline_ms });
    if (signal.aborted || !answer.body) {
      throw new Error("nobody waits for this any more");
    }
    if (shown) {
      shown.told = true;
    }
    const { subscribed, events, cursor } = answer.body;
    for (const part of subscribed) {
      this.#say({ op: "subscribed", ...part });
    }
    for (const event of events) {
      this.#say(event);
    }
    this.#say({
      op: "beat",
      at: timeIn(answer.headers),
      topics: { [topic]: { last: cursor.seq, upto: cursor } },
    });
    return cursor;
  }

  /** One batch at a time: commands stay in the order they were made. */
  async #post(): Promise<void> {
    if (this.#posting) {
      return;
    }
    this.#posting = true;
    while (this.#commands.length > 0) {
      const batch = this.#commands.splice(0, COMMANDS_AT_ONCE);
      const body = batch.map(({ op: _, ...command }) => command);
      const signal = this.#end.signal;
      const answered = await this.#asking(async () => {
        const answer = await call<BatchAnswer[]>("POST", "/api/commands", {
          token: this.#token,
          body,
          signal,
          answers: [503],
        });
        for (const one of answer.body ?? []) {
          this.#say(
            one.op === "not_tried" ? { ...one, retry_ms: NOT_TRIED_AGAIN_MS, message: "not tried" } : one,
          );
        }
      });
      if (!answered) {
        break;
      }
    }
    this.#posting = false;
  }

  #say(message: ServerMessage): void {
    if (!this.#end.signal.aborted) {
      this.onmessage?.({ data: JSON.stringify(message) } as MessageEvent);
    }
  }

  /** Runs one call; a failure closes this socket, by the code that a real one would have. */
  async #asking(run: () => Promise<void>, signal: AbortSignal = this.#end.signal): Promise<boolean> {
    try {
      await run();
      return true;
    } catch (error) {
      if (!signal.aborted && !this.#end.signal.aborted) {
        this.close();
        const { code, reason } = closeOf(error);
        this.onclose?.({ code, reason } as CloseEvent);
      }
      return false;
    }
  }
}

/** What a problem would have been on a socket (W10). */
function closeOf(error: unknown): { code: number; reason: string } {
  if (!(error instanceof ApiProblem)) {
    return { code: 1006, reason: "" };
  }
  const { status, code, detail } = error.problem;
  const words = { code, message: detail };
  switch (code) {
    case "unauthorized":
    case "expired":
      return { code: CLOSE.expired, reason: JSON.stringify({ ...words, retry_ms: 0 }) };
    case "revoked":
    case "session_revoked":
      return { code: CLOSE.revoked, reason: JSON.stringify(words) };
    case "seating_closed":
      return { code: CLOSE.seating_closed, reason: JSON.stringify(words) };
    default:
      return status === 403 || status === 404
        ? { code: CLOSE.unauthorized, reason: JSON.stringify(words) }
        : { code: 1006, reason: "" };
  }
}

/** The server's clock, as its answers carry it: to the second. */
function timeIn(headers: Headers): string {
  const at = Date.parse(headers.get("date") ?? "");
  return new Date(Number.isNaN(at) ? Date.now() : at).toISOString();
}
