/**
 * Records the metrics of the catalogue through the OpenTelemetry API.
 *
 * The API has no proxy for meters: an instrument made before the SDK registers itself would stay silent for ever.
 * So instruments are made when first needed, and made anew when another provider appears.
 */
import { conventionName, type Generation, METRICS, type MetricDefinition, type MetricKey } from "@moai-metrics/model";
import { type Attributes, type Meter, type MeterProvider, metrics, ValueType } from "@opentelemetry/api";
import { createLabels, type KeyedAttributes } from "./attributes.ts";
import { LIBRARY_NAME, LIBRARY_VERSION, schemaUrlOf } from "./library.ts";
import { countDrop, registry } from "./registry.ts";

type Record = (value: number, attributes: Attributes) => void;

interface Instrument {
  readonly labelsOf: ReturnType<typeof createLabels>;
  readonly record: Record;
  /** Whole numbers by their labels, to be added at once; undefined where values may not be summed up before. */
  readonly sums: Map<Attributes, number> | undefined;
}

let provider: MeterProvider | undefined;
let emission: string | undefined;
let instruments = new Map<MetricKey, readonly Instrument[]>();

/** Those that have sums, while values are added up; undefined otherwise. */
let summed: Set<Instrument> | undefined;

/** Runs `work`, and records of each counter of whole numbers the sum of what was recorded inside. */
export function recordSums(work: () => void): void {
  const all = new Set<Instrument>();
  summed = all;
  try {
    work();
  } finally {
    summed = undefined;
    for (const { record, sums } of all) {
      for (const [labels, sum] of sums ?? []) record(sum, labels);
      sums?.clear();
    }
  }
}

/** Records one value of one metric. A value that would poison the series is dropped and counted. */
export function recordMetric(key: MetricKey, value: number, attributes: KeyedAttributes): void {
  const definition: MetricDefinition = METRICS[key];
  if (!Number.isFinite(value)) {
    countDrop("value is not a finite number");
    return;
  }
  if (value < 0 && (definition.instrument === "counter" || definition.instrument === "histogram")) {
    countDrop("value is negative");
    return;
  }
  const exact = definition.valueType === "int" ? Math.round(value) : value;
  for (const instrument of instrumentsOf(key)) {
    const { record, labelsOf, sums } = instrument;
    const labels = labelsOf(attributes);
    if (summed === undefined || sums === undefined) {
      record(exact, labels);
      continue;
    }
    summed.add(instrument);
    sums.set(labels, (sums.get(labels) ?? 0) + exact);
  }
}

function instrumentsOf(key: MetricKey): readonly Instrument[] {
  const current = metrics.getMeterProvider();
  if (current !== provider || emission !== registry.settings.emission) {
    provider = current;
    emission = registry.settings.emission;
    instruments = new Map();
  }
  let known = instruments.get(key);
  if (known === undefined) {
    known = createInstruments(METRICS[key]);
    instruments.set(key, known);
  }
  return known;
}

function createInstruments(definition: MetricDefinition): readonly Instrument[] {
  const wanted: readonly Generation[] =
    registry.settings.emission === "both" ? ["g3", "g2"] : [registry.settings.emission];
  const byName = new Map<string, Instrument>();
  for (const generation of wanted) {
    const name = conventionName(definition.key, generation);
    if (name === undefined || byName.has(name)) continue;
    const meter = metrics.getMeter(LIBRARY_NAME, LIBRARY_VERSION, { schemaUrl: schemaUrlOf(generation) });
    const labelsOf = createLabels(definition.attributes, generation);
    const isSum = definition.valueType === "int" && definition.instrument.endsWith("counter");
    const sums = isSum ? new Map<Attributes, number>() : undefined;
    byName.set(name, { labelsOf, sums, record: createRecorder(meter, name, definition) });
  }
  return [...byName.values()];
}

function createRecorder(meter: Meter, name: string, definition: MetricDefinition): Record {
  const options = {
    description: definition.description,
    unit: definition.unit,
    valueType: definition.valueType === "int" ? ValueType.INT : ValueType.DOUBLE,
  };
  switch (definition.instrument) {
    case "counter": {
      const counter = meter.createCounter(name, options);
      return (value, attributes) => counter.add(value, attributes);
    }
    case "up_down_counter": {
      const counter = meter.createUpDownCounter(name, options);
      return (value, attributes) => counter.add(value, attributes);
    }
    case "gauge": {
      const gauge = meter.createGauge(name, options);
      return (value, attributes) => gauge.record(value, attributes);
    }
    case "histogram": {
      const advice = definition.buckets === undefined ? {} : { explicitBucketBoundaries: [...definition.buckets] };
      const histogram = meter.createHistogram(name, { ...options, advice });
      return (value, attributes) => histogram.record(value, attributes);
    }
  }
}
