/**
 * Names of OpenTelemetry in Prometheus: unit and type as suffixes, everything but letters, digits and `_` as `_`.
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
 */
import type { CumulativeMetric } from "@moai-metrics/store";

/** Units of UCUM as words. What stands in braces counts things and is no unit. */
const UNIT_WORDS: Readonly<Record<string, string>> = {
  s: "seconds",
  ms: "milliseconds",
  us: "microseconds",
  ns: "nanoseconds",
  min: "minutes",
  h: "hours",
  d: "days",
  By: "bytes",
  KiBy: "kibibytes",
  MiBy: "mebibytes",
  GiBy: "gibibytes",
  kBy: "kilobytes",
  MBy: "megabytes",
  GBy: "gigabytes",
  Cel: "celsius",
  Hz: "hertz",
  "%": "percent",
};

/** A metric family. */
export interface FamilyName {
  /** Without the suffix of counters. */
  readonly family: string;
  /** The unit as a word, with which the name ends; undefined without one. */
  readonly unit: string | undefined;
}

/** The name of a metric family. */
export function familyName({ name, unit, kind }: Pick<CumulativeMetric, "name" | "unit" | "kind">): FamilyName {
  // The suffix is added where samples are written, and not twice.
  const plain = kind === "counter" ? labelName(name).replace(/(?<=.)_total$/, "") : labelName(name);
  const word = unitWord(unit, kind);
  if (word === undefined) return { family: plain, unit: undefined };
  return { family: plain.endsWith(`_${word}`) ? plain : `${plain}_${word}`, unit: word };
}

/** The name of an attribute as a label. */
export function labelName(name: string): string {
  return name.replace(/[^A-Za-z0-9]+/g, "_").replace(/^(?=\d|$)/, "_");
}

function unitWord(unit: string, kind: CumulativeMetric["kind"]): string | undefined {
  if (unit === "1") return kind === "gauge" ? "ratio" : undefined;
  const [of = "", ...per] = unit.replace(/\{[^}]*\}/g, "").split("/");
  const words = [of, ...per.map((each) => (each === "" ? "" : `per_${wordOf(each)}`))].map((each, i) =>
    i === 0 ? wordOf(each) : each,
  );
  return words.filter((word) => word !== "").join("_") || undefined;
}

function wordOf(unit: string): string {
  return UNIT_WORDS[unit] ?? unit.replace(/[^A-Za-z0-9]+/g, "_").replace(/^_|_$/g, "");
}
