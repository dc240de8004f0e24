import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { homeWithTranscripts, NOW, runBinary } from "../support/run-binary.ts";

const BINARY = fileURLToPath(new URL("../../bin/moai-metrics.js", import.meta.url));
const CLOCK = new URL("../support/freeze-clock.mjs", import.meta.url).href;
const SESSION = "eb48af2e-79c3-46e9-aef8-1722a7dd74f2";

/** The recorded session used 17,115 tokens for $0.06636. */
function homeWith(metrics: unknown): string {
  const home = homeWithTranscripts();
  mkdirSync(join(home, ".config", "moai-metrics"), { recursive: true });
  writeFileSync(
    join(home, ".config", "moai-metrics", "config.json"),
    typeof metrics === "string" ? metrics : JSON.stringify({ metrics }),
  );
  return home;
}

const transcriptIn = (home: string): string => {
  const projects = join(home, ".claude", "projects");
  return join(projects, readdirSync(projects)[0] ?? "", `${SESSION}.jsonl`);
};

function hook(home: string, payload: unknown = {}, argv: string[] = [], variables: Record<string, string> = {}) {
  const full = {
    session_id: SESSION,
    hook_event_name: "UserPromptSubmit",
    transcript_path: transcriptIn(home),
    cwd: "/home/devusr/work2",
    prompt: "a secret",
    ...(payload as object),
  };
  const { stdout, stderr, status } = spawnSync(process.execPath, [BINARY, "hook", "budget", ...argv], {
    encoding: "utf8",
    cwd: home,
    input: typeof payload === "string" ? payload : JSON.stringify(full),
    env: {
      PATH: process.env["PATH"],
      HOME: home,
      TZ: "UTC",
      NODE_OPTIONS: `--import=${CLOCK}`,
      FROZEN_NOW: String(NOW),
      ...variables,
    },
  });
  return { stdout, stderr, exitCode: status };
}

const SILENT = { stdout: "", stderr: "", exitCode: 0 };
const BUDGETS = [{ name: "day", per: "day", max_usd: 0.05 }];
const MESSAGE = 'moai-metrics: Budget "day" is exceeded: $0.07 of $0.05 spent on 2026-11-22.';

describe("hook budget", () => {
  it("warns each session once, of what its transcripts say right now", () => {
    const home = homeWith({ budgets: BUDGETS });
    const first = hook(home);
    expect(JSON.parse(first.stdout)).toEqual({
      systemMessage: `${MESSAGE} See: moai-metrics daily --last 1 --breakdown`,
    });
    expect({ ...first, stdout: "" }).toEqual(SILENT);
    expect(hook(home)).toEqual(SILENT);
    expect(hook(home, { session_id: "another" }).stdout).toContain("is exceeded");
  });

  it("stops with --stop, every time", () => {
    const home = homeWith({ budgets: BUDGETS });
    for (const _ of [1, 2]) {
      const { decision, reason } = JSON.parse(hook(home, {}, ["--stop"]).stdout);
      expect([decision, reason.split("\n")[0]]).toEqual([
        "block",
        `${MESSAGE} See: moai-metrics daily --last 1 --breakdown`,
      ]);
    }
    expect(JSON.parse(hook(home, { hook_event_name: "PreToolUse" }, ["--stop"]).stdout)).toMatchObject({
      continue: false,
      stopReason: expect.stringContaining(MESSAGE),
    });
  });

  it("is silent within budget, and creates no memory", () => {
    const home = homeWith({ budgets: [{ name: "day", per: "day", max_usd: 5 }] });
    expect(hook(home, {}, ["--stop"])).toEqual(SILENT);
    expect(existsSync(join(home, ".local/share/moai-metrics/alerts"))).toBe(false);
  });

  it("warns once when the session's tokens pass the threshold", () => {
    const home = homeWith({ tokens: { warn_threshold: 11_000 } });
    expect(hook(home).stdout).toContain(`Session ${SESSION} used 11.5K new tokens, the threshold is 11.0K.`);
    expect(hook(home)).toEqual(SILENT);
  });

  it.each([
    ["a payload that is not JSON", "{"],
    ["an empty payload", ""],
    ["a payload without a session", "{}"],
  ])("is silent with %s", (_, payload) => {
    expect(hook(homeWith({ budgets: BUDGETS }), payload, ["--stop"])).toEqual(SILENT);
  });

  it("is silent on any error of its own, with 0: exit code 2 would stop the agent", () => {
    expect(hook(homeWith("{"), {}, ["--stop"])).toEqual(SILENT);
    expect(hook(homeWith({ budgets: BUDGETS }), {}, ["--nonsense"])).toEqual(SILENT);
    const home = homeWith({ budgets: BUDGETS });
    writeFileSync(join(home, "file"), "");
    expect(hook(home, {}, ["--storage", join(home, "file")])).toEqual(SILENT);
    expect(hook(home, {}, ["--storage", home, "--config", "nowhere.json"])).toEqual(SILENT);
    expect(hook(home, {}, [], { MOAI_METRICS_DISABLED: "1" })).toEqual(SILENT);
    expect(hook(homeWith({ budgets: [], tokens: { warn_threshold: 0 } }))).toEqual(SILENT);
  });

  it("does not make the agent wait for much to read, and answers from what is stored", () => {
    const home = homeWith({ budgets: BUDGETS });
    appendFileSync(transcriptIn(home), `${" ".repeat(8_100_000)}\n`);
    expect(hook(home)).toEqual(SILENT);
    runBinary(home, ["import"]);
    expect(hook(home).stdout).toContain("is exceeded");
  });

  it("reads no other project's transcripts, and needs none at all", () => {
    const home = homeWith({ budgets: BUDGETS });
    expect(hook(home, { transcript_path: join(home, "elsewhere", "t.jsonl") })).toEqual(SILENT);
    expect(hook(home, { transcript_path: undefined })).toEqual(SILENT);
  });

  it("sweeps the memory of sessions that were not heard of for weeks", () => {
    const home = homeWith({ budgets: BUDGETS });
    const folder = join(home, ".local/share/moai-metrics/alerts/sessions");
    hook(home, { session_id: "old" });
    const [old = ""] = readdirSync(folder);
    utimesSync(join(folder, old), NOW / 1_000 - 50 * 86_400, NOW / 1_000 - 50 * 86_400);
    hook(home);
    expect(readdirSync(folder)).toHaveLength(1);
    expect(readdirSync(folder)).not.toContain(old);
    expect(dirname(join(folder, old))).toBe(folder);
  });

  it("is described by --help", () => {
    expect(runBinary(homeWith({}), ["hook", "budget", "--help"]).stdout).toContain("--stop");
  });
});
