/** A model call as a row. */
import type { TokenUsage } from "@moai-metrics/model";
import type { ModelCallState, PricedUsage } from "../merge/model-call.ts";
import { packRanks, unpackRanks } from "../merge/rank-packing.ts";
import type { Ranked } from "../merge/ranked.ts";
import type { Strings } from "./strings.ts";

/** The columns behind `id`, in the order of the table. */
export const MODEL_CALL_COLUMNS = [
  "request_key",
  "response_key",
  "is_replay",
  "ranks",
  "session_id",
  "task_id",
  "model_id",
  "ended_at",
  "duration_ms",
  "first_chunk_ms",
  "input",
  "cache_read",
  "cache_write_5m",
  "cache_write_1h",
  "output",
  "reasoning",
  "web_searches",
  "is_fast",
  "cost_nano_usd",
  "cost_is_reported",
  "price_id",
  "error_type_id",
] as const;

export interface ModelCallRow {
  readonly id: number;
  readonly request_key: number | null;
  readonly response_key: number | null;
  readonly is_replay: number;
  readonly ranks: number;
  readonly session_id: number;
  readonly task_id: number;
  readonly model_id: number;
  readonly ended_at: number;
  readonly duration_ms: number | null;
  readonly first_chunk_ms: number | null;
  readonly input: number | null;
  readonly cache_read: number | null;
  readonly cache_write_5m: number | null;
  readonly cache_write_1h: number | null;
  readonly output: number | null;
  readonly reasoning: number | null;
  readonly web_searches: number | null;
  readonly is_fast: number | null;
  readonly cost_nano_usd: number | null;
  readonly cost_is_reported: number;
  readonly price_id: number;
  readonly error_type_id: number;
}

/** What a call cost, and where the figure comes from. */
export interface CallCost {
  /** Undefined: no price is known. */
  readonly nanoUsd: number | undefined;
  /** Reported by the agent, not computed. */
  readonly isReported: boolean;
  /** Row of the unit prices it was computed from; 0 when it was not. */
  readonly priceId: number;
}

const RANKED_FIELDS = 8;

export function encodeCall(
  state: ModelCallState,
  cost: CallCost,
  sessionRowId: number,
  taskRowId: number,
  strings: Strings,
): (number | null)[] {
  const usage = state.usage?.value;
  const tokens = usage?.tokens;
  const ranks = packRanks([
    state.base.rank,
    state.taskId?.rank ?? 0,
    state.durationMillis?.rank ?? 0,
    state.firstChunkMillis?.rank ?? 0,
    state.usage?.rank ?? 0,
    state.model?.rank ?? 0,
    state.errorType?.rank ?? 0,
    state.reportedCostNanoUsd?.rank ?? 0,
  ]);
  return [
    state.requestKey ?? null,
    state.responseKey ?? null,
    state.isReplay ? 1 : 0,
    ranks,
    sessionRowId,
    taskRowId,
    strings.idOf(state.model?.value),
    state.base.value.endedAtMillis,
    state.durationMillis?.value ?? null,
    state.firstChunkMillis?.value ?? null,
    tokens?.input ?? null,
    tokens?.cacheRead ?? null,
    tokens?.cacheWrite5m ?? null,
    tokens?.cacheWrite1h ?? null,
    tokens?.output ?? null,
    tokens?.reasoning ?? null,
    usage?.webSearches ?? null,
    usage === undefined ? null : Number(usage.isFast),
    cost.nanoUsd ?? null,
    cost.isReported ? 1 : 0,
    cost.priceId,
    strings.idOf(state.errorType?.value),
  ];
}

export function decodeCall(
  row: ModelCallRow,
  sessionId: string,
  taskId: string | undefined,
  strings: Strings,
): { state: ModelCallState; cost: CallCost } {
  const [base = 0, task = 0, duration = 0, firstChunk = 0, usage = 0, model = 0, error = 0, reportedCost = 0] =
    unpackRanks(row.ranks, RANKED_FIELDS);
  const state: ModelCallState = {
    requestKey: row.request_key ?? undefined,
    responseKey: row.response_key ?? undefined,
    isReplay: row.is_replay === 1,
    base: { rank: base, value: { sessionId, endedAtMillis: row.ended_at } },
    taskId: known(task, taskId),
    durationMillis: known(duration, row.duration_ms),
    firstChunkMillis: known(firstChunk, row.first_chunk_ms),
    usage: known(usage, decodeUsage(row)),
    model: known(model, strings.textOf(row.model_id)),
    errorType: known(error, strings.textOf(row.error_type_id)),
    reportedCostNanoUsd: known(reportedCost, row.cost_nano_usd),
  };
  const cost = {
    nanoUsd: row.cost_nano_usd ?? undefined,
    isReported: row.cost_is_reported === 1,
    priceId: row.price_id,
  };
  return { state, cost };
}

/** A field whose rank is 0 has never been told by anyone. */
function known<T>(rank: number, value: T | null | undefined): Ranked<T> | undefined {
  return rank === 0 || value === null || value === undefined ? undefined : { rank, value };
}

function decodeUsage(row: ModelCallRow): PricedUsage | undefined {
  if (row.input === null) return undefined;
  const tokens: TokenUsage = {
    input: row.input,
    cacheRead: row.cache_read ?? 0,
    cacheWrite5m: row.cache_write_5m ?? 0,
    cacheWrite1h: row.cache_write_1h ?? 0,
    output: row.output ?? 0,
    reasoning: row.reasoning ?? 0,
  };
  return { tokens, webSearches: row.web_searches ?? 0, isFast: row.is_fast === 1 };
}
