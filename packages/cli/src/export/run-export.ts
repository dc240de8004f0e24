/** Runs an export: all of it from one state of the store, in pieces, as fast as its reader takes them. */
import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { createGzip } from "node:zlib";
import {
  type ExportQuestion,
  type ExportText,
  exportCsv,
  exportGrafana,
  exportJson,
  exportOpenMetrics,
  exportPrometheus,
  hiddenFields,
} from "@moai-metrics/report";
import type { Store } from "@moai-metrics/store";
import { answer } from "../commands/answer.ts";
import { type ExportFlags, stepOf } from "../commands/export.ts";
import type { CliContext } from "../context.ts";
import { resolveRange } from "../flags/range.ts";
import { limitHeapForRows } from "../ledger/limit-heap.ts";
import { streamFileWhole } from "../output/stream-file.ts";
import { type ExportPart, planExport } from "./plan-export.ts";

/** Bytes: pages of rows and their text live for a moment. */
const YOUNG_OF_ROWS = 16 * 1024 * 1024;
/** Bytes: series are in memory until they are written, and leave less room. */
const YOUNG_OF_SERIES = 2 * 1024 * 1024;

/**
 * Room for two pieces, so that the next one is made while the thread that compresses works on the last. One level below
 * zlib's own: a fifth less work for 3 % more bytes.
 */
const GZIP = { level: 5, chunkSize: 65_536, highWaterMark: 131_072 };

/** Writes what the flags ask for. @throws UsageError for flags that do not fit together. */
export async function runExport(context: CliContext, flags: ExportFlags): Promise<void> {
  const { reporting } = (await context.loadConfig(flags)).config;
  const parts = planExport(flags, reporting.exportFormat, context.environment.workingFolder);
  await answer(context, flags, async ({ ledger: { store }, screen, config, filter }) => {
    const nowMillis = context.now();
    const range = resolveRange(flags, { calendar: screen.calendar, nowMillis, lastUnit: "day" });
    const question: ExportQuestion = {
      filter: { ...filter, range },
      nowMillis,
      hidden: { sessions: hiddenFields("session", config), tasks: hiddenFields("task", config) },
    };
    if (context.dataLabel !== undefined) context.warn(context.dataLabel);
    warnOfDeletedRows(context, store, parts, question);
    limitHeapForRows(
      parts.some(({ format }) => format === "json" || format === "csv") ? YOUNG_OF_ROWS : YOUNG_OF_SERIES,
    );
    await store.inOneState(async () => {
      for (const part of parts) await writePart(context, part, textOf(store, part, question, flags));
    });
  });
}

function textOf(store: Store, { format, kind }: ExportPart, question: ExportQuestion, flags: ExportFlags): ExportText {
  switch (format) {
    case "json":
      return exportJson(store, question);
    case "csv":
      return exportCsv(store, question, kind ?? "tasks");
    case "prometheus":
      return exportPrometheus(store, question);
    case "openmetrics":
      return exportOpenMetrics(store, { ...question, step: stepOf(flags) });
    case "grafana":
      return exportGrafana(store, { ...question, step: stepOf(flags) });
  }
}

async function writePart(context: CliContext, { path, isCompressed }: ExportPart, text: ExportText): Promise<void> {
  // A piece at a time: those that wait would outlive V8's youngest garbage.
  const pieces = Readable.from(bytesOf(text), { objectMode: true, highWaterMark: 1 });
  const stream = isCompressed ? pieces.compose(createGzip(GZIP)) : pieces;
  if (path === undefined) {
    await context.writeAll(stream);
    return;
  }
  await streamFileWhole(path, stream);
  context.warn(`Written to ${path}`);
}

/**
 * Text that was put together from many strings holds all of them until it is made into bytes. Between two pieces comes
 * whatever waits: else nothing hears that a piece is written or compressed before there is no room for another one.
 */
async function* bytesOf(text: ExportText): AsyncGenerator<Buffer> {
  for (const piece of text) {
    yield Buffer.from(piece);
    await setImmediate();
  }
}

/** Sums are kept for ever, rows are not: who exports rows should know what is no longer among them. */
function warnOfDeletedRows(
  context: CliContext,
  store: Store,
  parts: readonly ExportPart[],
  { filter: { range } }: ExportQuestion,
): void {
  if (!parts.some(({ format }) => format === "json" || format === "csv" || format === "grafana")) return;
  const { deletedBeforeMillis } = store.query.getTasks({ range, limit: 1 });
  if (deletedBeforeMillis === undefined) return;
  const day = new Date(deletedBeforeMillis).toISOString().slice(0, "2026-11-22".length);
  context.warn(
    `Rows before ${day} were deleted for their age and are not in the export; their sums are in ` +
      "--format prometheus and openmetrics.",
  );
}
