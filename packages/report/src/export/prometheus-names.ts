/**
 * Names of OpenTelemetry in Prometheus: unit and type as suffixes, everything but letters, digits and `_` as `_`.
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
 */
import type { CumulativeMetric } from "@moai-metrics/store";

/** Units of UCUM as words. What stands in braces counts things and is no unit. */
const UNIT_WORDS: Readonly<Record<string, string>> = { s: "seconds", ms: "milliseconds", By: "bytes", "%": "percent" };

/** A metric family. */
export interface FamilyName {
  /** Without the suffix of counters. */
  readonly family: string;
  /** The unit as a word, with which the name ends; undefined without one. */
  readonly unit: string | undefined;
}

/** The name of a metric family. */
export function familyName({ name, unit, kind }: Pick<CumulativeMetric, "name" | "unit" | "kind">): FamilyName {
  const plain = labelName(name);
  const word = unitWord(unit, kind);
  if (word === undefined) return { family: plain, unit: undefined };
  return { family: plain.endsWith(`_${word}`) ? plain : `${plain}_${word}`, unit: word };
}

/** The name of an attribute as a label. */
export function labelName(name: string): string {
  return name.replace(/[^A-Za-z0-9]+/g, "_").replace(/^(?=\d)/, "_");
}

function unitWord(unit: string, kind: CumulativeMetric["kind"]): string | undefined {
  if (unit === "1") return kind === "gauge" ? "ratio" : undefined;
  if (unit.startsWith("{")) return undefined;
  return UNIT_WORDS[unit] ?? labelName(unit);
}
