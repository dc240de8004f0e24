/** What stands under every table with costs. */
import { COST_NOTE, unpricedNote } from "./costs.ts";

/** The totals of a report, as far as costs are concerned. */
export interface CostTotals {
  readonly modelBreakdowns: readonly { readonly modelName: string; readonly unpricedCalls: number }[];
  readonly callsWithoutUsage: number;
  readonly undividedTokens: number;
}

/** Says what costs are, which models have no price, and how many calls did not tell their tokens. */
export function costNotes({ modelBreakdowns, callsWithoutUsage, undividedTokens }: CostTotals): string[] {
  const unpriced = modelBreakdowns.filter((share) => share.unpricedCalls > 0).map((share) => share.modelName);
  return [
    COST_NOTE,
    ...(unpriced.length > 0 ? [unpricedNote(unpriced)] : []),
    ...(callsWithoutUsage > 0 ? [`${callsWithoutUsage} calls did not report their tokens and are in no sum.`] : []),
    ...(undividedTokens > 0
      ? [`${undividedTokens.toLocaleString("en")} tokens in the total are reported by a hook only: no parts, no cost.`]
      : []),
  ];
}
