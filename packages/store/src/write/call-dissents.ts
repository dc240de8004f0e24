/** What witnesses said of the tokens of a call that its row does not say: few calls have any. */
import type { Database } from "better-sqlite3";
import type { Dissent } from "../merge/call-witnesses.ts";

export interface CallDissents {
  /** The dissents of a row, in the order of their witnesses. */
  of(callId: number): Dissent[];
  /** Writes what has changed from `before` to `after`. */
  replace(callId: number, before: readonly Dissent[], after: readonly Dissent[]): void;
}

type DissentRow = readonly [
  witness: number,
  input: number | null,
  cacheRead: number,
  cacheWrite: number,
  output: number,
];

export function createCallDissents(database: Database): CallDissents {
  const columns = "witness, input, cache_read, cache_write, output";
  const select = database
    .prepare<[number], DissentRow>(`SELECT ${columns} FROM model_call_dissent WHERE call_id = ? ORDER BY witness`)
    .raw();
  const removeAll = database.prepare<[number]>("DELETE FROM model_call_dissent WHERE call_id = ?");
  const insert = database.prepare<(number | null)[]>(
    `INSERT OR REPLACE INTO model_call_dissent (call_id, ${columns}) VALUES (?, ?, ?, ?, ?, ?)`,
  );
  return {
    of: (callId) =>
      select.all(callId).map(([witness, input, cacheRead, cacheWrite, output]) => ({
        witness,
        tokens: input === null ? undefined : { input, cacheRead, cacheWrite, output },
      })),
    replace(callId, before, after) {
      if (before === after) return;
      if (before.length > 0) removeAll.run(callId);
      for (const { witness, tokens } of after) {
        const { input = null, cacheRead = 0, cacheWrite = 0, output = 0 } = tokens ?? {};
        insert.run(callId, witness, input, cacheRead, cacheWrite, output);
      }
    },
  };
}
