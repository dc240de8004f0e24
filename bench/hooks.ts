/**
 * What an agent waits for when it calls a hook: the shell scripts beside a bare shell, the Node form beside a bare Node,
 * and a request to the daemon. An agent waits for none of them where the hook is `async`. The Node form is the one that is
 * published, which this builds.
 */
import { execFileSync, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { timeNode } from "./lib/child.ts";
import { report } from "./lib/figures.ts";
import { scaleOfProcess } from "./lib/options.ts";
import type { ChildMessage } from "./lib/receiver-child.ts";
import { median } from "./lib/statistics.ts";

const ROUNDS = Math.max(11, Math.ceil(101 * scaleOfProcess()));
const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const BUILD = pathOf("../scripts/build-packages.ts");
const COMMAND = pathOf("../dist/cli/bin/moai-metrics.js");
const SCRIPT = pathOf("../packages/cli/hooks/claude-code.sh");
const POST_TASK = pathOf("../packages/cli/hooks/metrics-post-task.sh");
const VALUES = ["task-001", "expert-backend", "success", "90000", "25000"];

/** Two kilobytes, most of them what a tool returned. */
const PAYLOAD = JSON.stringify({
  session_id: "5e551011-0000-4000-8000-000000000000",
  transcript_path: "/home/dev/.claude/projects/-home-dev-shop/5e551011-0000-4000-8000-000000000000.jsonl",
  cwd: "/home/dev/shop",
  prompt_id: "3ac1fe85-7319-498c-b275-f5bdba803ee9",
  hook_event_name: "PostToolUse",
  tool_name: "Bash",
  tool_input: { command: "npm test" },
  tool_response: { stdout: "ok ".repeat(600) },
  tool_use_id: "toolu_01",
  duration_ms: 1_200,
});

const folder = mkdtempSync(join(tmpdir(), "bench-hooks-"));
const environment = { HOME: folder, MOAI_METRICS_STORAGE: join(folder, "store") };
try {
  execFileSync(process.execPath, [BUILD], { stdio: "ignore" });
  benchProcesses();
  await benchRequests();
} finally {
  rmSync(folder, { recursive: true });
}

function benchProcesses(): void {
  const subjects = {
    "bare sh": () => timeShell(["-c", ":"]),
    "shell form, payload on standard input": () => timeShell([SCRIPT], PAYLOAD),
    "metrics-post-task.sh": () => timeShell([POST_TASK, ...VALUES]),
    "bare Node": () => timeNode(["-e", "0"]),
    "Node form, payload on standard input": () => timeNode([COMMAND, "hook"], environment, PAYLOAD),
    "Node form, post-task": () => timeNode([COMMAND, "hook", "post-task", ...VALUES], environment),
  };
  const runs = new Map<string, number[]>(Object.keys(subjects).map((name) => [name, []]));
  // The first round makes the folders and is not counted.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, run] of Object.entries(subjects)) {
      const wallMillis = run();
      if (round > 0) runs.get(name)?.push(wallMillis);
    }
  }
  const floors = { sh: median(runs.get("bare sh") ?? []), node: median(runs.get("bare Node") ?? []) };
  for (const [name, values] of runs) {
    const isBare = name.startsWith("bare");
    const isNode = name.startsWith("Node form");
    report({
      name: `${name}, whole process`,
      unit: "ms",
      values,
      goal: isBare ? undefined : { bound: "under", value: isNode ? 40 : 5 },
      ratio: isBare
        ? undefined
        : { value: median(values) / (isNode ? floors.node : floors.sh), to: isNode ? "a bare Node" : "a bare sh" },
    });
  }
}

function timeShell(args: readonly string[], input = ""): number {
  const startedAt = performance.now();
  const { status } = spawnSync("sh", args, { input, env: { PATH: process.env["PATH"] ?? "", ...environment } });
  const wallMillis = performance.now() - startedAt;
  if (status !== 0) throw new Error(`sh ${args.join(" ")} failed.`);
  return wallMillis;
}

/** On a connection that is kept, as an agent keeps it. */
async function benchRequests(): Promise<void> {
  const child = fork(pathOf("./lib/receiver-child.ts"), [join(folder, "daemon")], { stdio: "inherit" });
  const [message] = (await once(child, "message")) as [ChildMessage];
  if (message.kind !== "listening") throw new Error("The daemon does not listen.");
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const values: number[] = [];
  for (let round = 0; round < ROUNDS + 10; round++) {
    const wallMillis = await timeRequest(message.port, agent);
    if (round >= 10) values.push(wallMillis);
  }
  report({ name: "HTTP form, answered after commit", unit: "ms", values });
  agent.destroy();
  child.send("stop");
  await once(child, "exit");
}

function timeRequest(port: number, agent: Agent): Promise<number> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const headers = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(PAYLOAD) };
    const outgoing = request({ port, agent, method: "POST", path: "/v1/hooks/claude-code", headers }, (response) => {
      response.resume();
      response.on("end", () => {
        if (response.statusCode === 200) resolve(performance.now() - startedAt);
        else reject(new Error(`The daemon answered ${response.statusCode}.`));
      });
    });
    outgoing.on("error", reject);
    outgoing.end(PAYLOAD);
  });
}
