/** An invented week and the one before it, as facts. The same seed, time and zone give the same facts. */
import {
  addDays,
  type Fact,
  hash53,
  joinKey,
  MAIN_AGENT,
  type TaskResult,
  type ZoneCalendar,
} from "@moai-metrics/model";
import { EDIT_TOOLS, MAIN, OTHER_TOOLS, PROJECTS, type SimulatedAgent, SUBAGENTS } from "./cast.ts";
import { createRandom, type Random } from "./random.ts";

/** What decides the simulation. */
export interface SimulationOptions {
  readonly seed: number;
  /** The simulation ends here. */
  readonly nowMillis: number;
  readonly calendar: ZoneCalendar;
}

const PRODUCT = "claude-code";
const VERSION = "2.1.197";
const DAYS = 14;
const HOUR_MILLIS = 3_600_000;
const SECOND_MILLIS = 1000;
/** Sessions begin between these hours of the day. */
const FIRST_HOUR = 9;
const LAST_HOUR = 17;
const TOOL_FAILURE_RATE = 0.06;
const REQUESTS_THAT_FAIL = 0.004;

/** Simulates whole sessions; those that would end in the future are left out. */
export function simulate({ seed, nowMillis, calendar }: SimulationOptions): Fact[] {
  const random = createRandom(seed);
  const today = calendar.dateOf(nowMillis);
  const facts: Fact[] = [];
  for (let day = DAYS - 1; day >= 0; day--) {
    const date = addDays(today, -day);
    const dayStart = calendar.startOf(date);
    const isWeekend = [0, 6].includes(new Date(`${date}T00:00:00Z`).getUTCDay());
    const sessions = isWeekend ? random.between(0, 1) : random.between(2, 4);
    // Today has happened only in part: its sessions are spread over the hours that have passed.
    const hours = day > 0 ? LAST_HOUR - FIRST_HOUR : Math.max(0, (nowMillis - dayStart) / HOUR_MILLIS - 1);
    const offset = day > 0 ? FIRST_HOUR : 0;
    for (let index = 0; index < Math.max(sessions, day === 0 ? 2 : 0); index++) {
      const startMillis = Math.round(dayStart + (offset + (hours * random.between(0, 100)) / 100) * HOUR_MILLIS);
      const session = simulateSession(random, sessionIdOf(seed, date, index), startMillis);
      if (session.endMillis <= nowMillis) facts.push(...session.facts);
    }
  }
  return facts;
}

interface Scene {
  readonly random: Random;
  readonly sessionId: string;
  readonly project: string;
  readonly facts: Fact[];
  /** Counts ids within the session. */
  steps: number;
  clockMillis: number;
}

function simulateSession(random: Random, sessionId: string, startMillis: number): { facts: Fact[]; endMillis: number } {
  const project = random.pick(PROJECTS);
  const scene: Scene = { random, sessionId, project: project.path, facts: [], steps: 0, clockMillis: startMillis };
  for (let prompt = random.between(2, 4); prompt > 0; prompt--) {
    simulatePrompt(scene);
    // The user reads and thinks.
    scene.clockMillis += random.between(30, 400) * SECOND_MILLIS;
  }
  scene.facts.push({
    kind: "session",
    ...factBase(scene),
    project: project.path,
    branch: project.branch,
    version: VERSION,
    activity: [{ startMillis, endMillis: scene.clockMillis }],
    hasEnded: true,
  });
  return { facts: scene.facts, endMillis: scene.clockMillis };
}

function simulatePrompt(scene: Scene): void {
  const { random } = scene;
  const taskId = nextId(scene, "prompt");
  const startedAtMillis = scene.clockMillis;
  simulateCall(scene, MAIN, taskId);
  for (let runs = random.between(0, 3); runs > 0; runs--) simulateSubagent(scene, taskId);
  const result = simulateSteps(scene, MAIN, taskId);
  scene.facts.push({
    kind: "task",
    ...factBase(scene),
    taskId,
    taskKind: "prompt",
    agent: MAIN_AGENT,
    startedAtMillis,
    lastSeenAtMillis: scene.clockMillis,
    outcome: { result, origin: "inferred", atMillis: scene.clockMillis, ...errorOf(result) },
  });
}

function simulateSubagent(scene: Scene, parentTaskId: string): void {
  const agent = scene.random.pick(SUBAGENTS);
  const taskId = nextId(scene, "agent");
  const startedAtMillis = scene.clockMillis;
  const result = simulateSteps(scene, agent, taskId);
  scene.facts.push({
    kind: "task",
    ...factBase(scene),
    taskId,
    taskKind: "subagent",
    parentTaskId,
    agent: agent.name,
    startedAtMillis,
    lastSeenAtMillis: scene.clockMillis,
    outcome: { result, origin: "reported", atMillis: scene.clockMillis, ...errorOf(result) },
  });
}

function simulateSteps(scene: Scene, agent: SimulatedAgent, taskId: string): TaskResult {
  const { random } = scene;
  for (let calls = random.between(...agent.calls); calls > 0; calls--) {
    simulateCall(scene, agent, taskId);
    if (calls > 1) simulateTool(scene, agent, taskId);
  }
  return random.chance(agent.successRate) ? "success" : "failure";
}

function simulateCall(scene: Scene, agent: SimulatedAgent, taskId: string): void {
  const { random } = scene;
  const durationMillis = random.between(...agent.callSeconds) * SECOND_MILLIS + random.between(0, 999);
  scene.clockMillis += durationMillis;
  const isFailed = random.chance(REQUESTS_THAT_FAIL);
  scene.facts.push({
    kind: "model_call",
    ...factBase(scene),
    taskId,
    requestId: nextId(scene, "request"),
    endedAtMillis: scene.clockMillis,
    durationMillis,
    model: agent.model,
    ...(isFailed
      ? { errorType: "overloaded_error" }
      : {
          usage: {
            input: random.between(5, 400),
            cacheRead: random.between(12_000, 60_000),
            cacheWrite5m: random.between(300, 4_000),
            cacheWrite1h: 0,
            output: random.between(80, 1_400),
            reasoning: 0,
          },
        }),
  });
}

function simulateTool(scene: Scene, agent: SimulatedAgent, taskId: string): void {
  const { random } = scene;
  const isEdit = random.chance(agent.editShare);
  const tool = isEdit ? random.pick(EDIT_TOOLS).name : random.pick(OTHER_TOOLS).name;
  const startedAtMillis = scene.clockMillis;
  scene.clockMillis += random.between(50, isEdit ? 400 : 6000);
  const isSuccess = !random.chance(TOOL_FAILURE_RATE);
  scene.facts.push({
    kind: "tool_call",
    ...factBase(scene),
    taskId,
    callId: nextId(scene, "tool"),
    tool,
    startedAtMillis,
    endedAtMillis: scene.clockMillis,
    isSuccess,
    ...(isSuccess ? {} : { errorType: "tool_error" }),
    ...(isEdit && isSuccess ? { linesAdded: random.between(1, 60), linesRemoved: random.between(0, 20) } : {}),
  });
  if (!isEdit || !isSuccess) return;
  scene.facts.push({
    kind: "file_change",
    ...factBase(scene),
    taskId,
    path: `${scene.project}/src/file-${random.between(1, 40)}.ts`,
    change: tool === "Write" ? "created" : "modified",
    atMillis: scene.clockMillis,
  });
}

function factBase(scene: Scene): { witness: "transcript"; product: string; sessionId: string } {
  return { witness: "transcript", product: PRODUCT, sessionId: scene.sessionId };
}

/** Its first eight characters tell it from the others, as with real ids. */
function sessionIdOf(seed: number, date: string, index: number): string {
  return `${hash53(joinKey(String(seed), date, String(index)))
    .toString(16)
    .padStart(14, "0")}-demo`;
}

function nextId(scene: Scene, kind: string): string {
  scene.steps++;
  return `${scene.sessionId}-${kind}-${scene.steps}`;
}

function errorOf(result: TaskResult): { errorType?: string } {
  return result === "failure" ? { errorType: "tool_error" } : {};
}
