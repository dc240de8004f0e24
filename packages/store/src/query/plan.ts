/** Decides which part of the store answers: the coarsest one that gives the exact answer. */
import { QUARTER_HOUR_MILLIS, type TimeRange } from "@moai-metrics/model";
import { intersect } from "./selection.ts";

/** What the decision depends on. */
export interface PlanInput {
  readonly method: string;
  readonly range: TimeRange;
  /** Moments at which one bucket ends and the next begins, ascending; first and last are those of the range. */
  readonly edges: readonly number[];
  /** Why only the ledger can answer, in a few words; undefined when the rollups can. */
  readonly ledgerReason: string | undefined;
  /** The first moment that the ledger still holds; undefined: it holds everything. */
  readonly ledgerStartMillis: number | undefined;
}

/** Which part answers for which time. */
export interface QueryPlan {
  /** Answered by the rollups: the whole quarter hours of the range. */
  readonly rollups: TimeRange | undefined;
  /** Answered by the ledger. */
  readonly ledger: readonly TimeRange[];
}

/**
 * Rollups answer for whole quarter hours, the ledger for what is cut off at the edges, and for everything when single
 * facts are asked for.
 * @throws RangeError when the ledger would be needed for a time that it no longer holds.
 */
export function planQuery(input: PlanInput): QueryPlan {
  const plan = planTiers(input);
  const { method, range, ledgerReason, ledgerStartMillis } = input;
  if (ledgerStartMillis === undefined) return plan;
  const lost = plan.ledger.some(
    ({ startMillis, endMillis }) => startMillis < endMillis && startMillis < ledgerStartMillis,
  );
  if (!lost) return plan;
  const kept = dateText(ledgerStartMillis);
  const why =
    ledgerReason ??
    (areWhole(input.edges.slice(1, -1)) ? `${dateText(range.startMillis)} lies inside a quarter hour` : "minutes");
  throw new RangeError(
    `${method} needs single facts (${why}), and those before ${kept} were deleted; only their sums by quarter hour, ` +
      `product, project, agent and model remain. Begin the range at ${kept}, or ask for what the sums can tell.`,
  );
}

function planTiers({ range, edges, ledgerReason }: PlanInput): QueryPlan {
  const start = Math.ceil(range.startMillis / QUARTER_HOUR_MILLIS) * QUARTER_HOUR_MILLIS;
  const end = Math.floor(range.endMillis / QUARTER_HOUR_MILLIS) * QUARTER_HOUR_MILLIS;
  if (ledgerReason !== undefined || !areWhole(edges.slice(1, -1)) || start >= end)
    return { rollups: undefined, ledger: [range] };
  const cutOff = [
    { startMillis: range.startMillis, endMillis: start },
    { startMillis: end, endMillis: range.endMillis },
  ].map((part) => intersect(part, range));
  return {
    rollups: { startMillis: start, endMillis: end },
    ledger: cutOff.filter(({ startMillis, endMillis }) => startMillis < endMillis),
  };
}

function areWhole(edges: readonly number[]): boolean {
  return edges.every((edge) => edge % QUARTER_HOUR_MILLIS === 0);
}

function dateText(millis: number): string {
  return new Date(millis).toISOString();
}
