// What guests are told, as a manager may change it: what the server itself can is asked once, a change goes by HTTP, and
// what then holds comes as an event to everybody. Knows no view.

import { signal } from "@preact/signals";
import { call } from "../wire/http";
import type { Channels, Messages, PushKey } from "../wire/types";

export class Guests {
  readonly channels = signal<readonly (keyof Channels)[] | null>(null);
  readonly state = signal<"saving" | "failed" | null>(null);
  readonly #token: () => Promise<string>;

  constructor(token: () => Promise<string>) {
    this.#token = token;
  }

  async ask(): Promise<void> {
    this.state.value = null;
    try {
      const { body } = await call<PushKey>("GET", "/api/push");
      this.channels.value = body?.channels ?? [];
    } catch {
      // The next opening asks again.
    }
  }

  /** Answers whether the server took it. */
  async set(messages: Messages): Promise<boolean> {
    this.state.value = "saving";
    try {
      await call("PUT", "/api/settings/messages", { token: await this.#token(), body: messages });
      this.state.value = null;
      return true;
    } catch {
      this.state.value = "failed";
      return false;
    }
  }
}
