/** Points summed up by steps of any length, from the coarsest tier that gives the exact answer. */
import type { PointReader } from "../point-reader.ts";
import { createSummarizer, floorTo, joinSummaries, type SummaryBucket } from "../summary/summarize.ts";
import type { SeriesIdentity } from "../types.ts";
import { coarsestResolution } from "./resolution.ts";
import type { StepAnswer, StepQuestion } from "./types.ts";

interface Growing {
  readonly identity: SeriesIdentity;
  add(bucket: SummaryBucket): void;
  readonly buckets: () => readonly SummaryBucket[];
}

const BUCKETS_AT_ONCE = 16_384;

/** Reads the whole range; memory is bounded by the number of steps and series. @throws RangeError without a step. */
export function readSteps(reader: PointReader, question: StepQuestion): StepAnswer {
  const { stepNano, ...range } = question;
  if (stepNano <= 0n) throw new RangeError(`stepNano is ${stepNano}. Give a step of at least one nanosecond.`);
  const resolution = coarsestResolution(stepNano, range.fromNano, range.toNano);
  if (resolution === undefined) return { resolution: "point", series: fromPoints(reader, question) };
  const growing = new Map<string, Growing>();
  let cursor: string | undefined;
  do {
    const page = reader.summaries({ ...range, resolution, cursor, limit: BUCKETS_AT_ONCE });
    for (const { identity, buckets } of page.series) {
      const series = getOrMake(growing, JSON.stringify(identity), () => createJoiner(identity, stepNano));
      for (const bucket of buckets) series.add(bucket);
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
  return {
    resolution,
    series: [...growing.values()].map(({ identity, buckets }) => ({ identity, buckets: buckets() })),
  };
}

function fromPoints(reader: PointReader, { stepNano, ...range }: StepQuestion): StepAnswer["series"] {
  const summarizers = new Map<string, { identity: SeriesIdentity; summarizer: ReturnType<typeof createSummarizer> }>();
  for (const page of reader.iterate({ ...range, cursor: undefined, limit: undefined })) {
    for (const { identity, points } of page.series) {
      const { summarizer } = getOrMake(summarizers, JSON.stringify(identity), () => ({
        identity,
        summarizer: createSummarizer(identity, stepNano),
      }));
      for (const point of points) summarizer.add(point);
    }
  }
  return [...summarizers.values()].map(({ identity, summarizer }) => ({ identity, buckets: summarizer.buckets() }));
}

/** Joins hours or days that lie in one step. */
function createJoiner(identity: SeriesIdentity, stepNano: bigint): Growing {
  const joined: SummaryBucket[] = [];
  return {
    identity,
    add({ fromNano, summary }) {
      const step = floorTo(fromNano, stepNano);
      const last = joined.at(-1);
      if (last?.fromNano !== step) joined.push({ fromNano: step, summary });
      else joined[joined.length - 1] = { fromNano: step, summary: joinSummaries(identity, last.summary, summary) };
    },
    buckets: () => joined,
  };
}

function getOrMake<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
