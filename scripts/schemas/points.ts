/** The answer of `query getPoints`. As in OTLP's JSON, what JSON has no number for is text. */
import { z } from "zod";
import { count } from "./fields.ts";

const nano = z
  .string()
  .regex(/^-?\d+$/)
  .describe("Nanoseconds since 1970-01-01, UTC.");
const number = z.union([z.number(), z.string()]).describe("Text beyond 2^53, and for Infinity, -Infinity and NaN.");
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const attributes = z.record(z.string(), z.union([scalar, z.array(scalar.nullable())]));

const distribution = { count, sum: number.nullable(), min: number.nullable(), max: number.nullable() };
const half = z.object({ offset: z.int(), counts: z.array(count) });
const histogram = z.object({
  kind: z.literal("histogram"),
  ...distribution,
  bounds: z.array(number).describe("Upper bounds, inclusive."),
  counts: z.array(count).describe("One more than bounds."),
});
const exponentialHistogram = z.object({
  kind: z.literal("exponential_histogram"),
  ...distribution,
  scale: z.int(),
  zeroCount: count,
  positive: half,
  negative: half,
});
const single = z.object({ kind: z.literal("number"), value: number });

const point = z.strictObject({
  startTimeUnixNano: nano,
  timeUnixNano: nano,
  value: z.discriminatedUnion("kind", [single, histogram, exponentialHistogram]),
});

const edges = { points: count, first: point, last: point };
const sums = z.strictObject({
  fromNano: nano.describe("Start of the UTC hour or day."),
  summary: z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("number"),
      ...edges,
      sum: number,
      min: number,
      max: number,
      increase: number.nullable().describe("Of cumulative sums, over resets as well."),
    }),
    z.object({
      kind: z.literal("distribution"),
      ...edges,
      merged: z.discriminatedUnion("kind", [histogram, exponentialHistogram]).nullable(),
    }),
  ]),
});

const identity = z.object({
  metric: z.string(),
  kind: z.enum(["sum", "gauge", "histogram", "exponential_histogram"]),
  unit: z.string(),
  description: z.string(),
  temporality: z.enum(["delta", "cumulative", "none"]),
  isMonotonic: z.boolean(),
  valueType: z.enum(["int", "double"]),
  attributes,
  resource: attributes,
  scope: z.object({ name: z.string(), version: z.string() }),
});

export const POINTS_ANSWER = z.object({
  resolution: z.enum(["point", "hour", "day"]),
  series: z.array(z.object({ identity, points: z.array(z.union([point, sums])) })),
  nextCursor: z.string().nullable(),
  deletedBeforeMillis: z.int().nullable().describe("Single points before this moment live on in sums."),
});
