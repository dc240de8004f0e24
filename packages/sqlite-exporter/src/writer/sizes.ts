/** How much memory and work a job is, roughly: what bounds a transaction need not be exact. */
import type { PointBatch } from "@moai-metrics/store";
import type { ItemSize } from "./group-queue.ts";

const POINT_BYTES = 64;
const BUCKET_BYTES = 8;

/** The size of a batch of points. */
export function sizeOfPoints({ series }: PointBatch): ItemSize {
  let rows = 0;
  let bytes = 0;
  for (const { points } of series) {
    rows += points.length;
    for (const { value } of points) bytes += POINT_BYTES + BUCKET_BYTES * bucketsOf(value);
  }
  return { rows, bytes };
}

function bucketsOf(value: PointBatch["series"][number]["points"][number]["value"]): number {
  if (value.kind === "number") return 0;
  if (value.kind === "histogram") return value.counts.length;
  return value.positive.counts.length + value.negative.counts.length;
}
