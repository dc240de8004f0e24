/** What a benchmark measured, as data: printed at once, and handed to the runner for the document. */
import { appendFileSync } from "node:fs";
import { median } from "./statistics.ts";

/** What a figure must reach. */
export interface Goal {
  readonly bound: "at least" | "at most" | "under";
  readonly value: number;
}

/** One figure, from one or more measurements. */
export interface Figure {
  readonly name: string;
  /** Unit as it is printed: `ms`, `facts/s`, `bytes`. */
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Number of measurements. */
  readonly runs: number;
  /** Which of them must reach the goal; default the median. */
  readonly judgedBy?: "median" | "worst" | undefined;
  readonly goal?: Goal | undefined;
  /** How many times the figure is that of something else, measured in the same run. */
  readonly ratio?: { readonly value: number; readonly to: string } | undefined;
}

/** A figure before it is summed up. */
export interface Measurement {
  readonly name: string;
  readonly unit: string;
  readonly values: readonly number[];
  readonly judgedBy?: Figure["judgedBy"];
  readonly goal?: Goal | undefined;
  readonly ratio?: { readonly value: number; readonly to: string } | undefined;
}

/** The file to which figures are added, one JSON text a line; set by the runner. */
export const FIGURES_VARIABLE = "BENCH_FIGURES";

/** Prints a figure and hands it to the runner. @throws RangeError without a value. */
export function report({ values, ...rest }: Measurement): void {
  if (values.length === 0) throw new RangeError(`The figure "${rest.name}" was never measured.`);
  const figure: Figure = {
    ...rest,
    median: median(values),
    min: values.reduce((least, value) => Math.min(least, value)),
    max: values.reduce((greatest, value) => Math.max(greatest, value)),
    runs: values.length,
  };
  console.log(lineOf(figure));
  const file = process.env[FIGURES_VARIABLE];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(figure)}\n`);
}

/** Whether a figure reaches its goal; undefined when it has none. */
export function holds({ median: middle, min, max, goal, judgedBy = "median" }: Figure): boolean | undefined {
  if (goal === undefined) return undefined;
  if (goal.bound === "at least") return (judgedBy === "median" ? middle : min) >= goal.value;
  const value = judgedBy === "median" ? middle : max;
  return goal.bound === "at most" ? value <= goal.value : value < goal.value;
}

/** A number with as many digits as it deserves: `104,300`, `58.3`, `0.412`. */
export function numberText(value: number): string {
  const digits = Math.abs(value) >= 1_000 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A goal as text: `at most 60`. */
export function goalText({ bound, value }: Goal): string {
  return `${bound} ${value.toLocaleString("en-US")}`;
}

function lineOf(figure: Figure): string {
  const { name, unit, median: middle, min, max, runs, goal, ratio } = figure;
  const range = runs > 1 ? ` (${numberText(min)} to ${numberText(max)})` : "";
  const judged = goal !== undefined && figure.judgedBy === "worst" ? " each" : "";
  const verdict =
    goal === undefined ? "" : `; ${goalText(goal)}${judged}: ${holds(figure) ? "holds" : "DOES NOT HOLD"}`;
  const compared = ratio === undefined ? "" : `; ${numberText(ratio.value)} × ${ratio.to}`;
  return `  ${name}: ${numberText(middle)}${range} ${unit}${compared}${verdict}`;
}
