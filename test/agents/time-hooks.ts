/**
 * How much longer a run of the real Claude Code takes with all hooks on: the {@link prepareRecordedRun recorded run},
 * without anything of ours and with it. At the pace of a model the runs of a round go side by side, so that whatever else
 * the machine does holds all of them up; most of the time they wait. `--reply-millis 0` shows what hooks cost where nothing
 * hides behind the model: then one run follows the other, in an order that changes, and the processor time says more
 * than the clock does.
 * Usage: node test/agents/time-hooks.ts [--rounds NUMBER] [--reply-millis NUMBER]
 */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { startReceiver } from "./drive-wired.ts";
import { installAgents } from "./install-agents.ts";
import { runIsolated } from "./isolate.ts";
import { COMMAND, ended } from "./programs.ts";
import { prepareRecordedRun, REPLY_MILLIS, type RecordedRun, type Settings, type Taken } from "./recorded-run.ts";

const NOTHING = "nothing of ours";
const IDLE = "all hooks, each a command that does nothing";
const SCRIPTS = "all hooks, as scripts";
const TELEMETRY = "telemetry, without hooks";
const REQUESTS = "telemetry and all hooks, as requests";
const PAIRS = [
  [IDLE, NOTHING],
  [SCRIPTS, NOTHING],
  [TELEMETRY, NOTHING],
  [REQUESTS, TELEMETRY],
  [REQUESTS, NOTHING],
] as const;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "12" },
    "reply-millis": { type: "string", default: String(REPLY_MILLIS) },
    isolated: { type: "string" },
  },
});
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

if (values.isolated === undefined) {
  const given = ["--rounds", values.rounds, "--reply-millis", values["reply-millis"]];
  process.exitCode = runIsolated(import.meta.url, [...given, "--isolated", installAgents()], print);
} else {
  await timeHooks(values.isolated, Number(values.rounds), Number(values["reply-millis"]));
}

async function timeHooks(binFolder: string, rounds: number, replyMillis: number): Promise<void> {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), "time-hooks-")));
  const variables = { MOAI_METRICS_STORAGE: join(scratch, "store") };
  const runs = new Map<string, RecordedRun>();
  const { settingsOfInit, receiver, shell } = await wire(scratch, binFolder, variables);
  try {
    const request = await settingsOfInit();
    const variants: Readonly<Record<string, Settings>> = {
      [NOTHING]: {},
      // What calling costs, whatever is called: seen only where nothing hides behind the model.
      ...(replyMillis === 0 ? { [IDLE]: { hooks: doingNothing(shell["hooks"]) } } : {}),
      [SCRIPTS]: { hooks: shell["hooks"] },
      [TELEMETRY]: { env: request["env"] },
      [REQUESTS]: request,
    };
    for (const [name, settings] of Object.entries(variants)) {
      const home = join(scratch, String(runs.size));
      runs.set(name, await prepareRecordedRun(home, settings, { binFolder, replyMillis, variables }));
    }
    const taken = await repeatAll(runs, rounds, replyMillis > 0);
    for (const measure of ["wallMillis", "cpuMillis"] as const) {
      print(`\n${measure}`);
      const valuesOf = (name: string): number[] => (taken.get(name) ?? []).map((each) => each[measure]);
      for (const name of runs.keys()) print(`  ${name}: ${describe(valuesOf(name))} ms`);
      for (const [name, to] of PAIRS) {
        if (!runs.has(name)) continue;
        const others = valuesOf(to);
        const more = valuesOf(name).map((value, at) => value - (others[at] ?? Number.NaN));
        print(`  ${name}, against ${to}, in pairs: ${describe(more)} ms`);
        print(`    ${describe(more.map((millis, at) => (100 * millis) / (others[at] ?? Number.NaN)))} %`);
      }
    }
  } finally {
    await receiver.stop();
    for (const run of runs.values()) await run.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Starts a receiver, and lets `init` say what it writes: before, and while it runs. */
async function wire(scratch: string, binFolder: string, variables: Readonly<Record<string, string>>) {
  const home = join(scratch, "init");
  mkdirSync(join(home, ".claude"), { recursive: true });
  const path = [binFolder, dirname(process.execPath), process.env["PATH"]].join(delimiter);
  const environment = { PATH: path, HOME: home, TZ: "UTC", ...variables };
  const settingsPath = join(home, ".claude", "settings.json");
  const settingsOfInit = async (): Promise<Settings> => {
    rmSync(settingsPath, { force: true });
    const { exitCode, stderr } = await ended([process.execPath, COMMAND, "init", "--yes"], environment, home);
    if (exitCode !== 0) throw new Error(`init ended with ${exitCode}: ${stderr}`);
    return JSON.parse(readFileSync(settingsPath, "utf8")) as Settings;
  };
  const shell = await settingsOfInit();
  return { settingsOfInit, shell, receiver: await startReceiver(environment, home) };
}

/** The first round fills caches and is not counted. */
async function repeatAll(runs: ReadonlyMap<string, RecordedRun>, rounds: number, isSideBySide: boolean) {
  const names = [...runs.keys()];
  const taken = new Map<string, Taken[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    const inTurn = names.map((_, turn) => names[(turn + round) % names.length] ?? "");
    const repeat = async (name: string): Promise<void> => {
      const one = await runs.get(name)?.repeat();
      if (one !== undefined && round > 0) taken.get(name)?.push(one);
    };
    if (isSideBySide) await Promise.all(inTurn.map(repeat));
    else for (const name of inTurn) await repeat(name);
    const last = [...taken.values()].map((all) => Math.round(all.at(-1)?.wallMillis ?? 0));
    if (round > 0) print(`round ${round}: ${last.join(" ")} ms, load ${loadavg()[0]?.toFixed(1)}`);
  }
  return taken;
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
