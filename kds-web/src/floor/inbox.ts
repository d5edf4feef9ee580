// What the restaurant was told, as the person who is signed in has it: read from the server when something
// happened that may have brought a note, marked as read, put away. Knows no view.

import { computed, signal } from "@preact/signals";
import { call } from "../wire/http";
import type { EventMessage, Notification, NotificationList } from "../wire/types";

/** Events that may bring a note. */
const BRING: readonly EventMessage["kind"][] = ["order.unseen", "seating.called", "order.told"];
/** Several events in a row are one question. */
const GATHER_MS = 500;

export class Inbox {
  readonly notes = signal<readonly Notification[]>([]);
  readonly unread = computed(() => this.notes.value.filter((note) => note.read_at === null).length);
  readonly #token: () => Promise<string>;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(token: () => Promise<string>) {
    this.#token = token;
  }

  happened(event: EventMessage): void {
    if (!BRING.includes(event.kind)) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.refresh(), GATHER_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Without an answer what was known stays; the next event asks again. */
  async refresh(): Promise<void> {
    try {
      const answer = await call<NotificationList>("GET", "/api/notifications", {
        token: await this.#token(),
      });
      if (answer.body) this.notes.value = answer.body.notifications;
    } catch {
      // Nothing to say: the page shows by itself that it is cut off.
    }
  }

  /** Everything that is there was seen. */
  async readAll(): Promise<void> {
    const unread = this.notes.value.filter((note) => note.read_at === null);
    await Promise.all(unread.map(({ id }) => this.#tell("POST", `/api/notifications/${id}/read`)));
    if (unread.length > 0) await this.refresh();
  }

  async putAway(id: string): Promise<void> {
    this.notes.value = this.notes.value.filter((note) => note.id !== id);
    await this.#tell("DELETE", `/api/notifications/${id}`);
  }

  async #tell(method: string, path: string): Promise<void> {
    try {
      await call(method, path, { token: await this.#token() });
    } catch {
      // The next reading shows what the server knows.
    }
  }
}
