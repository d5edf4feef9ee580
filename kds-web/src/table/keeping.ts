// What the table page keeps on the phone, so that it opens without a network and no order is lost over
// a reload: the guest's place, the menu, and the pad. The pad is read, changed and written in one
// transaction, so that two tabs never undo each other. Where the browser keeps nothing, memory does.

import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { TaggedMenu } from "../wire/http";
import type { Scanned } from "../wire/types";
import { emptyPad, type Pad } from "./pad";
import type { Tab } from "./tab";

/** A guest's place at a table: what the last scan of a code answered, and the last that was heard there. */
export interface Place {
  code: string;
  scanned: Scanned;
  /** The bill stays readable when the table is closed or the network is gone. */
  tab: Tab;
  closed: boolean;
}

export interface Keeping {
  place(code: string): Promise<Place | null>;
  putPlace(place: Place): Promise<void>;
  menu(slug: string): Promise<TaggedMenu | null>;
  putMenu(slug: string, menu: TaggedMenu): Promise<void>;
  pad(code: string): Promise<Pad>;
  /** Changes the pad in one piece; once it resolves, the change survives a power cut. */
  changePad(code: string, change: (pad: Pad) => Pad): Promise<Pad>;
}

interface Schema extends DBSchema {
  places: { key: string; value: Place };
  menus: { key: string; value: TaggedMenu };
  pads: { key: string; value: Pad };
}

const NAME = "comanda.table";

export async function openKeeping(): Promise<Keeping> {
  try {
    const database = await openDB<Schema>(NAME, 1, {
      upgrade(fresh) {
        fresh.createObjectStore("places", { keyPath: "code" });
        fresh.createObjectStore("menus");
        fresh.createObjectStore("pads", { keyPath: "code" });
      },
    });
    return inDatabase(database, inMemory());
  } catch (error) {
    console.warn("This browser keeps nothing over a reload.", error);
    return inMemory();
  }
}

/** Reads and writes the database; a part of it that fails goes on in memory. */
function inDatabase(database: IDBPDatabase<Schema>, memory: Keeping): Keeping {
  const or = async <T>(run: Promise<T>, instead: () => Promise<T>): Promise<T> => {
    try {
      return await run;
    } catch (error) {
      console.warn("This browser did not keep something.", error);
      return instead();
    }
  };
  return {
    place: (code) =>
      or(
        database.get("places", code).then((place) => place ?? null),
        () => memory.place(code),
      ),
    putPlace: (place) =>
      or(
        database.put("places", place).then(() => {}),
        () => memory.putPlace(place),
      ),
    menu: (slug) =>
      or(
        database.get("menus", slug).then((menu) => menu ?? null),
        () => memory.menu(slug),
      ),
    putMenu: (slug, menu) =>
      or(
        database.put("menus", menu, slug).then(() => {}),
        () => memory.putMenu(slug, menu),
      ),
    pad: (code) =>
      or(
        database.get("pads", code).then((pad) => pad ?? emptyPad(code)),
        () => memory.pad(code),
      ),
    changePad: (code, change) => {
      const copied = (pad: Pad) => memory.changePad(code, () => pad);
      return or(changed(database, code, change).then(copied), () => memory.changePad(code, change));
    },
  };
}

async function changed(
  database: IDBPDatabase<Schema>,
  code: string,
  change: (pad: Pad) => Pad,
): Promise<Pad> {
  const transaction = database.transaction("pads", "readwrite", { durability: "strict" });
  const before = (await transaction.store.get(code)) ?? emptyPad(code);
  const after = change(before);
  if (after !== before) await transaction.store.put(after);
  await transaction.done;
  return after;
}

export function inMemory(): Keeping {
  const places = new Map<string, Place>();
  const menus = new Map<string, TaggedMenu>();
  const pads = new Map<string, Pad>();
  const pad = (code: string) => pads.get(code) ?? emptyPad(code);
  return {
    place: async (code) => places.get(code) ?? null,
    putPlace: async (place) => void places.set(place.code, place),
    menu: async (slug) => menus.get(slug) ?? null,
    putMenu: async (slug, menu) => void menus.set(slug, menu),
    pad: async (code) => pad(code),
    changePad: async (code, change) => {
      const after = change(pad(code));
      pads.set(code, after);
      return after;
    },
  };
}
