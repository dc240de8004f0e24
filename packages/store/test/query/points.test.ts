/** Points through the one query object: pages, sums, attributes, refusals. */
import { describe, expect, it } from "vitest";
import type { SeriesIdentity, Store } from "../../src/index.ts";
import { NOON, temporaryStore } from "../helpers.ts";

const HOUR = 3_600_000;

function identity(agent: string): SeriesIdentity {
  return {
    metric: "moai.task.count",
    kind: "sum",
    unit: "{task}",
    description: "",
    temporality: "delta",
    isMonotonic: true,
    valueType: "int",
    attributes: { "gen_ai.agent.name": agent },
    resource: { "service.name": "app" },
    scope: { name: "test", version: "" },
  };
}

/** Two series with a point a minute over three hours. */
function storeWithPoints(): Store {
  const store = temporaryStore();
  store.writePoints({
    series: ["main", "expert"].map((agent) => ({
      identity: identity(agent),
      points: Array.from({ length: 180 }, (_, i) => ({
        startTimeUnixNano: BigInt(NOON) * 1_000_000n,
        timeUnixNano: BigInt(NOON + i * 60_000) * 1_000_000n,
        value: { kind: "number" as const, value: i },
      })),
    })),
  });
  return store;
}

describe("getPoints", () => {
  it("reaches every point of every series, with and without pages", () => {
    const { query } = storeWithPoints();
    const all = query.getPoints({ metric: "moai.task.count" });
    expect(all.series.map(({ points }) => points.length)).toEqual([180, 180]);
    expect(all).toMatchObject({ resolution: "point", nextCursor: undefined, deletedBeforeMillis: undefined });
    let seen = 0;
    let cursor: string | undefined;
    do {
      const page = query.getPoints({ metric: "moai.task.count", limit: 50, cursor });
      seen += page.series.reduce((sum, { points }) => sum + points.length, 0);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen).toBe(360);
  });

  it("refuses the cursor of another question, which would leave out points without a word", () => {
    const { query } = storeWithPoints();
    const asked = { metric: "moai.task.count", limit: 50 };
    const { nextCursor: cursor } = query.getPoints(asked);
    expect(cursor).toBeDefined();
    expect(query.getPoints({ ...asked, limit: 7, resolution: "point", cursor }).series).not.toEqual([]);
    for (const other of [
      { metric: "other" },
      { resolution: "hour" },
      { attributes: { "gen_ai.agent.name": "main" } },
      { attributeTexts: { "gen_ai.agent.name": "main" } },
      { range: { startMillis: NOON, endMillis: NOON + HOUR } },
      { cursor: "x" },
      { cursor: cursor?.replace(/\.[^.]*$/, "") },
    ] as const) {
      expect(() => query.getPoints({ ...asked, cursor, ...other })).toThrow(/cursor is not one of getPoints with this/);
    }
  });

  it("chooses by attributes, resource and range", () => {
    const { query } = storeWithPoints();
    const range = { startMillis: NOON + HOUR, endMillis: NOON + 2 * HOUR };
    const attributes = { "gen_ai.agent.name": "main" };
    const [series, ...others] = query.getPoints({ metric: "moai.task.count", attributes, range }).series;
    expect(series?.points).toHaveLength(60);
    expect(others).toEqual([]);
    expect(query.getPoints({ metric: "moai.task.count", resource: { "service.name": "other" } }).series).toEqual([]);
    expect(query.getPoints({ metric: "'; DROP TABLE point; --" }).series).toEqual([]);
  });

  it("finds attributes by their text, whatever their kind", () => {
    const store = temporaryStore();
    for (const i of ["0", 0, "true", true, ["0"]]) {
      const value = { kind: "number" as const, value: 1 };
      store.writePoints({
        series: [
          {
            identity: { ...identity("main"), attributes: { i } },
            points: [{ startTimeUnixNano: 0n, timeUnixNano: 1n, value }],
          },
        ],
      });
    }
    const find = (attributeTexts: Record<string, string>) =>
      store.query
        .getPoints({ metric: "moai.task.count", attributeTexts })
        .series.map((series) => series.identity.attributes["i"]);
    expect(find({ i: "0" })).toEqual(["0", 0]);
    expect(find({ i: "true" })).toEqual(["true", true]);
    expect(find({ i: "1" })).toEqual([]);
    expect(find({ toString: "0" })).toEqual([]);
  });

  it("sums up hours and days", () => {
    const { query } = storeWithPoints();
    const hours = query.getPoints({ metric: "moai.task.count", resolution: "hour" });
    expect(hours.resolution).toBe("hour");
    expect(hours.series[0]?.points).toMatchObject([
      { summary: { points: 60, sum: 1_770 } },
      { summary: { points: 60, sum: 5_370 } },
      { summary: { points: 60, sum: 8_970 } },
    ]);
    const [day] = query.getPoints({ metric: "moai.task.count", resolution: "day" }).series[0]?.points ?? [];
    expect(day).toMatchObject({ summary: { points: 180, sum: 16_110 } });
  });

  it("refuses what points do not have", () => {
    const { query } = storeWithPoints();
    const metric = "moai.task.count";
    expect(() => query.getPoints({ metric, agents: ["main"] } as never)).toThrow(/filtered by agents.*attributes/);
    expect(() => query.getPoints({ metric, resolution: "week" as "day" })).toThrow(
      /no resolution "week".*point, hour, day/,
    );
    expect(() => query.getPoints({ metric, limit: 0 })).toThrow(/whole number from 1/);
    expect(() => query.getPoints({ metric, range: { startMillis: 2, endMillis: 1 } })).toThrow(/whole milliseconds/);
    expect(() => query.getPoints({ metric, resolution: "hour", range: { startMillis: 1, endMillis: HOUR } })).toThrow(
      /range begins at 1970-01-01T00:00:00\.001Z, inside of a UTC hour/,
    );
    expect(() => query.getPoints({ metric, resolution: "day", range: { startMillis: 0, endMillis: HOUR } })).toThrow(
      /range ends at 1970-01-01T01:00:00\.000Z, inside of a UTC day/,
    );
    expect(() => query.getPoints({ metric, signal: AbortSignal.abort(new Error("enough")) })).toThrow("enough");
  });
});
