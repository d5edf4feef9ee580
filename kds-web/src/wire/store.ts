// Where the outbox keeps things: IndexedDB, or memory where the browser refuses it (private windows,
// blocked storage). Knows nothing of what it keeps but the `id`. Never throws: a store that breaks
// midway goes on in memory, and says so in `durable`.

import { type IDBPDatabase, openDB } from "idb";

const DATABASE = "comanda";
const TABLE = "outbox";

export interface Store<T extends { readonly id: string }> {
  all(): Promise<T[]>;
  put(kept: T): Promise<void>;
  remove(id: string): Promise<void>;
  /** What is put in survives a reload, as far as is known. */
  readonly durable: boolean;
}

export function openStore<T extends { readonly id: string }>(): Store<T> {
  return new IndexedStore<T>();
}

class IndexedStore<T extends { readonly id: string }> implements Store<T> {
  /** A copy, and all there is once the database is out of reach. */
  readonly #memory = new Map<string, T>();
  readonly #database: Promise<IDBPDatabase>;
  durable = true;

  constructor() {
    this.#database = opened();
    // Whoever uses it handles the failure; nobody may have asked yet.
    this.#database.catch(() => {});
  }

  async all(): Promise<T[]> {
    const kept = await this.#try<T[]>((database) => database.getAll(TABLE));
    for (const one of kept ?? []) {
      this.#memory.set(one.id, one);
    }
    return [...this.#memory.values()];
  }

  async put(kept: T): Promise<void> {
    this.#memory.set(kept.id, kept);
    await this.#try((database) => database.put(TABLE, kept));
  }

  async remove(id: string): Promise<void> {
    this.#memory.delete(id);
    await this.#try((database) => database.delete(TABLE, id));
  }

  async #try<R>(run: (database: IDBPDatabase) => Promise<R>): Promise<R | null> {
    try {
      return await run(await this.#database);
    } catch (error) {
      if (this.durable) {
        console.warn("This browser keeps nothing over a reload.", error);
      }
      this.durable = false;
      return null;
    }
  }
}

/** Refusal comes as a rejection, also from browsers that throw at once. */
async function opened(): Promise<IDBPDatabase> {
  return await openDB(DATABASE, 1, {
    upgrade: (fresh) => void fresh.createObjectStore(TABLE, { keyPath: "id" }),
  });
}
