/** Summaries that do not fit into columns, as a line of JSON: distributions, and sums of integers beyond 64 bits. */
import type { PointValue, SeriesPoint } from "../types.ts";
import { decodeDistribution, encodeDistribution } from "../value.ts";
import type { SummaryRecord } from "./encode.ts";
import type { NumberSummary, SeriesSummary } from "./types.ts";

/** Integers beyond 2^53 as text; what JSON has no word for, by its name. */
type JsonNumber = number | { readonly integer: string } | { readonly double: string };
type JsonValue = JsonNumber | { readonly distribution: string };
type JsonPoint = [start: string, time: string, value: JsonValue];
type JsonSummary =
  | { n: [points: number, ...JsonNumber[]]; first: JsonPoint; last: JsonPoint }
  | { d: string | null; points: number; first: JsonPoint; last: JsonPoint };

export function encodeOddSummary({ seriesId, fromNano, summary }: SummaryRecord): string {
  return JSON.stringify([seriesId, String(fromNano), summaryJson(summary)]);
}

export function decodeOddSummary(line: string): SummaryRecord {
  const [seriesId, fromNano, json] = JSON.parse(line) as [number, string, JsonSummary];
  return { seriesId, fromNano: BigInt(fromNano), summary: summaryFrom(json) };
}

function summaryJson(summary: SeriesSummary): JsonSummary {
  const edges = { first: pointJson(summary.first), last: pointJson(summary.last) };
  if (summary.kind === "distribution") {
    const { merged, points } = summary;
    return { d: merged === undefined ? null : encodeDistribution(merged), points, ...edges };
  }
  const { points, sum, min, max, increase } = summary;
  const numbers = [sum, min, max, ...(increase === undefined ? [] : [increase])];
  return { n: [points, ...numbers.map(numberJson)], ...edges };
}

function summaryFrom(json: JsonSummary): SeriesSummary {
  const edges = { first: pointFrom(json.first), last: pointFrom(json.last) };
  if ("d" in json) {
    return {
      kind: "distribution",
      points: json.points,
      merged: json.d === null ? undefined : decodeDistribution(json.d),
      ...edges,
    };
  }
  const [points, ...numbers] = json.n;
  const [sum = 0, min = 0, max = 0, increase] = numbers.map(numberFrom);
  return { kind: "number", points, sum, min, max, increase, ...edges } satisfies NumberSummary;
}

function pointJson({ startTimeUnixNano, timeUnixNano, value }: SeriesPoint): JsonPoint {
  const json = value.kind === "number" ? numberJson(value.value) : { distribution: encodeDistribution(value) };
  return [String(startTimeUnixNano), String(timeUnixNano), json];
}

function pointFrom([start, time, json]: JsonPoint): SeriesPoint {
  const value: PointValue =
    typeof json === "object" && "distribution" in json
      ? decodeDistribution(json.distribution)
      : { kind: "number", value: numberFrom(json) };
  return { startTimeUnixNano: BigInt(start), timeUnixNano: BigInt(time), value };
}

function numberJson(value: number | bigint): JsonNumber {
  if (typeof value === "bigint") return { integer: String(value) };
  return Number.isFinite(value) && !Object.is(value, -0) ? value : { double: Object.is(value, -0) ? "-0" : `${value}` };
}

function numberFrom(json: JsonNumber): number | bigint {
  if (typeof json === "number") return json;
  return "integer" in json ? BigInt(json.integer) : Number(json.double);
}
