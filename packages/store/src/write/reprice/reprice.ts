/**
 * Costs stored calls anew, some hundred in a transaction: their rows, the totals of their tasks and sessions and the
 * rollups move together, so that everything agrees at every moment, also when it is stopped half-way.
 */
import type { TokenUsage } from "@moai-metrics/model";
import type { PriceBook } from "@moai-metrics/settings";
import type { Database } from "better-sqlite3";
import { readWatermarkMillis } from "../../maintenance/watermark.ts";
import { createRollupChanges } from "../../rollup/changes.ts";
import { CALL_FLAGS, createCallShapes } from "../call-shapes.ts";
import { quarterHourOfRow } from "../locator.ts";
import { createPrices } from "../prices.ts";
import { createStrings } from "../strings.ts";
import { createRepriceAccount, type RepriceAccount } from "./account.ts";
import { type CostPlanner, createCostPlanner, type PricedCall } from "./plan-cost.ts";
import type { RepriceOptions, RepriceOutcome, RepriceProgress } from "./types.ts";

const CALLS_A_STEP = 1_000;
const QUARTER_HOUR_MILLIS = 900_000;

interface CallRow {
  readonly id: number;
  readonly session_id: number;
  readonly task_id: number;
  readonly ended_ms: number;
  readonly input: number | null;
  readonly cache_read: number | null;
  readonly cache_write_5m: number | null;
  readonly cache_write_1h: number | null;
  readonly output: number | null;
  readonly reasoning: number | null;
  readonly web_searches: number | null;
  readonly cost_nano_usd: number | null;
  readonly ranks: number;
  readonly flags: number;
  readonly witnesses: number;
  readonly model_id: number;
  readonly price_id: number;
  readonly error_type_id: number;
  readonly product_id: number;
  readonly project_id: number;
  readonly agent_id: number;
}

const SELECT = `
  SELECT call.id, call.session_id, call.task_id, call.ended_ms, call.input, call.cache_read, call.cache_write_5m,
    call.cache_write_1h, call.output, call.reasoning, call.web_searches, call.cost_nano_usd,
    shape.ranks, shape.flags, shape.witnesses, shape.model_id, shape.price_id, shape.error_type_id,
    session.product_id, session.project_id, coalesce(task.agent_id, 0) AS agent_id
  FROM model_call AS call
  JOIN call_shape AS shape ON shape.id = call.shape_id
  JOIN session ON session.id = call.session_id
  LEFT JOIN task ON task.id = call.task_id
  WHERE call.id > ? ORDER BY call.id LIMIT ${CALLS_A_STEP}`;

/**
 * Costs the calls of a file anew, one step a transaction; others read and write between the steps. What was done
 * holds when it is stopped, and doing it again does the rest. A ledger writer of the same connection must forget what
 * it remembers of rows.
 */
export function* repriceSteps(
  database: Database,
  book: PriceBook,
  options: RepriceOptions,
): Generator<RepriceProgress, RepriceOutcome> {
  const isDryRun = options.isDryRun ?? false;
  const account = createRepriceAccount();
  const step = createStep(database, createCostPlanner(book, options), account, isDryRun);
  const run = isDryRun ? database.transaction(step).deferred : database.transaction(step).immediate;
  const callsTotal = database.prepare<[], number>("SELECT count(*) FROM model_call").pluck().get() ?? 0;
  let after: number | undefined = Number.MIN_SAFE_INTEGER;
  for (let callsDone = 0; after !== undefined; ) {
    const done: StepResult = run(after);
    after = done.lastId;
    callsDone += done.calls;
    yield { callsDone, callsTotal: Math.max(callsDone, callsTotal) };
  }
  return account.outcome();
}

interface StepResult {
  readonly calls: number;
  /** Undefined: there is none after. */
  readonly lastId: number | undefined;
}

function createStep(
  database: Database,
  planCost: CostPlanner,
  account: RepriceAccount,
  isDryRun: boolean,
): (after: number) => StepResult {
  const select = database.prepare<[number], CallRow>(SELECT);
  const strings = createStrings(database);
  const prices = createPrices(database);
  const shapes = createCallShapes(database);
  const rollups = createRollupChanges(database);
  const update = database.prepare<[number, number, number]>(
    "UPDATE model_call SET cost_nano_usd = ?, shape_id = ? WHERE id = ?",
  );
  const moveTotals = (["session", "task"] as const).map((owner) =>
    database.prepare<[number, number, number]>(
      `UPDATE ${owner} SET cost_nano_usd = cost_nano_usd + ?, unpriced_calls = unpriced_calls + ? WHERE id = ?`,
    ),
  );

  const apply = (row: CallRow, call: PricedCall, cost: number, priceId: number): void => {
    const { ranks, flags, witnesses, model_id: modelId, error_type_id: errorTypeId } = row;
    update.run(cost, shapes.idOf({ ranks, flags, witnesses, modelId, priceId, errorTypeId }), row.id);
    const difference = cost - (call.costNanoUsd ?? 0);
    const unpriced = call.costNanoUsd === undefined ? -1 : 0;
    for (const [i, id] of [row.session_id, row.task_id].entries()) moveTotals[i]?.run(difference, unpriced, id);
    rollups.replace(undefined, {
      quarterHour: Math.floor(call.endedAtMillis / QUARTER_HOUR_MILLIS),
      dimensions: { productId: row.product_id, projectId: row.project_id, agentId: row.agent_id, modelId },
      sums: { cost_nano_usd: difference, unpriced_calls: unpriced },
      values: {},
    });
  };

  return (after) => {
    const watermarkMillis = readWatermarkMillis(database);
    const rows = select.all(after);
    for (const row of rows) {
      const call: PricedCall = {
        // The empty text stands for a model that nobody named.
        model: strings.textOf(row.model_id) || undefined,
        endedAtMillis: quarterHourOfRow(row.id) * QUARTER_HOUR_MILLIS + row.ended_ms,
        tokens: tokensOf(row),
        webSearches: row.web_searches ?? 0,
        isFast: (row.flags & CALL_FLAGS.isFast) !== 0,
        isReported: (row.flags & CALL_FLAGS.isCostReported) !== 0,
        costNanoUsd: row.cost_nano_usd ?? undefined,
        prices: prices.byId(row.price_id),
      };
      const plan = planCost(call, watermarkMillis);
      if (plan.result !== "changed") {
        account.add(call.model, plan.result);
        continue;
      }
      account.addChange(call.model ?? "", call.costNanoUsd, plan.costNanoUsd);
      if (!isDryRun) apply(row, call, plan.costNanoUsd, prices.idOf(plan.prices));
    }
    rollups.apply(watermarkMillis);
    const last = rows.length < CALLS_A_STEP ? undefined : rows.at(-1);
    return { calls: rows.length, lastId: last?.id };
  };
}

function tokensOf(row: CallRow): TokenUsage | undefined {
  if (row.input === null) return undefined;
  return {
    input: row.input,
    cacheRead: row.cache_read ?? 0,
    cacheWrite5m: row.cache_write_5m ?? 0,
    cacheWrite1h: row.cache_write_1h ?? 0,
    output: row.output ?? 0,
    reasoning: row.reasoning ?? 0,
  };
}
