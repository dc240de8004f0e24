/** What an application may decide about its instrumentation. */
import { DEFAULT_EMISSION, EMISSIONS, type Emission, QUALITY_MEASURES, type QualityMeasure } from "@moai-metrics/model";

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
}

/** What OpenTelemetry calls a service that no one named. */
const UNNAMED_SERVICE = "unknown_service:node";

/**
 * Reads the settings from environment variables: `MOAI_METRICS_DISABLED`, `OTEL_SERVICE_NAME`,
 * `OTEL_RESOURCE_ATTRIBUTES`.
 */
export function settingsFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): InstrumentationSettings {
  const disabled = environment["MOAI_METRICS_DISABLED"]?.trim().toLowerCase();
  return Object.freeze({
    isEnabled: disabled !== "1" && disabled !== "true",
    product: environment["OTEL_SERVICE_NAME"]?.trim() || serviceNameIn(environment["OTEL_RESOURCE_ATTRIBUTES"]),
    emission: DEFAULT_EMISSION,
    maxValuesPerAttribute: 200,
    qualityMeasures: QUALITY_MEASURES,
  });
}

/**
 * Puts changed settings over those in force.
 *
 * @throws TypeError for a value that no setting can have.
 */
export function mergeSettings(
  current: InstrumentationSettings,
  changes: Partial<InstrumentationSettings>,
): InstrumentationSettings {
  const { isEnabled, product, emission, maxValuesPerAttribute, qualityMeasures } = changes;
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
  return Object.freeze({
    isEnabled: isEnabled ?? current.isEnabled,
    product: product?.trim() ?? current.product,
    emission: emission ?? current.emission,
    maxValuesPerAttribute: maxValuesPerAttribute ?? current.maxValuesPerAttribute,
    qualityMeasures: qualityMeasures === undefined ? current.qualityMeasures : [...qualityMeasures],
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
