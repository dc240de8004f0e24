/** The table of prices. */
import type { PriceRow } from "../price-rows.ts";
import { formatCount } from "../render/numbers.ts";
import type { Column, Table } from "../render/table-model.ts";

type PriceKey = "input" | "output" | "cacheRead" | "cacheWrite5m" | "cacheWrite1h" | "webSearch";

/** Lays out prices; a name that repeats the one above it is left out. */
export function priceTable(rows: readonly PriceRow[]): Table<PriceRow> {
  const repeated = new Set(rows.filter((row, i) => row.model === rows[i - 1]?.model));
  return {
    columns: [
      {
        key: "model",
        title: "Model",
        kind: "text",
        minWidth: 16,
        value: (row) => row.model,
        shortValue: (row) => (repeated.has(row) ? `└ ${scopeOf(row)}` : [row.model, scopeOf(row)].join(" ").trim()),
      },
      priceColumn("input", "Input"),
      priceColumn("output", "Output"),
      priceColumn("cacheRead", "Cache rd"),
      priceColumn("cacheWrite5m", "Wr 5m"),
      priceColumn("cacheWrite1h", "Wr 1h"),
      { ...priceColumn("webSearch", "Search"), dropRank: 3 },
      // Only in CSV: on a screen the name says it.
      { key: "speed", kind: "text", value: (row) => row.speed },
      { key: "abovePromptTokens", kind: "tokens", value: (row) => row.abovePromptTokens },
      { key: "from", title: "From", kind: "text", value: (row) => row.from, dropRank: 2 },
      {
        key: "origin",
        title: "Origin",
        kind: "text",
        minWidth: 20,
        value: (row) => row.origin,
        shortValue: ({ origin }) => origin.replace(/^user's configuration/, "yours").replace(/^moai-metrics /, ""),
        dropRank: 1,
      },
    ],
    rows,
  };
}

/** `fast`, `prompt > 200K`, or both. */
function scopeOf({ speed, abovePromptTokens }: PriceRow): string {
  const size = abovePromptTokens === 0 ? [] : [`prompt > ${formatCount(abovePromptTokens)}`];
  return [...(speed === "fast" ? ["fast"] : []), ...size].join(", ");
}

function priceColumn(key: PriceKey, title: string): Column<PriceRow> {
  return { key, title, kind: "cost", value: (row) => row[key], shortValue: (row) => formatPrice(row[key]) };
}

/** Prices have no smallest unit: `$0.025`, `$3`, `$18.75`. */
function formatPrice(dollars: number): string {
  const [whole = "", fraction = ""] = dollars.toFixed(9).split(".");
  const digits = fraction.replace(/0+$/, "");
  return digits === "" ? `$${whole}` : `$${whole}.${digits.padEnd(2, "0")}`;
}
