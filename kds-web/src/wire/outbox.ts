// Commands that were made and not answered yet (L4, W11). Keeps them with their ids over lost
// connections and reloads, sends them in order, and never loses one silently: each ends as answered,
// as refused (shown), or as dropped after 24 h (shown). Knows no socket: `send` is handed in by hub.ts.

import { type ReadonlySignal, signal } from "@preact/signals";
import { newId } from "./ids";
import { openStore, type Store } from "./store";
import type { Command, CommandId, CommandMessage, Refused } from "./types";

/** A command that could not be sent for this long no longer says what anybody wants. */
export const KEPT_MS = 24 * 60 * 60 * 1_000;
/** Commands under way and not answered. */
const WINDOW = 16;
/** Commands kept; one more is dropped, visibly. */
const KEPT = 1_000;
const TIDY_MS = 60_000;

/** A command that waits for its answer. */
export interface Pending {
  readonly id: CommandId;
  /** Whose outbox: restaurant and person. */
  readonly box: string;
  /** The page that looks after it. */
  readonly page: string;
  /** Milliseconds (wall clock) when it was made; with `nth`, its place in the order. */
  readonly made_at: number;
  readonly nth: number;
  readonly command: Command;
  readonly base_version?: number;
}

/** What became of a command that was not done. */
export type Undone =
  | { readonly is: "refused"; readonly pending: Pending; readonly refused: Refused }
  | { readonly is: "dropped"; readonly pending: Pending };

export interface OutboxOptions {
  /** Names restaurant and person: one never sends another's commands. */
  readonly box: string;
  readonly store?: Store<Pending>;
  readonly now?: () => number;
  readonly page?: string;
}

export class Outbox {
  readonly #store: Store<Pending>;
  readonly #box: string;
  readonly #page: string;
  readonly #now: () => number;
  readonly #pending = signal<readonly Pending[]>([]);
  readonly #undone = signal<readonly Undone[]>([]);
  /** Sent on the connection in use, not answered. */
  readonly #underway = new Set<CommandId>();
  #send: ((message: CommandMessage) => boolean) | null = null;
  #nth = 0;
  #tidy: ReturnType<typeof setInterval> | undefined;
  /** Runs while the server asked for patience. */
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(options: OutboxOptions) {
    this.#box = options.box;
    this.#store = options.store ?? openStore<Pending>();
    this.#now = options.now ?? Date.now;
    this.#page = options.page ?? thisPage;
  }

  /** In the order they were made. */
  get pending(): ReadonlySignal<readonly Pending[]> {
    return this.#pending;
  }

  /** Refused and dropped ones, until a person has seen them. */
  get undone(): ReadonlySignal<readonly Undone[]> {
    return this.#undone;
  }

  /** A reload loses nothing. */
  get safe(): boolean {
    return this.#pending.value.length === 0 || this.#store.durable;
  }

  /** What is put in survives a reload, as far as is known. */
  get durable(): boolean {
    return this.#store.durable;
  }

  /** Takes over what an earlier life of this page, or a closed one, left behind. */
  async open(): Promise<void> {
    this.#tidy = setInterval(() => this.#dropOld(), TIDY_MS);
    const alive = await livingPages();
    const left = (await this.#store.all()).filter((p) => p.box === this.#box && !this.#has(p.id));
    const mine = left.filter((p) => p.page === this.#page || !alive.has(p.page));
    for (const pending of mine) {
      void this.#store.put({ ...pending, page: this.#page });
    }
    this.#pending.value = [...mine, ...this.#pending.value].sort(inOrder);
    this.#dropOld();
    this.#flush();
  }

  close(): void {
    clearInterval(this.#tidy);
    this.disconnected();
  }

  /** Puts a wish in: sent at once when there is a connection, kept until answered in any case. */
  put(command: Command, base_version?: number): CommandId {
    const pending: Pending = {
      id: newId(),
      box: this.#box,
      page: this.#page,
      made_at: this.#now(),
      nth: this.#nth++,
      command,
      ...(base_version === undefined ? {} : { base_version }),
    };
    if (this.#pending.value.length >= KEPT) {
      this.#undone.value = [...this.#undone.value, { is: "dropped", pending }];
      return pending.id;
    }
    void this.#store.put(pending);
    this.#pending.value = [...this.#pending.value, pending];
    this.#flush();
    return pending.id;
  }

  /** A connection is ready: everything unanswered goes out, again with the same ids. */
  connected(send: (message: CommandMessage) => boolean): void {
    this.#send = send;
    this.#underway.clear();
    this.#dropOld();
    this.#flush();
  }

  disconnected(): void {
    this.#send = null;
    clearTimeout(this.#pause);
    this.#pause = undefined;
  }

  /** The server could not decide it now: it goes out again, before what was made after it. */
  notTried(id: CommandId, retry_ms: number): void {
    this.#underway.delete(id);
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.#flush();
    }, retry_ms);
  }

  done(id: CommandId): void {
    this.#retire(id);
  }

  refused(refused: Refused): void {
    const pending = this.#retire(refused.id);
    if (pending) {
      this.#undone.value = [...this.#undone.value, { is: "refused", pending, refused }];
    }
  }

  /** A person has seen what became of it. */
  dismiss(id: CommandId): void {
    this.#undone.value = this.#undone.value.filter((undone) => undone.pending.id !== id);
  }

  #has(id: CommandId): boolean {
    return this.#pending.value.some((pending) => pending.id === id);
  }

  #retire(id: CommandId): Pending | undefined {
    const pending = this.#pending.value.find((p) => p.id === id);
    if (pending) {
      this.#pending.value = this.#pending.value.filter((p) => p.id !== id);
      this.#underway.delete(id);
      void this.#store.remove(id);
      this.#flush();
    }
    return pending;
  }

  #flush(): void {
    if (this.#pause !== undefined) {
      return;
    }
    for (const { id, command, base_version } of this.#pending.value) {
      if (this.#underway.size >= WINDOW) {
        return;
      }
      if (this.#underway.has(id)) {
        continue;
      }
      const message = { id, ...command, ...(base_version === undefined ? {} : { base_version }) };
      if (!this.#send?.(message)) {
        return;
      }
      this.#underway.add(id);
    }
  }

  #dropOld(): void {
    const old = this.#pending.value.filter((pending) => this.#now() - pending.made_at > KEPT_MS);
    for (const pending of old) {
      this.#retire(pending.id);
      this.#undone.value = [...this.#undone.value, { is: "dropped", pending }];
    }
  }
}

function inOrder(a: Pending, b: Pending): number {
  return a.made_at - b.made_at || a.nth - b.nth;
}

// Each page holds a lock named after itself for as long as it lives, so that a new page can tell which
// stored commands have lost theirs. Without locks (plain HTTP) every page takes all: the server answers
// the same id the same way, so sending twice is harmless.

const PAGE_LOCK = "comanda.page.";
const thisPage = newId();
let announced = false;

async function livingPages(): Promise<Set<string>> {
  if (!navigator.locks) {
    return new Set();
  }
  if (!announced) {
    announced = true;
    void navigator.locks.request(PAGE_LOCK + thisPage, () => new Promise(() => {}));
  }
  const { held = [] } = await navigator.locks.query();
  const names = held.flatMap((lock) => (lock.name?.startsWith(PAGE_LOCK) ? [lock.name] : []));
  return new Set(names.map((name) => name.slice(PAGE_LOCK.length)));
}
