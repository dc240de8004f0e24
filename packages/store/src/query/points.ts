/** `getPoints`: OpenTelemetry data points, singly or summed up by hour or day. */
import { DAY_MILLIS } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { encodeIdentity } from "../series/identity.ts";
import { createPointReader, type PointReader } from "../series/point-reader.ts";
import type { SeriesIdentity } from "../series/types.ts";
import { refuseFactFilters } from "./filter-rules.ts";
import { markCursor, requireLimit, unmarkCursor } from "./paging.ts";
import type { PointSeries, PointsAnswer, PointsQuestion } from "./types.ts";

const METHOD = "getPoints";
const NANOS_PER_MILLI = 1_000_000n;

const BUCKET_MILLIS = { hour: 3_600_000, day: DAY_MILLIS } as const;

/** What a `Date` can hold. */
const MAX_DATE_MILLIS = 8_640_000_000_000_000;

/** Points that are read at once when all of them are wanted. */
const PAGE_POINTS = 16_384;

/** One page of series, of either kind. */
interface Part {
  readonly series: readonly PointSeries[];
  readonly cursor: string | undefined;
  readonly keptFromNano: bigint | undefined;
}

/** Creates the method. */
export function createPointsQuery(database: Database): (question: PointsQuestion) => PointsAnswer {
  const reader = createPointReader(database);
  const inOneState = <T>(read: () => T): T => (database.inTransaction ? read() : database.transaction(read).deferred());
  return (question) => inOneState(() => readPoints(reader, question));
}

function readPoints(reader: PointReader, question: PointsQuestion): PointsAnswer {
  const { resolution = "point", limit, signal } = question;
  refuseFactFilters(METHOD, question);
  requireLimit(METHOD, limit);
  const bySeries = new Map<string, { identity: SeriesIdentity; points: PointSeries["points"][number][] }>();
  const asked = askedOf(question);
  let cursor = question.cursor === undefined ? undefined : unmarkCursor(METHOD, asked, question.cursor);
  let keptFromNano: bigint | undefined;
  do {
    signal?.throwIfAborted();
    const part = readPart(reader, question, cursor);
    for (const { identity, points } of part.series) {
      const name = encodeIdentity(identity);
      const known = bySeries.get(name) ?? { identity, points: [] };
      bySeries.set(name, known);
      for (const point of points) known.points.push(point);
    }
    cursor = part.cursor;
    keptFromNano = part.keptFromNano;
  } while (limit === undefined && cursor !== undefined);
  return {
    resolution,
    series: [...bySeries.values()],
    nextCursor: cursor === undefined ? undefined : markCursor(METHOD, asked, cursor),
    deletedBeforeMillis: deletedBefore(question, keptFromNano),
  };
}

/** What all pages of a question share. */
function askedOf({
  metric,
  attributes,
  attributeTexts,
  resource,
  range,
  resolution = "point",
}: PointsQuestion): object {
  const shared = { metric, attributes, attributeTexts, resource, range, resolution };
  return Object.fromEntries(Object.entries(shared).filter(([, value]) => value !== undefined));
}

function readPart(reader: PointReader, question: PointsQuestion, cursor: string | undefined): Part {
  const { metric, attributes, attributeTexts, resource, range, resolution = "point", limit = PAGE_POINTS } = question;
  const asked = {
    metric,
    attributes,
    attributeTexts,
    resource,
    fromNano: range === undefined ? undefined : BigInt(range.startMillis) * NANOS_PER_MILLI,
    toNano: range === undefined ? undefined : BigInt(range.endMillis) * NANOS_PER_MILLI,
    limit,
    cursor,
  };
  switch (resolution) {
    case "point":
      return reader.points(asked);
    case "hour":
    case "day": {
      requireWholeBuckets(resolution, range);
      const page = reader.summaries({ ...asked, resolution });
      return {
        series: page.series.map(({ identity, buckets }) => ({ identity, points: buckets })),
        cursor: page.cursor,
        keptFromNano: undefined,
      };
    }
    default:
      throw new RangeError(`There is no resolution "${String(resolution)}". Resolutions: point, hour, day.`);
  }
}

function requireWholeBuckets(resolution: keyof typeof BUCKET_MILLIS, range: PointsQuestion["range"]): void {
  if (range === undefined) return;
  const edges = { begins: range.startMillis, ends: range.endMillis };
  for (const [verb, millis] of Object.entries(edges)) {
    if (millis % BUCKET_MILLIS[resolution] === 0) continue;
    throw new RangeError(
      `${METHOD}: the range ${verb} at ${momentText(millis)}, inside of a UTC ${resolution}, and ${resolution}s of points ` +
        `are kept in UTC. Let it begin and end with full UTC ${resolution}s, or ask for the resolution "point".`,
    );
  }
}

function momentText(millis: number): string {
  return Math.abs(millis) <= MAX_DATE_MILLIS ? new Date(millis).toISOString() : `${millis} ms`;
}

/** Single points live shorter than their sums. */
function deletedBefore({ range }: PointsQuestion, keptFromNano: bigint | undefined): number | undefined {
  if (keptFromNano === undefined) return undefined;
  const keptFromMillis = Number(keptFromNano / NANOS_PER_MILLI);
  return range === undefined || range.startMillis < keptFromMillis ? keptFromMillis : undefined;
}
