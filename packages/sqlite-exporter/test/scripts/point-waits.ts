/**
 * An application with a data point to write. argv: storage. Prints `written` when it is on disk, `waits` when it is
 * in the buffer still after a while.
 */

import { ValueType } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { AggregationTemporality, DataPointType, type ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { SqliteMetricExporter, startMetrics } from "../../src/index.ts";

/** An empty buffer hands a point over at once; opening a file takes less than this. */
const PATIENCE_MILLIS = 3_000;

const storage = process.argv[2] ?? "";
startMetrics({ serviceName: "waits", storage, exportIntervalMillis: 2 ** 31 - 1 });
// Its own options do not count: who comes first into a folder decides for all.
const exporter = new SqliteMetricExporter({ storage });
// The first point of a quiet buffer is written at once; the second one waits.
await new Promise<void>((resolve) => exporter.export(pointAt(1), () => resolve()));
const timer = setTimeout(() => tell("waits"), PATIENCE_MILLIS);
exporter.export(pointAt(2), () => tell("written"));

function pointAt(second: number): ResourceMetrics {
  return {
    resource: resourceFromAttributes({}),
    scopeMetrics: [
      {
        scope: { name: "test" },
        metrics: [
          {
            descriptor: { name: "points", description: "", unit: "", valueType: ValueType.INT },
            aggregationTemporality: AggregationTemporality.DELTA,
            dataPointType: DataPointType.SUM,
            isMonotonic: true,
            dataPoints: [{ startTime: [second, 0], endTime: [second + 1, 0], attributes: {}, value: 1 }],
          },
        ],
      },
    ],
  };
}

function tell(what: string): void {
  clearTimeout(timer);
  process.stdout.write(what);
  process.exit(0);
}
