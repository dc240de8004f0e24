/** The run of Claude Code that was recorded for the fixtures, to be run again: what the model says, and at which pace. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { Step } from "./model-api/script.ts";
import { startModelApi } from "./model-api/server.ts";
import { ended } from "./programs.ts";
import { REAL_AGENTS, SUBAGENT } from "./real-agents.ts";

/**
 * What a model call of Claude Code takes, by its own `duration_ms`: the mean of the 404 `api_request` events, of Sonnet 4 and
 * Haiku, that the users of github.com/elmorem/context-cleaner published (TELEMETRY_METRICS_AND_TRACING.md, September
 * 2025). A later count there, of 628, says 5.0 s: this is the quicker pace, so the one at which hooks weigh more. The
 * recording itself says nothing of it: it was made against a script that answers in 9 to 32 ms, as no model does.
 */
export const REPLY_MILLIS = 3_900;

/** Claude Code's settings, as far as they differ between runs. */
export type Settings = Readonly<Record<string, unknown>>;

/** What one run took. */
export interface Taken {
  readonly wallMillis: number;
  /** Of the agent and of everything that it waited for, hooks among them. */
  readonly cpuMillis: number;
}

/** A home in which the run can be repeated. */
export interface RecordedRun {
  /** Repeats it. @throws Error when it does not end as it should. */
  repeat(): Promise<Taken>;
  close(): Promise<void>;
}

/** The subagent is waited for, as it was then; by itself this version lets it run in the background. */
const stepsIn = (project: string): Readonly<Record<string, readonly Step[]>> => {
  const path = join(project, "new.txt");
  const subagent = { description: "Build it", prompt: "Build it.", subagent_type: SUBAGENT, run_in_background: false };
  return {
    main: [{ tool: "Agent", input: subagent }, { text: "All done." }],
    [SUBAGENT]: [
      { tool: "Write", input: { file_path: path, content: "one\ntwo\n" } },
      { tool: "Edit", input: { file_path: path, old_string: "one", new_string: "three\nfour", replace_all: false } },
      { tool: "Bash", input: { command: "echo from-expert", description: "Say" } },
      { tool: "Bash", input: { command: "exit 3", description: "Fail" }, fails: true },
      { text: "Built." },
    ],
  };
};
const MODEL_CALLS = 7;

/** Runs a command, then tells on standard error what its processes took: user and system, `0m1.250s 0m0.300s`. */
const WITH_TIMES = '"$@"; code=$?; times >&2; exit $code';
const MILLIS_OF_CHILDREN = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/;

/**
 * Prepares a home of its own.
 *
 * @param home a folder that is not there yet.
 * @param variables of the environment, beside the agent's own.
 */
export async function prepareRecordedRun(
  home: string,
  settings: Settings,
  { binFolder, replyMillis, variables }: RunOptions,
): Promise<RecordedRun> {
  const agent = REAL_AGENTS.find(({ product }) => product === "claude-code");
  if (agent === undefined) throw new Error("Claude Code is none of the agents that are driven.");
  const project = join(home, "project");
  const files = { ...agent.files, ".claude/settings.json": JSON.stringify(settings) };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  }
  const api = await startModelApi({ dialect: agent.dialect, steps: stepsIn(project), replyMillis });
  const place = { home, project, apiUrl: api.url };
  const environment = {
    PATH: [binFolder, dirname(process.execPath), process.env["PATH"]].join(delimiter),
    HOME: home,
    TZ: "UTC",
    ...agent.environment(place),
    ...variables,
  };
  const command = ["sh", "-c", WITH_TIMES, "sh", agent.program, ...agent.arguments(place)];
  return {
    repeat: async () => {
      for (const trace of [".claude/projects", "project/new.txt"]) {
        rmSync(join(home, trace), { recursive: true, force: true });
      }
      api.reset();
      const startedAt = performance.now();
      const { exitCode, stderr } = await ended(command, environment, project);
      const wallMillis = performance.now() - startedAt;
      if (exitCode !== 0) throw new Error(`The agent ended with ${exitCode}: ${stderr}`);
      const calls = api.served.filter(({ role }) => role !== "auxiliary").length;
      if (calls !== MODEL_CALLS) throw new Error(`The run had ${calls} model calls instead of ${MODEL_CALLS}.`);
      return { wallMillis, cpuMillis: cpuMillisIn(stderr) };
    },
    close: () => api.close(),
  };
}

interface RunOptions {
  /** Where the agent's program lies. */
  readonly binFolder: string;
  readonly replyMillis: number;
  readonly variables: Readonly<Record<string, string>>;
}

function cpuMillisIn(stderr: string): number {
  const [, userMinutes, user, systemMinutes, system] = (MILLIS_OF_CHILDREN.exec(stderr) ?? []).map(Number);
  return 1000 * (60 * ((userMinutes ?? 0) + (systemMinutes ?? 0)) + (user ?? 0) + (system ?? 0));
}
