/**
 * Facts with their minutes, in columns. Rows of a quarter hour lie in no order, and SQL would sort all of them to group
 * them: here they are handed over as they lie.
 */
import type { RollupSum } from "../rollup/types.ts";
import type { QueryContext } from "./context.ts";
import type { FactTable } from "./ledger-sql.ts";
import type { Selection } from "./selection.ts";

const MINUTE_MILLIS = 60_000;

/** What is wanted of each fact. */
export interface FactColumn {
  readonly sql: string;
  /** Whether it is 0 or 1. */
  readonly isFlag: boolean;
}

/** Facts in columns. */
export interface FactColumns {
  /** Minute of each fact, since 1970. */
  readonly minutes: ArrayLike<number>;
  /** In the order of the columns asked for. */
  readonly numbers: readonly ArrayLike<number>[];
}

/** The facts that a selection chooses; none of the columns may be NULL. */
export function readFactColumns(
  context: QueryContext,
  table: FactTable,
  { joins, where }: Selection,
  columns: readonly FactColumn[],
): FactColumns {
  const flags = columns.filter(({ isFlag }) => isFlag);
  const amounts = columns.filter(({ isFlag }) => !isFlag);
  const flagsSql = flags.map(({ sql }, i) => ` + ${2 ** i} * (${sql})`).join("");
  // Minute and flags share a number: handing a number over takes longer than working it out.
  const selected = [
    `${table.time} / ${MINUTE_MILLIS} * ${2 ** flags.length}${flagsSql}`,
    ...amounts.map(({ sql }) => sql),
  ];
  const row = context
    .statement(
      `SELECT ${selected.map((column) => `json_group_array(${column})`).join(", ")}
       FROM ${table.from} ${joins}
       WHERE ${table.isCounted} AND ${where.condition}`,
    )
    .raw()
    .get(...where.parameters) as string[];
  const [marks = [], ...added] = row.map((column) => JSON.parse(column) as number[]);
  const minutes = new Int32Array(marks.length);
  for (let fact = 0; fact < minutes.length; fact++) {
    minutes[fact] = Math.floor((marks[fact] as number) / 2 ** flags.length);
  }
  const numbersOf = (column: FactColumn): ArrayLike<number> =>
    column.isFlag ? bitsAt(flags.indexOf(column), marks) : (added[amounts.indexOf(column)] ?? []);
  return { minutes, numbers: columns.map(numbersOf) };
}

function bitsAt(bit: number, marks: readonly number[]): Uint8Array {
  const bits = new Uint8Array(marks.length);
  for (let fact = 0; fact < bits.length; fact++) bits[fact] = Math.floor((marks[fact] as number) / 2 ** bit) % 2;
  return bits;
}

/** A sum as columns of a table: what each fact counts for, or adds, apart from sums of which only the total is asked. */
export function planSumColumns(
  { flags, amounts }: FactTable,
  sums: readonly RollupSum[],
  together: readonly RollupSum[],
): readonly (FactColumn & { readonly name: RollupSum })[] {
  const columnsOf = (rows: FactTable["flags"]): { readonly name: RollupSum; readonly sql: string }[] =>
    sums.flatMap((name) => (rows[name] === undefined ? [] : [{ name, sql: rows[name] }]));
  const added = columnsOf(amounts);
  const shared = added.filter(({ name }) => together.includes(name));
  const apart = added.filter((amount) => !shared.includes(amount));
  const [first] = shared;
  // One column for all amounts of which only the total is asked.
  const all = [...(first === undefined ? [] : [{ name: first.name, sql: addKnown(shared) }]), ...apart];
  return [
    ...columnsOf(flags).map((flag) => ({ ...flag, isFlag: true })),
    ...all.map(({ name, sql }) => ({ name, sql: `coalesce(${sql}, 0)`, isFlag: false })),
  ];
}

/** The total of those that are known. Mostly all of them are, so that is tried first. */
function addKnown(columns: readonly { readonly sql: string }[]): string {
  const known = columns.map(({ sql }) => `coalesce(${sql}, 0)`).join(" + ");
  return `${columns.map(({ sql }) => sql).join(" + ")}, ${known}`;
}
