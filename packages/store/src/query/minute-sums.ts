/**
 * Sums by minute, straight from the facts. Rows of a quarter hour lie in no order, and SQL would sort all of them to
 * group them: here they are handed over as they lie, each with its minute.
 */
import { DAY_MILLIS, type TimeRange } from "@moai-metrics/model";
import type { RollupSum } from "../rollup/types.ts";
import type { QueryContext } from "./context.ts";
import type { FactTable } from "./ledger-sql.ts";
import type { Selection } from "./selection.ts";

const MINUTE_MILLIS = 60_000;
/** The rows of more time would take too much memory at once. */
const MAX_MILLIS = DAY_MILLIS;

/** What is asked of a table of facts. */
export interface MinuteQuestion {
  readonly table: FactTable;
  readonly selection: Selection;
  readonly range: TimeRange;
  /** Sums that the table has. */
  readonly sums: readonly RollupSum[];
  /** Sums of which only the total is asked: the first of them gets all of it. */
  readonly together: readonly RollupSum[];
}

/** Sums in columns. */
export interface MinuteSums {
  readonly firstMinute: number;
  /** By sum that was added up, from the first minute on. */
  readonly totals: ReadonlyMap<RollupSum, Float64Array>;
}

/** @returns undefined when the range is too long. */
export function readMinuteSums(context: QueryContext, question: MinuteQuestion): MinuteSums | undefined {
  const { table, selection, range } = question;
  if (range.endMillis - range.startMillis > MAX_MILLIS) return undefined;
  const { flags, amounts } = planColumns(question);
  const flagsSql = flags.map(({ sql }, i) => ` + ${2 ** i} * (${sql})`).join("");
  // Minute and flags share a number: handing a number over takes longer than working it out.
  const columns = [
    `${table.time} / ${MINUTE_MILLIS} * ${2 ** flags.length}${flagsSql}`,
    ...amounts.map(({ sql }) => sql),
  ];
  const row = context
    .statement(
      `SELECT ${columns.map((column) => `json_group_array(${column})`).join(", ")}
       FROM ${table.from} ${selection.joins}
       WHERE ${table.isCounted} AND ${selection.where.condition}`,
    )
    .raw()
    .get(...selection.where.parameters) as string[];
  const [marks = [], ...added] = row.map((column) => JSON.parse(column) as number[]);
  const firstMinute = Math.floor(range.startMillis / MINUTE_MILLIS);
  const length = Math.floor((range.endMillis - 1) / MINUTE_MILLIS) - firstMinute + 1;
  const minutes = new Int32Array(marks.length);
  for (let fact = 0; fact < minutes.length; fact++) {
    minutes[fact] = Math.floor((marks[fact] as number) / 2 ** flags.length) - firstMinute;
  }
  return {
    firstMinute,
    totals: new Map([
      ...flags.map(({ name }, bit) => [name, addUp(minutes, bitsAt(bit, marks), length)] as const),
      ...amounts.map(({ name }, i) => [name, addUp(minutes, added[i] ?? [], length)] as const),
    ]),
  };
}

function bitsAt(bit: number, marks: readonly number[]): Uint8Array {
  const bits = new Uint8Array(marks.length);
  for (let fact = 0; fact < bits.length; fact++) bits[fact] = Math.floor((marks[fact] as number) / 2 ** bit) % 2;
  return bits;
}

function addUp(minutes: Int32Array, numbers: ArrayLike<number>, length: number): Float64Array {
  const totals = new Float64Array(length);
  for (let fact = 0; fact < minutes.length; fact++) {
    const minute = minutes[fact] as number;
    totals[minute] = (totals[minute] as number) + (numbers[fact] as number);
  }
  return totals;
}

interface Column {
  readonly name: RollupSum;
  readonly sql: string;
}

/** What each fact counts for, and what it adds: one column for all amounts of which only the total is asked. */
function planColumns({ table, sums, together }: MinuteQuestion): {
  readonly flags: readonly Column[];
  readonly amounts: readonly Column[];
} {
  const columnsOf = (rows: FactTable["flags"], names: readonly RollupSum[]): Column[] =>
    names.flatMap((name) => (rows[name] === undefined ? [] : [{ name, sql: rows[name] }]));
  const flags = columnsOf(table.flags, sums);
  const amounts = columnsOf(table.amounts, sums);
  const shared = amounts.filter(({ name }) => together.includes(name));
  const apart = amounts.filter((amount) => !shared.includes(amount));
  const [first] = shared;
  return {
    flags,
    amounts: [...(first === undefined ? [] : [{ name: first.name, sql: addKnown(shared) }]), ...apart].map(
      ({ name, sql }) => ({ name, sql: `coalesce(${sql}, 0)` }),
    ),
  };
}

/** The total of those that are known. Mostly all of them are, so that is tried first. */
function addKnown(columns: readonly Column[]): string {
  const known = columns.map(({ sql }) => `coalesce(${sql}, 0)`).join(" + ");
  return `${columns.map(({ sql }) => sql).join(" + ")}, ${known}`;
}
