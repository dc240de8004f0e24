/** What every export is made from. */
import type { LedgerFilter, Store } from "@moai-metrics/store";

/** Which facts, and what is left out of them. */
export interface ExportQuestion {
  /** Range and names; without a range everything. */
  readonly filter: Omit<LedgerFilter, "sessionIds">;
  /** The moment of the export. */
  readonly nowMillis: number;
  /** Fields that the settings keep out, by kind of row. */
  readonly hidden?: Readonly<Partial<Record<RowKind, ReadonlySet<string>>>> | undefined;
}

/** Kinds of rows: each is one table, and one level of the nested document. */
export const ROW_KINDS = ["sessions", "tasks", "calls", "tools"] as const;
export type RowKind = (typeof ROW_KINDS)[number];

/** What is read: all of it should be of one state, see `Store.inOneState`. */
export type ExportSource = Pick<Store, "query" | "cumulative">;

/** Text in pieces that are worth a write each; made while it is gone through, so that no export is in memory. */
export type ExportText = Iterable<string>;
