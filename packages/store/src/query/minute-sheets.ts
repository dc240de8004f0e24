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
import { answerOf, cutIntoSheets, MINUTES, type MinuteSheet } from "./minute-sheet.ts";
import { findScope, planSelection } from "./selection.ts";
import type { FactFilter } from "./types.ts";

/** Three busy days of 55,000 calls each, with a number and all dimensions of each call. */
const MAX_BYTES = 8 * 1024 * 1024;

const MINUTE_MILLIS = QUARTER_HOUR_MILLIS / MINUTES;

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

/** @param maxBytes memory for sheets that are not in use. */
export function createMinuteSheets(context: QueryContext, maxBytes: number = MAX_BYTES): MinuteSheets {
  const readChanged = createChangedReader(context.database);
  const schemaVersion = context.database.prepare<[], number>("PRAGMA schema_version").pluck();
  /** By quarter hour, the least recently used first. */
  const kept = new Map<number, MinuteSheet>();
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

  const keep = (quarterHour: number, sheet: MinuteSheet): void => {
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
    const facts = readFactColumns(context, TABLE, selection, columns);
    for (const [i, sheet] of cutIntoSheets(facts, columns, first, behind).entries()) keep(first + i, sheet);
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
