// What a waiter is asked before a party's stay ends or moves. Takes what stands, gives the answer.

import { Sheet } from "../../table/views/sheet";
import { Go, Soft } from "../../table/views/shell";
import type { Table, TableId } from "../../wire/types";
import { useFloorSpeech } from "../speech";
import style from "./floor.module.css";

export interface CloseSheetProps {
  readonly table: string;
  /** Orders in the kitchen that are not served. */
  readonly unserved: number;
  readonly bill: number;
  readonly onCloseTable: (force: boolean) => void;
  readonly onBack: () => void;
}

export function CloseSheet({ table, unserved, bill, onCloseTable, onBack }: CloseSheetProps) {
  const { words, money } = useFloorSpeech();
  const foot = (
    <>
      <Soft onPress={onBack}>{words.back}</Soft>
      <Go onPress={() => onCloseTable(unserved > 0)}>
        {unserved > 0 ? words.closeAnyway : words.closeTable}
      </Go>
    </>
  );
  return (
    <Sheet label={words.closeTable} onClose={onBack} foot={foot}>
      <div class={style.sheet}>
        <h1>
          {table}: {words.closeTable}
        </h1>
        {unserved > 0 && (
          <p>
            <b>{words.closeAll(unserved)}</b>
          </p>
        )}
        <p>{words.closeSure}</p>
        <p>
          {words.bill}: <b>{money.of(bill)}</b>
        </p>
      </div>
    </Sheet>
  );
}

export interface MoveSheetProps {
  readonly tables: readonly Table[];
  readonly onMove: (table: TableId) => void;
  readonly onBack: () => void;
}

export function MoveSheet({ tables, onMove, onBack }: MoveSheetProps) {
  const { words } = useFloorSpeech();
  return (
    <Sheet label={words.moveTo} onClose={onBack}>
      <div class={style.sheet}>
        <h1>{words.moveTo}</h1>
        {tables.length === 0 && <p>{words.noFreeTable}</p>}
        <ul class={style.tiles}>
          {tables.map((table) => (
            <li key={table.id}>
              <button type="button" class={style.tile} data-doing="free" onClick={() => onMove(table.id)}>
                <span class={style.head}>
                  <span class={style.label}>{table.label}</span>
                </span>
                <span class={style.what}>{words.seats(table.seats)}</span>
              </button>
            </li>
          ))}
        </ul>
      </div>
    </Sheet>
  );
}
