/** Tables without a format: what the columns mean, so that each renderer can show them in its own way. */

/** What a cell can hold. `null`: not known, or without meaning in this row. */
export type CellValue = string | number | null;

/** How a cell is to be read; renderers decide how it looks. */
type ColumnKind =
  | "text"
  /** A whole number of things. */
  | "count"
  /** Any number, with three decimals at most. */
  | "number"
  /** A whole number of tokens. */
  | "tokens"
  /** US dollars; `null` means that no call has a known price. */
  | "cost"
  /** A difference in US dollars, with its sign. */
  | "costChange"
  /** Milliseconds. */
  | "duration"
  /** A share from 0 to 1. */
  | "percent"
  /** An ISO 8601 time in UTC. */
  | "time";

/** One column over rows of type `Row`. */
export interface Column<Row> {
  /** The field's name in JSON, the header in CSV, and what `--sort` takes. */
  readonly key: string;
  /** The header on screen; columns without one are for CSV only. */
  readonly title?: string | undefined;
  readonly kind: ColumnKind;
  readonly value: (row: Row) => CellValue;
  /** Where there is too little room, the column of the highest rank goes first; without a rank it stays. */
  readonly dropRank?: number | undefined;
  /** Text may be cut to this many columns before another column is dropped. Default: not cut. */
  readonly minWidth?: number | undefined;
  /** What people read in place of `value`, on a screen and on pages, where the kind alone cannot tell how it looks. */
  readonly textValue?: ((row: Row) => string) | undefined;
  /** What the screen shows in place of `value`: a shorter name of the same thing. */
  readonly shortValue?: ((row: Row) => string) | undefined;
}

/** A table ready to be rendered. */
export interface Table<Row> {
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly totals?: Row | undefined;
  /** Rows that break one row down, shown under it. Their first column is what `subRowTitle` returns. */
  readonly subRows?: ((row: Row) => readonly Row[]) | undefined;
  readonly subRowTitle?: ((row: Row) => string) | undefined;
}
