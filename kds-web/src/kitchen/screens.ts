// The restaurant's paired screens, as managers manage them from any screen (H13). Knows no view. Called by
// touch.ts.

import { type ReadonlySignal, signal } from "@preact/signals";
import { ApiProblem, confirmScreen, screensOf } from "../wire/http";
import type { Screen, ScreenId } from "../wire/types";
import type { Kitchen } from "./kitchen";
import type { NewScreen } from "./screens-list";

export class Screens {
  readonly #kitchen: Kitchen;
  readonly #all = signal<readonly Screen[] | null>(null);
  readonly #refused = signal<string | null>(null);
  #code: string | null = new URLSearchParams(location.search).get("pair");

  constructor(kitchen: Kitchen) {
    this.#kitchen = kitchen;
  }

  get all(): ReadonlySignal<readonly Screen[] | null> {
    return this.#all;
  }

  get refused(): ReadonlySignal<string | null> {
    return this.#refused;
  }

  /** The code that a manager's link brought, once: the address is then as without it. */
  takeCode(): string | null {
    const code = this.#code;
    if (code !== null) {
      this.#code = null;
      const address = new URL(location.href);
      address.searchParams.delete("pair");
      history.replaceState(history.state, "", address);
    }
    return code;
  }

  async load(): Promise<void> {
    await this.#asking(async (token) => {
      this.#all.value = (await screensOf(token)).screens;
    });
  }

  async pair(screen: NewScreen): Promise<void> {
    await this.#asking(async (token) => {
      const paired = await confirmScreen(token, screen);
      this.#all.value = [...(this.#all.value ?? []).filter(({ id }) => id !== paired.id), paired];
    });
  }

  revoke(screen: ScreenId): void {
    this.#kitchen.hub.outbox.put({ name: "screen.revoke", args: { screen } });
    this.#all.value = this.#all.value?.filter(({ id }) => id !== screen) ?? null;
  }

  async #asking(run: (token: string) => Promise<void>): Promise<void> {
    try {
      this.#refused.value = null;
      await run(await this.#kitchen.token());
    } catch (error) {
      this.#refused.value = error instanceof ApiProblem ? error.problem.detail : "";
    }
  }
}
