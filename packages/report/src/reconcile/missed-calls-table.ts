/** The table of single calls that a witness told of and another one did not. */
import type { Column, Table } from "../render/table-model.ts";
import { REASON_TEXTS } from "./reconcile-table.ts";
import type { ReconciledCall, ReconcileReport } from "./types.ts";

/** One call. */
export interface MissedCallLine extends ReconciledCall {
  readonly sessionId: string;
  readonly model: string;
}

/** Lays out the newest calls, newest first. @returns how many there are in all, too. */
export function missedCallsTable(
  { sessions }: ReconcileReport,
  maxRows: number,
): { readonly table: Table<MissedCallLine>; readonly total: number } {
  const all = sessions.flatMap(({ sessionId, models }) =>
    models.flatMap(({ model, missedCalls }) => missedCalls.map((call) => ({ ...call, sessionId, model }))),
  );
  const rows = all.toSorted((a, b) => (a.endedAt < b.endedAt ? 1 : -1)).slice(0, maxRows);
  return { table: { columns: COLUMNS, rows }, total: all.length };
}

const COLUMNS: readonly Column<MissedCallLine>[] = [
  { key: "endedAt", title: "Ended", kind: "time", value: ({ endedAt }) => endedAt },
  { key: "sessionId", title: "Session", kind: "text", minWidth: 8, value: ({ sessionId }) => sessionId },
  { key: "model", title: "Model", kind: "text", minWidth: 8, value: ({ model }) => model },
  { key: "totalTokens", title: "Tokens", kind: "tokens", value: ({ totalTokens }) => totalTokens },
  { key: "toldBy", title: "Told by", kind: "text", value: ({ toldBy }) => toldBy.join(", ") },
  {
    key: "missedBy",
    title: "Missed by",
    kind: "text",
    value: ({ missedBy }) => missedBy.map(({ witness, reason }) => `${witness}: ${REASON_TEXTS[reason]}`).join(", "),
  },
];
