/** Imports the phase 6A metrics file of MoAI-Flow. */
import { statSync } from "node:fs";
import { basename, dirname } from "node:path";
import {
  MOAI_FLOW_PRODUCT,
  MOAI_FLOW_TABLES,
  type MoaiFlowOrigin,
  type MoaiFlowSample,
  mapAgentMetricRow,
  mapSwarmMetricRow,
  mapTaskRow,
  type SourceRow,
} from "@moai-metrics/agents/moai-flow";
import { createZoneCalendar, type Fact } from "@moai-metrics/model";
import {
  type ForeignTables,
  openForeignTables,
  type SeriesIdentity,
  type SeriesPoint,
  type Store,
  StoreError,
} from "@moai-metrics/store";
import { addCounts } from "./write-batches.ts";

/** What to import. */
export interface MoaiFlowOptions {
  /** The file; it is only read. */
  readonly path: string;
  /** The IANA zone of the machine that wrote it: its times are local. */
  readonly timeZone: string;
}

/** What an import did. */
export interface MoaiFlowOutcome {
  readonly product: string;
  /** Absolute path. */
  readonly path: string;
  readonly timeZone: string;
  /** Rows read, by table. */
  readonly rows: { readonly tasks: number; readonly agents: number; readonly swarms: number };
  /** Facts made of the task rows, and what they were to the ledger. */
  readonly facts: { readonly received: number; readonly inserted: number; readonly changed: number };
  /** Data points, and how many of them were there already. */
  readonly points: { readonly inserted: number; readonly repeated: number };
  /** Sum of the tokens of all task rows. */
  readonly tokens: number;
  /** Rows, or parts of rows, that could not be taken over, by reason. */
  readonly skipped: ReadonlyMap<string, number>;
}

const ROWS_PER_PAGE = 2_000;
/** OpenTelemetry's default limit of series per metric. */
const MAX_SERIES_PER_METRIC = 2_000;
const SCOPE = Object.freeze({ name: "moai-flow/metrics-storage", version: "1.0.0" });
const METRICS_FOLDER = ".swarm";

/**
 * Reads all rows and writes what they say. Facts and points have keys made of the rows, so importing a file again, or one
 * that grew, adds what is new and nothing else; a run that dies half-way is simply repeated.
 *
 * @throws StoreError `not_our_file` when it is not such a file, or when an earlier import took its times in another zone.
 */
export function importMoaiFlow(store: Store, options: MoaiFlowOptions): MoaiFlowOutcome {
  const tables = openForeignTables(options.path);
  try {
    checkTables(tables);
    checkZone(store, tables.path, options.timeZone);
    return importTables(store, tables, options.timeZone);
  } finally {
    tables.close();
  }
}

function importTables(store: Store, tables: ForeignTables, timeZone: string): MoaiFlowOutcome {
  const { path } = tables;
  const calendar = createZoneCalendar(timeZone);
  const origin: MoaiFlowOrigin = { project: projectOf(path), calendar };
  const skipped = new Map<string, number>();
  const rows = { tasks: 0, agents: 0, swarms: 0 };
  const facts = { received: 0, inserted: 0, changed: 0 };
  const points = { inserted: 0, repeated: 0 };
  const series = createSeriesBook(origin.project);
  let tokens = 0;
  const skip = (reason: string, count = 1): void => addCounts(skipped, [[reason, count]]);

  const writeSamples = (samples: readonly MoaiFlowSample[]): void => {
    const batch = series.batchOf(samples, skip);
    if (batch.length === 0) return;
    const result = store.writePoints({ series: batch });
    points.inserted += result.inserted;
    points.repeated += result.repeated;
    addCounts(skipped, Object.entries(result.refused));
  };

  for (const page of pagesOf(tables, "tasks")) {
    rows.tasks += page.length;
    const mapped = page.map((row) => mapTaskRow(row, origin));
    const pageFacts = mapped.flatMap((row): readonly Fact[] => row.facts);
    const result = store.write({ facts: pageFacts });
    facts.received += result.received;
    facts.inserted += result.inserted;
    facts.changed += result.changed;
    addCounts(skipped, Object.entries(result.refused));
    for (const row of mapped) for (const reason of row.skipped) skip(reason);
    const samples = mapped.flatMap((row) => row.samples);
    for (const { metric, value } of samples) if (metric === "moai_flow.task.tokens") tokens += value;
    writeSamples(samples);
  }
  for (const [table, map] of METRIC_TABLES) {
    for (const page of pagesOf(tables, table)) {
      rows[table] += page.length;
      const samples: MoaiFlowSample[] = [];
      for (const row of page) {
        const mapped = map(row, calendar);
        if ("sample" in mapped) samples.push(mapped.sample);
        else skip(mapped.skipped);
      }
      writeSamples(samples);
    }
  }
  store.write({
    facts: [],
    cursors: [cursorOf(path, timeZone)],
    restarted: [path],
    skipped: [...skipped].map(([reason, count]) => ({ product: MOAI_FLOW_PRODUCT, path, reason, count })),
  });
  return { product: MOAI_FLOW_PRODUCT, path, timeZone, rows, facts, points, tokens, skipped };
}

const METRIC_TABLES = [
  ["agents", mapAgentMetricRow],
  ["swarms", mapSwarmMetricRow],
] as const;

function pagesOf(tables: ForeignTables, table: keyof typeof MOAI_FLOW_TABLES): Iterable<SourceRow[]> {
  const { name, columns } = MOAI_FLOW_TABLES[table];
  return tables.pages(name, columns, ROWS_PER_PAGE);
}

/** The series of the file; one object for each, as the store likes it. */
function createSeriesBook(project: string | undefined) {
  const identities = new Map<string, SeriesIdentity>();
  const seriesPerMetric = new Map<string, number>();
  const resource = { "service.name": MOAI_FLOW_PRODUCT, ...(project === undefined ? {} : { "moai.project": project }) };

  const identityOf = ({ metric, unit, kind, valueType, attributes }: MoaiFlowSample): SeriesIdentity | undefined => {
    const key = JSON.stringify([metric, attributes]);
    const known = identities.get(key);
    if (known !== undefined) return known;
    const count = seriesPerMetric.get(metric) ?? 0;
    if (count >= MAX_SERIES_PER_METRIC) return undefined;
    seriesPerMetric.set(metric, count + 1);
    const identity: SeriesIdentity = {
      metric,
      kind: kind === "delta" ? "sum" : "gauge",
      unit,
      description: "Imported from MoAI-Flow.",
      temporality: kind === "delta" ? "delta" : "none",
      isMonotonic: kind === "delta",
      valueType,
      attributes,
      resource,
      scope: SCOPE,
    };
    identities.set(key, identity);
    return identity;
  };

  return {
    batchOf(samples: readonly MoaiFlowSample[], skip: (reason: string) => void) {
      const points = new Map<SeriesIdentity, SeriesPoint[]>();
      for (const sample of samples) {
        const identity = identityOf(sample);
        if (identity === undefined) {
          skip(`more than ${MAX_SERIES_PER_METRIC} names in one metric`);
          continue;
        }
        const { startTimeUnixNano, timeUnixNano, value } = sample;
        const point: SeriesPoint = { startTimeUnixNano, timeUnixNano, value: { kind: "number", value } };
        const known = points.get(identity);
        if (known === undefined) points.set(identity, [point]);
        else known.push(point);
      }
      return [...points].map(([identity, ofSeries]) => ({ identity, points: ofSeries }));
    },
  };
}

/** @throws StoreError when the tables are not those of phase 6A. */
function checkTables(tables: ForeignTables): void {
  const missing = Object.values(MOAI_FLOW_TABLES).find(({ name, columns }) => {
    const present = tables.columns(name);
    return columns.some((column) => !present.includes(column));
  });
  if (missing === undefined) return;
  const isPhase7 = tables.columns("storage_schema_info").length > 0 || tables.columns("metrics_archive").length > 0;
  const isEmpty = basename(tables.path).includes("persistent") || isPhase7;
  throw new StoreError(
    "not_our_file",
    isEmpty
      ? `${tables.path} belongs to MoAI-Flow's phase 7 storage, which never stored a row. Nothing to import; the ` +
          `phase 6A file is ${METRICS_FOLDER}/metrics.db.`
      : `${tables.path} is no metrics file of MoAI-Flow: it has no table ${missing.name} with the columns ` +
          `${missing.columns.join(", ")}. Name the phase 6A file with --path; it is usually ${METRICS_FOLDER}/metrics.db.`,
  );
}

/** The same local times taken in two zones would be two moments of one task. */
function checkZone(store: Store, path: string, timeZone: string): void {
  const earlier = zoneOfState(store.readingState(path));
  if (earlier === undefined || earlier === timeZone) return;
  throw new StoreError(
    "not_our_file",
    `The times of ${path} were imported as those of ${earlier}; taking them as ${timeZone} would move its tasks. ` +
      `Use --timezone ${earlier}.`,
  );
}

function zoneOfState(state: string | undefined): string | undefined {
  return state === undefined ? undefined : (JSON.parse(state) as { timeZone?: string }).timeZone;
}

function cursorOf(path: string, timeZone: string) {
  const { ino, size, mtimeMs } = statSync(path);
  return {
    path,
    product: MOAI_FLOW_PRODUCT,
    inode: ino,
    sizeBytes: size,
    modifiedAtMillis: Math.floor(mtimeMs),
    offsetBytes: size,
    state: JSON.stringify({ timeZone }),
  };
}

function projectOf(path: string): string | undefined {
  const folder = dirname(path);
  return basename(folder) === METRICS_FOLDER ? dirname(folder) : undefined;
}
