/** Prices through the commands: what holds, writing one down, costing stored calls anew. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ModelCallFact } from "@moai-metrics/model";
import { databasePath } from "@moai-metrics/settings";
import { openStore } from "@moai-metrics/store";
import { describe, expect, it } from "vitest";
import { homeWithTranscripts, NOW, runBinary, temporaryHome } from "./support/run-binary.ts";
import { type HereOptions, runHere } from "./support/run-here.ts";

const userFile = (home: string): string => join(home, ".config", "moai-metrics", "config.json");
const storage = (home: string): string => join(home, ".local", "share", "moai-metrics");

/** A home whose ledger has calls of some models. */
function homeWithCalls(calls: readonly Partial<ModelCallFact>[]): string {
  const home = temporaryHome();
  mkdirSync(storage(home), { recursive: true });
  using store = openStore({ path: databasePath(storage(home)) });
  store.write({
    facts: calls.map((fields, i) => ({
      kind: "model_call",
      witness: "transcript",
      product: "claude-code",
      sessionId: "s1",
      requestId: `req_${i}`,
      endedAtMillis: NOW - 1_000 * i,
      usage: { input: 1_000_000, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 1_000_000, reasoning: 0 },
      ...fields,
    })),
  });
  return home;
}

async function prices(home: string, argv: readonly string[], options?: HereOptions) {
  const { stdout, stderr, exitCode } = await runHere(home, ["prices", ...argv], options);
  return { stdout, stderr, exitCode, json: () => JSON.parse(stdout) };
}

async function totalCost(home: string): Promise<number> {
  return JSON.parse((await runHere(home, ["model", "--json"])).stdout).totals.totalCost;
}

describe("prices show", () => {
  it("lists models without a price first, with what to type, then every price of the others", async () => {
    const home = homeWithCalls([
      { model: "claude-haiku-5-5" },
      { model: "claude-opus-5-5" },
      { model: "it's; rm -rf" },
    ]);
    const { stdout } = await prices(home, ["show"]);
    expect(stdout).toBe(
      [
        "No price known on 2026-11-22; set one in US dollars per million tokens:",
        "  it's; rm -rf (1 calls)",
        "    moai-metrics prices set 'it'\\''s; rm -rf' --input USD --output USD",
        "",
        "Model             Input  Output  Cache rd   Wr 5m  Wr 1h  Origin",
        "──────────────────────────────────────────────────────────────────────────────",
        "claude-haiku-5-5  $0.10   $0.50     $0.01  $0.125  $0.20  overrides 2026-11-20",
        "└ prompt > 100K   $0.50   $2.50     $0.05  $0.625     $1  overrides 2026-11-20",
        "claude-opus-5-5      $4     $20     $0.20      $5     $8  overrides 2026-11-20",
        "└ fast               $8     $40     $0.40     $10    $16  overrides 2026-11-20",
        "2 more columns on a wider screen, and in --csv and --json.",
        "US dollars per million tokens on 2026-11-22, one web search in US dollars.",
        "",
      ].join("\n"),
    );
  });

  it("tells one model as JSON and CSV, with the first day of its price, used or not", async () => {
    const home = temporaryHome();
    const { rows, date } = await prices(home, ["show", "o3", "--json"]).then(({ json }) => ({
      rows: json().prices,
      date: json().date,
    }));
    expect([rows, date]).toEqual([
      [
        {
          model: "o3",
          speed: "standard",
          abovePromptTokens: 0,
          input: 2,
          output: 8,
          cacheRead: 0.5,
          cacheWrite5m: 2,
          cacheWrite1h: 2,
          webSearch: expect.any(Number),
          from: "2025-06-10",
          origin: "genai-prices 0.1.8",
        },
      ],
      "2026-11-22",
    ]);
    const before = await prices(home, ["show", "o3", "--json", "--date", "2025-06-01"]);
    expect(before.json().prices[0]).toMatchObject({ input: 10, from: null });
    const csv = await prices(home, ["show", "nobody-knows", "--csv"]);
    expect(csv.stdout).toMatch(/^\ufeff?model,input,output/);
    expect(csv.stderr).toContain("prices set nobody-knows");
  });

  it("says how to begin where no model was used yet", async () => {
    expect((await prices(temporaryHome(), ["show"])).stdout).toContain("No model was used yet");
  });

  it("names calls that were stored before they had a price", async () => {
    const home = homeWithCalls([{ model: "house-model" }]);
    await prices(home, ["set", "house-model", "--input", "1", "--output", "2"]);
    const { stdout } = await prices(home, ["show"]);
    expect(stdout).toContain("1 stored calls of these have no cost yet: moai-metrics prices reprice --unpriced");
    const { callsToReprice } = (await prices(home, ["show", "--json"])).json();
    expect(callsToReprice).toEqual([{ model: "house-model", calls: 1, unpricedCalls: 1 }]);
  });
});

describe("prices set", () => {
  it("writes a whole price into the user's own file and keeps everything else there", async () => {
    const home = temporaryHome();
    mkdirSync(dirname(userFile(home)), { recursive: true });
    writeFileSync(userFile(home), '{\n\t"theme": "dark",\n\t"metrics": {\n\t\t"enabled": true\n\t}\n}\n');
    const { stdout } = await prices(home, [
      ...["set", "house-*", "--input", "3", "--output", "15", "--cache-read", ".3", "--cache-write-5m", "3.75"],
      ...["--cache-write-1h", "6", "--from", "2026-11-01", "--fast", "--above", "200_000", "--above-input", "6"],
      ...["--above-output", "22.5", "--above-cache-read", "0.6", "--above-cache-write-1h", "12"],
    ]);
    expect(stdout).toContain(`house-*: $3 input, $15 output per million tokens is in ${userFile(home)}.`);
    const text = readFileSync(userFile(home), "utf8");
    expect(text).toMatch(/^\{\n\t"theme"/);
    expect(JSON.parse(text)).toEqual({
      theme: "dark",
      metrics: {
        enabled: true,
        prices: [
          {
            model: "house-*",
            from: "2026-11-01",
            speed: "fast",
            input: 3,
            output: 15,
            cache_read: 0.3,
            cache_write_5m: 3.75,
            cache_write_1h: 6,
            long_context: { above: 200_000, input: 6, output: 22.5, cache_read: 0.6, cache_write_1h: 12 },
          },
        ],
      },
    });
  });

  it("replaces the price of the same model, day and mode, and adds any other", async () => {
    const home = temporaryHome();
    const set = (...more: string[]) => prices(home, ["set", "m", "--output", "2", ...more]);
    await set("--input", "1");
    await set("--input", "2", "--from", "2026-11-01");
    expect((await set("--input", "3")).stdout).toContain("replaces the price that was in");
    const written = JSON.parse(readFileSync(userFile(home), "utf8")).metrics.prices;
    expect(written).toEqual([
      { model: "m", input: 3, output: 2 },
      { model: "m", from: "2026-11-01", input: 2, output: 2 },
    ]);
    const { json } = await set("--input", "4", "--json");
    expect(json()).toEqual({
      prices: { path: userFile(home), isReplaced: true, price: { model: "m", input: 4, output: 2 } },
    });
  });

  it("writes into the project's file or a named one when asked to", async () => {
    const home = temporaryHome();
    await prices(home, ["set", "m", "--input", "1", "--output", "2", "--project"]);
    await prices(home, ["set", "n", "--input", "1", "--output", "2", "--config", "here.json"]);
    expect(readFileSync(join(home, ".moai", "metrics", "config.json"), "utf8")).toContain('"model": "m"');
    expect(readFileSync(join(home, "here.json"), "utf8")).toContain('"model": "n"');
    expect(existsSync(userFile(home))).toBe(false);
  });

  it.each([
    ["a negative price", ["m", "--input", "-3", "--output", "1"], 2, "Write US dollars as 3 or 0.25."],
    ["a price beyond all bounds", ["m", "--input", "9999999", "--output", "1"], 1, "write at most 1000000"],
    ["a missing output", ["m", "--input", "3"], 2, "--output"],
    ["half a long-context price", ["m", "--input", "3", "--output", "1", "--above", "5"], 2, "--above-input"],
    ["a threshold that is none", ["m", "--input", "3", "--output", "1", "--above", "0"], 2, "whole number of tokens"],
    ["a day that is none", ["m", "--input", "3", "--output", "1", "--from", "2026-02-30"], 2, "YYYY-MM-DD"],
    ["an empty name", ["", "--input", "3", "--output", "1"], 1, "model"],
  ])("refuses %s and writes nothing", async (_, argv, code, message) => {
    const home = temporaryHome();
    const { exitCode, stderr } = await prices(home, ["set", ...argv]);
    expect([exitCode, stderr]).toEqual([code, expect.stringContaining(message)]);
    expect(existsSync(userFile(home))).toBe(false);
  });

  it("leaves a file alone whose prices are no list", async () => {
    const home = temporaryHome();
    mkdirSync(dirname(userFile(home)), { recursive: true });
    writeFileSync(userFile(home), '{"metrics":{"prices":{}}}');
    const { exitCode, stderr } = await prices(home, ["set", "m", "--input", "3", "--output", "1"]);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("write a list")]);
    expect(readFileSync(userFile(home), "utf8")).toBe('{"metrics":{"prices":{}}}');
  });
});

describe("prices reprice", () => {
  const CALLS = [
    { model: "house-model" },
    { model: "house-model", reportedCostNanoUsd: 5_000_000 },
    { model: "nobody-knows" },
    { model: "claude-opus-5", usage: undefined },
  ];

  async function homeWithPrice(): Promise<string> {
    const home = homeWithCalls(CALLS);
    await prices(home, ["set", "house-model", "--input", "1", "--output", "2"]);
    return home;
  }

  it("says that a price which begins later does not hold for a call, and how to cost it", async () => {
    const home = homeWithCalls([{ model: "house-model" }]);
    await prices(home, ["set", "house-model", "--input", "1", "--output", "2", "--from", "2026-11-23"]);
    const { stdout } = await prices(home, ["reprice", "--unpriced", "--yes"]);
    expect(stdout).toContain("1 have no known price on their day: house-model\nTo cost them: moai-metrics prices set");
  });

  it("says what would change and changes nothing without being told to", async () => {
    const home = await homeWithPrice();
    const expected = [
      "1 calls would cost something else, or by another price list:",
      "Model        Calls  Had no cost    Before  After  Change",
      "────────────────────────────────────────────────────────",
      "house-model      1            1  unpriced  $3.00  +$3.00",
      "────────────────────────────────────────────────────────",
      "Total            1            1  unpriced  $3.00  +$3.00",
      "Left as they are:",
      "  1 have the cost that the agent reported",
      "  1 did not tell their tokens or their model",
      "  1 have no known price on their day: nobody-knows",
      "To cost them: moai-metrics prices set MODEL --input USD --output USD --from DAY",
      "",
    ].join("\n");
    expect(await prices(home, ["reprice", "--dry-run"])).toMatchObject({ stdout: expected, exitCode: 0 });
    const { stdout, stderr, exitCode } = await prices(home, ["reprice"]);
    expect([stdout, exitCode]).toEqual([expected, 2]);
    expect(stderr).toContain("Add --yes");
    expect(await totalCost(home)).toBe(0.005);
  });

  it("asks a person at a terminal, and does what the answer says", async () => {
    const home = await homeWithPrice();
    const ask = (typed: string) => prices(home, ["reprice"], { isTerminal: true, typed });
    for (const answer of ["n\n", "\n", ""]) {
      const no = await ask(answer);
      expect([no.exitCode, no.stderr]).toEqual([1, expect.stringContaining("Change the cost of 1 calls? [y/N]")]);
    }
    expect(await totalCost(home)).toBe(0.005);
    const yes = await ask("y\n");
    expect([yes.exitCode, yes.stdout]).toEqual([0, expect.stringContaining("1 calls cost something else")]);
    expect(await totalCost(home)).toBe(3.005);
  });

  it("moves every sum with the calls, once, and leaves a ledger that db check finds sound", async () => {
    const home = await homeWithPrice();
    const first = (await prices(home, ["reprice", "--unpriced", "--yes", "--json"])).json().reprice;
    expect(first).toEqual({
      isDryRun: false,
      calls: { changed: 1, unchanged: 0, priced: 0, reported: 1, withoutUsage: 1, withoutPrice: 1, beforeWatermark: 0 },
      models: [{ model: "house-model", calls: 1, callsWithoutCost: 1, costBefore: 0, costAfter: 3 }],
      modelsWithoutPrice: ["nobody-knows"],
    });
    expect(await totalCost(home)).toBe(3.005);
    for (const command of ["daily", "session", "project", "agent"]) {
      expect(JSON.parse((await runHere(home, [command, "--json"])).stdout).totals.totalCost, command).toBe(3.005);
    }
    expect((await runHere(home, ["db", "check"])).exitCode).toBe(0);
    const second = await prices(home, ["reprice", "--yes"]);
    expect(second.stdout).toContain("Nothing to change.");
    expect((await prices(home, ["reprice", "--unpriced", "--dry-run"])).stdout).toContain("1 have a cost already");
  });

  it("costs at the prices of one day when told so", async () => {
    const home = await homeWithPrice();
    await prices(home, ["set", "house-model", "--input", "10", "--output", "20", "--from", "2026-11-15"]);
    await prices(home, ["reprice", "--yes"]);
    expect(await totalCost(home)).toBe(30.005);
    await prices(home, ["reprice", "--yes", "--as-of", "2026-11-14"]);
    expect(await totalCost(home)).toBe(3.005);
  });

  it("keeps what the real command costed anew", () => {
    const home = homeWithTranscripts();
    runBinary(home, ["daily"]);
    runBinary(home, ["prices", "set", "claude-sonnet-4-5", "--input", "6", "--output", "15"]);
    const { stdout, exitCode } = runBinary(home, ["prices", "reprice", "--yes", "--json"]);
    expect(exitCode).toBe(0);
    const [model] = JSON.parse(stdout).reprice.models;
    expect(model).toMatchObject({ model: "claude-sonnet-4-5", calls: 7, costBefore: 0.06636 });
    const { totals } = JSON.parse(runBinary(home, ["daily", "--json"]).stdout);
    expect(totals.totalCost).toBe(model.costAfter);
    expect(runBinary(home, ["db", "check"]).exitCode).toBe(0);
  });

  it("fails where there is no store", async () => {
    const { exitCode, stderr } = await prices(temporaryHome(), ["reprice", "--dry-run"]);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("There is no store at")]);
  });
});
