/** Counts of requests and how long they took. */

/** Upper bounds of the latency histogram, in seconds. */
const LATENCY_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** How long requests took: cumulative counts per bound, as Prometheus has them. */
interface LatencyHistogram {
  readonly buckets: readonly { readonly leSeconds: number; readonly count: number }[];
  readonly count: number;
  readonly sumSeconds: number;
}

/** Counters of the listening thread. */
export interface RequestMetrics {
  /** @param path the known path, or `other`. */
  note(path: string, status: number): void;
  /** A request that was stored and acknowledged. */
  noteLatency(seconds: number): void;
  requests(): readonly { readonly path: string; readonly status: number; readonly count: number }[];
  latency(): LatencyHistogram;
}

/** Creates counters at zero. */
export function createRequestMetrics(): RequestMetrics {
  const requests = new Map<string, { readonly path: string; readonly status: number; count: number }>();
  const counts = new Array<number>(LATENCY_BOUNDS.length).fill(0);
  let count = 0;
  let sumSeconds = 0;
  return {
    note: (path, status) => {
      const key = `${path} ${status}`;
      const entry = requests.get(key);
      if (entry === undefined) requests.set(key, { path, status, count: 1 });
      else entry.count += 1;
    },
    noteLatency: (seconds) => {
      count += 1;
      sumSeconds += seconds;
      const at = LATENCY_BOUNDS.findIndex((bound) => seconds <= bound);
      if (at >= 0) counts[at] = (counts[at] ?? 0) + 1;
    },
    requests: () => [...requests.values()],
    latency: () => {
      let below = 0;
      const buckets = LATENCY_BOUNDS.map((leSeconds, at) => {
        below += counts[at] ?? 0;
        return { leSeconds, count: below };
      });
      return { buckets, count, sumSeconds };
    },
  };
}
