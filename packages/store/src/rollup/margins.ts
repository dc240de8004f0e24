/**
 * Margins: a day's cells added up along one dimension, so that questions that know of one dimension at most need not
 * read every cell.
 */
import {
  addSummary,
  addTotals,
  type Cell,
  cellOf,
  createSummaryTable,
  type SummaryTable,
  summaryAt,
} from "./summary.ts";
import type { RollupDimensions } from "./types.ts";

/** What a margin is along: its number stands where a cell has its product. Part of the file format. */
const MARGINS = [undefined, "productId", "projectId", "agentId", "modelId"] as const;
export type Margin = keyof RollupDimensions | undefined;

/** A cell of a margin: which one, and which value of its dimension. */
function marginCell(margin: number, value: number): Cell {
  return cellOf(margin, value, 0, 0);
}

/** All margins of a table, slot by slot. */
export function marginsOf(table: SummaryTable): SummaryTable {
  const margins = createSummaryTable(table.slotCount);
  for (const { cell, slots } of table.cells.values()) {
    for (const [number, field] of MARGINS.entries()) {
      const own = marginCell(number, field === undefined ? 0 : cell[field]);
      for (let slot = 0; slot < slots.length; slot++) {
        const summary = slots[slot];
        if (summary !== undefined) addSummary(summaryAt(margins, own, slot), summary);
      }
    }
  }
  return margins;
}

/** The same without the one along nothing, and without histograms. */
export function totalsOfMargins(table: SummaryTable): SummaryTable {
  const margins = createSummaryTable(table.slotCount);
  for (const { cell, slots } of table.cells.values()) {
    for (const [number, field] of MARGINS.entries()) {
      if (field === undefined) continue;
      const own = marginCell(number, cell[field]);
      for (let slot = 0; slot < slots.length; slot++) {
        const summary = slots[slot];
        if (summary !== undefined) addTotals(summaryAt(margins, own, slot), summary);
      }
    }
  }
  return margins;
}

/** What stands where a cell of this margin has its product. */
export function numberOfMargin(margin: Margin): number {
  return MARGINS.indexOf(margin);
}

/** What a cell of a margin with this value stands for. */
export function dimensionsOnMargin(margin: Margin, value: number): RollupDimensions {
  const dimensions = { productId: 0, projectId: 0, agentId: 0, modelId: 0 };
  return margin === undefined ? dimensions : { ...dimensions, [margin]: value };
}
