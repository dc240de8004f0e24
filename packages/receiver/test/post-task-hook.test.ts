/** The hook behind a task, `metrics-post-task.sh`, drained into a real store. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openStore, type Store } from "@moai-metrics/store";
import { describe, expect, it, onTestFinished } from "vitest";
import { catchUp, drainHooks } from "../src/index.ts";

const SCRIPT = fileURLToPath(new URL("../../cli/hooks/metrics-post-task.sh", import.meta.url));
const PATH = process.env["PATH"];

interface Place {
  readonly project: string;
  readonly storage: string;
  readonly spool: string;
}

function temporaryPlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), "post-task-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const project = join(folder, "shop");
  mkdirSync(project);
  return { project, storage: join(folder, "data"), spool: join(folder, "data", "spool") };
}

function runHook({ project, storage }: Place, values: readonly string[], variables: Record<string, string> = {}) {
  const env = { PATH, MOAI_METRICS_STORAGE: storage, ...variables };
  const { stdout, stderr, status } = spawnSync("sh", [SCRIPT, ...values], { cwd: project, encoding: "utf8", env });
  expect({ stdout, stderr, status }).toEqual({ stdout: "", stderr: "", status: 0 });
}

function drained({ storage, spool }: Place): Store {
  const store = openStore({ path: join(storage, "metrics.db") });
  onTestFinished(() => store.close());
  drainHooks(store, [spool]);
  return store;
}

describe.skipIf(process.platform === "win32")("metrics-post-task.sh", () => {
  it("tells agent, result, duration and tokens of a task, in the project that it ran in", () => {
    const place = temporaryPlace();
    runHook(place, ["task-001", "expert-backend", "success", "90000", "25000"]);
    const store = drained(place);
    expect(store.ledger.tasks({})).toMatchObject([
      {
        product: "moai",
        project: place.project,
        agent: "expert-backend",
        kind: "hook",
        result: "success",
        resultOrigin: "reported",
        durationMillis: 90_000,
        tokens: { undivided: 25_000 },
        report: { name: "task-001", tokens: 25_000, durationMillis: 90_000, isCounted: true },
      },
    ]);
    expect(store.skipped()).toEqual([]);
    expect(readdirSync(place.spool)).toEqual([]);
  });

  it("keeps 200 of 200 that run eight at a time, the first of a day, with empty values and quotes", async () => {
    const place = temporaryPlace();
    const odd = ["", 'a "quoted" id', "it's", "back\\slash", "two\nlines", "$(rm -rf /)", "한글", "a b", "*", "-n"];
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < 200) {
        const at = next++;
        const values = [odd[at % 10] ?? "", at % 3 === 0 ? "" : "expert-backend", at % 7 === 0 ? "" : "success"];
        const child = spawn("sh", [SCRIPT, ...values, at % 5 === 0 ? "" : "1000", at % 4 === 0 ? "" : "10"], {
          cwd: place.project,
          stdio: "ignore",
          env: { PATH, MOAI_METRICS_STORAGE: place.storage },
        });
        expect(await once(child, "close")).toEqual([0, null]);
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    const store = drained(place);
    const tasks = store.ledger.tasks({});
    expect(tasks).toHaveLength(200);
    expect(new Set(tasks.map(({ report }) => report?.name))).toEqual(new Set(odd.map((id) => id.replace("\n", " "))));
    expect(store.ledger.usage({})).toMatchObject([{ tokens: { undivided: 1_500 }, taskMillis: 160_000 }]);
    expect(store.skipped()).toEqual([]);
    expect(store.check()).toMatchObject({ isSound: true });
  });

  it("counts a file that is drained twice once, and a copy of it too", () => {
    const place = temporaryPlace();
    runHook(place, ["task-001", "expert-backend", "failure", "1", "7"]);
    const [name = ""] = readdirSync(place.spool);
    const path = join(place.spool, name);
    const text = readFileSync(path);
    const store = drained(place);
    for (const again of [path, join(place.spool, "copy.hook")]) writeFileSync(again, text);
    expect(drainHooks(store, [place.spool])).toMatchObject({ filesDrained: 2 });
    expect(store.ledger.tasks({})).toHaveLength(1);
    expect(store.ledger.usage({})).toMatchObject([{ tokens: { undivided: 7 }, tasksByResult: { failure: 1 } }]);
  });

  it("knows the session of the agents that tell it to what they run", () => {
    const place = temporaryPlace();
    runHook(place, ["a", "main", "done", "", ""], { CLAUDE_CODE_SESSION_ID: "s1" });
    runHook(place, ["b", "main", "timeout", "", ""], { CODEX_THREAD_ID: "s2" });
    runHook(place, ["c", "main", "cancelled", "", ""], { GEMINI_SESSION_ID: "s3" });
    const tasks = drained(place).ledger.tasks({});
    expect(tasks.map(({ product, sessionId, result }) => [product, sessionId, result]).toSorted()).toEqual([
      ["claude-code", "s1", "success"],
      ["codex", "s2", "timeout"],
      ["gemini-cli", "s3", "cancelled"],
    ]);
  });

  it("lets only a word and two numbers of its last three values onto the disk, and counts the others", () => {
    const place = temporaryPlace();
    runHook(place, ["id", "agent", "sk-secret-1!", "sk-secret-2", "12,000"]);
    const [name = ""] = readdirSync(place.spool);
    const text = readFileSync(join(place.spool, name), "utf8");
    expect(text).not.toContain("secret");
    expect(statSync(join(place.spool, name)).mode & 0o777).toBe(0o600);
    const store = drained(place);
    expect(store.ledger.tasks({})).toMatchObject([{ result: "unknown", tokens: { input: 0 } }]);
    expect(
      store
        .skipped()
        .map(({ reason }) => reason)
        .toSorted(),
    ).toEqual([
      "post-task hook: duration_ms is not a number",
      "post-task hook: result is none of success, failure, timeout, cancelled",
      "post-task hook: tokens is not a number",
    ]);
  });

  it("lies in a project as .moai/hooks/metrics-post-task.sh, and belongs to it from wherever it is called", () => {
    const place = temporaryPlace();
    const hooks = join(place.project, ".moai", "hooks");
    mkdirSync(hooks, { recursive: true });
    copyFileSync(SCRIPT, join(hooks, "metrics-post-task.sh"));
    const env = { PATH, MOAI_METRICS_STORAGE: place.storage };
    const values = ["t", "a", "success", "1", "1"];
    for (const [cwd, script] of [
      [place.project, ".moai/hooks/metrics-post-task.sh"],
      [hooks, join(hooks, "metrics-post-task.sh")],
      [hooks, "../../.moai/hooks/metrics-post-task.sh"],
    ] as const) {
      expect(spawnSync("sh", [script, ...values], { cwd, env }).status).toBe(0);
    }
    expect(
      drained(place)
        .ledger.tasks({})
        .map(({ project }) => project),
    ).toEqual(Array(3).fill(place.project));
  });

  it("leaves its file in the project where the user's spool cannot be written, and any command there drains it", () => {
    const place = temporaryPlace();
    const elsewhere = join(place.project, "..", "file");
    writeFileSync(elsewhere, "");
    runHook(place, ["t", "a", "success", "1", "1"], { MOAI_METRICS_STORAGE: join(elsewhere, "data") });
    const inner = join(place.project, "src");
    mkdirSync(inner);
    expect(readdirSync(join(place.project, ".moai", "metrics")).toSorted()).toEqual([".gitignore", "spool"]);
    using store = openStore({ path: join(place.storage, "metrics.db") });
    const drain = (workingFolder: string | undefined) => {
      const options = { environment: { homeFolder: place.project, variables: {} }, spoolFolder: place.spool };
      return catchUp(store, [], { ...options, nowMillis: Date.now(), workingFolder }).hooks?.filesDrained;
    };
    expect(drain(undefined)).toBe(0);
    expect(drain(inner)).toBe(1);
    // From now on the project is known, and a command elsewhere or the daemon drains it as well.
    runHook(place, ["t", "a", "success", "1", "1"], { MOAI_METRICS_STORAGE: join(elsewhere, "data") });
    expect(drain(undefined)).toBe(1);
    expect(store.ledger.tasks({})).toHaveLength(2);
  });

  it("ends well and silently when it can write nowhere, has no values, or is switched off", () => {
    const place = temporaryPlace();
    runHook(place, []);
    expect(drained(place).ledger.tasks({})).toMatchObject([{ agent: "", result: "unknown" }]);
    runHook(place, ["t"], { MOAI_METRICS_DISABLED: "1" });
    expect(readdirSync(place.spool)).toEqual([]);
    if (process.getuid?.() === 0) return;
    chmodSync(place.project, 0o500);
    runHook(place, ["t"], { MOAI_METRICS_STORAGE: "/dev/null/data" });
    expect(existsSync(join(place.project, ".moai"))).toBe(false);
    chmodSync(place.project, 0o700);
  });
});
