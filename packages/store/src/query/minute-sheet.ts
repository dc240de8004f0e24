/** The calls of a quarter hour with their minutes, in columns, and what they add up to. */
import type { FactColumn, FactColumns } from "./minute-facts.ts";

/** Minutes of a quarter hour. */
export const MINUTES = 15;

/** The calls of a quarter hour. */
export interface MinuteSheet {
  /** Minute of each call inside of the quarter hour. */
  readonly minutes: Uint8Array;
  /** By the SQL of the column. */
  readonly columns: ReadonlyMap<string, Float64Array>;
  /** Sums of each column by minute, of those who asked last. */
  readonly answers: Map<string, readonly Float64Array[]>;
  readonly bytes: number;
}

/** A dashboard asks some questions over and over. */
const MAX_ANSWERS = 8;

const NONE = new Float64Array(0);

/** Cuts the facts of some quarter hours in a row into sheets, one for each. */
export function cutIntoSheets(
  { minutes, numbers }: FactColumns,
  columns: readonly FactColumn[],
  first: number,
  behind: number,
): readonly MinuteSheet[] {
  return factsByQuarterHour(minutes, first, behind).map((facts) => {
    const own = new Uint8Array(facts.length);
    for (let i = 0; i < facts.length; i++) own[i] = (minutes[facts[i] as number] as number) % MINUTES;
    const byColumn = columns.map(({ sql }, column) => [sql, pick(numbers[column] ?? NONE, facts)] as const);
    const bytes = own.byteLength + byColumn.reduce((sum, [, { byteLength }]) => sum + byteLength, 0);
    return { minutes: own, columns: new Map(byColumn), answers: new Map(), bytes };
  });
}

/** Per quarter hour the numbers of its facts. */
function factsByQuarterHour(minutes: ArrayLike<number>, first: number, behind: number): readonly Int32Array[] {
  const counts = new Int32Array(behind - first);
  const quarterHourAt = (fact: number): number => Math.floor((minutes[fact] as number) / MINUTES) - first;
  for (let fact = 0; fact < minutes.length; fact++)
    counts[quarterHourAt(fact)] = (counts[quarterHourAt(fact)] ?? 0) + 1;
  const facts = Array.from(counts, (count) => new Int32Array(count));
  counts.fill(0);
  for (let fact = 0; fact < minutes.length; fact++) {
    const at = quarterHourAt(fact);
    (facts[at] as Int32Array)[counts[at] as number] = fact;
    counts[at] = (counts[at] as number) + 1;
  }
  return facts;
}

function pick(numbers: ArrayLike<number>, facts: Int32Array): Float64Array {
  const picked = new Float64Array(facts.length);
  for (let i = 0; i < facts.length; i++) picked[i] = numbers[facts[i] as number] as number;
  return picked;
}

/** A dimension that a filter asks for. */
export interface WantedDimension {
  /** Its column. */
  readonly sql: string;
  readonly ids: ReadonlySet<number>;
}

/**
 * Sums of each column by minute, over the calls that are wanted.
 * @param question a text for what is wanted: the same one is answered from what was worked out before.
 */
export function answerOf(
  sheet: MinuteSheet,
  question: string,
  wanted: readonly WantedDimension[],
  columns: readonly FactColumn[],
): readonly Float64Array[] {
  const { answers } = sheet;
  const known = answers.get(question);
  if (known !== undefined) return known;
  const minutes = minutesOfWanted(sheet, wanted);
  const sums = columns.map(({ sql }) => addUpMinutes(minutes, sheet.columns.get(sql) ?? NONE));
  const [oldest] = answers.keys();
  if (answers.size >= MAX_ANSWERS && oldest !== undefined) answers.delete(oldest);
  answers.set(question, sums);
  return sums;
}

/** The minute of each call; -1 for those that are not wanted. */
function minutesOfWanted({ minutes, columns }: MinuteSheet, wanted: readonly WantedDimension[]): Int8Array {
  const own = Int8Array.from(minutes);
  for (const { sql, ids } of wanted) {
    const values = columns.get(sql) ?? NONE;
    for (let call = 0; call < own.length; call++) if (!ids.has(values[call] as number)) own[call] = -1;
  }
  return own;
}

function addUpMinutes(minutes: Int8Array, numbers: Float64Array): Float64Array {
  const sums = new Float64Array(MINUTES);
  for (let call = 0; call < minutes.length; call++) {
    const minute = minutes[call] as number;
    if (minute >= 0) sums[minute] = (sums[minute] as number) + (numbers[call] as number);
  }
  return sums;
}
