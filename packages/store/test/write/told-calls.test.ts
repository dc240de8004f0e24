/** Calls that are told once take a shorter way into the file than those that are merged; it must lead to the same rows. */
import { join } from "node:path";
import { type Fact, type ModelCallFact, quarterHourOf } from "@moai-metrics/model";
import { createPriceBook } from "@moai-metrics/settings";
import Database from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { callKeyOf, modelCallStateOf } from "../../src/merge/model-call.ts";
import { openStore } from "../../src/open-store.ts";
import { costOfCall, costOfReport } from "../../src/write/call-cost.ts";
import { createCallShapes } from "../../src/write/call-shapes.ts";
import { firstSlotOf } from "../../src/write/locator.ts";
import { encodeCall, encodeReport, moveReport } from "../../src/write/model-call-codec.ts";
import { createPrices } from "../../src/write/prices.ts";
import { createStrings } from "../../src/write/strings.ts";
import { dump, NOON, session, task, temporaryFolder } from "../helpers.ts";

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const count = fc.integer({ min: 0, max: 2_000_000 });

const usage = fc.record({
  input: count,
  cacheRead: count,
  cacheWrite5m: count,
  cacheWrite1h: count,
  output: count,
  reasoning: fc.integer({ min: 0, max: 100 }),
});

const callOf = (id: number): fc.Arbitrary<ModelCallFact> =>
  fc
    .record({
      kind: fc.constant("model_call" as const),
      witness: fc.constantFrom("transcript", "log", "span", "innerSpan", "hook", "process"),
      product: fc.constantFrom("claude-code", "codex"),
      sessionId: fc.constantFrom("s1", "s2"),
      taskId: maybe(fc.constantFrom("t1", "t2")),
      ids: fc.constantFrom("request", "response", "both"),
      endedAtMillis: fc.integer({ min: NOON, max: NOON + 40 * 60_000 }),
      durationMillis: maybe(count),
      firstChunkMillis: maybe(count),
      model: maybe(fc.constantFrom("claude-sonnet-4-5", "claude-opus-5-5", "claude-haiku-5-5", "without a price", "")),
      usage: maybe(usage),
      webSearches: maybe(fc.integer({ min: 0, max: 3 })),
      speed: maybe(fc.constant("fast" as const)),
      reportedCostNanoUsd: maybe(count),
      errorType: maybe(fc.constantFrom("rate_limit", "overloaded", "")),
      isReplay: maybe(fc.constant(false)),
      isSum: maybe(fc.constant(false)),
    })
    .map(({ ids, ...fact }) => ({
      ...fact,
      requestId: ids === "response" ? undefined : `req_${id}`,
      responseId: ids === "request" ? undefined : `msg_${id}`,
    }));

const calls = fc
  .integer({ min: 1, max: 30 })
  .chain((length) => fc.tuple(...Array.from({ length }, (_, i) => callOf(i))));

describe("a call that is told once", () => {
  it("has the row and the cost that its state has", () => {
    const path = join(temporaryFolder(), "metrics.db");
    openStore({ path }).close();
    using database = Object.assign(new Database(path), { [Symbol.dispose]: () => database.close() });
    const [strings, shapes, prices] = [createStrings(database), createCallShapes(database), createPrices(database)];
    const priceBook = createPriceBook();
    fc.assert(
      fc.property(callOf(1), fc.integer({ min: 0, max: 3 }), (fact, slot) => {
        const state = modelCallStateOf(fact);
        const cost = costOfReport(fact, priceBook, prices);
        expect(cost).toEqual(costOfCall(state, undefined, priceBook, prices));
        const key = state.requestKey ?? state.responseKey ?? 0;
        const first = firstSlotOf(quarterHourOf(fact.endedAtMillis), key);
        const place = { id: first + slot, key };
        const otherKey = state.requestKey === undefined ? undefined : state.responseKey;
        const owners = { sessionRowId: 3, taskRowId: fact.taskId === undefined ? 0 : 7 };
        const row: (number | null)[] = [];
        encodeReport(row, fact, { id: first, key }, otherKey, cost, owners, shapes, strings);
        moveReport(row, place);
        expect(row).toEqual(encodeCall(state, place, cost, owners, shapes, strings));
      }),
      { numRuns: 500 },
    );
  });

  it("leaves the same behind as one that is told twice at once", () => {
    let run = 0;
    const folder = temporaryFolder();
    const now = (): number => NOON + 20 * 60_000;
    const contentOf = (name: string, facts: readonly Fact[], before: readonly Fact[]): Record<string, unknown> => {
      using store = openStore({ path: join(folder, `${name}.db`), now });
      store.write({ facts: before });
      expect(store.write({ facts }).refused).toEqual({});
      expect(store.checkRollups()).toEqual([]);
      return read(store.path);
    };
    fc.assert(
      fc.property(calls, fc.boolean(), (all, areOwnersKnown) => {
        run += 1;
        const owners = ["claude-code", "codex"].flatMap((product) => [
          session({ product, project: "/home/dev/shop" }),
          task({ product, agent: "main", outcome: { result: "success", origin: "reported", atMillis: NOON + 9_000 } }),
        ]);
        const before = areOwnersKnown ? owners : [];
        const behind = areOwnersKnown ? [] : owners;
        const once = contentOf(`${run}-once`, [...all, ...behind], before);
        const twice = contentOf(`${run}-twice`, [...all.flatMap((fact) => [fact, fact]), ...behind], before);
        expect(twice).toEqual(once);
      }),
      { numRuns: 12 },
    );
  }, 120_000);

  it("finds room by its other id where all places of the first are taken", () => {
    const folder = temporaryFolder();
    const path = join(folder, "metrics.db");
    using store = openStore({ path });
    const fact: ModelCallFact = {
      kind: "model_call",
      witness: "transcript",
      product: "claude-code",
      sessionId: "s1",
      requestId: "req_1",
      responseId: "msg_1",
      endedAtMillis: NOON,
    };
    const first = firstSlotOf(quarterHourOf(NOON), callKeyOf(fact.product, fact.requestId) ?? 0);
    store.write({ facts: [{ ...fact, requestId: "req_2", responseId: undefined }] });
    using database = Object.assign(new Database(path), { [Symbol.dispose]: () => database.close() });
    const copy = database.prepare(
      `INSERT INTO model_call SELECT ?, 0, NULL, shape_id, session_id, task_id, ended_ms, NULL, NULL, NULL, NULL, NULL, NULL,
         NULL, NULL, NULL, NULL FROM model_call LIMIT 1`,
    );
    for (let slot = 0; slot < 4; slot++) copy.run(first + slot);
    expect(store.write({ facts: [fact] })).toMatchObject({ inserted: 1, refused: {} });
    const byResponse = firstSlotOf(quarterHourOf(NOON), callKeyOf(fact.product, fact.responseId) ?? 0);
    expect(database.prepare("SELECT count(*) AS rows FROM model_call WHERE id = ?").get(byResponse)).toEqual({
      rows: 1,
    });
  });
});

/** Everything the ledger knows, and the rows of calls as they lie in the file; shapes are numbered as they come. */
function read(path: string): Record<string, unknown> {
  const database = new Database(path, { readonly: true });
  try {
    const rows = database.prepare<[], Record<string, unknown>>("SELECT * FROM model_call ORDER BY id").all();
    const named = ["product", "project", "agent", "model", "error_type"].map(
      (column) => `(SELECT text FROM string WHERE id = ${column}_id) AS ${column}`,
    );
    const live = database
      .prepare<[], { data: string }>(
        `SELECT ${named.join(", ")}, task_kind, since, data FROM live_counter ORDER BY 1, 2, 3, 4, 5, 6`,
      )
      .all();
    return {
      ...dump(path),
      live: live.map((counter) => ({ ...counter, data: JSON.parse(counter.data) })),
      rows: rows.map((row) => ({ ...row, shape_id: undefined })),
      aliases: database.prepare("SELECT * FROM model_call_alias ORDER BY id").all(),
    };
  } finally {
    database.close();
  }
}
