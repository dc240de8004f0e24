/** SPECs of MoAI-ADK and the worktrees in which they are worked on, imported into a real store. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Fact } from "@moai-metrics/model";
import { openStore, type Store } from "@moai-metrics/store";
import { describe, expect, it, onTestFinished } from "vitest";
import { importMoai } from "../src/import-moai.ts";

const SESSION = "68fdc108-0000-4000-8000-000000000000";
const SPEC = "SPEC-TOKEN-ACCOUNTING-001";
const NOON_MILLIS = Date.UTC(2026, 10, 22, 12);

function place(): { readonly project: string; readonly store: Store; write(path: string, text: string): void } {
  const project = mkdtempSync(join(tmpdir(), "moai-"));
  const store = openStore({ path: join(project, "data", "metrics.db") });
  onTestFinished(() => {
    store.close();
    rmSync(project, { recursive: true, force: true });
  });
  return {
    project,
    store,
    write: (path, text) => {
      const file = join(project, ".moai", path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    },
  };
}

const CALL: Fact = {
  kind: "model_call",
  witness: "transcript",
  product: "claude-code",
  sessionId: SESSION,
  requestId: "r1",
  endedAtMillis: NOON_MILLIS,
  model: "claude-sonnet-4-5",
  usage: { input: 100, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, reasoning: 0 },
};

const specText = (status: string): string =>
  `---\nid: ${SPEC}\ntitle: "Never kept: status: draft"\nstatus: ${status}\ncreated: 2026-11-20\nupdated: 2026-11-22\n---\nstatus: planned\n`;
const progressText = (tokens: string): string =>
  [
    `- source_session_id: ${SESSION}`,
    "tokens_spent: 1",
    "## §I Token Accounting",
    "",
    `- tokens_spent: ${tokens}`,
    "- tokens_input: 7",
    "## §J Others",
    "- tokens_spent: 2",
    "",
  ].join("\n");

describe("a SPEC", () => {
  it("has the sessions that it names, how it stands, and its figure of tokens, which is shown and never summed", () => {
    const { project, store, write } = place();
    store.write({ facts: [CALL] });
    write(`specs/${SPEC}/spec.md`, specText("completed"));
    write(`specs/${SPEC}/progress.md`, progressText("26_851_010"));
    for (let time = 0; time < 2; time++) {
      const { kinds, skipped, failures } = importMoai(store, project);
      expect({ skipped: [...skipped], failures }).toEqual({ skipped: [], failures: [] });
      expect(kinds.at(-1)).toMatchObject({ kind: "SPECs", files: 1, entries: 2, inserted: time === 0 ? 1 : 0 });
      expect(store.query.getSessions({}).rows).toMatchObject([
        { sessionId: SESSION, tags: { "moai.spec": SPEC, "moai.spec_status": "completed" } },
      ]);
      expect(store.ledger.tasks({})).toMatchObject([{ report: { name: SPEC, tokens: 26_851_010 }, result: "success" }]);
      expect(store.ledger.usage({})[0]?.tokens).toMatchObject({ input: 100 });
      expect(store.ledger.usage({})[0]?.tokens.undivided ?? 0).toBe(0);
    }
  });

  it.each([
    ["implemented", "success"],
    ["superseded", "cancelled"],
    ["in-progress", "unknown"],
    ["<!-- a sentence -->", "unknown"],
  ])("of the status %s is a task with the result %s", (status, result) => {
    const { project, store, write } = place();
    write(`specs/${SPEC}/spec.md`, specText(status));
    write(`specs/${SPEC}/progress.md`, progressText("12"));
    importMoai(store, project);
    expect(store.ledger.tasks({})).toMatchObject([{ result, report: { tokens: 12 } }]);
  });

  it("without figures is none, and figures without a date are told", () => {
    const { project, store, write } = place();
    write(`specs/${SPEC}/spec.md`, specText("completed"));
    write(`specs/${SPEC}/progress.md`, progressText("<pending>").replace(SESSION, "none"));
    write("specs/SPEC-OTHER-002/progress.md", progressText("12").replace(SESSION, "none"));
    write("specs/SPEC-odd/progress.md", progressText("12"));
    const { skipped } = importMoai(store, project);
    expect([...skipped]).toEqual([["tokens of a SPEC without a date", 1]]);
    expect(store.ledger.tasks({})).toEqual([]);
  });
});

describe("the chain of worktrees", () => {
  const at = (minutes: number): string => new Date(NOON_MILLIS + minutes * 60_000).toISOString();
  const EVENTS = [
    {
      event_type: "node-enter",
      node_id: "n1",
      spec_id: SPEC,
      milestone: "M1",
      entered_at: at(0),
      resume_target: "Never kept.",
    },
    { event_type: "node-update", node_id: "n1", session_id: SESSION },
    {
      event_type: "completion-edge",
      parent_node: "n0",
      child_node: "n1",
      completed_milestone: "M1",
      completed_at: at(30),
    },
    // The hook behind it runs for each subagent.
    {
      event_type: "completion-edge",
      parent_node: "n0",
      child_node: "n1",
      completed_milestone: "M1",
      completed_at: at(31),
    },
    {
      event_type: "completion-edge",
      parent_node: "n0",
      child_node: "n1",
      completed_milestone: "M2",
      completed_at: at(50),
    },
    { event_type: "completion-edge", child_node: "n1", completed_milestone: "A sentence.", completed_at: at(50) },
    { event_type: "something-else" },
  ];

  it("tells the SPEC of a session, and each completed milestone once with what it took", () => {
    const { project, store, write } = place();
    write("state/chain/events.jsonl", `${EVENTS.map((event) => JSON.stringify(event)).join("\n")}\n{"cut`);
    for (let time = 0; time < 2; time++) {
      const { skipped } = importMoai(store, project);
      expect(Object.fromEntries(skipped)).toEqual({
        "completion without a node, a milestone or a time": 1,
        "event of another kind": 1,
        "entry that is no object": 1,
      });
      expect(store.query.getSessions({}).rows).toMatchObject([
        { sessionId: SESSION, project, tags: { "moai.spec": SPEC, "moai.milestone": "M1" } },
      ]);
      const tasks = store.ledger.tasks({}).map(({ report, result }) => [report?.name, result, report?.durationMillis]);
      expect(tasks.toSorted()).toEqual([
        [`${SPEC} M1`, "success", 30 * 60_000],
        [`${SPEC} M2`, "success", undefined],
      ]);
    }
  });

  it("does not count the time again that calls of the session tell of", () => {
    const { project, store, write } = place();
    write(
      "state/chain/events.jsonl",
      EVENTS.slice(0, 3)
        .map((event) => JSON.stringify(event))
        .join("\n"),
    );
    importMoai(store, project);
    store.write({ facts: [{ ...CALL, endedAtMillis: NOON_MILLIS + 60_000 }] });
    expect(store.ledger.usage({})[0]).toMatchObject({ taskMillis: 0 });
  });
});
