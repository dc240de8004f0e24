/**
 * Summaries that do not fit into columns, as a line of JSON: distributions, sums of integers beyond 64 bits, and
 * cumulative series with several starts.
 */
import type { PointValue, SeriesPoint } from "../types.ts";
import { decodeDistribution, encodeDistribution } from "../value.ts";
import type { SummaryRecord } from "./encode.ts";
import type { NumberSummary, SeriesSummary, StartGrowth } from "./types.ts";

/** Integers beyond 2^53 as text; what JSON has no word for, by its name. */
type JsonNumber = number | { readonly integer: string } | { readonly double: string };
type JsonValue = JsonNumber | { readonly distribution: string };
type JsonPoint = [start: string, time: string, value: JsonValue];
type JsonStart<T> = [first: JsonPoint, last: JsonPoint, growth: T | null];
type JsonSummary =
  | { n: [points: number, ...JsonNumber[]]; first: JsonPoint; last: JsonPoint; starts?: JsonStart<JsonNumber>[] }
  | { d: string | null; points: number; first: JsonPoint; last: JsonPoint; starts?: JsonStart<string>[] };

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
    const { merged, points, starts } = summary;
    const d = merged === undefined ? null : encodeDistribution(merged);
    return { d, points, ...edges, ...startsJson(starts, encodeDistribution) };
  }
  const { points, sum, min, max, increase, starts } = summary;
  const numbers = [sum, min, max, ...(increase === undefined ? [] : [increase])];
  return { n: [points, ...numbers.map(numberJson)], ...edges, ...startsJson(starts, numberJson) };
}

function summaryFrom(json: JsonSummary): SeriesSummary {
  const edges = { first: pointFrom(json.first), last: pointFrom(json.last) };
  if ("d" in json) {
    return {
      kind: "distribution",
      points: json.points,
      merged: json.d === null ? undefined : decodeDistribution(json.d),
      ...edges,
      ...startsFrom(json.starts, decodeDistribution),
    };
  }
  const [points, ...numbers] = json.n;
  const [sum = 0, min = 0, max = 0, increase] = numbers.map(numberFrom);
  const starts = startsFrom(json.starts, numberFrom);
  return { kind: "number", points, sum, min, max, increase, ...edges, ...starts } satisfies NumberSummary;
}

function startsJson<T, Json>(
  starts: readonly StartGrowth<T>[] | undefined,
  write: (growth: T) => Json,
): { starts?: JsonStart<Json>[] } {
  if (starts === undefined) return {};
  return {
    starts: starts.map(({ first, last, growth }) => [
      pointJson(first),
      pointJson(last),
      growth === undefined ? null : write(growth),
    ]),
  };
}

function startsFrom<T, Json>(
  starts: readonly JsonStart<Json>[] | undefined,
  read: (json: Json) => T,
): { starts?: readonly StartGrowth<T>[] } {
  if (starts === undefined) return {};
  return {
    starts: starts.map(([first, last, growth]) => ({
      first: pointFrom(first),
      last: pointFrom(last),
      growth: growth === null ? undefined : read(growth),
    })),
  };
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
