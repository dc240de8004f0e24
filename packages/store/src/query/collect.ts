/** Collects sums, extremes and values by bucket and group, from whichever part of the store answers. */
import { QUARTER_HOUR_MILLIS, type TimeRange } from "@moai-metrics/model";
import type { Dimension } from "../read/types.ts";
import { readRollupViews } from "../rollup/read-rollups.ts";
import { DISTRIBUTIONS, type Distribution } from "../rollup/types.ts";
import { type Cell, createCells, type Want } from "./cells.ts";
import type { QueryContext } from "./context.ts";
import { ledgerFilters } from "./filter-rules.ts";
import { readLedgerGroups } from "./ledger-groups.ts";
import type { FactValue } from "./measures.ts";
import { planQuery } from "./plan.ts";
import type { AnswerOrigin, FactFilter } from "./types.ts";

/** How facts are grouped, and what of them is wanted. */
export interface CollectView {
  readonly groupBy: readonly Dimension[];
  readonly want: Want;
}

/** Which facts to collect. */
export interface CollectScope {
  readonly method: string;
  readonly range: TimeRange;
  /** Where buckets meet, first and last those of the range. */
  readonly edges: readonly number[];
  readonly timeZone?: string | undefined;
  readonly filter: FactFilter;
  readonly signal: AbortSignal | undefined;
}

export type CollectQuestion = CollectScope & CollectView;

/** What was collected, and where from. */
export interface Collected {
  readonly cells: readonly Cell[];
  readonly source: AnswerOrigin["source"];
}

/** Collects by the coarsest part of the store that is exact. Must be called inside one state of the file. */
export function collect(context: QueryContext, question: CollectQuestion): Collected {
  const [collected] = collectViews(context, question, [question]);
  return collected;
}

/** Collects the same facts in several ways; what these share is read once. */
export function collectViews<Views extends readonly [CollectView, ...CollectView[]]>(
  context: QueryContext,
  scope: CollectScope,
  views: Views,
): { readonly [View in keyof Views]: Collected } {
  return collectAll(context, scope, views) as { [View in keyof Views]: Collected };
}

function collectAll(context: QueryContext, scope: CollectScope, views: readonly CollectView[]): readonly Collected[] {
  const { method, range, edges, timeZone, filter, signal } = scope;
  if (range.startMillis >= range.endMillis) return views.map(() => NOTHING);
  const sinks = views.map((view) => {
    const ledgerReason = ledgerReasonOf(filter, view.want);
    const ledgerStartMillis = context.ledgerStartMillis();
    return {
      view,
      plan: planQuery({ method, range, edges, ledgerReason, ledgerStartMillis }),
      cells: createCells(view.want),
    };
  });
  const fromRollups = sinks.filter(({ plan }) => plan.rollups !== undefined);
  // Whether only the ledger can answer may differ, but which part of the range the rollups can answer does not.
  const rollups = fromRollups[0]?.plan.rollups;
  if (rollups !== undefined) {
    signal?.throwIfAborted();
    const { startMillis, endMillis } = rollups;
    const inner = edges.filter((edge) => edge > startMillis && edge < endMillis);
    // Whole quarter hours may leave the first bucket out, when it lies before all of them.
    const skipped = edges.filter((edge) => edge <= startMillis).length - 1;
    const answers = readRollupViews(
      context.database,
      { edges: [startMillis, ...inner, endMillis].map((edge) => edge / QUARTER_HOUR_MILLIS), timeZone, filter },
      fromRollups.map(({ view: { groupBy, want } }) => ({
        groupBy,
        sums: want.sums,
        extremes: want.extremes.filter(isDistribution),
        histograms: want.quantiles.filter(isDistribution),
      })),
    );
    for (const [i, answer] of answers.entries()) fromRollups[i]?.cells.addRollups(answer, skipped);
  }
  return sinks.map(({ view, plan, cells }) => {
    for (const part of plan.ledger) readLedgerGroups(context, { ...scope, ...view, range: part }, cells);
    return { cells: cells.all(), source: sourceOf(plan.rollups !== undefined, plan.ledger.length > 0) };
  });
}

const NOTHING: Collected = { cells: [], source: "rollups" };

function sourceOf(hasRollups: boolean, hasLedger: boolean): AnswerOrigin["source"] {
  if (hasRollups && hasLedger) return "rollups and ledger";
  return hasRollups ? "rollups" : "ledger";
}

/** Why only single facts can answer. */
function ledgerReasonOf(filter: FactFilter, want: Want): string | undefined {
  const filters = ledgerFilters(filter);
  if (filters.length > 0) return `the filter ${filters.join(", ")}`;
  const unknown = [...want.extremes, ...want.quantiles].find((value) => !isDistribution(value));
  return unknown === undefined ? undefined : "values of single model calls";
}

function isDistribution(value: FactValue): value is Distribution {
  return DISTRIBUTIONS.some((distribution) => distribution === value);
}
