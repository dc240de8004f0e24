/** What costing anew changes, or changed. */
import { type Column, formatCostOf, formatCount, renderTable, type Table, toPlainText } from "@moai-metrics/report";
import type { RepricedModel, RepriceOutcome } from "@moai-metrics/store";
import type { Screen } from "./screen.ts";

/** `planned`: nothing was changed. */
export type RepriceState = "planned" | "done";

/** The JSON document; costs in US dollars. */
export function repriceDocument(outcome: RepriceOutcome, state: RepriceState): unknown {
  const { calls, models, modelsWithoutPrice } = outcome;
  return { reprice: { isDryRun: state === "planned", calls, models: models.map(rowOf), modelsWithoutPrice } };
}

/** The account for people. */
export function repriceLines(outcome: RepriceOutcome, state: RepriceState, screen: Screen): string[] {
  const { calls } = outcome;
  const headline =
    calls.changed === 0
      ? "Nothing to change."
      : `${formatCount(calls.changed)} calls ${state === "planned" ? "would cost" : "cost"} something else, or by another price list:`;
  return [headline, ...(calls.changed === 0 ? [] : renderTable(tableOf(outcome), screen)), ...keptLines(outcome)];
}

interface RepriceRow {
  readonly model: string;
  readonly calls: number;
  readonly callsWithoutCost: number;
  readonly costBefore: number;
  readonly costAfter: number;
}

function rowOf(model: RepricedModel): RepriceRow {
  const { costBeforeNanoUsd, costAfterNanoUsd, ...rest } = model;
  return { ...rest, costBefore: costBeforeNanoUsd / 1e9, costAfter: costAfterNanoUsd / 1e9 };
}

/** What calls without a cost had was not known, and not $0.00. */
function before({ calls, callsWithoutCost, costBefore }: RepriceRow): string {
  const totalCost = callsWithoutCost === calls ? null : costBefore;
  return formatCostOf({ totalCost, unpricedCalls: callsWithoutCost });
}

const COLUMNS: readonly Column<RepriceRow>[] = [
  { key: "model", title: "Model", kind: "text", minWidth: 16, value: (row) => row.model },
  { key: "calls", title: "Calls", kind: "count", value: (row) => row.calls },
  { key: "callsWithoutCost", title: "Had no cost", kind: "count", value: (row) => row.callsWithoutCost },
  { key: "costBefore", title: "Before", kind: "cost", value: (row) => row.costBefore, textValue: before },
  { key: "costAfter", title: "After", kind: "cost", value: (row) => row.costAfter },
  { key: "change", title: "Change", kind: "costChange", value: (row) => row.costAfter - row.costBefore },
];

function tableOf({ models }: RepriceOutcome): Table<RepriceRow> {
  const rows = models.map(rowOf);
  const sum = (key: Exclude<keyof RepriceRow, "model">): number => rows.reduce((total, row) => total + row[key], 0);
  const totals = {
    model: "",
    calls: sum("calls"),
    callsWithoutCost: sum("callsWithoutCost"),
    costBefore: sum("costBefore"),
    costAfter: sum("costAfter"),
  };
  return { columns: COLUMNS, rows, totals };
}

/** A price that began later than a call does not hold for it. */
const SET_A_PRICE = "To cost them: moai-metrics prices set MODEL --input USD --output USD --from DAY";

/** Why other calls keep what they have. */
function keptLines({ calls, modelsWithoutPrice }: RepriceOutcome): string[] {
  const reasons: readonly [count: number, reason: string][] = [
    [calls.unchanged, "cost what they should"],
    [calls.priced, "have a cost already (--unpriced leaves them out)"],
    [calls.reported, "have the cost that the agent reported"],
    [calls.withoutUsage, "did not tell their tokens or their model"],
    [calls.withoutPrice, `have no known price on their day: ${modelsWithoutPrice.map(toPlainText).join(", ")}`],
    [calls.beforeWatermark, "lie before the oldest day that the ledger vouches for"],
  ];
  const kept = reasons.filter(([count]) => count > 0);
  if (kept.length === 0) return [];
  return [
    "Left as they are:",
    ...kept.map(([count, reason]) => `  ${formatCount(count)} ${reason}`),
    ...(calls.withoutPrice > 0 ? [SET_A_PRICE] : []),
  ];
}
