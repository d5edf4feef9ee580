// One WebSocket that stays: says hello, comes back after losses at the pace that the server asks for,
// notices silence, renews its token (W1, W8, W10, W11). Knows tokens and close codes; knows nothing of
// topics, cursors or commands. Called by hub.ts.

import { type ReadonlySignal, signal } from "@preact/signals";
import {
  afterClose,
  backoff_ms,
  browser,
  type Link,
  parsed,
  reasonOf,
  SignedOut,
  type Socket,
  type Token,
  type Welcome,
  type World,
  wordOf,
} from "./link";
import { type ClientMessage, type CloseReason, PROTOCOL, type ServerMessage } from "./types";

const WAKE_ANSWER_MS = 1_000;
/** From opening a socket to `welcome`. */
const WELCOME_MS = 5_000;
/** A connection that lived this long was a good one: the next loss begins with short waits again. */
const GOOD_LIFE_MS = 10_000;
const RENEW_BEFORE_MS = 60_000;
const RENEW_AGAIN_MS = 5_000;
/** After this many sockets that were never welcomed it tries whether HTTP gets through. */
const SOCKETS_TRIED = 2;
/** On HTTP it looks this often whether sockets work again. */
const SOCKET_AGAIN_MS = 60_000;
/** The same when it may only have been that the server was away for a moment. */
const SOCKET_SOON_MS = 2_000;

export interface ConnectionOptions {
  readonly url: string;
  readonly silence_ms: number;
  /** A token; with `stale`, another one than that. May throw `SignedOut`. */
  token(stale?: string): Promise<Token>;
  /** A connection is ready for messages. */
  welcomed(message: Welcome): void;
  received(message: ServerMessage): void;
  /** A message that the server surely answers, to find out whether the socket lives. */
  probe(): ClientMessage | undefined;
  /** Something like a socket, for networks that block sockets. */
  poll?(): Socket;
  readonly world?: World;
}

type Timer = "retry" | "welcome" | "silence" | "wake" | "renew" | "socket";

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #world: World;
  readonly #state = signal<Link>({ is: "connecting" });
  readonly #lastFrameAt = signal<number | null>(null);
  readonly #lastSeq = signal(0);

  /** The socket in use; events of any other are ignored. */
  #socket: Socket | null = null;
  #welcomed_at: number | null = null;
  #token: Token | null = null;
  /** The server's clock, as `welcome` told it, and when. */
  #server = { at_ms: 0, heard_at: 0 };
  #failures = 0;
  /** Sockets in a row that were not welcomed. */
  #blocked = 0;
  #polling = false;
  /** A socket opened in vain since the last one that was welcomed: sockets seem to be blocked here. */
  #deceived = false;
  /** Rises with each try, so that a token that comes late finds out that it is not wanted. */
  #tries = 0;
  /** What is due: one timer per concern. */
  readonly #timers = new Map<Timer, () => void>();

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#world = options.world ?? browser;
  }

  get state(): ReadonlySignal<Link> {
    return this.#state;
  }

  /** Monotonic milliseconds of the last frame, of whichever socket; `null` before the first. */
  get lastFrameAt(): ReadonlySignal<number | null> {
    return this.#lastFrameAt;
  }

  /** The highest event number heard on any topic. */
  get lastSeq(): ReadonlySignal<number> {
    return this.#lastSeq;
  }

  start(): void {
    void this.#connect();
  }

  /** Sends now or not at all: `false` when there is no welcomed socket. */
  send(message: ClientMessage): boolean {
    if (!this.#socket || this.#welcomed_at === null) {
      return false;
    }
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** The page came back to life: finds out within 1 s whether the socket did, too (W11). */
  wake(): void {
    if (this.#state.value.is === "ended") {
      return;
    }
    if (!this.#socket) {
      this.#failures = 0;
      void this.#connect();
      return;
    }
    const probe = this.#options.probe();
    if (this.#welcomed_at === null || !probe || this.#timers.has("wake")) {
      return;
    }
    const before = this.#lastFrameAt.value;
    this.send(probe);
    this.#set("wake", WAKE_ANSWER_MS, () => {
      if (this.#lastFrameAt.value === before) {
        this.#replace();
      }
    });
  }

  /** Stops for good, without a reason to show. */
  close(): void {
    this.#end({ code: "closed", message: "" });
  }

  async #connect(stale?: string): Promise<void> {
    this.#drop();
    const mine = ++this.#tries;
    try {
      const token = await this.#options.token(stale);
      if (mine === this.#tries) {
        this.#open(token);
      }
    } catch (error) {
      if (mine !== this.#tries) {
        return;
      }
      if (error instanceof SignedOut) {
        this.#end({ code: "unauthorized", message: error.message });
      } else {
        this.#failed();
      }
    }
  }

  #open(token: Token): void {
    this.#token = token;
    const poll = this.#blocked >= SOCKETS_TRIED ? this.#options.poll?.() : undefined;
    const socket = poll ?? this.#world.open(this.#options.url);
    this.#socket = socket;
    this.#polling = poll !== undefined;
    // Until it is welcomed it is a failure; one poll that fails as well means that the server is away.
    this.#blocked = poll ? 0 : this.#blocked + 1;
    const ifMine =
      <E>(run: (event: E) => void) =>
      (event: E) => {
        if (this.#socket === socket) {
          run(event);
        }
      };
    const hello: ClientMessage = { op: "hello", token: token.token, protocol: PROTOCOL };
    socket.onopen = ifMine(() => socket.send(JSON.stringify(hello)));
    socket.onmessage = ifMine((event: MessageEvent) => this.#frame(event.data));
    socket.onclose = ifMine((event: CloseEvent) => this.#closed(event.code, event.reason));
    this.#set("welcome", WELCOME_MS, () => this.#failed());
  }

  #frame(text: unknown): void {
    const message = parsed(text);
    if (!message) {
      return;
    }
    this.#lastFrameAt.value = this.#world.now();
    if (message.op === "welcome") {
      this.#welcome(message);
      return;
    }
    if (message.op === "event" || message.op === "subscribed") {
      this.#lastSeq.value = Math.max(this.#lastSeq.value, message.seq);
    }
    this.#options.received(message);
  }

  #welcome(message: Welcome): void {
    this.#clear("welcome");
    this.#welcomed_at = this.#world.now();
    this.#blocked = this.#polling ? SOCKETS_TRIED : 0;
    if (this.#polling) {
      this.#set("socket", this.#deceived ? SOCKET_AGAIN_MS : SOCKET_SOON_MS, () => this.#trySocket());
    } else {
      this.#deceived = false;
    }
    this.#server = { at_ms: Date.parse(message.at), heard_at: this.#world.now() };
    this.#state.value = { is: "live" };
    this.#watchSilence(this.#options.silence_ms);
    this.#renewInTime();
    this.#options.welcomed(message);
  }

  /** Opens a socket beside the poll; if it opens, the next connection is one. */
  #trySocket(): void {
    const mine = this.#tries;
    const trial = this.#world.open(this.#options.url);
    trial.onopen = () => {
      trial.close();
      if (mine === this.#tries) {
        this.#blocked = 0;
        this.#deceived = true;
        void this.#connect();
      }
    };
    this.#set("socket", SOCKET_AGAIN_MS, () => {
      trial.close();
      this.#trySocket();
    });
  }

  #watchSilence(wait_ms: number): void {
    this.#set("silence", wait_ms, () => {
      const silent_ms = this.#world.now() - (this.#lastFrameAt.value ?? 0);
      const left_ms = this.#options.silence_ms - silent_ms;
      if (left_ms > 0) {
        this.#watchSilence(left_ms);
      } else {
        this.#replace();
      }
    });
  }

  /** The socket is open but dead: leaves it behind and opens another at once. */
  #replace(): void {
    this.#state.value = { is: "stale" };
    void this.#connect();
  }

  #closed(code: number, text: string): void {
    const reason = reasonOf(text);
    const what = afterClose(code);
    const stale = this.#token?.token;
    const lived = this.#welcomed_at !== null && this.#world.now() - this.#welcomed_at >= GOOD_LIFE_MS;
    if (what === "end") {
      this.#end(reason ?? { code: wordOf(code), message: "" });
      return;
    }
    if (lived) {
      this.#failures = 0;
    }
    this.#drop();
    // A close that says when to come back is a plan, not a loss, until the return fails.
    const planned = reason?.retry_ms !== undefined && this.#state.value.is === "live";
    this.#state.value = planned ? { is: "connecting" } : { is: "offline" };
    this.#retry(reason?.retry_ms, what === "return_with_new_token" ? stale : undefined);
  }

  #failed(): void {
    this.#drop();
    this.#state.value = { is: "offline" };
    this.#retry();
  }

  #retry(retry_ms?: number, stale?: string): void {
    const wait_ms = retry_ms ?? backoff_ms(this.#failures, this.#world.random());
    this.#failures += 1;
    this.#set("retry", wait_ms, () => void this.#connect(stale));
  }

  #end(reason: CloseReason): void {
    this.#drop();
    this.#tries += 1;
    this.#state.value = { is: "ended", reason };
  }

  /** Leaves the socket in use, if any, and everything that was due for it. */
  #drop(): void {
    const old = this.#socket;
    this.#socket = null;
    this.#welcomed_at = null;
    for (const cancel of this.#timers.values()) {
      cancel();
    }
    this.#timers.clear();
    old?.close();
  }

  /** A fresh token goes up the same socket before the old one runs out (W8). */
  #renewInTime(): void {
    if (!this.#token) {
      return;
    }
    const server_now_ms = this.#server.at_ms + this.#world.now() - this.#server.heard_at;
    const left_ms = Date.parse(this.#token.expires_at) - server_now_ms;
    this.#set("renew", Math.max(RENEW_AGAIN_MS, left_ms - RENEW_BEFORE_MS), () => void this.#renew());
  }

  async #renew(): Promise<void> {
    const socket = this.#socket;
    try {
      const token = await this.#options.token(this.#token?.token);
      if (this.#socket === socket && this.send({ op: "renew", token: token.token })) {
        this.#token = token;
        this.#renewInTime();
      }
    } catch (error) {
      // Signed out: the server closes when the old token ends. Otherwise the network hiccuped.
      if (this.#socket === socket && !(error instanceof SignedOut)) {
        this.#set("renew", RENEW_AGAIN_MS, () => void this.#renew());
      }
    }
  }

  #set(name: Timer, wait_ms: number, run: () => void): void {
    this.#clear(name);
    const cancel = this.#world.after(wait_ms, () => {
      this.#timers.delete(name);
      run();
    });
    this.#timers.set(name, cancel);
  }

  #clear(name: Timer): void {
    this.#timers.get(name)?.();
    this.#timers.delete(name);
  }
}
