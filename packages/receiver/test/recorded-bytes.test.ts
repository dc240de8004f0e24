/**
 * The recorded runs as bytes, through every path that there is: each alone, and all of them together with a daemon that
 * is killed in between. What each witness told is known to the token.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { PRODUCT_TELLINGS } from "@moai-metrics/agents/telling";
import { reconcileReport } from "@moai-metrics/report";
import { DEFAULT_CONFIG, databasePath, spoolFolder } from "@moai-metrics/settings";
import { createUsableStore, openStore, type Store } from "@moai-metrics/store";
import { describe, expect, it, onTestFinished } from "vitest";
import { drainHooks } from "../src/drain-hooks.ts";
import { createIngest } from "../src/ingest/ingest.ts";
import { send, temporaryFolder } from "./support/receiver.ts";
import {
  layTranscripts,
  leaveHooks,
  RECORDED_RUNS,
  type RecordedRequest,
  type RecordedRun,
} from "./support/recorded-bytes.ts";

const CHILD = fileURLToPath(new URL("./support/daemon-child.ts", import.meta.url));
const CONTENT_TYPES = { json: "application/json", protobuf: "application/x-protobuf" } as const;

function read<T>(storage: string, question: (store: Store) => T): T {
  using store = openStore({ path: databasePath(storage), readOnly: true });
  return question(store);
}

/** Calls, tokens and tool calls of a session as the ledger has them; zeros for one it does not know. */
function ledgerOf(store: Store, { product, sessionId }: RecordedRun) {
  const row = store.ledger.sessions({ products: [product], sessionIds: [sessionId] })[0];
  const { input = 0, cacheRead = 0, cacheWrite5m = 0, cacheWrite1h = 0, output = 0 } = row?.tokens ?? {};
  return {
    calls: row?.calls ?? 0,
    tokens: [input, cacheRead, cacheWrite5m + cacheWrite1h, output],
    toolCalls: row?.toolCalls ?? 0,
  };
}

/** What every witness told, as `reconcile` has it. */
function reconciled(store: Store, { product, sessionId }: RecordedRun) {
  const [session] = reconcileReport(store, {
    filter: { products: [product], sessionIds: [sessionId] },
    tellings: PRODUCT_TELLINGS,
    nowMillis: Date.UTC(2026, 10, 23),
  }).sessions;
  const witnesses = session?.models.flatMap((model) => model.witnesses) ?? [];
  return {
    agreement: session?.agreement,
    told: witnesses
      .filter(({ hasTold }) => hasTold)
      .map((each) => ({
        witness: each.witness,
        calls: each.calls,
        tokens: [each.inputTokens, each.cacheReadTokens, each.cacheCreationTokens, each.outputTokens],
        gapTokens: each.gapTokens,
        reason: each.reason,
      })),
    silent: witnesses.filter(({ hasTold }) => !hasTold).map(({ witness, reason }) => [witness, reason]),
    toolCalls: session?.toolCalls,
  };
}

/** What `reconcile` must say when every witness was heard. */
function everythingTold({ calls, tokens, toolCalls, callTellers, toolTellers }: RecordedRun) {
  return {
    agreement: "agrees",
    told: callTellers.map((witness) => ({
      witness,
      calls: witness === "metric" ? null : calls,
      tokens,
      gapTokens: 0,
      reason: null,
    })),
    silent: [],
    toolCalls: { ledger: toolCalls, ...Object.fromEntries(toolTellers.map((witness) => [witness, toolCalls])) },
  };
}

describe.each(RECORDED_RUNS)("$name", (run) => {
  const paths = run.requests.map((request) => [request.signal, request] as const);

  it.each(paths)("by its %s alone, sent twice, is what it was", async (signal, request) => {
    const path = databasePath(temporaryFolder());
    const file = createUsableStore({ path }, () => performance.now());
    onTestFinished(() => file.close());
    const ingest = createIngest({ file, configOf: () => DEFAULT_CONFIG });
    for (let time = 0; time < 2; time++) {
      expect(await ingest.take([request])).toEqual([{ state: "committed", rejected: 0, message: "" }]);
      using store = openStore({ path, readOnly: true });
      const teller = ({ traces: "span", logs: "log", metrics: "metric" } as const)[signal];
      const tellsCalls = teller !== "metric" && run.callTellers.includes(teller);
      const tellsTools = teller !== "metric" && run.toolTellers.includes(teller);
      const tellsTokens = run.callTellers.includes(teller);
      const { calls, ...found } = ledgerOf(store, run);
      expect(found).toEqual({
        tokens: tellsTokens ? run.tokens : [0, 0, 0, 0],
        toolCalls: tellsTools ? run.toolCalls : 0,
      });
      // A metric does not say how many calls it counted.
      if (tellsTokens && !tellsCalls) expect(calls).toBeGreaterThan(0);
      else expect(calls).toBe(tellsCalls ? run.calls : 0);
      if (tellsCalls)
        expect(reconciled(store, run)).toMatchObject({ agreement: "one_witness", told: [{ witness: teller }] });
    }
  });
});

describe("the hooks of a run alone", () => {
  it("tell its tool calls and the name of its subagent, and no tokens; drained twice, too", () => {
    const folder = temporaryFolder();
    const run = RECORDED_RUNS[1] as RecordedRun;
    using store = openStore({ path: databasePath(folder) });
    for (let time = 0; time < 2; time++) {
      leaveHooks(spoolFolder(folder));
      expect(drainHooks(store, [spoolFolder(folder)]).brokenFiles).toEqual([]);
      expect(ledgerOf(store, run)).toEqual({ calls: 0, tokens: [0, 0, 0, 0], toolCalls: run.toolCalls });
      expect(store.ledger.tasks({}).map(({ agent }) => agent)).toContain("expert-backend");
    }
  });
});

describe("all runs by all paths, with the daemon killed in between", () => {
  function startChild(storage: string): Promise<{ child: ChildProcess; port: number }> {
    const child = spawn(process.execPath, [CHILD, storage], { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void child.kill("SIGKILL"));
    return new Promise((resolve, reject) => {
      child.once("exit", () => reject(new Error("It ended.")));
      child.stdout?.once("data", (text: Buffer) =>
        resolve({ child, port: Number(new URL(text.toString().trim()).port) }),
      );
    });
  }

  const post = async (port: number, { signal, encoding, body }: RecordedRequest): Promise<number | undefined> => {
    const headers = { "Content-Type": CONTENT_TYPES[encoding] };
    return (await send(port, `/v1/${signal}`, { headers, body }).catch(() => undefined))?.status;
  };

  it("are what they were, and every witness told what its recording tells", async () => {
    const storage = temporaryFolder();
    layTranscripts(storage);
    const requests = RECORDED_RUNS.flatMap((run) => run.requests);
    // Killed with more and more of them on their way; the hooks come in the middle, and everything comes again.
    for (const sent of [3, 8, requests.length]) {
      const { child, port } = await startChild(storage);
      const gone = new Promise((resolve) => child.once("exit", resolve));
      if (sent === 8) leaveHooks(spoolFolder(storage));
      const answers = requests.slice(0, sent).map((request) => post(port, request));
      await Promise.race(answers);
      child.kill("SIGKILL");
      await gone;
      await Promise.all(answers);
    }
    const { child, port } = await startChild(storage);
    for (const request of requests.toReversed()) expect(await post(port, request)).toBe(200);
    const isAllTold = (): boolean =>
      read(storage, (store) =>
        RECORDED_RUNS.every((run) => {
          const told = reconciled(store, run);
          const heard = told.told.map(({ witness }) => witness);
          return (
            run.callTellers.every((each) => heard.includes(each)) &&
            run.toolTellers.every((each) => told.toolCalls?.[each] === run.toolCalls)
          );
        }),
      );
    while (!isAllTold()) await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill("SIGKILL");
    read(storage, (store) => {
      for (const run of RECORDED_RUNS) {
        expect(ledgerOf(store, run)).toEqual({ calls: run.calls, tokens: run.tokens, toolCalls: run.toolCalls });
        expect(reconciled(store, run)).toEqual(everythingTold(run));
      }
      expect(store.ledger.usage({})[0]?.calls).toBe(RECORDED_RUNS.reduce((sum, { calls }) => sum + calls, 0));
      expect(store.ledger.tasks({}).map(({ agent }) => agent)).toContain("expert-backend");
      expect(store.check().isSound).toBe(true);
    });
  }, 120_000);
});
