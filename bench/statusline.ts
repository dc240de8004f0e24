/**
 * What an agent waits for: the status line and the budget hook, as whole processes beside a bare Node, with a store
 * of a busy year and budgets to look up.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { timeNode } from "./lib/child.ts";
import { report } from "./lib/figures.ts";
import { scaleOfProcess } from "./lib/options.ts";
import { median } from "./lib/statistics.ts";
import { generateTranscripts } from "./transcripts.ts";

const ROUNDS = 31;
const FILES = Math.ceil(1_000 * scaleOfProcess());
const COMMAND = fileURLToPath(new URL("../packages/cli/bin/moai-metrics.js", import.meta.url));

const folder = mkdtempSync(join(tmpdir(), "bench-statusline-"));
try {
  bench();
} finally {
  rmSync(folder, { recursive: true });
}

function bench(): void {
  const startMillis = Date.now() - 90 * 86_400_000;
  const tree = generateTranscripts(join(folder, "projects"), { files: FILES, sessionBytes: 60_000, startMillis });
  mkdirSync(join(folder, "moai-metrics"));
  const budgets = [
    { name: "day", per: "day", max_usd: 20 },
    { name: "month", per: "month", max_usd: 500, max_tokens: 1e9 },
    { name: "session", per: "session", max_tokens: 1e7 },
  ];
  writeFileSync(join(folder, "moai-metrics", "config.json"), JSON.stringify({ metrics: { budgets } }));
  const environment = {
    HOME: folder,
    XDG_CONFIG_HOME: folder,
    CLAUDE_CONFIG_DIR: folder,
    MOAI_METRICS_STORAGE: join(folder, "store"),
    NODE_COMPILE_CACHE: join(folder, "compile-cache"),
  };
  timeNode([COMMAND, "import"], environment);
  console.log(
    `  ${tree.files.toLocaleString("en-US")} sessions over 90 days, ${tree.modelCalls.toLocaleString("en-US")} calls`,
  );
  const payload = { session_id: "of no one", hook_event_name: "UserPromptSubmit", cwd: folder };
  const input = JSON.stringify({ ...payload, model: { display_name: "Opus" }, cost: { total_cost_usd: 1.5 } });
  const subjects = {
    "status line": [COMMAND, "statusline"],
    "budget hook, nothing new to read": [COMMAND, "hook", "budget"],
  };
  const bare: number[] = [];
  const runs = new Map<string, number[]>(Object.keys(subjects).map((name) => [name, []]));
  // The first round fills the compile cache and is not counted.
  for (let round = 0; round <= ROUNDS; round++) {
    const floor = timeNode(["-e", "0"]);
    if (round > 0) bare.push(floor);
    for (const [name, argv] of Object.entries(subjects)) {
      const wallMillis = timeNode(argv, environment, input);
      if (round > 0) runs.get(name)?.push(wallMillis);
    }
  }
  for (const [name, values] of runs) {
    report({
      name: `${name}, whole process`,
      unit: "ms",
      values,
      goal: name === "status line" ? { bound: "under", value: 60 } : undefined,
      ratio: { value: median(values) / median(bare), to: "a bare Node" },
    });
  }
}
