/** A histogram that is being added up: an array over the span of buckets in use. */
import { ZERO_BUCKET } from "./histogram.ts";
import type { SparseHistogram } from "./types.ts";

const SLACK = 32;

export class DenseHistogram {
  private first = 0;
  private counts: Float64Array | undefined;

  add(bucket: number, count: number): void {
    let { counts } = this;
    if (counts === undefined || bucket < this.first || bucket >= this.first + counts.length)
      counts = this.widen(bucket);
    counts[bucket - this.first] = (counts[bucket - this.first] as number) + count;
  }

  toSparse(): SparseHistogram {
    const buckets = new Map<number, number>();
    let sum = 0;
    for (const [i, count] of (this.counts ?? []).entries()) {
      if (count === 0) continue;
      buckets.set(this.first + i, count);
      sum += count;
    }
    return { count: sum, buckets };
  }

  private widen(bucket: number): Float64Array {
    const old = this.counts;
    const first = Math.max(ZERO_BUCKET, Math.min(bucket - SLACK, old === undefined ? Infinity : this.first));
    const behind = Math.max(bucket + SLACK, old === undefined ? 0 : this.first + old.length);
    const counts = new Float64Array(behind - first);
    if (old !== undefined) counts.set(old, this.first - first);
    this.first = first;
    this.counts = counts;
    return counts;
  }
}
