/** What the documents say of a cost. */
import type { UsageFields } from "../fields.ts";

/** A cost, and what it lacks. */
export interface CostKeys {
  /** US dollars; `null` where no call has a known price. */
  readonly cost_usd: number | null;
  /** Calls with tokens and no known price: their cost is not in `cost_usd`. Absent where there are none. */
  readonly unpriced_calls?: number;
}

/** The keys of a cost. */
export function costKeys({ totalCost, unpricedCalls }: Pick<UsageFields, "totalCost" | "unpricedCalls">): CostKeys {
  return { cost_usd: totalCost, ...(unpricedCalls > 0 && { unpriced_calls: unpricedCalls }) };
}
