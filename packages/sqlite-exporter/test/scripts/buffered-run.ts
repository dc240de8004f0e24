/**
 * A program that ends while facts and points are in memory. argv: storage, how to end. Prints what it recorded, then
 * ends at once.
 */
import { writeSync } from "node:fs";
import { recordUsage, withTask } from "@moai-metrics/instrumentation";
import { ValueType } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { AggregationTemporality, DataPointType, type ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { SqliteMetricExporter, startMetrics } from "../../src/index.ts";

const [storage = "", ending = ""] = process.argv.slice(2);
const buffer = { maxPoints: 1_000_000, flushIntervalMillis: 3_600_000 };
startMetrics({ serviceName: "buffered", storage, environment: {}, buffer, exportIntervalMillis: 2 ** 31 - 1 });
const exporter = new SqliteMetricExporter({ storage, buffer });

function collected(from: number, count: number): ResourceMetrics {
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
            dataPoints: Array.from({ length: count }, (_, i) => ({
              startTime: [from + i, 0],
              endTime: [from + i + 1, 0],
              attributes: {},
              value: 1,
            })),
          },
        ],
      },
    ],
  };
}

let answered = 0;
const answer = () => {
  answered += 1;
};
// The first opens the file and is on disk; what follows waits in the buffer for an hour.
await new Promise<void>((resolve) => exporter.export(collected(1_700_000_000, 1), () => resolve()));
for (let i = 0; i < 8; i++) exporter.export(collected(1_700_001_000 + i * 1000, 256), answer);
for (let i = 0; i < 50; i++) {
  await withTask("worker", async () => recordUsage({ model: "m", inputTokens: 1 }));
}
writeSync(1, `recorded, ${answered} answered\n`);
if (ending === "exit") process.exit(3);
if (ending === "throw") throw new Error("the application's own error");
if (ending === "reject") void Promise.reject(new Error("the application's own rejection"));
if (ending === "hang") setInterval(() => {}, 1000);
