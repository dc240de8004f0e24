/** Hooks as the shipped script leaves them, drained into a real store. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { HOOK_FIELDS } from "@moai-metrics/agents";
import { openStore } from "@moai-metrics/store";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { drainHooks } from "../src/index.ts";

const SCRIPT = fileURLToPath(new URL("../../cli/hooks/claude-code.sh", import.meta.url));
const POST_TASK = fileURLToPath(new URL("../../cli/hooks/metrics-post-task.sh", import.meta.url));
const RECORDED = readFileSync(
  new URL("../../agents/test/fixtures/claude-code-otlp/subagent-hooks.jsonl", import.meta.url),
  "utf8",
)
  .trim()
  .split("\n");

const FIELDS = HOOK_FIELDS["claude-code"];

function temporaryStorage(): { readonly storage: string; readonly spool: string } {
  const storage = mkdtempSync(join(tmpdir(), "hooks-"));
  onTestFinished(() => rmSync(storage, { recursive: true, force: true }));
  return { storage, spool: join(storage, "spool") };
}

function runScript(storage: string, payload: string, variables: Record<string, string> = {}) {
  return spawnSync("sh", [SCRIPT], {
    input: payload,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], MOAI_METRICS_STORAGE: storage, ...variables },
  });
}

describe.skipIf(process.platform === "win32")("the hook script", () => {
  it("leaves what the whole payload would have told, and none of its content", () => {
    const { storage, spool } = temporaryStorage();
    for (const payload of RECORDED) {
      expect(runScript(storage, payload)).toMatchObject({ stdout: "", stderr: "", status: 0 });
    }
    const left = readdirSync(spool).map((name) => readFileSync(join(spool, name), "utf8"));
    expect(left).toHaveLength(RECORDED.length);
    for (const text of left) {
      expect([...FIELDS, "product"]).toEqual(expect.arrayContaining(Object.keys(JSON.parse(text))));
    }
    const pick = (text: string) => {
      const payload = JSON.parse(text) as Record<string, unknown>;
      const kept = FIELDS.filter((field) => field !== "error" && payload[field] !== undefined);
      return JSON.stringify(kept.map((field) => [field, payload[field]]));
    };
    expect(left.map(pick).toSorted()).toEqual(RECORDED.map(pick).toSorted());
    expect(left.join("")).not.toMatch(/DELEGATE|MAKE-ERROR|made\.txt|exit 3|stand-in/);
  });

  it("is not led astray by texts that look like fields", () => {
    const { storage, spool } = temporaryStorage();
    const text = '","session_id":"x","tool_use_id":"y","hook_event_name":"z" \\ \n\u0007 done';
    const payload = {
      session_id: "s1",
      cwd: "/home/dev",
      hook_event_name: "PostToolUse",
      tool_name: "Bash",
      tool_input: { command: text, tool_use_id: "inner", duration_ms: 9 },
      tool_response: { stdout: text.repeat(20_000), tool_use_id: "inner" },
      tool_use_id: "t1",
      duration_ms: 12,
    };
    runScript(storage, JSON.stringify(payload));
    const [name = ""] = readdirSync(spool);
    expect(JSON.parse(readFileSync(join(spool, name), "utf8"))).toEqual({
      session_id: "s1",
      cwd: "/home/dev",
      hook_event_name: "PostToolUse",
      tool_name: "Bash",
      tool_use_id: "t1",
      duration_ms: 12,
      product: "claude-code",
    });
  });

  it.skipIf(!existsSync("/proc/sys/kernel/random/uuid"))(
    "takes a name that no process of another container takes, though it may have the same number",
    () => {
      const { storage, spool } = temporaryStorage();
      runScript(storage, RECORDED[0] ?? "");
      expect(readdirSync(spool)).toEqual([
        expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-0\.hook$/),
      ]);
    },
  );

  it("takes nothing from inside of what a tool was given or from a list for a field that the payload lacks", () => {
    const { storage, spool } = temporaryStorage();
    const base = { session_id: "s1", cwd: "/home/dev" };
    const inner = { agent_id: "inner", agent_type: "inner", prompt_id: "inner", session_id: "inner", cwd: "inner" };
    const input = { tool_input: { ...inner, tool_use_id: "inner words", task_id: "inner" } };
    runScript(
      storage,
      JSON.stringify({ ...base, hook_event_name: "PreToolUse", tool_name: "mcp__crm__find", ...input }),
    );
    runScript(storage, JSON.stringify({ ...base, hook_event_name: "Stop", background_tasks: [inner] }));
    const left = readdirSync(spool).map((name) => readFileSync(join(spool, name), "utf8"));
    expect(left).toHaveLength(2);
    expect(left.join("")).not.toContain("inner");
  });

  it("tells exactly the fields of the payload itself, whatever else it holds and however it is laid out", () => {
    const { storage, spool } = temporaryStorage();
    const names = fc.oneof(fc.constantFrom(...FIELDS), fc.constantFrom('a"', "b\\", "c,:{", "[]}"), fc.string());
    const words = fc.oneof(
      fc.constantFrom("PostToolUse", "TaskCompleted", "rate_limit", "a\\", '"', ',"cwd":"x"'),
      fc.string(),
    );
    const numbers = fc.oneof(fc.nat(100_000), fc.integer());
    const { payload: payloads } = fc.letrec((tie) => ({
      value: fc.oneof(
        words,
        words,
        numbers,
        fc.boolean(),
        fc.constant(null),
        tie("payload"),
        fc.array(tie("value"), { maxLength: 2 }),
      ),
      payload: fc.dictionary(names, tie("value"), { maxKeys: 6, noNullPrototype: true }),
    }));
    const isTold = (name: string, value: unknown): boolean => {
      if (name === "duration_ms") return typeof value === "number" && value >= 0;
      if (typeof value !== "string" || value === "" || JSON.stringify(value) !== `"${value}"`) return false;
      return name !== "error" || /^[a-z_]+$/.test(value);
    };
    fc.assert(
      fc.property(payloads, fc.boolean(), (given, isPretty) => {
        const payload = given as Record<string, unknown>;
        const ofTask = payload["hook_event_name"] === "TaskCompleted" ? [] : ["task_id", "teammate_name"];
        const expected = Object.entries(payload).filter(
          ([name, value]) =>
            (FIELDS as readonly string[]).includes(name) && !ofTask.includes(name) && isTold(name, value),
        );
        runScript(storage, JSON.stringify(payload, null, isPretty ? 2 : 0));
        const [name = ""] = readdirSync(spool);
        const { product, ...left } = JSON.parse(readFileSync(join(spool, name), "utf8")) as Record<string, unknown>;
        rmSync(join(spool, name));
        expect(product).toBe("claude-code");
        expect(left).toEqual(Object.fromEntries(expected));
      }),
      { numRuns: 60 },
    );
  });

  it.each(["sh", "bash", "dash"])("also works in a %s that is strict, and writes nowhere without a home", (shell) => {
    if (spawnSync(shell, ["-c", ":"]).error !== undefined) return;
    const { storage } = temporaryStorage();
    const run = (script: string, variables: Record<string, string>) =>
      spawnSync(shell, ["-eu", script], {
        input: RECORDED[0] ?? "",
        encoding: "utf8",
        env: { PATH: process.env["PATH"], ...variables },
      });
    const odd = join(storage, `it's "odd" $HOME`);
    for (const script of [SCRIPT, POST_TASK]) {
      expect(run(script, { MOAI_METRICS_STORAGE: odd })).toMatchObject({ stdout: "", stderr: "", status: 0 });
      expect(run(script, { XDG_DATA_HOME: "relative", HOME: storage })).toMatchObject({
        stdout: "",
        stderr: "",
        status: 0,
      });
    }
    expect(readdirSync(join(odd, "spool"))).toHaveLength(2);
    expect(readdirSync(join(storage, ".local", "share", "moai-metrics", "spool"))).toHaveLength(2);
    expect(existsSync("relative")).toBe(false);
    expect(run(SCRIPT, {})).toMatchObject({ stdout: "", stderr: "", status: 0 });
    expect(existsSync("/.local/share/moai-metrics")).toBe(false);
  });

  it("keeps every one of 200 that run eight at a time, though they are taken in meanwhile", async () => {
    const { storage, spool } = temporaryStorage();
    const store = openStore({ path: join(storage, "metrics.db") });
    const taken = { filesDrained: 0, brokenFiles: 0 };
    const takeIn = (): void => {
      const { filesDrained, brokenFiles } = drainHooks(store, [spool]);
      taken.filesDrained += filesDrained;
      taken.brokenFiles += brokenFiles.length;
    };
    const payload = (at: number) =>
      JSON.stringify({ session_id: `s${at}`, hook_event_name: "Stop", prompt_id: `p${at}` });
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < 200) {
        const child = spawn("sh", [SCRIPT], {
          stdio: ["pipe", "ignore", "ignore"],
          env: { PATH: process.env["PATH"], MOAI_METRICS_STORAGE: storage },
        });
        child.stdin.end(payload(next++));
        await once(child, "close");
        takeIn();
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    takeIn();
    expect(taken).toEqual({ filesDrained: 200, brokenFiles: 0 });
    expect(store.ledger.sessions({})).toHaveLength(200);
    expect(readdirSync(spool)).toEqual([]);
    store.close();
  });

  /** Commands of the script that kill it instead of doing their work, before all others. */
  function killedAt(storage: string, ...commands: readonly string[]): string {
    const folder = join(storage, "killers");
    mkdirSync(folder);
    for (const name of commands) {
      writeFileSync(join(folder, name), "#!/bin/sh\nkill -9 $PPID\n", { mode: 0o700 });
    }
    return `${folder}:${process.env["PATH"]}`;
  }

  it("leaves a temporary file when it is killed before that has its name, which a reader finishes after a minute", () => {
    const { storage, spool } = temporaryStorage();
    const payload = JSON.stringify({ session_id: "s", hook_event_name: "SubagentStart", agent_id: "a" });
    const { signal } = runScript(storage, payload, { PATH: killedAt(storage, "mv") });
    expect(signal).toBe("SIGKILL");
    expect(readdirSync(spool)).toEqual([expect.stringMatching(/\.hook\.tmp$/)]);
    const [name = ""] = readdirSync(spool);
    const mtimeMs = Math.trunc(statSync(join(spool, name)).mtimeMs);
    const store = openStore({ path: join(storage, "metrics.db") });
    expect(drainHooks(store, [spool], mtimeMs + 59_000).filesDrained).toBe(0);
    expect(drainHooks(store, [spool], mtimeMs + 60_001)).toMatchObject({ filesDrained: 1, brokenFiles: [] });
    expect(store.ledger.tasks({})).toMatchObject([{ startedAtMillis: mtimeMs }]);
    expect(readdirSync(spool)).toEqual([]);
    store.close();
  });

  it("leaves half of a file only under its temporary name, which is broken after a minute", () => {
    const { storage, spool } = temporaryStorage();
    const payload = JSON.stringify({ session_id: "s".repeat(100_000), hook_event_name: "Stop" });
    const { signal } = spawnSync("sh", ["-c", 'ulimit -f 1; exec sh "$0"', SCRIPT], {
      input: payload,
      env: { PATH: killedAt(storage, "rm"), MOAI_METRICS_STORAGE: storage },
    });
    expect(signal).toBe("SIGKILL");
    const [name = ""] = readdirSync(spool);
    expect(name).toMatch(/\.hook\.tmp$/);
    const left = statSync(join(spool, name));
    expect(left.size).toBeGreaterThan(0);
    const store = openStore({ path: join(storage, "metrics.db") });
    expect(drainHooks(store, [spool], left.mtimeMs + 59_000).brokenFiles).toEqual([]);
    const path = join(spool, name.replace(/\.tmp$/, ""));
    const expected = { filesDrained: 0, facts: 0, brokenFiles: [path] };
    expect(drainHooks(store, [spool], left.mtimeMs + 60_001)).toEqual(expected);
    expect(readdirSync(spool)).toEqual([`${basename(path)}.broken`]);
    expect(store.skipped()).toEqual([{ product: "hooks", reason: "file that holds no hook", count: 1 }]);
    store.close();
  });

  it("leaves no half of a file under its name, whenever it is killed", async () => {
    const { storage, spool } = temporaryStorage();
    const kill = async (afterMillis: number): Promise<void> => {
      const child = spawn("sh", [SCRIPT], {
        detached: true,
        stdio: ["pipe", "ignore", "ignore"],
        env: { PATH: process.env["PATH"], MOAI_METRICS_STORAGE: storage },
      });
      const closed = once(child, "close");
      // Whoever is killed reads no more.
      child.stdin.on("error", () => undefined);
      child.stdin.end(RECORDED[0]);
      await setTimeout(afterMillis);
      if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      await closed;
    };
    for (let trial = 0; trial < 40; trial++) await kill((trial % 20) / 4);
    const names = existsSync(spool) ? readdirSync(spool) : [];
    expect(names.filter((name) => !/\.hook(\.tmp)?$/.test(name))).toEqual([]);
    const finished = names.filter((name) => name.endsWith(".hook"));
    expect(finished.map((name) => JSON.parse(readFileSync(join(spool, name), "utf8")).product)).toEqual(
      finished.map(() => "claude-code"),
    );
  });

  it("ends well when a reader was quicker to give its file the name", () => {
    for (const script of [SCRIPT, POST_TASK]) {
      const { storage, spool } = temporaryStorage();
      const folder = join(storage, "readers");
      mkdirSync(folder);
      const quicker = `#!/bin/sh\nPATH='${process.env["PATH"]}'\nfor path; do :; done\nmv "$path.tmp" "$path"\nexec mv "$@"\n`;
      writeFileSync(join(folder, "mv"), quicker, { mode: 0o700 });
      const { stdout, stderr, status } = spawnSync("sh", [script, "task-001", "a", "success", "1", "7"], {
        input: JSON.stringify({ session_id: "s", hook_event_name: "SubagentStart", agent_id: "a" }),
        encoding: "utf8",
        cwd: storage,
        env: { PATH: `${folder}:${process.env["PATH"]}`, MOAI_METRICS_STORAGE: storage },
      });
      expect({ stdout, stderr, status }).toEqual({ stdout: "", stderr: "", status: 0 });
      expect(readdirSync(spool)).toEqual([expect.stringMatching(/\.hook$/)]);
      const store = openStore({ path: join(storage, "metrics.db") });
      drainHooks(store, [spool, join(storage, ".moai", "metrics", "spool")]);
      expect(store.ledger.tasks({})).toHaveLength(1);
      store.close();
    }
  });

  it("leaves nothing of a file that it cannot write as a whole", () => {
    const { storage, spool } = temporaryStorage();
    const { stdout, stderr, status } = spawnSync("sh", ["-c", 'ulimit -f 0; exec sh "$0"', SCRIPT], {
      input: RECORDED[0] ?? "",
      encoding: "utf8",
      env: { PATH: process.env["PATH"], MOAI_METRICS_STORAGE: storage },
    });
    expect({ stdout, stderr, status, left: readdirSync(spool) }).toEqual({
      stdout: "",
      stderr: "",
      status: 0,
      left: [],
    });
  });

  it("ends well and silently when it cannot write, or is switched off", () => {
    const { storage } = temporaryStorage();
    writeFileSync(join(storage, "file"), "");
    expect(runScript(join(storage, "file"), RECORDED[0] ?? "")).toMatchObject({ stdout: "", stderr: "", status: 0 });
    expect(runScript(storage, RECORDED[0] ?? "", { MOAI_METRICS_DISABLED: "1" }).status).toBe(0);
    expect(readdirSync(storage)).toEqual(["file"]);
  });
});

describe("draining hooks", () => {
  const hook = (spool: string, name: string, content: unknown): void => {
    mkdirSync(spool, { recursive: true });
    const path = join(spool, name);
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    utimesSync(path, 1_795_333_054, 1_795_333_054);
  };

  it("takes the time of the file, counts what tells nothing, and sets broken files aside", () => {
    const { storage, spool } = temporaryStorage();
    hook(spool, "1-0.hook", {
      session_id: "s",
      hook_event_name: "SubagentStart",
      agent_id: "a",
      agent_type: "reviewer",
    });
    hook(spool, "1-1.hook", { session_id: "s", hook_event_name: "Notification" });
    hook(spool, "1-2.hook", "{ broken");
    hook(spool, "1-3.json.tmp", "{ not whole");
    const store = openStore({ path: join(storage, "metrics.db") });
    expect(drainHooks(store, [spool])).toEqual({
      filesDrained: 2,
      facts: 2,
      brokenFiles: [join(spool, "1-2.hook")],
    });
    expect(store.ledger.tasks({})).toMatchObject([{ agent: "reviewer", startedAtMillis: 1_795_333_054_000 }]);
    expect(store.skipped()).toEqual([
      { product: "hooks", reason: "file that holds no hook", count: 1 },
      { product: "hooks", reason: "hook without figures: Notification", count: 1 },
    ]);
    expect(readdirSync(spool).toSorted()).toEqual(["1-2.hook.broken", "1-3.json.tmp"]);
    expect(drainHooks(store, [spool])).toEqual({ filesDrained: 0, facts: 0, brokenFiles: [] });
    expect(drainHooks(store, [join(storage, "nowhere")]).filesDrained).toBe(0);
    store.close();
  });

  it("leaves a file that is not whole yet, and takes it in when it is; after a minute it is broken", () => {
    const { storage, spool } = temporaryStorage();
    const whole = JSON.stringify({ session_id: "s", hook_event_name: "SubagentStart", agent_id: "a" });
    for (const [at, length] of [0, 1, 40, whole.length - 1].entries()) {
      hook(spool, `${at}.hook`, whole.slice(0, length));
    }
    const store = openStore({ path: join(storage, "metrics.db") });
    const names = readdirSync(spool).toSorted();
    const modifiedMillis = 1_795_333_054_000;
    for (const nowMillis of [modifiedMillis - 900, modifiedMillis, modifiedMillis + 59_000]) {
      expect(drainHooks(store, [spool], nowMillis)).toEqual({ filesDrained: 0, facts: 0, brokenFiles: [] });
    }
    expect(readdirSync(spool).toSorted()).toEqual(names);
    hook(spool, "0.hook", whole);
    const { filesDrained, brokenFiles } = drainHooks(store, [spool], modifiedMillis + 60_000);
    expect([filesDrained, brokenFiles.length]).toEqual([1, 3]);
    expect(readdirSync(spool).toSorted()).toEqual(["1.hook.broken", "2.hook.broken", "3.hook.broken"]);
    store.close();
  });

  it("finishes temporary files of a minute ago once, though two drain and the store writes when both have looked", () => {
    const { storage, spool } = temporaryStorage();
    const start = { session_id: "s", hook_event_name: "SubagentStart" };
    hook(spool, "whole.hook.tmp", { ...start, agent_id: "a" });
    hook(spool, "named.hook", { ...start, agent_id: "b" });
    hook(spool, "half.hook.tmp", '{"session_id":"s"');
    hook(spool, "empty.hook.tmp", "");
    const store = openStore({ path: join(storage, "metrics.db") });
    const broken: string[] = [];
    // A writer never gives its name to half of a file; no more does a reader.
    const named: string[] = [];
    const drain = (write: (typeof store)["write"]): void => {
      broken.push(...drainHooks({ write }, [spool], 1_795_333_054_000 + 60_000).brokenFiles);
    };
    drain((batch) => {
      named.push(...readdirSync(spool).filter((name) => name.endsWith(".hook")));
      drain(store.write);
      return store.write(batch);
    });
    expect(named.toSorted()).toEqual(["named.hook", "whole.hook"]);
    expect(store.ledger.tasks({})).toHaveLength(2);
    expect(broken.toSorted()).toEqual([join(spool, "empty.hook"), join(spool, "half.hook")]);
    expect(store.skipped()).toEqual([{ product: "hooks", reason: "file that holds no hook", count: 2 }]);
    expect(readdirSync(spool).toSorted()).toEqual(["empty.hook.broken", "half.hook.broken"]);
    store.close();
  });
});
