/** A model call as a row. */
import { type ModelCallFact, type TokenUsage, WITNESS_BITS, WITNESS_RANK } from "@moai-metrics/model";
import { type Dissent, NO_DISSENTS } from "../merge/call-witnesses.ts";
import { A_SUM, isSum, type ModelCallState, type PricedUsage } from "../merge/model-call.ts";
import { packRanks, unpackRanks } from "../merge/rank-packing.ts";
import type { Ranked } from "../merge/ranked.ts";
import { CALL_FLAGS, type CallShapes } from "./call-shapes.ts";
import { keyOfRow, keyRestOf, quarterHourOfRow } from "./locator.ts";
import type { Strings } from "./strings.ts";

/** The columns, in the order of the table. */
export const MODEL_CALL_COLUMNS = [
  "id",
  "key_rest",
  "other_key",
  "shape_id",
  "session_id",
  "task_id",
  "ended_ms",
  "duration_ms",
  "first_chunk_ms",
  "input",
  "cache_read",
  "cache_write_5m",
  "cache_write_1h",
  "output",
  "reasoning",
  "web_searches",
  "cost_nano_usd",
] as const;

export interface ModelCallRow {
  readonly id: number;
  readonly key_rest: number;
  readonly other_key: number | null;
  readonly shape_id: number;
  readonly session_id: number;
  readonly task_id: number;
  readonly ended_ms: number;
  readonly duration_ms: number | null;
  readonly first_chunk_ms: number | null;
  readonly input: number | null;
  readonly cache_read: number | null;
  readonly cache_write_5m: number | null;
  readonly cache_write_1h: number | null;
  readonly output: number | null;
  readonly reasoning: number | null;
  readonly web_searches: number | null;
  readonly cost_nano_usd: number | null;
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

/** Where a row lies, and by which of its keys. */
export interface CallPlace {
  readonly id: number;
  readonly key: number;
}

/** Row numbers that a call refers to. */
export interface OwnerRows {
  readonly sessionRowId: number;
  /** 0: the call belongs to no task. */
  readonly taskRowId: number;
}

const RANKED_FIELDS = 8;
const QUARTER_HOUR_MILLIS = 900_000;

/** @returns the values of all columns, in the order of {@link MODEL_CALL_COLUMNS}. */
export function encodeCall(
  state: ModelCallState,
  place: CallPlace,
  cost: CallCost,
  owners: OwnerRows,
  shapes: CallShapes,
  strings: Strings,
): (number | null)[] {
  const usage = state.usage?.value;
  const tokens = usage?.isSum === true ? undefined : usage?.tokens;
  const liesByResponse = place.key !== state.requestKey;
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
  const shapeId = shapes.idOf({
    ranks,
    flags:
      (liesByResponse ? CALL_FLAGS.liesByResponse : 0) +
      (state.isReplay ? CALL_FLAGS.isReplay : 0) +
      (usage?.isFast === true ? CALL_FLAGS.isFast : 0) +
      (cost.isReported ? CALL_FLAGS.isCostReported : 0) +
      (state.witnesses.dissents.length > 0 ? CALL_FLAGS.hasDissents : 0) +
      (isSum(state) ? CALL_FLAGS.isSum : 0),
    witnesses: state.witnesses.seenBy,
    modelId: strings.idOf(state.model?.value),
    priceId: cost.priceId,
    errorTypeId: strings.idOf(state.errorType?.value),
  });
  return [
    place.id,
    keyRestOf(place.id, place.key),
    (liesByResponse ? state.requestKey : state.responseKey) ?? null,
    shapeId,
    owners.sessionRowId,
    owners.taskRowId,
    state.base.value.endedAtMillis - quarterHourOfRow(place.id) * QUARTER_HOUR_MILLIS,
    state.durationMillis?.value ?? null,
    state.firstChunkMillis?.value ?? null,
    tokens?.input ?? null,
    tokens?.cacheRead ?? null,
    tokens?.cacheWrite5m ?? null,
    tokens?.cacheWrite1h ?? null,
    tokens?.output ?? null,
    tokens?.reasoning ?? null,
    tokens === undefined ? null : (usage?.webSearches ?? null),
    cost.nanoUsd ?? null,
  ];
}

/**
 * The row of a call that is not in the file and is told once: what {@link encodeCall} makes of it, without what is needed
 * to merge it with other reports. Neither a replay nor a sum.
 * @param row is filled, so that many calls need one array.
 */
export function encodeReport(
  row: (number | null)[],
  fact: ModelCallFact,
  place: CallPlace,
  otherKey: number | undefined,
  cost: CallCost,
  owners: OwnerRows,
  shapes: CallShapes,
  strings: Strings,
): void {
  const { usage, errorType, durationMillis, firstChunkMillis } = fact;
  const told =
    1 +
    (fact.taskId === undefined ? 0 : RANK_UNITS[1]) +
    (durationMillis === undefined ? 0 : RANK_UNITS[2]) +
    (firstChunkMillis === undefined ? 0 : RANK_UNITS[3]) +
    (usage === undefined ? 0 : RANK_UNITS[4]) +
    (fact.model === undefined ? 0 : RANK_UNITS[5]) +
    (errorType ? RANK_UNITS[6] : 0) +
    (fact.reportedCostNanoUsd === undefined ? 0 : RANK_UNITS[7]);
  row[0] = place.id;
  row[1] = keyRestOf(place.id, place.key);
  row[2] = otherKey ?? null;
  row[3] = shapes.idOf({
    ranks: WITNESS_RANK[fact.witness] * told,
    flags:
      (fact.requestId === undefined ? CALL_FLAGS.liesByResponse : 0) +
      (usage !== undefined && fact.speed === "fast" ? CALL_FLAGS.isFast : 0) +
      (cost.isReported ? CALL_FLAGS.isCostReported : 0),
    witnesses: WITNESS_BITS[fact.witness],
    modelId: strings.idOf(fact.model),
    priceId: cost.priceId,
    errorTypeId: strings.idOf(errorType),
  });
  row[4] = owners.sessionRowId;
  row[5] = owners.taskRowId;
  row[6] = fact.endedAtMillis - quarterHourOfRow(place.id) * QUARTER_HOUR_MILLIS;
  row[7] = durationMillis ?? null;
  row[8] = firstChunkMillis ?? null;
  row[9] = usage?.input ?? null;
  row[10] = usage?.cacheRead ?? null;
  row[11] = usage?.cacheWrite5m ?? null;
  row[12] = usage?.cacheWrite1h ?? null;
  row[13] = usage?.output ?? null;
  row[14] = usage?.reasoning ?? null;
  row[15] = usage === undefined ? null : (fact.webSearches ?? 0);
  row[16] = cost.nanoUsd ?? null;
}

/** What a rank counts for in each place of the packed ranks. */
const RANK_UNITS = [1, 2 ** 6, 2 ** 12, 2 ** 18, 2 ** 24, 2 ** 30, 2 ** 36, 2 ** 42] as const;

/** The same row in another place of its key. */
export function moveReport(row: (number | null)[], { id, key }: CallPlace): void {
  row[0] = id;
  row[1] = keyRestOf(id, key);
}

/**
 * Reads a row back.
 *
 * @param dissentsOf what witnesses of the row said that it does not say.
 */
export function decodeCall(
  row: ModelCallRow,
  sessionId: string,
  taskId: string | undefined,
  shapes: CallShapes,
  strings: Strings,
  dissentsOf: (id: number) => readonly Dissent[],
): { state: ModelCallState; cost: CallCost; placeKey: number } {
  const { ranks, flags, witnesses, modelId, priceId, errorTypeId } = shapes.byId(row.shape_id);
  const [base = 0, task = 0, duration = 0, firstChunk = 0, usage = 0, model = 0, error = 0, reportedCost = 0] =
    unpackRanks(ranks, RANKED_FIELDS);
  const placeKey = keyOfRow(row.id, row.key_rest);
  const otherKey = row.other_key ?? undefined;
  const liesByResponse = (flags & CALL_FLAGS.liesByResponse) !== 0;
  const endedAtMillis = quarterHourOfRow(row.id) * QUARTER_HOUR_MILLIS + row.ended_ms;
  const state: ModelCallState = {
    requestKey: liesByResponse ? otherKey : placeKey,
    responseKey: liesByResponse ? placeKey : otherKey,
    isReplay: (flags & CALL_FLAGS.isReplay) !== 0,
    base: { rank: base, value: { sessionId, endedAtMillis } },
    taskId: known(task, taskId),
    durationMillis: known(duration, row.duration_ms),
    firstChunkMillis: known(firstChunk, row.first_chunk_ms),
    usage: known(usage, decodeUsage(row, flags)),
    model: known(model, strings.textOf(modelId)),
    errorType: known(error, strings.textOf(errorTypeId)),
    reportedCostNanoUsd: known(reportedCost, row.cost_nano_usd),
    witnesses: {
      seenBy: witnesses,
      dissents: (flags & CALL_FLAGS.hasDissents) === 0 ? NO_DISSENTS : dissentsOf(row.id),
    },
  };
  const isReported = (flags & CALL_FLAGS.isCostReported) !== 0;
  return { state, cost: { nanoUsd: row.cost_nano_usd ?? undefined, isReported, priceId }, placeKey };
}

/** A field whose rank is 0 has never been told by anyone. */
function known<T>(rank: number, value: T | null | undefined): Ranked<T> | undefined {
  return rank === 0 || value === null || value === undefined ? undefined : { rank, value };
}

function decodeUsage(row: ModelCallRow, flags: number): PricedUsage | undefined {
  if ((flags & CALL_FLAGS.isSum) !== 0) return A_SUM;
  if (row.input === null) return undefined;
  const tokens: TokenUsage = {
    input: row.input,
    cacheRead: row.cache_read ?? 0,
    cacheWrite5m: row.cache_write_5m ?? 0,
    cacheWrite1h: row.cache_write_1h ?? 0,
    output: row.output ?? 0,
    reasoning: row.reasoning ?? 0,
  };
  return {
    tokens,
    webSearches: row.web_searches ?? 0,
    isFast: (flags & CALL_FLAGS.isFast) !== 0,
    isSum: false,
  };
}
