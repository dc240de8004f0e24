/** How costs stand in tables. */
import type { UsageFields } from "../fields.ts";
import { UNPRICED } from "../render/cell-format.ts";
import { formatCost } from "../render/numbers.ts";
import { toPlainText } from "../render/plain-text.ts";
import type { Column } from "../render/table-model.ts";

/** A cost that lacks the calls without a known price is marked with a plus. */
const PARTIAL_MARK = "+";

const MAX_NAMED_MODELS = 3;

/** What tables of costs say beneath. */
export const COST_NOTE = "Cost: API list prices in US dollars.";

/** What tables say beneath when some calls have no price. */
export function unpricedNote(models: readonly string[]): string {
  const more = models.length - MAX_NAMED_MODELS;
  const names = models.slice(0, MAX_NAMED_MODELS).map(toPlainText).join(", ");
  return `No list price known for ${names}${more > 0 ? ` and ${more} more` : ""}: left out of the cost. See "moai-metrics prices show".`;
}

/** The column of the cost. */
export function costColumn<Row extends Pick<UsageFields, "totalCost" | "unpricedCalls">>(): Column<Row> {
  return {
    key: "totalCost",
    title: "Cost",
    kind: "cost",
    value: (row) => row.totalCost,
    textValue: formatCostOf,
  };
}

/** A cost for a screen: `unpriced` when no call has a price, a plus when some have none. */
export function formatCostOf(row: Pick<UsageFields, "totalCost" | "unpricedCalls">): string {
  if (row.totalCost === null) return UNPRICED;
  return formatCost(row.totalCost) + (row.unpricedCalls > 0 ? PARTIAL_MARK : "");
}
