import {
  CONVENTIONS,
  type Convention,
  type ConventionKey,
  canonicalName,
  conventionName,
  EMISSIONS,
  emittedNames,
  GENERATIONS,
  knownNames,
  METRICS,
} from "@moai-metrics/model";
import { describe, expect, it } from "vitest";

const keys = Object.keys(CONVENTIONS) as ConventionKey[];
const row = (key: ConventionKey): Convention => CONVENTIONS[key];

describe("convention table", () => {
  it("gives two keys of one kind never the same name in the same generation", () => {
    for (const generation of GENERATIONS) {
      const seen = new Map<string, ConventionKey>();
      for (const key of keys) {
        const name = conventionName(key, generation);
        if (name === undefined) continue;
        const place = `${row(key).kind} ${name}`;
        expect(seen.get(place), place).toBeUndefined();
        seen.set(place, key);
      }
    }
  });

  it("keeps our own names out of the conventions' namespaces, and every name well-formed", () => {
    for (const key of keys.filter((each) => row(each).kind !== "schema")) {
      for (const name of knownNames(key)) expect(name).toMatch(/^[a-z][a-z0-9_.]{0,254}$/);
    }
  });

  it("gives units to metrics alone, and ascending buckets", () => {
    for (const key of keys) {
      expect(row(key).unit !== undefined, key).toBe(row(key).kind === "metric");
      const buckets = row(key).buckets ?? [];
      expect(buckets).toEqual(buckets.toSorted((a, b) => a - b));
      expect(new Set(buckets).size).toBe(buckets.length);
    }
  });

  it("knows what the newest generation renamed", () => {
    expect(knownNames("provider")).toEqual(["gen_ai.provider.name", "gen_ai.system"]);
    expect(knownNames("usageCacheWriteTokens")).toEqual([
      "gen_ai.usage.cache_write.input_tokens",
      "gen_ai.usage.cache_creation.input_tokens",
    ]);
    expect(canonicalName("tokenUsage")).toBe("gen_ai.client.token.usage");
  });

  it("emits one generation or both, each name once", () => {
    expect(emittedNames("inferenceDuration", "g3")).toEqual(["gen_ai.client.inference.duration"]);
    expect(emittedNames("inferenceDuration", "g2")).toEqual(["gen_ai.client.operation.duration"]);
    expect(emittedNames("inferenceDuration", "both")).toEqual([
      "gen_ai.client.inference.duration",
      "gen_ai.client.operation.duration",
    ]);
    expect(emittedNames("inputTokens", "g2")).toEqual([]);
    expect(emittedNames("taskCount", "both")).toEqual(["moai.task.count"]);
  });
});

describe("catalogue", () => {
  it("defines every metric of the table once, under its own key", () => {
    expect(Object.keys(METRICS).toSorted()).toEqual(keys.filter((key) => row(key).kind === "metric").toSorted());
    for (const [key, metric] of Object.entries(METRICS)) expect(metric.key).toBe(key);
  });

  it("gives buckets to histograms and to nothing else", () => {
    for (const metric of Object.values(METRICS)) {
      expect(metric.buckets !== undefined, metric.key).toBe(metric.instrument === "histogram");
    }
  });

  it("lets no id become an attribute of a metric", () => {
    for (const metric of Object.values(METRICS)) {
      for (const attribute of metric.attributes) {
        expect(CONVENTIONS[attribute].kind).toBe("attribute");
        expect(attribute).not.toMatch(/id$/i);
      }
    }
  });

  it("has a name for every metric in what is emitted by default", () => {
    for (const metric of Object.values(METRICS)) {
      const emitted = EMISSIONS.flatMap((emission) => emittedNames(metric.key, emission));
      expect(emitted.length, metric.key).toBeGreaterThan(0);
    }
  });
});
