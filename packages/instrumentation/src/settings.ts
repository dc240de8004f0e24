/** What an application may decide about its instrumentation. */
import { DEFAULT_EMISSION, EMISSIONS, type Emission, QUALITY_MEASURES, type QualityMeasure } from "@moai-metrics/model";
import type { TokenWarning } from "./token-warning.ts";

/** The settings in force. */
export interface InstrumentationSettings {
  /** When false, everything is a pass-through: the wrapped code runs and nothing is recorded. */
  readonly isEnabled: boolean;
  /** The product that facts belong to; the application's `service.name`. */
  readonly product: string;
  /** Generation of the GenAI convention names on metrics and spans. */
  readonly emission: Emission;
  /** Different values an attribute of a metric may take in this process; what comes later counts as `_OTHER`. */
  readonly maxValuesPerAttribute: number;
  /** What `recordQuality` records; other measures are counted as dropped. Default: all. */
  readonly qualityMeasures: readonly QualityMeasure[];
  /** Tokens of a session, or of a task's own calls, from which there is a warning; 0: never. */
  readonly warnThreshold: number;
  /** `new`: input, cache writes and output; `total`: cache reads, too. */
  readonly warnCounts: "new" | "total";
  /** Called once for each session and task that reaches `warnThreshold`, while it records: it should only remember. */
  readonly onWarn: ((warning: TokenWarning) => void) | undefined;
}

/** What OpenTelemetry calls a service that no one named. */
const UNNAMED_SERVICE = "unknown_service:node";

/** What OpenTelemetry calls the conventions as they are now; with `/dup` behind it, beside the ones before. */
const LATEST = "gen_ai_latest_experimental";

/**
 * The generation of names that environment variables ask for: `MOAI_METRICS_SEMCONV` (`g3`, `g2` or `both`), else
 * `OTEL_SEMCONV_STABILITY_OPT_IN`, a list that may hold `gen_ai_latest_experimental` or
 * `gen_ai_latest_experimental/dup`. Undefined where they say nothing that is known here.
 */
export function emissionIn(environment: Readonly<Record<string, string | undefined>>): Emission | undefined {
  const own = environment["MOAI_METRICS_SEMCONV"]?.trim().toLowerCase();
  const chosen = EMISSIONS.find((emission) => emission === own);
  if (chosen !== undefined) return chosen;
  const wishes = (environment["OTEL_SEMCONV_STABILITY_OPT_IN"] ?? "").split(",").map((wish) => wish.trim());
  if (wishes.includes(`${LATEST}/dup`)) return "both";
  return wishes.includes(LATEST) ? "g3" : undefined;
}

/**
 * Reads the settings from environment variables: `MOAI_METRICS_DISABLED`, `OTEL_SERVICE_NAME`,
 * `OTEL_RESOURCE_ATTRIBUTES`, and those of {@link emissionIn}.
 */
export function settingsFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): InstrumentationSettings {
  const disabled = environment["MOAI_METRICS_DISABLED"]?.trim().toLowerCase();
  return Object.freeze({
    isEnabled: disabled !== "1" && disabled !== "true",
    product: environment["OTEL_SERVICE_NAME"]?.trim() || serviceNameIn(environment["OTEL_RESOURCE_ATTRIBUTES"]),
    emission: emissionIn(environment) ?? DEFAULT_EMISSION,
    maxValuesPerAttribute: 200,
    qualityMeasures: QUALITY_MEASURES,
    warnThreshold: 150_000,
    warnCounts: "new",
    onWarn: undefined,
  });
}

/**
 * Puts changed settings over those in force. An `onWarn` of undefined takes the one in force away.
 *
 * @throws TypeError for a value that no setting can have.
 */
export function mergeSettings(
  current: InstrumentationSettings,
  changes: Partial<InstrumentationSettings>,
): InstrumentationSettings {
  const { isEnabled, product, emission, maxValuesPerAttribute, qualityMeasures } = changes;
  const { warnThreshold, warnCounts, onWarn } = changes;
  if (isEnabled !== undefined && typeof isEnabled !== "boolean") {
    throw new TypeError(`isEnabled is ${String(isEnabled)}; give true or false.`);
  }
  if (product !== undefined && (typeof product !== "string" || product.trim() === "")) {
    throw new TypeError(`product is ${JSON.stringify(product)}; give the name of your application.`);
  }
  if (emission !== undefined && !EMISSIONS.includes(emission)) {
    throw new TypeError(`emission is ${JSON.stringify(emission)}; give one of ${EMISSIONS.join(", ")}.`);
  }
  if (maxValuesPerAttribute !== undefined && !(Number.isInteger(maxValuesPerAttribute) && maxValuesPerAttribute > 0)) {
    throw new TypeError(`maxValuesPerAttribute is ${String(maxValuesPerAttribute)}; give a whole number above 0.`);
  }
  if (qualityMeasures !== undefined && !qualityMeasures.every((measure) => QUALITY_MEASURES.includes(measure))) {
    throw new TypeError(
      `qualityMeasures is ${qualityMeasures.join(", ")}; give some of ${QUALITY_MEASURES.join(", ")}.`,
    );
  }
  if (warnThreshold !== undefined && !(Number.isInteger(warnThreshold) && warnThreshold >= 0)) {
    throw new TypeError(`warnThreshold is ${String(warnThreshold)}; give a whole number of tokens, or 0 for never.`);
  }
  if (warnCounts !== undefined && warnCounts !== "new" && warnCounts !== "total") {
    throw new TypeError(`warnCounts is ${JSON.stringify(warnCounts)}; give "new" or "total".`);
  }
  if (onWarn !== undefined && typeof onWarn !== "function") {
    throw new TypeError(`onWarn is ${JSON.stringify(onWarn)}; give a function that takes a warning.`);
  }
  return Object.freeze({
    isEnabled: isEnabled ?? current.isEnabled,
    product: product?.trim() ?? current.product,
    emission: emission ?? current.emission,
    maxValuesPerAttribute: maxValuesPerAttribute ?? current.maxValuesPerAttribute,
    qualityMeasures: qualityMeasures === undefined ? current.qualityMeasures : [...qualityMeasures],
    warnThreshold: warnThreshold ?? current.warnThreshold,
    warnCounts: warnCounts ?? current.warnCounts,
    onWarn: "onWarn" in changes ? onWarn : current.onWarn,
  });
}

function serviceNameIn(resourceAttributes: string | undefined): string {
  const match = /(?:^|,)\s*service\.name\s*=\s*([^,]+)/.exec(resourceAttributes ?? "");
  if (match?.[1] === undefined) return UNNAMED_SERVICE;
  try {
    return decodeURIComponent(match[1].trim());
  } catch {
    return match[1].trim();
  }
}
