/**
 * How much longer a run of the real Claude Code takes with all hooks on: the same scripted run of eight tool calls
 * without them and with them, in turns, in an order that changes. The model answers at once, so nothing hides behind it. The processor time is that of the agent and of everything that it waited
 * for, hooks among them; on a machine that does something else it says more than the clock does.
 * Usage: node test/agents/time-hooks.ts [--rounds NUMBER]
 */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { startReceiver } from "./drive-wired.ts";
import { installAgents } from "./install-agents.ts";
import { runIsolated } from "./isolate.ts";
import type { Step } from "./model-api/script.ts";
import { startModelApi } from "./model-api/server.ts";
import { COMMAND, ended } from "./programs.ts";
import { REAL_AGENTS } from "./real-agents.ts";

/** Claude Code's settings, as far as they differ between the runs. */
type Settings = Readonly<Record<string, unknown>>;

/** What one run took. */
interface Taken {
  readonly wallMillis: number;
  readonly cpuMillis: number;
}

/** Tools one after the other: how long Claude Code waits for agents in the background depends on more than hooks. */
const STEPS: readonly Step[] = [
  ...Array.from({ length: 8 }, (_, at) => ({ tool: "Bash", input: { command: `echo ${at}`, description: "Say" } })),
  { text: "All done." },
];

/** Runs a command, then tells on standard error what its processes took: user and system, `0m1.250s 0m0.300s`. */
const WITH_TIMES = '"$@"; code=$?; times >&2; exit $code';
const MILLIS_OF_CHILDREN = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/;

const { values } = parseArgs({ options: { rounds: { type: "string", default: "30" }, isolated: { type: "string" } } });
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

if (values.isolated === undefined) {
  const binFolder = installAgents();
  process.exitCode = runIsolated(import.meta.url, ["--rounds", values.rounds, "--isolated", binFolder], print);
} else {
  await timeHooks(values.isolated, Number(values.rounds));
}

async function timeHooks(binFolder: string, rounds: number): Promise<void> {
  const agent = REAL_AGENTS.find(({ product }) => product === "claude-code");
  if (agent === undefined) throw new Error("Claude Code is none of the agents that are driven.");
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), "time-hooks-")));
  const project = join(scratch, "project");
  mkdirSync(project);
  for (const [path, text] of Object.entries(agent.files)) {
    mkdirSync(dirname(join(scratch, path)), { recursive: true });
    writeFileSync(join(scratch, path), text);
  }
  const place = { home: scratch, project, apiUrl: "" };
  const api = await startModelApi({ dialect: agent.dialect, steps: { main: STEPS } });
  const here = { ...place, apiUrl: api.url };
  const environment = {
    PATH: [binFolder, dirname(process.execPath), process.env["PATH"]].join(delimiter),
    HOME: scratch,
    TZ: "UTC",
    ...agent.environment(here),
    MOAI_METRICS_STORAGE: join(scratch, "store"),
  };
  const settingsPath = join(scratch, ".claude", "settings.json");
  const settingsOfInit = async (): Promise<Settings> => {
    rmSync(settingsPath, { force: true });
    const { exitCode, stderr } = await ended([process.execPath, COMMAND, "init", "--yes"], environment, project);
    if (exitCode !== 0) throw new Error(`init ended with ${exitCode}: ${stderr}`);
    return JSON.parse(readFileSync(settingsPath, "utf8")) as Settings;
  };
  const timeRun = async (settings: Settings): Promise<Taken> => {
    for (const trace of [".claude/projects", "project/new.txt"]) {
      rmSync(join(scratch, trace), { recursive: true, force: true });
    }
    api.reset();
    mkdirSync(dirname(settingsPath), { recursive: true });
    writeFileSync(settingsPath, JSON.stringify(settings));
    const startedAt = performance.now();
    const command = ["sh", "-c", WITH_TIMES, "sh", agent.program, ...agent.arguments(here)];
    const { exitCode, stderr } = await ended(command, environment, project);
    const wallMillis = performance.now() - startedAt;
    if (exitCode !== 0) throw new Error(`The agent ended with ${exitCode}: ${stderr}`);
    const [userMinutes = 0, user = 0, systemMinutes = 0, system = 0] = (MILLIS_OF_CHILDREN.exec(stderr) ?? [])
      .slice(1)
      .map(Number);
    return { wallMillis, cpuMillis: 1000 * (60 * (userMinutes + systemMinutes) + user + system) };
  };

  const shell = await settingsOfInit();
  const receiver = await startReceiver(environment, project);
  try {
    const request = await settingsOfInit();
    const variants: Readonly<Record<string, Settings>> = {
      "nothing of ours": {},
      "all hooks, each a command that does nothing": { hooks: doingNothing(shell["hooks"]) },
      "all hooks, as scripts": { hooks: shell["hooks"] },
      "telemetry, without hooks": { env: request["env"] },
      "telemetry and all hooks, as requests": request,
    };
    const names = Object.keys(variants);
    const runs = new Map<string, Taken[]>(names.map((name) => [name, []]));
    // The first round fills caches.
    for (let round = 0; round <= rounds; round++) {
      for (let turn = 0; turn < names.length; turn++) {
        const name = names[(turn + round) % names.length] ?? "";
        const taken = await timeRun(variants[name] ?? {});
        if (round > 0) runs.get(name)?.push(taken);
      }
      const last = [...runs.values()].map((all) => Math.round(all.at(-1)?.wallMillis ?? 0));
      if (round > 0) print(`round ${round}: ${last.join(" ")} ms, load ${loadavg()[0]?.toFixed(1)}`);
    }
    for (const measure of ["wallMillis", "cpuMillis"] as const) {
      print(`\n${measure}`);
      const valuesOf = (name: string): number[] => (runs.get(name) ?? []).map((taken) => taken[measure]);
      for (const name of names) print(`  ${name}: ${describe(valuesOf(name))} ms`);
      const compare = (name: string, to: string): void => {
        const others = valuesOf(to);
        const pairs = valuesOf(name).map((value, at) => 100 * (value / (others[at] ?? Number.NaN) - 1));
        print(`  ${name}, against ${to}, in pairs: ${describe(pairs)} %`);
      };
      compare("all hooks, each a command that does nothing", "nothing of ours");
      compare("all hooks, as scripts", "all hooks, each a command that does nothing");
      compare("all hooks, as scripts", "nothing of ours");
      compare("telemetry and all hooks, as requests", "telemetry, without hooks");
      compare("telemetry and all hooks, as requests", "nothing of ours");
    }
  } finally {
    await receiver.stop();
    await api.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The same hooks, with another command: what calling hooks costs the agent, whatever they do. */
function doingNothing(hooks: unknown): unknown {
  return JSON.parse(JSON.stringify(hooks), (name, value: unknown) => (name === "command" ? ":" : value));
}

/** The median, its 95 % interval by the ranks of a sign test, and quartiles. */
function describe(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (rank: number): string =>
    (sorted[Math.max(0, Math.min(sorted.length - 1, rank))] ?? Number.NaN).toFixed(1);
  const half = (1.96 * Math.sqrt(sorted.length)) / 2;
  const middle = sorted.length / 2;
  return (
    `median ${at(Math.floor(middle))} (95 % interval ${at(Math.floor(middle - half))} to ${at(Math.ceil(middle + half))}), ` +
    `quartiles ${at(Math.floor(sorted.length / 4))} and ${at(Math.floor((3 * sorted.length) / 4))}, ` +
    `${at(0)} to ${at(sorted.length - 1)}`
  );
}
