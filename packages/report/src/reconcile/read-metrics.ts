/** What products counted in their own metrics, by session and model. */
import {
  DAY_MILLIS,
  type ProductTelling,
  type TimeRange,
  type TokenMetric,
  type ToldTokens,
} from "@moai-metrics/model";
import {
  type Attributes,
  joinSummaries,
  type SeriesIdentity,
  type SeriesSummary,
  type Store,
} from "@moai-metrics/store";

/** Tokens by model. */
export type MetricTokens = ReadonlyMap<string, ToldTokens>;

const NANOS_PER_MILLI = 1_000_000n;
/** Exports come late when a collector was away. */
const MAX_LATE_MILLIS = DAY_MILLIS;

/**
 * Reads the token metric of a product.
 *
 * @param range in which its sessions lie; whole days are read.
 * @returns tokens by session id.
 */
export function readMetricTokens(
  store: Pick<Store, "pointSteps">,
  { tokenMetric }: ProductTelling,
  { startMillis, endMillis }: TimeRange,
): ReadonlyMap<string, MetricTokens> {
  if (tokenMetric === undefined) return new Map();
  const fromDay = Math.floor(startMillis / DAY_MILLIS);
  const toDay = Math.ceil((endMillis + MAX_LATE_MILLIS) / DAY_MILLIS);
  const { series } = store.pointSteps({
    metric: tokenMetric.metric,
    fromNano: BigInt(fromDay * DAY_MILLIS) * NANOS_PER_MILLI,
    toNano: BigInt(toDay * DAY_MILLIS) * NANOS_PER_MILLI,
    stepNano: BigInt(DAY_MILLIS) * NANOS_PER_MILLI,
  });
  const sums = new Map<string, Map<string, Map<string, number>>>();
  for (const { identity, buckets } of series) {
    const names = namesOf(identity.attributes, tokenMetric);
    if (names === undefined) continue;
    const summaries = buckets.map(({ summary }) => summary);
    const byModel = getOrMake(sums, names.session, () => new Map<string, Map<string, number>>());
    const byPart = getOrMake(byModel, names.model, () => new Map<string, number>());
    byPart.set(names.part, (byPart.get(names.part) ?? 0) + countOf(identity, summaries));
  }
  return new Map(
    [...sums].map(([session, byModel]) => [
      session,
      new Map([...byModel].map(([model, byPart]) => [model, tokenMetric.tokensOf(byPart)])),
    ]),
  );
}

/** Undefined for points that name no session or no kind of tokens. */
function namesOf(
  attributes: Attributes,
  { sessionAttribute, modelAttribute, partAttribute }: TokenMetric,
): { readonly session: string; readonly model: string; readonly part: string } | undefined {
  const [session, model, part] = [sessionAttribute, modelAttribute, partAttribute].map((name) => attributes[name]);
  if (typeof session !== "string" || typeof part !== "string") return undefined;
  return { session, model: typeof model === "string" ? model : "", part };
}

/** What a series counted: of a cumulative one also what it had at its first point, where it knows its start. */
function countOf(identity: SeriesIdentity, summaries: readonly SeriesSummary[]): number {
  const [first, ...others] = summaries;
  if (first === undefined) return 0;
  const whole = others.reduce((sum, summary) => joinSummaries(identity, sum, summary), first);
  if (whole.kind !== "number") return 0;
  if (identity.temporality !== "cumulative") return Number(whole.sum);
  const { startTimeUnixNano, value } = whole.first;
  const before = startTimeUnixNano === 0n || value.kind !== "number" ? 0 : Number(value.value);
  return before + Number(whole.increase ?? 0);
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
