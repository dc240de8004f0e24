/**
 * What a reader is shown of the live counters, so that it never sees one fall. Pure.
 *
 * A series that the reader does not have yet is shown at 0 until the reader has that: a counter that appears with a value
 * counts, to Prometheus and others, from there. What was shown once is held until the facts have caught up with it; the
 * series that facts have moved to wait for as long, so that no fact is shown twice.
 */
import { growTogether, siblingsOf } from "./grow-together.ts";
import { joined, type LiveSeries, type LiveVector, overflowOf, seriesOfKey } from "./read-live.ts";

/** What the file knows of a series that was shown. */
export interface ShownSeries {
  readonly startedAtMillis: number;
  readonly shown: LiveVector;
  /** Undefined as long as the reader is not known to have any of it. */
  readonly received: LiveVector | undefined;
}

/** A series as it is to be shown. */
export interface ExposedVector extends ShownSeries, Pick<LiveSeries, "source" | "attributes" | "key"> {
  /** It is new, or has risen, or has been received. */
  readonly isChanged: boolean;
  /** The facts say less than what is shown. */
  readonly isHeld: boolean;
  /** The facts say more than what is shown, because another one is held. */
  readonly isBehind: boolean;
}

/** What is to be shown, and how many series had to share one because they were too many. */
export interface ExposurePlan {
  readonly series: readonly ExposedVector[];
  readonly overflowing: number;
}

/**
 * @param known what was shown, by key.
 * @param maxLines lines of text that all series together may have, about; what was shown once stays.
 * @param isLook nothing will be written down: then new series are shown as they are.
 */
export function planExposure(
  facts: readonly LiveSeries[],
  known: ReadonlyMap<string, ShownSeries>,
  maxLines: number,
  isLook: boolean,
): ExposurePlan {
  const { admitted, overflowing } = admit(facts, known, maxLines);
  const series: ExposedVector[] = [];
  const shownBefore = [...known].flatMap(([key, before]) => {
    const found = admitted.get(key) ?? seriesOfKey(key);
    if (found === undefined) return [];
    const { source, attributes } = found;
    const facts = admitted.get(key)?.vector ?? before.shown.map(() => 0);
    return [{ key, before, source, attributes, facts, isReceived: isLook || before.received !== undefined }];
  });
  for (const siblings of Map.groupBy(shownBefore, siblingsOf).values()) {
    // One that is still at 0 has nothing to grow to yet.
    const growing = siblings.filter(({ isReceived }) => isReceived);
    const grown = growTogether(growing.map(({ before, facts }) => ({ shown: before.shown, facts })));
    for (const { key, before, source, attributes, facts, isReceived } of siblings) {
      const shown = (isReceived ? grown.shift() : undefined) ?? before.shown;
      series.push({
        ...before,
        ...{ source, attributes, key, shown },
        isChanged: shown.some((value, i) => value !== before.shown[i]),
        isHeld: isReceived && shown.some((value, i) => value > (facts[i] ?? 0)),
        isBehind: isReceived && shown.some((value, i) => value < (facts[i] ?? 0)),
      });
    }
  }
  for (const [key, { source, attributes, sinceMillis, vector }] of admitted) {
    if (known.has(key)) continue;
    const shown = isLook ? vector : vector.map(() => 0);
    const state = { startedAtMillis: sinceMillis, shown, received: undefined };
    series.push({ ...state, source, attributes, key, isChanged: true, isHeld: false, isBehind: false });
  }
  return { series, overflowing };
}

/** Those that were shown, and of the others as many as there is room for; the rest is added up in one for each metric. */
function admit(
  facts: readonly LiveSeries[],
  known: ReadonlyMap<string, ShownSeries>,
  maxLines: number,
): { readonly admitted: ReadonlyMap<string, LiveSeries>; readonly overflowing: number } {
  const admitted = new Map<string, LiveSeries>();
  let lines = 0;
  for (const { shown } of known.values()) lines += shown.length;
  let overflowing = 0;
  for (const each of facts) {
    let taken = each;
    if (!known.has(each.key)) {
      const more = linesOf(each.source);
      if (lines + more <= maxLines) lines += more;
      else {
        taken = overflowOf(each);
        overflowing += 1;
      }
    }
    const before = admitted.get(taken.key);
    admitted.set(taken.key, before === undefined ? taken : joined(before, taken));
  }
  return { admitted, overflowing };
}

/** Numbers of a series; as text it has about as many lines. */
export function linesOf({ metric }: LiveSeries["source"]): number {
  return metric.kind === "histogram" ? metric.bounds.length + 2 : 1;
}
