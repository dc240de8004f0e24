/** Summary: five figures side by side, each with its change and a small chart. Pure. */

import type { Dashboard } from "@moai-metrics/report";
import {
  formatChange,
  formatCost,
  formatCount,
  formatDuration,
  formatPercent,
  formatPointChange,
  NO_VALUE,
  type Palette,
  type SummaryFigure,
} from "@moai-metrics/report/screen";
import { sparkline } from "./graphics.ts";
import { levelPiece } from "./levels.ts";
import { cutLine, fill, type Line, type Piece } from "./lines.ts";

/** One of the figures. */
interface Card {
  readonly title: string;
  readonly figure: SummaryFigure;
  readonly format: (value: number) => string;
  readonly formatChange?: (change: number) => string;
  /** Which way is better; without it a change is only told. */
  readonly better?: "more" | "less";
}

/** How many lines there are. */
export const SUMMARY_ROWS = 4;

const CARDS = 5;
const SUCCESS_TITLE = "Success rate";

function cardWidthOf(width: number): number {
  return Math.floor(width / CARDS);
}

/** Titles, values, changes, small charts. */
export function summaryLines({ summary }: Dashboard, width: number): Line[] {
  const cards: readonly Card[] = [
    {
      title: cardWidthOf(width) > SUCCESS_TITLE.length ? SUCCESS_TITLE : "Success",
      figure: summary.successRate,
      format: formatPercent,
      formatChange: formatPointChange,
      better: "more",
    },
    { title: "Average", figure: summary.averageDurationMs, format: formatDuration, better: "less" },
    { title: "95th pct.", figure: summary.p95DurationMs, format: formatDuration, better: "less" },
    { title: "Tokens/day", figure: summary.tokensPerDay, format: formatCount },
    { title: summary.unpricedCalls > 0 ? "Cost (part)" : "Cost", figure: summary.totalCost, format: formatCost },
  ];
  const cardWidth = cardWidthOf(width);
  const row = (piece: (card: Card) => Piece): Line =>
    cards.flatMap((card) => fill(cutLine([piece(card)], cardWidth - 1), cardWidth));
  return [
    row(({ title }) => ({ text: title, style: "faint" })),
    row(({ figure, format }) => {
      const text = figure.value === null ? NO_VALUE : format(figure.value);
      return figure.level === null ? { text, style: "strong" } : levelPiece(text, figure.level);
    }),
    row((card) => changePiece(card, cardWidth)),
    row(({ figure }) => ({ text: sparkline(figure.series, cardWidth - 2), style: "accent" })),
  ];
}

function changePiece({ figure, formatChange: format = formatChange, better }: Card, width: number): Piece {
  const { change } = figure;
  if (change === null) return { text: "" };
  const text = format(change);
  if (better === undefined || text.startsWith("=")) return { text, style: "faint" };
  const isBetter = change > 0 === (better === "more");
  const word = isBetter ? "better" : "worse";
  const style: keyof Palette = isBetter ? "good" : "bad";
  // On a narrow screen a sign says what the word would.
  return { text: text.length + word.length + 2 > width ? `${text} ${isBetter ? "+" : "-"}` : `${text} ${word}`, style };
}
