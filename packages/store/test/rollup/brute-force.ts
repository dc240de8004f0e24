/** The rollups' answers, computed from a list of contributions in the most obvious way. */
import { bucketOf } from "../../src/rollup/histogram.ts";
import type { Contribution, Distribution, RollupGroup, RollupQuestion, RollupSum } from "../../src/rollup/types.ts";

/** @param nameOf the names behind the numbers of the contributions. */
export function bruteForce(
  facts: readonly Contribution[],
  question: RollupQuestion,
  nameOf: (id: number) => string,
): RollupGroup[] {
  const { edges, groupBy, sums, extremes, histograms } = question;
  const groups = new Map<string, { bucket: number; key: string[]; facts: Contribution[] }>();
  for (const fact of facts) {
    const names = {
      product: nameOf(fact.dimensions.productId),
      project: nameOf(fact.dimensions.projectId),
      agent: nameOf(fact.dimensions.agentId),
      model: nameOf(fact.dimensions.modelId),
    };
    const { products, projects, agents, models } = question.filter;
    if (!(products?.includes(names.product) ?? true) || !(projects?.includes(names.project) ?? true)) continue;
    if (!(agents?.includes(names.agent) ?? true) || !(models?.includes(names.model) ?? true)) continue;
    const bucket = edges.findLastIndex((edge) => edge <= fact.quarterHour);
    if (bucket < 0 || bucket === edges.length - 1) continue;
    const key = groupBy.map((dimension) => names[dimension]);
    const name = JSON.stringify([bucket, key]);
    const group = groups.get(name) ?? { bucket, key, facts: [] };
    groups.set(name, group);
    group.facts.push(fact);
  }
  return [...groups.values()]
    .map(({ bucket, key, facts: own }) => ({
      bucket,
      key,
      sums: sums.map((name) => own.reduce((sum, fact) => sum + sumOf(fact, name), 0)),
      extremes: extremes.map((name) => {
        const values = valuesOf(own, name);
        return values.length === 0 ? undefined : { min: Math.min(...values), max: Math.max(...values) };
      }),
      histograms: histograms.map((name) => {
        const buckets = new Map<number, number>();
        for (const value of valuesOf(own, name).sort((a, b) => a - b)) {
          buckets.set(bucketOf(value), (buckets.get(bucketOf(value)) ?? 0) + 1);
        }
        return { count: valuesOf(own, name).length, buckets };
      }),
    }))
    .filter(
      (group) =>
        group.sums.some((sum) => sum !== 0) ||
        group.extremes.some((extreme) => extreme !== undefined) ||
        group.histograms.some(({ count }) => count > 0),
    );
}

function sumOf({ sums, values }: Contribution, name: RollupSum): number {
  const [, distribution = name, isCount] = /^(.*_ms|task_tokens)(_count)?$/.exec(name) ?? [];
  const value = values[distribution as Distribution];
  if (value !== undefined) return isCount === undefined ? value : 1;
  return sums[name] ?? 0;
}

function valuesOf(facts: readonly Contribution[], name: Distribution): number[] {
  return facts.flatMap(({ values }) => values[name] ?? []);
}

/** Groups in one order and with plain histograms, so that two answers can be compared. */
export function sorted(groups: readonly RollupGroup[]): RollupGroup[] {
  return groups
    .map((group) => ({
      ...group,
      histograms: group.histograms.map(({ count, buckets }) => ({ count, buckets: new Map(buckets) })),
    }))
    .sort((a, b) => a.bucket - b.bucket || (JSON.stringify(a.key) < JSON.stringify(b.key) ? -1 : 1));
}
