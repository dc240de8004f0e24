/** What is asked of, and told about, the contents of the file. */

/** What decides how long rows are kept. */
export type Keeping =
  /** As long as the facts: `retention.ledger_days`. */
  | "ledger"
  /** As long as data points: `retention.daily_days`. */
  | "series"
  /** As long as the file. */
  | "file";

/** A column. */
export interface StoredField {
  readonly name: string;
  /** What stands in it; undefined for one that this version does not know. */
  readonly holds: string | undefined;
}

/** A table. */
export interface StoredTable {
  readonly name: string;
  /** What one row is; undefined for a table that this version does not know. */
  readonly holds: string | undefined;
  readonly keeping: Keeping | undefined;
  readonly fields: readonly StoredField[];
}
