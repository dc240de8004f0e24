/** The causes of a changed cost, as a table. */
import type { Column, Table } from "../render/table-model.ts";
import type { CostCauses } from "./cost-causes.ts";

/** One cause. */
export interface CauseRow {
  readonly cause: string;
  readonly meaning: string;
  readonly costChange: number;
}

const CAUSES: readonly { readonly key: keyof CostCauses; readonly cause: string; readonly meaning: string }[] = [
  { key: "volume", cause: "volume", meaning: "more or fewer model calls" },
  { key: "modelMix", cause: "model mix", meaning: "other models, or other shares of them" },
  { key: "tokensPerCall", cause: "tokens per call", meaning: "longer or shorter prompts and answers" },
  { key: "cacheHits", cause: "cache hits", meaning: "more or less of the prompt from the cache" },
  { key: "price", cause: "price", meaning: "list prices, long prompts, fast mode, fees" },
];

const COLUMNS: readonly Column<CauseRow>[] = [
  { key: "cause", title: "Cause", kind: "text", value: (row) => row.cause },
  { key: "costChange", title: "Change", kind: "costChange", value: (row) => row.costChange },
  { key: "meaning", title: "Meaning", kind: "text", value: (row) => row.meaning, dropRank: 1 },
];

/** Every cause in dollars; the total is the whole difference. */
export function causesTable(causes: CostCauses): Table<CauseRow> {
  return {
    columns: COLUMNS,
    rows: CAUSES.map(({ key, cause, meaning }) => ({ cause, meaning, costChange: causes[key] / 1e9 })),
    totals: { cause: "Total", meaning: "", costChange: causes.difference / 1e9 },
  };
}
