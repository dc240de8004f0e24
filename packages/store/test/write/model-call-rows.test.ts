/** How calls are joined and where their rows lie; seen in the file, since no question shows it. */
import type { Fact, ModelCallFact } from "@moai-metrics/model";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { openStore } from "../../src/index.ts";
import { checkTotals } from "../../src/read/totals-check.ts";
import type { Store } from "../../src/types.ts";
import { call, dump, NOON, task, temporaryStore, tool, USAGE } from "../helpers.ts";

const QUARTER_HOUR = 900_000;

function replay(fields: Partial<ModelCallFact>): Fact {
  return call({ isReplay: true, witness: "transcriptSidechain", ...fields });
}

/** What a store knows after it was told batches in this order. */
function told(...batches: readonly (readonly Fact[])[]): { store: Store; knows: Record<string, unknown[]> } {
  const store = temporaryStore();
  for (const facts of batches) store.write({ facts });
  expect(store.checkRollups()).toEqual([]);
  return { store, knows: dump(store.path) };
}

function rowsOf(store: Store, sql: string): unknown[] {
  const database = new Database(store.path, { readonly: true });
  try {
    return database.prepare(sql).raw().all();
  } finally {
    database.close();
  }
}

describe("sightings of one call", () => {
  it("are joined when only a replay between them links their quarter hours, in every order", () => {
    const early = call({ usage: { ...USAGE, output: 1 } });
    const late = call({ endedAtMillis: NOON + 2 * QUARTER_HOUR });
    const link = replay({ requestId: "side", endedAtMillis: NOON + QUARTER_HOUR });
    const { knows } = told([early, link, late]);
    expect(knows["calls"]).toHaveLength(1);
    for (const order of [
      [early, late, link],
      [late, early, link],
      [link, late, early],
      [late, link, early],
    ]) {
      expect(told(...order.map((fact) => [fact])).knows).toEqual(knows);
    }
  });

  it("take in a replay that was near one of them when another one brings the response id", () => {
    const withoutResponse = call({ responseId: undefined, endedAtMillis: NOON + QUARTER_HOUR });
    const copy = replay({ requestId: "side", responseId: "msg_1", endedAtMillis: NOON });
    const full = call({ endedAtMillis: NOON + 2 * QUARTER_HOUR });
    const { knows } = told([full], [withoutResponse], [copy]);
    expect(knows["calls"]).toHaveLength(1);
    expect(told([copy], [withoutResponse], [full]).knows).toEqual(knows);
    expect(told([withoutResponse], [copy], [full]).knows).toEqual(knows);
  });

  it("that are all replays add up to the same, whichever two were seen first", () => {
    const first = replay({ requestId: "side_1", usage: { ...USAGE, output: 5 }, endedAtMillis: NOON + 9_000 });
    const second = replay({ requestId: "side_2", usage: { ...USAGE, output: 7 } });
    const again = replay({ requestId: "side_1", usage: { ...USAGE, output: 9 }, endedAtMillis: NOON + 1_000 });
    const { knows } = told([first, second, again]);
    expect(knows["calls"]).toHaveLength(1);
    expect(told([first], [again], [second]).knows).toEqual(knows);
    expect(told([second], [again], [first]).knows).toEqual(knows);
  });
});

describe("the row of a call", () => {
  it("moves to where the original belongs when it was stored for a replay", () => {
    const { store, knows } = told([replay({ requestId: "side" })], [call()]);
    expect(knows).toEqual(told([call()], [replay({ requestId: "side" })]).knows);
    expect(rowsOf(store, "SELECT id FROM model_call")).toEqual(
      rowsOf(told([call()]).store, "SELECT id FROM model_call"),
    );
    store.write({ facts: [call({ durationMillis: 5 })] });
    expect(store.ledger.usage({})).toMatchObject([{ calls: 1, callMillis: 5 }]);
  });

  it("moves with its time, so that questions about that time find it", () => {
    const steps = Array.from({ length: 9 }, (_, i) => call({ endedAtMillis: NOON + i * QUARTER_HOUR }));
    const { store } = told(...steps.map((fact) => [fact]));
    const end = NOON + 8 * QUARTER_HOUR;
    expect(store.ledger.sessions({ range: { startMillis: end, endMillis: end + 1 } })).toMatchObject([{ calls: 1 }]);
    expect(told([...steps].reverse()).knows).toEqual(dump(store.path));
  });

  it("gives way to another call whose key wants the same place", () => {
    // Both lie 7 places apart modulo 2^22 − 3: found by trying request ids.
    const store = temporaryStore();
    const facts = Array.from({ length: 30_000 }, (_, i) =>
      call({ requestId: `req_${i}`, responseId: `msg_${i}`, usage: { ...USAGE, output: 1 } }),
    );
    for (let i = 0; i < facts.length; i += 2_000) store.write({ facts: facts.slice(i, i + 2_000) });
    expect(rowsOf(store, "SELECT count(*) FROM model_call WHERE key_rest % 4 > 0")[0]).not.toEqual([0]);
    expect(store.ledger.usage({})).toMatchObject([{ calls: 30_000, tokens: { output: 30_000 } }]);
    for (let i = 0; i < facts.length; i += 2_000) {
      expect(store.write({ facts: facts.slice(i, i + 2_000) })).toMatchObject({ inserted: 0, changed: 0 });
    }
  });

  it("takes at most 60 bytes with one id and 85 with two, indexes and aliases included", () => {
    for (const [responseId, limit] of [
      [undefined, 60],
      ["msg", 85],
    ] as const) {
      const store = temporaryStore();
      const count = 20_000;
      const facts = Array.from({ length: count }, (_, i) =>
        call({
          requestId: `req_${i}`,
          responseId: responseId === undefined ? undefined : `${responseId}_${i}`,
          endedAtMillis: NOON + i * 1_500,
          durationMillis: 2_000 + ((i * 7_919) % 60_000),
          usage: {
            input: (i * 31) % 4_000,
            cacheRead: (i * 7_919) % 100_000,
            cacheWrite5m: (i * 131) % 5_000,
            cacheWrite1h: 0,
            output: (i * 17) % 1_200,
            reasoning: 0,
          },
        }),
      );
      for (let i = 0; i < count; i += 2_000) store.write({ facts: facts.slice(i, i + 2_000) });
      const [[bytes]] = rowsOf(
        store,
        "SELECT sum(pgsize) FROM dbstat WHERE name IN ('model_call', 'model_call_alias', 'call_shape')",
      ) as [[number]];
      expect(bytes / count).toBeLessThanOrEqual(limit);
    }
  });
});

describe("the totals of tasks and sessions", () => {
  it("follow a call from one task and session to another", () => {
    const { store, knows } = told(
      [task(), task({ taskId: "t2" }), call({ witness: "span" }), tool()],
      [call({ taskId: "t2", sessionId: "s2", durationMillis: 7 })],
    );
    const totals = (table: string): unknown =>
      rowsOf(store, `SELECT ${table}_key, calls, output, call_ms, tool_calls FROM ${table} ORDER BY 1`);
    expect(totals("session")).toEqual([
      ["s1", 0, 0, 0, 1],
      ["s2", 1, 345, 7, 0],
    ]);
    expect(totals("task")).toEqual([
      ["t1", 0, 0, 0, 1],
      ["t2", 1, 345, 7, 0],
    ]);
    expect(knows["sessions"]).toHaveLength(2);
  });

  it("that are not the sums of their calls are found", () => {
    const { store } = told([task(), call(), tool()]);
    const database = new Database(store.path);
    expect(checkTotals(database, 0)).toEqual([]);
    database.exec("UPDATE task SET output = 346; UPDATE session SET tool_calls = 2");
    expect(checkTotals(database, 0)).toEqual([
      { owner: "task", key: "t1", column: "output", total: 346, ledger: 345 },
      { owner: "session", key: "s1", column: "tool_calls", total: 2, ledger: 1 },
    ]);
    // What began before the watermark may have lost calls for their age.
    expect(checkTotals(database, NOON + 1)).toEqual([]);
    database.close();
  });
});

describe("tags of a session", () => {
  it("keep per key what the better witness said, and the greater of two equals", () => {
    const tagged = (witness: "span" | "transcript", tags: Record<string, string>): Fact => ({
      kind: "session",
      witness,
      product: "claude-code",
      sessionId: "s1",
      activity: [],
      tags,
    });
    const facts = [
      tagged("transcript", { team: "blue" }),
      tagged("span", { team: "zebra", user: "ann" }),
      tagged("transcript", { team: "amber" }),
    ];
    const { store, knows } = told(facts);
    expect(told(...facts.toReversed().map((fact) => [fact])).knows).toEqual(knows);
    expect(
      rowsOf(
        store,
        `SELECT key.text, value.text FROM session_tag JOIN string AS key ON key.id = key_id
         JOIN string AS value ON value.id = value_id ORDER BY 1`,
      ),
    ).toEqual([
      ["team", "blue"],
      ["user", "ann"],
    ]);
  });

  it("that are no tags are refused and counted", () => {
    const store = temporaryStore();
    const many = Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`k${i}`, "v"]));
    for (const tags of [many, { "": "v" }, { k: "" }, { k: 1 }, "tags", null]) {
      const fact = { kind: "session", witness: "span", product: "p", sessionId: "s", activity: [], tags };
      expect(store.write({ facts: [fact as unknown as Fact] }).refused).toEqual({
        "text is missing, overlong or not text": 1,
      });
    }
  });
});

describe("two handles on one file", () => {
  it("number new tasks and sessions without getting in each other's way", () => {
    const store = temporaryStore();
    const other = openStore({ path: store.path });
    for (let i = 0; i < 20; i++) {
      const [writer, name] = i % 2 === 0 ? [store, "a"] : [other, "b"];
      writer.write({ facts: [task({ sessionId: `${name}${i}`, taskId: `${name}${i}` })] });
    }
    other.close();
    expect(store.ledger.tasks({})).toHaveLength(20);
    expect(store.ledger.sessions({})).toHaveLength(20);
  });
});
