/** Every schema version of the file, in order. */
import { LEDGER_ROLLUPS_SERIES } from "./0001-ledger-rollups-series.ts";
import { COMPACT_CALLS_TOTALS_TAGS } from "./0002-compact-calls-totals-tags.ts";
import { ROLLUPS_OPEN_AND_CLOSED } from "./0003-rollups-open-and-closed.ts";
import { SERIES_TIERS } from "./0004-series-tiers.ts";
import { QUALITY } from "./0005-quality.ts";
import { LIVE_COUNTERS } from "./0006-live-counters.ts";
import { TASK_REPORTS } from "./0007-task-reports.ts";
import { WITNESSES } from "./0008-witnesses.ts";
import { SUMS_OF_SPANS } from "./0009-sums-of-spans.ts";
import { USAGE_BY_METRIC } from "./0010-usage-by-metric.ts";
import { LIVE_TASKS } from "./0011-live-tasks.ts";
import { LIVE_SESSIONS_AND_LINES } from "./0012-live-sessions-and-lines.ts";
import { LABELS_OF_LIVE_COUNTERS } from "./0013-labels-of-live-counters.ts";
import { SESSIONS_BY_PROJECT } from "./0014-sessions-by-project.ts";
import type { Migration } from "./types.ts";

export type { Migration } from "./types.ts";

/** `PRAGMA application_id` of our files: "MoAI" in ASCII. */
export const APPLICATION_ID = 0x4d6f4149;

/** Every version, in order: entry 0 leads from an empty file to version 1. */
export const MIGRATIONS: readonly Migration[] = [
  LEDGER_ROLLUPS_SERIES,
  COMPACT_CALLS_TOTALS_TAGS,
  ROLLUPS_OPEN_AND_CLOSED,
  SERIES_TIERS,
  QUALITY,
  LIVE_COUNTERS,
  TASK_REPORTS,
  WITNESSES,
  SUMS_OF_SPANS,
  USAGE_BY_METRIC,
  LIVE_TASKS,
  LIVE_SESSIONS_AND_LINES,
  LABELS_OF_LIVE_COUNTERS,
  SESSIONS_BY_PROJECT,
];

/** The schema version that this code reads and writes; `PRAGMA user_version` of the file. */
export const SCHEMA_VERSION: number = MIGRATIONS.length;
