import { join } from "node:path";
import { databasePath } from "@moai-metrics/settings";
import { openStore } from "@moai-metrics/store";
import { describe, expect, it } from "vitest";
import { homeWithTranscripts, NOW } from "./support/run-binary.ts";
import { runHere } from "./support/run-here.ts";

const SESSION = "eb48af2e-79c3-46e9-aef8-1722a7dd74f2";

/** A home whose recorded session was logged as well, all but its last calls. */
async function homeWithHalfALog(): Promise<string> {
  const home = homeWithTranscripts();
  await runHere(home, ["import"]);
  using store = openStore({ path: databasePath(join(home, ".local", "share", "moai-metrics")) });
  const calls = store.query.getModelCalls({}).rows.toSorted((a, b) => a.endedAtMillis - b.endedAtMillis);
  const [first] = calls;
  if (first === undefined) throw new Error("The recorded session has no calls.");
  store.write({
    facts: [
      {
        kind: "model_call",
        witness: "log",
        product: "claude-code",
        sessionId: SESSION,
        requestId: "req_of_the_log",
        endedAtMillis: first.endedAtMillis,
        model: "claude-sonnet-4-5",
        usage: { input: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 2, reasoning: 0 },
      },
    ],
  });
  return home;
}

describe("reconcile", () => {
  it("agrees where one witness alone was heard, also with --check", async () => {
    const { stdout, exitCode } = await runHere(homeWithTranscripts(), ["reconcile", "--check", "--json"]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout).totals).toMatchObject({ sessions: 1, oneWitness: 1, ledger: { calls: 7 } });
  });

  it("ends with exit code 3 and one line when witnesses differ and --check is given", async () => {
    const home = await homeWithHalfALog();
    const shown = await runHere(home, ["reconcile"]);
    expect(shown).toMatchObject({ exitCode: 0, stderr: "" });
    expect(shown.stdout).toContain("1 session: 0 agree, 1 differ, 0 with one witness.");
    expect(shown.stdout.split("\n").filter((line) => line.includes("log: stopped early"))).toHaveLength(6);
    expect(Math.max(...shown.stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    const { reconcile } = JSON.parse((await runHere(home, ["reconcile", "--json"])).stdout);
    const { missedCalls } = reconcile[0].models[0];
    expect(missedCalls).toHaveLength(8);
    expect(missedCalls.filter(({ toldBy }: { toldBy: string[] }) => toldBy.includes("log"))).toEqual([
      expect.objectContaining({
        totalTokens: 3,
        toldBy: ["log"],
        missedBy: [{ witness: "transcript", reason: "calls_missing" }],
      }),
    ]);
    expect(await runHere(home, ["reconcile", "--check"])).toMatchObject({
      exitCode: 3,
      stderr: "In 1 session a witness told something else than the ledger holds. What that means: docs/reconcile.md.\n",
    });
  });

  it("is what the overview points to when telemetry stopped while transcripts grow", async () => {
    const home = homeWithTranscripts();
    await runHere(home, ["import"]);
    using store = openStore({ path: databasePath(join(home, ".local", "share", "moai-metrics")) });
    const minutesAgo = (minutes: number): number => NOW - minutes * 60_000;
    const facts = Array.from({ length: 20 }, (_, at) =>
      (["log", "transcript"] as const).map((witness) => ({
        kind: "model_call" as const,
        witness,
        product: "codex",
        sessionId: "s",
        requestId: `${witness}-${at}`,
        endedAtMillis: witness === "log" ? minutesAgo(200 - at) : minutesAgo(100 - 2 * at),
      })),
    );
    store.write({ facts: facts.flat() });
    const message = /Telemetry of codex stopped at .* 20 calls since then are known from transcripts alone\./s;
    const { stdout } = await runHere(home, []);
    expect(stdout.replaceAll("\n", " ")).toMatch(message);
    const { telemetry } = JSON.parse((await runHere(home, ["--json"])).stdout);
    expect(telemetry).toEqual([
      { product: "codex", message: expect.stringMatching(message), next: "moai-metrics reconcile" },
    ]);
  });

  it("chooses sessions and models, and says so when there is none", async () => {
    const home = homeWithTranscripts();
    expect((await runHere(home, ["reconcile", "eb48", "--csv"])).stdout.trim().split("\n")).toHaveLength(1 + 5);
    for (const argv of [
      ["reconcile", "nothing"],
      ["reconcile", "--model", "gpt-5"],
      ["reconcile", "--until", "2020-01-01"],
    ]) {
      expect((await runHere(home, argv)).stdout).toBe(
        "No session of this choice has a model call or a count of tokens to compare.\n",
      );
    }
    expect(await runHere(home, ["reconcile", "--agent", "main"])).toMatchObject({ exitCode: 2 });
  });
});
