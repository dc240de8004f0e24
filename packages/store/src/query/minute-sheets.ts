/**
 * Calls of whole quarter hours with their minutes, kept in memory: who asks again, as dashboards do every few seconds,
 * need not read a day of calls each time. Any filter by dimensions and any sum is answered from the same sheets. They
 * hold until a transaction notes that it changed facts of their quarter hour.
 */
import { QUARTER_HOUR_MILLIS, quarterHourOf, type TimeRange } from "@moai-metrics/model";
import { changedSince, createChangedReader } from "../rollup/changed-quarter-hours.ts";
import type { QueryContext } from "./context.ts";
import { DIMENSION_COLUMNS, FACT_TABLES } from "./ledger-sql.ts";
import { type FactColumn, readFactColumns } from "./minute-facts.ts";
import { findScope, planSelection } from "./selection.ts";
import type { FactFilter } from "./types.ts";

/** Three busy days of 55,000 calls each, with a number and all dimensions of each call. */
const MAX_BYTES = 8 * 1024 * 1024;

const MINUTE_MILLIS = 60_000;
const MINUTES = QUARTER_HOUR_MILLIS / MINUTE_MILLIS;

const { calls: TABLE } = FACT_TABLES;

/** Dimensions as columns. */
const DIMENSIONS = {
  products: { sql: DIMENSION_COLUMNS.product, isFlag: false },
  projects: { sql: DIMENSION_COLUMNS.project, isFlag: false },
  agents: { sql: TABLE.agent, isFlag: false },
  models: { sql: DIMENSION_COLUMNS.model, isFlag: false },
} as const satisfies Partial<Record<keyof FactFilter, FactColumn>>;

type DimensionFilter = keyof typeof DIMENSIONS;
const DIMENSION_FILTERS = Object.keys(DIMENSIONS) as DimensionFilter[];

/** What is asked of the calls of a range. */
interface SheetQuestion {
  /** Whole minutes. */
  readonly range: TimeRange;
  /** By dimensions only. */
  readonly filter: FactFilter;
  readonly columns: readonly FactColumn[];
}

/** Sheets of one connection. */
export interface MinuteSheets {
  /** Sums of each column by minute, from the first minute of the range on. Must be called inside one state of the file. */
  addUp(question: SheetQuestion): readonly Float64Array[];
}

/** The calls of a quarter hour. */
interface Sheet {
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

/** @param maxBytes memory for sheets that are not in use. */
export function createMinuteSheets(context: QueryContext, maxBytes: number = MAX_BYTES): MinuteSheets {
  const readChanged = createChangedReader(context.database);
  const schemaVersion = context.database.prepare<[], number>("PRAGMA schema_version").pluck();
  /** By quarter hour, the least recently used first. */
  const kept = new Map<number, Sheet>();
  /** All that was asked for, by its SQL: who asks for one after the other finds all of them. */
  const known = new Map<string, FactColumn>();
  let keptBytes = 0;
  let generation = -1;
  let version: number | undefined;
  let watermark: number | undefined;

  const forget = (quarterHour: number): void => {
    keptBytes -= kept.get(quarterHour)?.bytes ?? 0;
    kept.delete(quarterHour);
  };

  const forgetChanged = (): void => {
    const changed = readChanged();
    const [versionNow, watermarkNow] = [schemaVersion.get(), context.ledgerStartMillis()];
    const isSameFile = versionNow === version && watermarkNow === watermark;
    const gone = isSameFile ? changedSince(changed, generation) : undefined;
    for (const quarterHour of gone ?? [...kept.keys()]) forget(quarterHour);
    ({ generation } = changed);
    version = versionNow;
    watermark = watermarkNow;
  };

  const keep = (quarterHour: number, sheet: Sheet): void => {
    forget(quarterHour);
    kept.set(quarterHour, sheet);
    keptBytes += sheet.bytes;
  };

  const forgetOldest = (): void => {
    for (const quarterHour of kept.keys()) {
      if (keptBytes <= maxBytes) return;
      forget(quarterHour);
    }
  };

  /** Reads the sheets of some quarter hours in a row. */
  const load = (first: number, behind: number): void => {
    const columns = [...known.values()];
    const range = { startMillis: first * QUARTER_HOUR_MILLIS, endMillis: behind * QUARTER_HOUR_MILLIS };
    const has = (...names: DimensionFilter[]): boolean => names.some((name) => columns.includes(DIMENSIONS[name]));
    const selection = planSelection("calls", {}, findScope(context, {}), range, {
      session: has("products", "projects"),
      task: has("agents"),
    });
    const { minutes, numbers } = readFactColumns(context, TABLE, selection, columns);
    for (const [i, facts] of factsByQuarterHour(minutes, first, behind).entries()) {
      const own = new Uint8Array(facts.length);
      for (let fact = 0; fact < facts.length; fact++) own[fact] = (minutes[facts[fact] as number] as number) % MINUTES;
      const byColumn = columns.map(({ sql }, column) => [sql, pick(numbers[column] ?? [], facts)] as const);
      const bytes = own.byteLength + byColumn.reduce((sum, [, { byteLength }]) => sum + byteLength, 0);
      keep(first + i, { minutes: own, columns: new Map(byColumn), answers: new Map(), bytes });
    }
  };

  /** Reads what is missing, runs of quarter hours together: rows may lie some quarter hours away from their time. */
  const provide = (first: number, behind: number, columns: readonly FactColumn[]): void => {
    for (const column of columns) known.set(column.sql, known.get(column.sql) ?? column);
    const isThere = (quarterHour: number): boolean =>
      columns.every(({ sql }) => kept.get(quarterHour)?.columns.has(sql) === true);
    for (let from = first; from < behind; from++) {
      if (isThere(from)) continue;
      let to = from + 1;
      while (to < behind && !isThere(to)) to += 1;
      load(from, to);
      from = to;
    }
  };

  return {
    addUp({ range, filter, columns }) {
      forgetChanged();
      const [first, behind] = [quarterHourOf(range.startMillis), quarterHourOf(range.endMillis - 1) + 1];
      const asked = DIMENSION_FILTERS.filter((name) => filter[name] !== undefined);
      provide(first, behind, [...columns, ...asked.map((name) => DIMENSIONS[name])]);
      const firstMinute = range.startMillis / MINUTE_MILLIS;
      const length = range.endMillis / MINUTE_MILLIS - firstMinute;
      const totals = columns.map(() => new Float64Array(length));
      const wanted = asked.map((name) => ({ sql: DIMENSIONS[name].sql, ids: numbersOf(context, filter[name] ?? []) }));
      const question = JSON.stringify([wanted.map(({ sql, ids }) => [sql, ...ids]), columns.map(({ sql }) => sql)]);
      for (let quarterHour = first; quarterHour < behind; quarterHour++) {
        const sheet = kept.get(quarterHour);
        if (sheet === undefined) continue;
        keep(quarterHour, sheet);
        const sums = answerOf(sheet, question, wanted, columns);
        const offset = quarterHour * MINUTES - firstMinute;
        for (const [i, byMinute] of totals.entries()) {
          for (let minute = Math.max(0, -offset); minute < MINUTES && offset + minute < length; minute++) {
            byMinute[offset + minute] = sums[i]?.[minute] ?? 0;
          }
        }
      }
      forgetOldest();
      return totals;
    },
  };
}

const NONE = new Float64Array(0);

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

interface WantedDimension {
  readonly sql: string;
  readonly ids: ReadonlySet<number>;
}

/** Sums of each column by minute, over the calls that are wanted. */
function answerOf(
  sheet: Sheet,
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
function minutesOfWanted({ minutes, columns }: Sheet, wanted: readonly WantedDimension[]): Int8Array {
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

/** Numbers of names; the empty one stands for what is not known. */
function numbersOf(context: QueryContext, names: readonly string[]): ReadonlySet<number> {
  const find = context.statement("SELECT id FROM string WHERE text = ?").pluck();
  return new Set(names.map((name) => (name === "" ? 0 : ((find.get(name) as number | undefined) ?? -1))));
}

const sheetsByContext = new WeakMap<QueryContext, MinuteSheets | "asked once">();

/**
 * The sheets of who asks for minutes again; undefined for who asks for the first time, which reads less, and for a
 * connection that writes, whose changes may be taken back.
 */
export function minuteSheetsOf(context: QueryContext): MinuteSheets | undefined {
  if (!context.database.readonly) return undefined;
  const known = sheetsByContext.get(context);
  if (known === undefined) {
    sheetsByContext.set(context, "asked once");
    return undefined;
  }
  if (known !== "asked once") return known;
  const sheets = createMinuteSheets(context);
  sheetsByContext.set(context, sheets);
  return sheets;
}

/** Whether sheets can answer: they know dimensions, and nothing else of a call. */
export function hasOnlyDimensions(filter: FactFilter): boolean {
  const known: readonly string[] = [...DIMENSION_FILTERS, "range"];
  return Object.keys(filter).every((name) => known.includes(name));
}
