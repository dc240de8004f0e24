/**
 * The live dashboard as it is published, on a terminal of 120 × 40, over a store of 1,000,000 tasks and the last 90 days:
 * the first frame, a refresh, the way of a call from its commit to the screen, and what it takes while 50 facts a second
 * are written. The run with facts is short; memory after an hour is where it ended and as much more as its second half
 * grew by. A terminal comes from `script` (util-linux), what a process takes from /proc.
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createZoneCalendar, type Fact, QUARTER_HOUR_MILLIS } from "@moai-metrics/model";
import { createPalette, NO_READINGS, readWatched } from "@moai-metrics/report";
import { DEFAULT_CONFIG } from "@moai-metrics/settings";
import { openStore, type Store } from "@moai-metrics/store";
import { createDashboardReader } from "../packages/cli/src/dashboard/live/dashboard-reader.ts";
import { renderScreen } from "../packages/cli/src/dashboard/screen/render-screen.ts";
import { initialState } from "../packages/cli/src/dashboard/state.ts";
import {
  buildPublished,
  heldMegabytes,
  processorSeconds,
  type RunningDashboard,
  startDashboard,
} from "./lib/dashboard-process.ts";
import { report } from "./lib/figures.ts";
import { scaleOfProcess } from "./lib/options.ts";
import { provideStore } from "./lib/query-stores.ts";
import { tasksAtScale, WORKLOAD_END_MILLIS } from "./lib/workload.ts";

const TASKS = 1_000_000;
const STARTS = 15;
const REFRESHES = 60;
const WARM_UPS = 5;
const CALLS = 20;
const IDLE_SECONDS = 30;
/** With 50 facts a second. */
const RUN_SECONDS = 600;
const FACTS_A_SECOND = 50;
const WRITES_A_SECOND = 5;
/** As in the workload. */
const TASKS_A_SESSION = 20;
const HOUR_SECONDS = 3_600;
const scale = scaleOfProcess();
const folder = mkdtempSync(join(tmpdir(), "bench-dashboard-"));
const storage = join(folder, "store");
const path = join(storage, "metrics.db");
try {
  mkdirSync(storage);
  copyFileSync(await provideStore(tasksAtScale(TASKS, scale)), path);
  buildPublished();
  using store = openStore({ path });
  await benchStarts();
  benchRefreshes();
  await benchLife(store);
} finally {
  rmSync(folder, { recursive: true });
}

function start(): RunningDashboard {
  return startDashboard({ folder, storage, flags: ["--period", "90d"] });
}

async function benchStarts(): Promise<void> {
  const walls: number[] = [];
  const processor: number[] = [];
  for (let i = 0; i <= STARTS; i++) {
    const dashboard = start();
    const millis = await dashboard.see("Summary");
    // The first start fills the compile cache.
    if (i > 0) walls.push(millis);
    if (i > 0) processor.push(processorSeconds(dashboard.pid()) * 1_000);
    await dashboard.stop();
  }
  report({ name: "first frame after the start", unit: "ms", values: walls, goal: { bound: "under", value: 400 } });
  report({ name: "first frame: processor time of all threads", unit: "ms", values: processor });
}

/** In this process, at the end of the workload: everything is read, as after every write, and drawn. */
function benchRefreshes(): void {
  using reading = openStore({ path, readOnly: true });
  for (const period of ["7d", "90d"] as const) {
    const choice = { period, groupBy: "agent", trendUnit: "day" } as const;
    const reader = createDashboardReader(reading, {
      ...{ config: DEFAULT_CONFIG, timeZone: "UTC", isSystemZone: false, workingFolder: "/" },
      question: { choice, filter: {}, detail: undefined },
    });
    const start = { ...initialState({ columns: 120, rows: 40 }), choice };
    const values = Array.from({ length: REFRESHES }, (_, i) => {
      const before = process.cpuUsage();
      // A quarter of an hour later nothing that was read before holds.
      const { dashboard } = reader.read(WORKLOAD_END_MILLIS - (i % 4) * QUARTER_HOUR_MILLIS, NO_READINGS);
      renderScreen({ ...start, dashboard }, createPalette(true));
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1_000;
    });
    report({
      name: `refresh of ${period}: processor time to read and draw everything`,
      ...{ unit: "ms", values: values.slice(WARM_UPS), goal: { bound: "under", value: 30 } },
    });
  }
  const question = {
    ...({ period: "7d", groupBy: "agent", trendUnit: "day", filter: {}, config: DEFAULT_CONFIG } as const),
    ...{ calendar: createZoneCalendar("UTC"), nowMillis: WORKLOAD_END_MILLIS },
  };
  const watched = Array.from({ length: REFRESHES }, () => {
    const before = process.cpuUsage();
    readWatched(reading, question);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  });
  report({
    name: "every half minute: processor time to read tokens of sessions, and telemetry",
    ...{ unit: "ms", values: watched.slice(WARM_UPS) },
  });
}

async function benchLife(store: Store): Promise<void> {
  const dashboard = start();
  await dashboard.see("Summary");
  await sleep(10_000);
  const pid = dashboard.pid();
  const before = processorSeconds(pid);
  await sleep(IDLE_SECONDS * 1_000);
  const idle = ((processorSeconds(pid) - before) / IDLE_SECONDS) * 100;
  report({ name: "idle: share of a processor", unit: "%", values: [idle], goal: { bound: "under", value: 1 } });

  const latencies: number[] = [];
  for (let i = 0; i < CALLS; i++) {
    const agent = `seen${String(i).padStart(3, "0")}`;
    const seen = dashboard.see(agent);
    store.write({ facts: factsOf(agent, 5, Date.now()) });
    const committedAt = performance.now();
    await seen;
    latencies.push(performance.now() - committedAt);
    await sleep(137);
  }
  report({
    ...{ name: "from the commit of a call to the screen", unit: "ms", values: latencies, judgedBy: "worst" },
    goal: { bound: "under", value: 1_000 },
  });

  const seconds = RUN_SECONDS * scale;
  const samples: number[] = [];
  const begin = processorSeconds(pid);
  const beganAt = performance.now();
  for (let i = 0; i < seconds * WRITES_A_SECOND; i++) {
    const session = `session-${Math.floor(i / TASKS_A_SESSION)}`;
    store.write({ facts: factsOf(`run-${i}`, FACTS_A_SECOND / WRITES_A_SECOND, Date.now(), session) });
    samples.push(heldMegabytes(pid).resident);
    await sleep(Math.max(0, beganAt + ((i + 1) * 1_000) / WRITES_A_SECOND - performance.now()));
  }
  const busy = ((processorSeconds(pid) - begin) / seconds) * 100;
  report({
    name: `${FACTS_A_SECOND} facts a second for ${seconds} s: share of a processor`,
    unit: "%",
    values: [busy],
  });
  report({ name: `${FACTS_A_SECOND} facts a second for ${seconds} s: resident memory`, unit: "MB", values: samples });
  report({
    name: "resident memory after an hour, extrapolated",
    ...{ unit: "MB", values: [afterAnHour(samples, seconds)], goal: { bound: "under", value: 180 } },
  });
  await dashboard.stop();
}

/** The end, and the growth of the second half for the rest of an hour. What shrank does not go on shrinking. */
function afterAnHour(samples: readonly number[], seconds: number): number {
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  const mean = (part: readonly number[]): number => part.reduce((sum, value) => sum + value, 0) / part.length;
  const third = mean(samples.slice(2 * quarter, 3 * quarter));
  const last = mean(samples.slice(3 * quarter));
  const growthASecond = Math.max(0, last - third) / (seconds / 4);
  return last + growthASecond * (HOUR_SECONDS - seconds);
}

/** A task that runs, with calls. */
function factsOf(name: string, count: number, nowMillis: number, sessionId = `session-${name}`): Fact[] {
  const base = { witness: "transcript", product: "claude-code", sessionId } as const;
  const usage = { input: 1_000, cacheRead: 20_000, cacheWrite5m: 300, cacheWrite1h: 0, output: 400, reasoning: 0 };
  const calls = Array.from(
    { length: count - 2 },
    (_, i): Fact => ({
      ...{ ...base, kind: "model_call", taskId: name, requestId: `${name}-${i}`, model: "claude-sonnet-4-5", usage },
      endedAtMillis: nowMillis - i,
    }),
  );
  const outcome = { result: "success", origin: "reported", atMillis: nowMillis } as const;
  return [
    {
      ...base,
      kind: "session",
      project: "/home/dev/shop",
      activity: [{ startMillis: nowMillis - 9_000, endMillis: nowMillis }],
    },
    {
      ...{ ...base, kind: "task", taskId: name, agent: name.replace(/-\d+$/, ""), startedAtMillis: nowMillis - 9_000 },
      ...{ lastSeenAtMillis: nowMillis, outcome },
    },
    ...calls,
  ];
}
