/** What the ledger keeps of its witnesses. */
import type { TokenUsage } from "@moai-metrics/model";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { openStore } from "../../src/index.ts";
import { call, NOON, session, temporaryStore, tool, USAGE } from "../helpers.ts";

const QUARTER_HOUR = 900_000;
const DAY = 86_400_000;
const less: TokenUsage = { ...USAGE, output: 300 };
const TOLD = { input: 1200, cacheRead: 800, cacheWrite: 100, output: 345 };

function dissentsIn(path: string): unknown[] {
  const database = new Database(path, { readonly: true });
  try {
    return database
      .prepare("SELECT call_id IN (SELECT id FROM model_call), witness, output FROM model_call_dissent")
      .raw()
      .all();
  } finally {
    database.close();
  }
}

describe("the witnesses of a call", () => {
  it("are each told with what they said, whoever came first, however often", () => {
    const facts = [
      call(),
      call({ witness: "log", usage: less }),
      call({ witness: "log", usage: { ...less, output: 299 } }),
      call({ witness: "span", usage: undefined }),
      // The lifetimes of cache writes are not known to every witness, and no disagreement.
      call({ witness: "process", usage: { ...USAGE, cacheWrite5m: 100, cacheWrite1h: 0 } }),
    ];
    for (const order of [facts, facts.toReversed(), [...facts, ...facts]]) {
      const store = temporaryStore();
      for (const fact of order) store.write({ facts: [fact] });
      const [found] = store.ledger.witnesses({});
      expect(found?.models).toMatchObject([
        {
          model: "claude-sonnet-4-5",
          ledger: { calls: 1, callsWithoutUsage: 0, tokens: TOLD },
          told: {
            process: { calls: 1, tokens: TOLD },
            transcript: { calls: 1, tokens: TOLD },
            log: { calls: 1, callsWithoutUsage: 0, tokens: { ...TOLD, output: 300 } },
            span: { calls: 1, callsWithoutUsage: 1, tokens: { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 } },
          },
        },
      ]);
      expect(found?.models[0]?.told.hook).toBeUndefined();
    }
  });

  it("are told apart call by call where one of them missed some", () => {
    const store = temporaryStore();
    const at = (number: number, witness: "log" | "transcript" | "transcriptSidechain") =>
      call({ witness, requestId: `r${number}`, responseId: `m${number}`, endedAtMillis: NOON + number * 1000 });
    store.write({
      facts: [at(1, "transcript"), at(2, "transcript"), at(2, "log"), at(3, "log"), at(3, "transcriptSidechain")],
    });
    const [model] = store.ledger.witnesses({})[0]?.models ?? [];
    expect(model?.missed).toEqual([
      { endedAtMillis: NOON + 1000, agent: "", tokens: TOLD, toldBy: ["transcript"], missedBy: ["log"] },
    ]);
    store.write({ facts: [at(1, "log")] });
    expect(store.ledger.witnesses({})[0]?.models[0]?.missed).toEqual([]);
  });

  it("of a side conversation and of the conversation are one, and the better one counts", () => {
    const store = temporaryStore();
    store.write({
      facts: [call({ witness: "transcriptSidechain", usage: less }), call({ witness: "log", usage: less })],
    });
    expect(store.ledger.witnesses({})[0]?.models[0]?.told).toMatchObject({
      transcript: { tokens: { output: 300 } },
      log: { tokens: { output: 300 } },
    });
    store.write({ facts: [call()] });
    expect(store.ledger.witnesses({})[0]?.models[0]?.told).toMatchObject({
      transcript: { calls: 1, tokens: { output: 345 } },
      log: { calls: 1, tokens: { output: 300 } },
    });
  });

  it("stay with a call that moves, that is joined with another, and go with it", async () => {
    const store = temporaryStore();
    const early = { endedAtMillis: NOON - 6 * QUARTER_HOUR };
    store.write({ facts: [call({ ...early, witness: "log", usage: less }), call({ ...early, witness: "span" })] });
    // A log is trusted more than a span, and less than the transcript that comes last.
    expect(dissentsIn(store.path)).toEqual([[1, 2, 345]]);
    // Sightings in between link them, and the transcript moves the call by an hour and a half.
    for (let at = -5; at <= 0; at++)
      store.write({ facts: [call({ endedAtMillis: NOON + at * QUARTER_HOUR, witness: "span" })] });
    store.write({ facts: [call({ endedAtMillis: NOON })] });
    expect(dissentsIn(store.path)).toEqual([[1, 8, 300]]);

    // Two rows turn out to be one call.
    store.write({ facts: [call({ requestId: undefined, responseId: "msg_2", witness: "log", usage: less })] });
    store.write({ facts: [call({ requestId: "req_2", responseId: undefined, witness: "span" })] });
    store.write({ facts: [call({ requestId: "req_2", responseId: "msg_2" })] });
    expect(store.ledger.witnesses({})[0]?.models[0]).toMatchObject({
      ledger: { calls: 2 },
      told: { log: { calls: 2 } },
    });
    expect(dissentsIn(store.path)).toEqual([
      [1, 8, 300],
      [1, 8, 300],
    ]);
    expect(store.check().isSound).toBe(true);

    // Days on which something was done say what time it is; the old calls go, and what was said of them.
    for (const days of [500, 501, 502]) {
      const atMillis = NOON + days * DAY;
      store.write({
        facts: [call({ sessionId: "late", taskId: undefined, requestId: `late_${days}`, endedAtMillis: atMillis })],
      });
      await store.maintain({ nowMillis: atMillis });
    }
    expect(store.ledger.witnesses({}).map(({ sessionId }) => sessionId)).toEqual(["late"]);
    expect(dissentsIn(store.path)).toEqual([]);
  });

  it("of tool calls are counted, too", () => {
    const store = temporaryStore();
    store.write({ facts: [tool(), tool({ witness: "hook" }), tool({ callId: "toolu_2", witness: "hook" })] });
    expect(store.ledger.witnesses({})[0]?.toolCalls).toEqual({ ledger: 2, told: { transcript: 1, hook: 2 } });
    // Written again, nothing changes.
    expect(store.write({ facts: [tool({ witness: "hook" })] })).toMatchObject({ inserted: 0, changed: 0 });
  });

  it("are asked for by session, product, project, model and time", () => {
    const store = temporaryStore();
    store.write({
      facts: [
        session({ project: "/a" }),
        call(),
        call({ sessionId: "s2", taskId: undefined, requestId: "r", responseId: "m", model: "gpt-5", product: "codex" }),
      ],
    });
    const found = (filter: Parameters<typeof store.ledger.witnesses>[0]): string[] =>
      store.ledger.witnesses(filter).map(({ sessionId }) => sessionId);
    expect(found({}).toSorted()).toEqual(["s1", "s2"]);
    expect(found({ products: ["codex"] })).toEqual(["s2"]);
    expect(found({ projects: ["/a"] })).toEqual(["s1"]);
    expect(found({ models: ["gpt-5"] })).toEqual(["s2"]);
    expect(found({ sessionIds: ["s1"] })).toEqual(["s1"]);
    expect(found({ range: { startMillis: NOON + DAY, endMillis: NOON + 2 * DAY } })).toEqual([]);
  });
});

describe("a file of version 7", () => {
  it("knows of its calls those witnesses that told something better than others", () => {
    const store = temporaryStore();
    store.write({ facts: [call(), call({ witness: "log", durationMillis: 5, usage: undefined }), tool()] });
    store.close();
    const database = new Database(store.path);
    database.exec(
      `DROP TABLE span_link; DROP INDEX session_by_project; ALTER TABLE session DROP COLUMN is_by_metric; ALTER TABLE task DROP COLUMN is_live;
       ALTER TABLE session DROP COLUMN is_live; ALTER TABLE session DROP COLUMN labels_id; DROP TABLE live_label;
       ALTER TABLE task DROP COLUMN live_lines_added;
       ALTER TABLE task DROP COLUMN live_lines_removed;
       DROP TABLE model_call_dissent; UPDATE tool_call SET ranks = ranks & 68719476735; PRAGMA user_version = 7`,
    );
    database.close();
    using again = openStore({ path: store.path });
    expect(again.ledger.witnesses({})[0]).toMatchObject({
      models: [{ told: { transcript: { calls: 1, tokens: TOLD }, log: { calls: 1, tokens: TOLD } } }],
      toolCalls: { ledger: 1, told: { transcript: 1 } },
    });
  });
});
