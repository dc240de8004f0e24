/** What a hook reported of a task, as columns of its row. */
import type { TaskReport } from "@moai-metrics/model";
import { type Ranked, ranked } from "../merge/ranked.ts";

export const REPORT_COLUMNS = [
  "report_rank",
  "reported_name",
  "reported_tokens",
  "reported_ms",
  "report_knows_session",
] as const;

/** In the order of {@link REPORT_COLUMNS}. */
export type ReportValues = readonly [
  rank: number,
  name: string | null,
  tokens: number | null,
  durationMillis: number | null,
  knowsSession: number,
];

const NO_REPORT: ReportValues = [0, null, null, null, 0];

export function encodeReport(report: Ranked<TaskReport> | undefined): ReportValues {
  if (report === undefined) return NO_REPORT;
  const { name, tokens, durationMillis } = report.value;
  return [report.rank, name ?? null, tokens ?? null, durationMillis ?? null, placeOf(report.value)];
}

/** In `report_knows_session`: a rough report is compared with nothing. */
const ROUGH = 2;

function placeOf({ isRough, knowsSession }: TaskReport): number {
  return isRough === true ? ROUGH : knowsSession === true ? 1 : 0;
}

export function decodeReport([rank, name, tokens, millis, place]: ReportValues): Ranked<TaskReport> | undefined {
  if (rank === 0) return undefined;
  return ranked(rank, {
    name: name ?? undefined,
    tokens: tokens ?? undefined,
    durationMillis: millis ?? undefined,
    knowsSession: place > 0,
    isRough: place === ROUGH,
  });
}
