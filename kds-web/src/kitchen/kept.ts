// The last picture of this kitchen, kept on the device, so that a screen that starts without a network shows
// what it had, and says how old it is. Never throws: a browser that refuses storage keeps nothing. Called by
// kitchen.ts.

import { type IDBPDatabase, openDB } from "idb";
import type { KitchenSnapshot } from "../wire/types";
import type { Board } from "./board";

const DATABASE = "comanda.kitchen";
const TABLE = "boards";

/** A board as it is kept: what a snapshot would bring, and the menu's part. */
export interface Kept {
  readonly snapshot: KitchenSnapshot;
  readonly dishes: Board["dishes"];
  /** Milliseconds of this device's clock when it was the truth. */
  readonly at_ms: number;
}

let database: Promise<IDBPDatabase> | null = null;

/** `box` names restaurant and person: nobody is shown what another was. */
export async function keepBoard(box: string, board: Board, at_ms: number): Promise<void> {
  const { restaurant, stations, orders, dishes } = board;
  const snapshot: KitchenSnapshot = { restaurant, stations: [...stations], orders: [...orders.values()] };
  const kept: Kept = { snapshot, dishes, at_ms };
  await tried((opened) => opened.put(TABLE, kept, box));
}

export function keptBoard(box: string): Promise<Kept | undefined> {
  return tried((opened) => opened.get(TABLE, box));
}

/** Somebody signed out: nothing stays behind. */
export async function forgetBoards(): Promise<void> {
  await tried((opened) => opened.clear(TABLE));
}

async function tried<T>(run: (opened: IDBPDatabase) => Promise<T>): Promise<T | undefined> {
  try {
    database ??= openDB(DATABASE, 1, { upgrade: (fresh) => void fresh.createObjectStore(TABLE) });
    return await run(await database);
  } catch (error) {
    console.warn("This browser keeps no picture over a reload.", error);
    return undefined;
  }
}
