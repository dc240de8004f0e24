/** Aliases: the ways to a call's row from its other id, and from other quarter hours in which it was seen. */
import type { Database } from "better-sqlite3";
import { createBulkInsert, type SqlValue } from "./bulk-insert.ts";
import { createKnownRows, type KnownRows } from "./known-rows.ts";
import { firstRowOf, firstSlotOf, quarterHourOfRow, SLOTS } from "./locator.ts";
import { inOrderOfRows } from "./row-order.ts";

export interface CallAliases {
  /** Where aliases lie; what stands there is the row number of the call. */
  readonly known: KnownRows;
  /** Whether the file has an alias of this key in this quarter hour that leads to the call. */
  has(quarterHour: number, key: number, callId: number): boolean;
  /** Queues an alias. */
  add(quarterHour: number, key: number, callId: number): void;
  /** Writes what is queued, when all calls are written: an alias whose call is gone is taken over. */
  flush(): void;
  forget(): void;
}

interface QueuedAlias {
  readonly firstSlot: number;
  readonly callId: number;
}

function firstSlotOfAlias({ firstSlot }: QueuedAlias): number {
  return firstSlot;
}

export function createCallAliases(database: Database, isRemembered: boolean): CallAliases {
  const target = "(id >> 22 << 22) + call_place";
  const known = createKnownRows(database, "model_call_alias", { value: target, isRemembered });
  const bulk = createBulkInsert(database, "model_call_alias", ["id", "call_place"]);
  const insert = database.prepare<[number, number]>(
    "INSERT OR IGNORE INTO model_call_alias (id, call_place) VALUES (?, ?)",
  );
  const select = database.prepare<[number], number>(`SELECT ${target} FROM model_call_alias WHERE id = ?`).pluck();
  const takeOver = database.prepare<[number, number, number]>(
    `UPDATE model_call_alias SET call_place = ?
     WHERE id = ? AND NOT EXISTS (SELECT 1 FROM model_call WHERE model_call.id = ?)`,
  );
  const leadsTo = database
    .prepare<[number, number, number], number>(
      `SELECT EXISTS (SELECT 1 FROM model_call_alias WHERE id BETWEEN ? AND ? AND ${target} = ?)`,
    )
    .pluck();
  let queued: QueuedAlias[] = [];
  /** The row that is written; its values are copied at once. */
  const row: SqlValue[] = [0, 0];

  const isWritten = (slot: number, callId: number): boolean => {
    const callPlace = callId - firstRowOf(quarterHourOfRow(slot));
    if (known.isFree(slot)) {
      row[0] = slot;
      row[1] = callPlace;
      bulk.add(row);
      return true;
    }
    bulk.flush();
    if (insert.run(slot, callPlace).changes === 1) return true;
    const taken = select.get(slot) ?? 0;
    return taken === callId || takeOver.run(callPlace, slot, taken).changes === 1;
  };

  return {
    known,
    has(quarterHour, key, callId) {
      const firstSlot = firstSlotOf(quarterHour, key);
      return leadsTo.get(firstSlot, firstSlot + SLOTS - 1, callId) === 1;
    },
    add(quarterHour, key, callId) {
      queued.push({ firstSlot: firstSlotOf(quarterHour, key), callId });
    },
    flush() {
      // In the order of the table, so that one page after the other is filled.
      for (const { firstSlot, callId } of inOrderOfRows(queued, firstSlotOfAlias)) {
        for (let slot = firstSlot; slot < firstSlot + SLOTS; slot++) {
          if (!isWritten(slot, callId)) continue;
          known.add(slot, callId);
          break;
        }
      }
      queued = [];
      bulk.flush();
      known.settle();
    },
    forget() {
      queued = [];
      bulk.discard();
      known.forget();
    },
  };
}
