/** A histogram of few values, as it lies in a block: its buckets in order, and how many values each holds. */

/** A class, because millions of these calls lie on the path of folding. */
export class BucketCounts {
  /** Ascending. */
  readonly buckets: number[] = [];
  /** How many values the bucket in the same place holds: never 0, negative where more were taken back than are known. */
  readonly counts: number[] = [];

  /** How many buckets there are. */
  get size(): number {
    return this.buckets.length;
  }

  /** Adds values to a bucket, or takes them back. */
  add(bucket: number, count: number): void {
    this.addFrom(0, bucket, count);
  }

  /** Adds all values of another one. */
  addAll({ buckets, counts }: BucketCounts): void {
    let place = 0;
    for (let i = 0; i < buckets.length; i++) {
      place = this.addFrom(place, buckets[i] as number, counts[i] as number);
    }
  }

  /** @param from a place at or before that of the bucket. Returns the bucket's place. */
  private addFrom(from: number, bucket: number, count: number): number {
    const { buckets, counts } = this;
    const end = buckets.length;
    // Mostly they come in order.
    const place = end === 0 || (buckets[end - 1] as number) < bucket ? end : this.placeOf(bucket, from);
    if (place === end) {
      buckets.push(bucket);
      counts.push(count);
    } else if (buckets[place] !== bucket) {
      buckets.splice(place, 0, bucket);
      counts.splice(place, 0, count);
    } else {
      const sum = (counts[place] as number) + count;
      counts[place] = sum;
      if (sum === 0) {
        buckets.splice(place, 1);
        counts.splice(place, 1);
      }
    }
    return place;
  }

  /** The first place that has this bucket or a greater one; there must be one. */
  private placeOf(bucket: number, from: number): number {
    const { buckets } = this;
    let low = from;
    let high = buckets.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((buckets[middle] as number) < bucket) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
