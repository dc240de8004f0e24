/**
 * The workload that the store's figures stand for: teams of agents over 90 days, about three of twenty projects active
 * on a day, sessions of 20 tasks and 100 model calls.
 *
 * Every fact is made from its own number, so facts come in any order without being kept: in the order of their times,
 * or shuffled.
 */
import { DAY_MILLIS, type Fact, MAIN_AGENT, type TaskResult } from "@moai-metrics/model";
import { createRandom, createShuffle, type Random, seedOf } from "./random.ts";

/** What to make. */
export interface WorkloadOptions {
  /** Number of tasks, a multiple of 20. There are five model calls to a task. */
  readonly tasks: number;
  /** Which ids a model call carries. */
  readonly ids: "request" | "request and message";
}

/** Facts to be written. */
export interface Workload {
  readonly sessions: number;
  readonly tasks: number;
  readonly modelCalls: number;
  readonly toolCalls: number;
  /** Facts handed in: a session and a task are told twice, at start and end. */
  readonly facts: number;
  /** Facts in the order of their times, of some sessions only; at most two days of them are in memory. */
  inOrderOfTime(isWanted?: (session: number) => boolean): Generator<Fact>;
  /** Facts of each `every`th session, all of them in random order. */
  shuffled(every: number): Generator<Fact>;
  /** The same, session after session in random order, each in the order of its times. */
  inShuffledSessions(every: number): Generator<Fact>;
}

/** The first moment of the workload: midnight, UTC. */
export const WORKLOAD_START_MILLIS = Date.UTC(2026, 7, 1);
const WORKLOAD_DAYS = 90;
/** Behind the last moment of the last day. */
export const WORKLOAD_END_MILLIS = WORKLOAD_START_MILLIS + WORKLOAD_DAYS * DAY_MILLIS;

const PRODUCT = "claude-code";

export const AGENTS = [
  MAIN_AGENT,
  "expert-backend",
  "Explore",
  "manager-tdd",
  "expert-frontend",
  "manager-docs",
  "expert-debug",
  "manager-git",
  "expert-security",
  "expert-database",
  "builder-agent",
  "plan-reviewer",
] as const;

export const MODELS = [
  "claude-sonnet-4-5",
  "claude-opus-4-5",
  "claude-haiku-4-5",
  "claude-opus-4-1",
  "claude-sonnet-4-0",
] as const;

export const PROJECTS = [
  ...["api-gateway", "billing-service", "checkout", "customer-portal", "data-pipeline", "design-system", "docs-site"],
  ...["feature-flags", "identity", "infra", "inventory", "ledger-export", "mobile-app", "notifications", "pricing"],
  ...["recommender", "search-service", "shop", "support-desk", "데이터-파이프라인"],
].map((name) => `/home/dev/work/${name}`);

/** Tags of sessions: `team`. */
export const TEAMS = ["platform", "payments", "growth", "research"] as const;

const TOOLS = ["Bash", "Read", "Edit", "Grep", "Write", "Glob", "WebFetch"] as const;
const ERRORS = ["rate_limit", "overloaded", "api_error"] as const;

const TASKS_PER_SESSION = 20;
const CALLS_PER_SESSION = 100;
const TOOL_CALLS_PER_SESSION = 5;
const SESSION_FACTS = 2;
const TASK_FACTS = 2 * TASKS_PER_SESSION;
const FACTS_PER_SESSION = SESSION_FACTS + TASK_FACTS + CALLS_PER_SESSION + TOOL_CALLS_PER_SESSION;

/** How many calls the tasks of a session make: some one, some a dozen. A session takes them in a stride of its own. */
const CALLS_OF_TASKS = [1, 1, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 7, 8, 9, 10, 12];
const STRIDES = [1, 3, 7, 9, 11, 13, 17, 19];

/** First call of each task, per stride; the last entry is the number of calls. */
const FIRST_CALLS = STRIDES.map((stride) => {
  const first = [0];
  for (let task = 0; task < TASKS_PER_SESSION; task++) {
    first.push((first[task] ?? 0) + (CALLS_OF_TASKS[(task * stride) % TASKS_PER_SESSION] ?? 0));
  }
  return first;
});

/** Kinds of random streams, so that no two facts draw from the same one. */
const STREAM = { session: 1, task: 2, call: 3, tool: 4, focus: 5, order: 6 } as const;

/** Share of a day's sessions in its first, second and third project. */
const FOCUS_SHARES = [0.55, 0.85];
const FOCUS_DAYS = [7, 4, 3];

/** A number of tasks at a scale, as a number of whole sessions. */
export function tasksAtScale(tasks: number, scale: number): number {
  return Math.max(1, Math.round((tasks * scale) / TASKS_PER_SESSION)) * TASKS_PER_SESSION;
}

/** @throws RangeError when `tasks` is not a positive multiple of 20. */
export function createWorkload(options: WorkloadOptions): Workload {
  const { tasks } = options;
  if (!Number.isInteger(tasks) || tasks < TASKS_PER_SESSION || tasks % TASKS_PER_SESSION !== 0) {
    throw new RangeError(`A workload has a multiple of ${TASKS_PER_SESSION} tasks; there cannot be ${tasks}.`);
  }
  const sessions = tasks / TASKS_PER_SESSION;
  const hasMessageIds = options.ids === "request and message";
  const modelCalls = sessions * CALLS_PER_SESSION;
  const toolCalls = sessions * TOOL_CALLS_PER_SESSION;
  const facts = sessions * FACTS_PER_SESSION;
  return {
    sessions,
    tasks,
    modelCalls,
    toolCalls,
    facts,
    *inOrderOfTime(isWanted = () => true) {
      let waiting: TimedFact[] = [];
      let session = 0;
      for (let day = 0; day < WORKLOAD_DAYS; day++) {
        const nextDayMillis = WORKLOAD_START_MILLIS + (day + 1) * DAY_MILLIS;
        for (; dayOf(session, sessions) === day; session++) {
          if (!isWanted(session)) continue;
          const plan = planSession(session, sessions);
          for (let i = 0; i < FACTS_PER_SESSION; i++) waiting.push(makeFact(plan, i, hasMessageIds));
        }
        waiting.sort((a, b) => a.atMillis - b.atMillis);
        const isLast = day === WORKLOAD_DAYS - 1;
        const open = isLast ? -1 : waiting.findIndex(({ atMillis }) => atMillis >= nextDayMillis);
        const ready = open === -1 ? waiting : waiting.slice(0, open);
        waiting = open === -1 ? [] : waiting.slice(open);
        for (const { fact } of ready) yield fact;
      }
    },
    *shuffled(every) {
      const chosen = Math.ceil(sessions / every) * FACTS_PER_SESSION;
      const placeOf = createShuffle(chosen, STREAM.order);
      for (let i = 0; i < chosen; i++) {
        const place = placeOf(i);
        const plan = planSession(Math.floor(place / FACTS_PER_SESSION) * every, sessions);
        yield makeFact(plan, place % FACTS_PER_SESSION, hasMessageIds).fact;
      }
    },
    *inShuffledSessions(every) {
      const chosen = Math.ceil(sessions / every);
      const placeOf = createShuffle(chosen, STREAM.order);
      for (let i = 0; i < chosen; i++) {
        const plan = planSession(placeOf(i) * every, sessions);
        const own = Array.from({ length: FACTS_PER_SESSION }, (_, fact) => makeFact(plan, fact, hasMessageIds));
        for (const { fact } of own.sort((a, b) => a.atMillis - b.atMillis)) yield fact;
      }
    },
  };
}

interface TimedFact {
  readonly fact: Fact;
  readonly atMillis: number;
}

/** What the facts of a session share. */
interface SessionPlan {
  readonly index: number;
  readonly sessionId: string;
  readonly project: string;
  readonly branch: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly startMillis: number;
  readonly endMillis: number;
  /** Index into STRIDES. */
  readonly stride: number;
}

function dayOf(session: number, sessions: number): number {
  return Math.floor((session * WORKLOAD_DAYS) / sessions);
}

function planSession(index: number, sessions: number): SessionPlan {
  const random = createRandom(seedOf(STREAM.session, index));
  const day = dayOf(index, sessions);
  // Most work falls into the middle of the day, some into the night.
  const hour = random.next() < 0.15 ? 24 * random.next() : 6 + 7 * (random.next() + random.next());
  const startMillis = WORKLOAD_START_MILLIS + day * DAY_MILLIS + Math.floor(hour * 3_600_000);
  return {
    index,
    sessionId: uuid(random),
    project: projectOf(day, random.next()),
    branch: random.pickSkewed(["main", "feature/search", "fix/rounding", "feature/export", "chore/update"]),
    tags: { team: random.pickSkewed(TEAMS) },
    startMillis,
    endMillis: startMillis + Math.floor(Math.min(10, random.logNormal(1.2, 1.6)) * 3_600_000),
    stride: random.below(STRIDES.length),
  };
}

/** Three projects have a day's attention; each keeps it for some days. */
function projectOf(day: number, share: number): string {
  const focus = share < (FOCUS_SHARES[0] ?? 1) ? 0 : share < (FOCUS_SHARES[1] ?? 1) ? 1 : 2;
  const episode = Math.floor(day / (FOCUS_DAYS[focus] ?? 1));
  const project = Math.abs(seedOf(STREAM.focus, focus, episode)) % PROJECTS.length;
  return PROJECTS[project] ?? "";
}

function makeFact(session: SessionPlan, index: number, hasMessageIds: boolean): TimedFact {
  if (index < SESSION_FACTS) return makeSessionFact(session, index === 1);
  const taskFact = index - SESSION_FACTS;
  if (taskFact < TASK_FACTS) return makeTaskFact(session, taskFact >> 1, taskFact % 2 === 1);
  const call = taskFact - TASK_FACTS;
  if (call < CALLS_PER_SESSION) return makeCallFact(session, call, hasMessageIds);
  return makeToolFact(session, call - CALLS_PER_SESSION);
}

function makeSessionFact(session: SessionPlan, isEnd: boolean): TimedFact {
  const atMillis = isEnd ? session.endMillis : session.startMillis;
  const fact: Fact = {
    kind: "session",
    witness: "transcript",
    product: PRODUCT,
    sessionId: session.sessionId,
    project: session.project,
    branch: session.branch,
    version: "2.1.14",
    tags: session.tags,
    activity: [{ startMillis: atMillis, endMillis: atMillis }],
    hasEnded: isEnd ? true : undefined,
  };
  return { fact, atMillis };
}

interface TaskPlan {
  readonly taskId: string;
  readonly agent: string;
  readonly model: string;
  readonly startMillis: number;
  readonly endMillis: number;
  readonly result: TaskResult;
}

function planTask(session: SessionPlan, task: number): TaskPlan {
  const random = createRandom(seedOf(STREAM.task, session.index, task));
  const slotMillis = (session.endMillis - session.startMillis) / TASKS_PER_SESSION;
  const startMillis = Math.floor(session.startMillis + (task + 0.3 * random.next()) * slotMillis);
  const agent = random.pickSkewed(AGENTS);
  const luck = random.next();
  return {
    taskId: uuid(random),
    agent,
    model: random.pickSkewed(MODELS),
    startMillis,
    endMillis: startMillis + Math.ceil((0.1 + 0.55 * random.next()) * slotMillis),
    result: luck < 0.93 ? "success" : luck < 0.97 ? "failure" : luck < 0.985 ? "cancelled" : "timeout",
  };
}

function makeTaskFact(session: SessionPlan, task: number, isEnd: boolean): TimedFact {
  const { taskId, agent, startMillis, endMillis, result } = planTask(session, task);
  const atMillis = isEnd ? endMillis : startMillis;
  const isMain = agent === MAIN_AGENT;
  const fact: Fact = {
    kind: "task",
    witness: "transcript",
    product: PRODUCT,
    sessionId: session.sessionId,
    taskId,
    taskKind: isMain ? "prompt" : "subagent",
    parentTaskId: isMain || task === 0 ? undefined : planTask(session, 0).taskId,
    agent,
    startedAtMillis: startMillis,
    lastSeenAtMillis: atMillis,
    outcome: isEnd
      ? { result, origin: "reported", atMillis, errorType: result === "failure" ? "api_error" : undefined }
      : undefined,
    linesAdded: isEnd && task % 3 === 0 ? task * 7 : undefined,
    linesRemoved: isEnd && task % 3 === 0 ? task * 2 : undefined,
  };
  return { fact, atMillis };
}

function makeCallFact(session: SessionPlan, call: number, hasMessageId: boolean): TimedFact {
  const firstCalls = FIRST_CALLS[session.stride] ?? [];
  const task = firstCalls.findIndex((first) => first > call) - 1;
  const first = firstCalls[task] ?? 0;
  const calls = (firstCalls[task + 1] ?? 0) - first;
  const { taskId, model, startMillis, endMillis } = planTask(session, task);
  const random = createRandom(seedOf(STREAM.call, session.index, call));
  const gapMillis = (endMillis - startMillis) / calls;
  const durationMillis = Math.max(200, Math.floor(Math.min(gapMillis, random.logNormal(6_000, 1.9))));
  const endedAtMillis = Math.min(
    endMillis,
    Math.floor(startMillis + (call - first) * gapMillis + durationMillis + random.next() * gapMillis * 0.1),
  );
  const hasFailed = random.next() < 0.004;
  const output = Math.floor(random.logNormal(320, 2.6));
  const cacheWrite = Math.floor(random.logNormal(1_500, 1.9));
  const livesAnHour = random.next() < 0.08;
  const fact: Fact = {
    kind: "model_call",
    witness: "transcript",
    product: PRODUCT,
    sessionId: session.sessionId,
    taskId,
    requestId: random.base62(20, "req_011C"),
    responseId: hasMessageId ? random.base62(22, "msg_01") : undefined,
    endedAtMillis,
    durationMillis,
    firstChunkMillis: undefined,
    model: random.next() < 0.1 ? random.pick(MODELS) : model,
    usage: hasFailed
      ? undefined
      : {
          input: Math.floor(random.logNormal(9, 3)),
          cacheRead: Math.floor(Math.min(190_000, random.logNormal(42_000, 1.8))),
          cacheWrite5m: livesAnHour ? 0 : cacheWrite,
          cacheWrite1h: livesAnHour ? cacheWrite : 0,
          output: Math.min(32_000, output),
          reasoning: 0,
        },
    errorType: hasFailed ? random.pick(ERRORS) : undefined,
  };
  return { fact, atMillis: endedAtMillis };
}

function makeToolFact(session: SessionPlan, tool: number): TimedFact {
  const { taskId, startMillis, endMillis } = planTask(session, tool * 4);
  const random = createRandom(seedOf(STREAM.tool, session.index, tool));
  const startedAtMillis = Math.floor(startMillis + random.next() * (endMillis - startMillis));
  const endedAtMillis = Math.min(endMillis, Math.floor(startedAtMillis + random.logNormal(400, 4)));
  const isSuccess = random.next() > 0.03;
  const fact: Fact = {
    kind: "tool_call",
    witness: "transcript",
    product: PRODUCT,
    sessionId: session.sessionId,
    taskId,
    callId: random.base62(22, "toolu_01"),
    tool: random.pickSkewed(TOOLS),
    startedAtMillis,
    endedAtMillis,
    isSuccess,
    errorType: isSuccess ? undefined : "tool_error",
  };
  return { fact, atMillis: endedAtMillis };
}

function uuid(random: Random): string {
  const hex = random.hex(32);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
