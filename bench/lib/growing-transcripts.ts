/** Transcripts of Claude Code that grow as those of working agents do: sessions side by side, prompt by prompt, line by line. */
import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";

/** Sessions that are written at the same time. */
const SESSIONS = 4;
/** As in the other workloads: 20 tasks a session, 5 calls a task, a tool with each. */
const TASKS_A_SESSION = 20;
const CALLS_A_TASK = 5;

/** What an agent does once: a model call with a tool, and the tool's result, is about this many facts. */
export const FACTS_A_STEP = 2;

/** Agents at work. */
export interface GrowingTranscripts {
  /** Every session goes one step on. */
  step(nowMillis: number): void;
}

/** Begins. @param projects stands for `~/.claude/projects`. */
export function growTranscripts(projects: string): GrowingTranscripts {
  const folder = join(projects, "-home-dev-shop");
  mkdirSync(folder, { recursive: true });
  const sessions = Array.from({ length: SESSIONS }, (_, place) => createSession(folder, place));
  return { step: (nowMillis) => sessions.forEach((session) => void session(nowMillis)) };
}

function createSession(folder: string, place: number): (nowMillis: number) => void {
  let step = 0;
  // Sessions do not all end together.
  let left = Math.round((TASKS_A_SESSION * CALLS_A_TASK * (place + 1)) / SESSIONS);
  let session = 0;
  return (nowMillis) => {
    const sessionId = `00000000-0000-4000-8000-${String(session * SESSIONS + place).padStart(12, "0")}`;
    const at = new Date(nowMillis).toISOString();
    const id = `${place}_${session}_${step}`;
    const shared = { sessionId, timestamp: at, cwd: "/home/dev/shop", version: "2.1.197", gitBranch: "main" };
    const prompt = {
      ...shared,
      type: "user",
      uuid: `p${id}`,
      promptId: `p${id}`,
      message: { role: "user", content: "Go on." },
    };
    const usage = {
      input_tokens: 40,
      cache_creation_input_tokens: 900,
      cache_read_input_tokens: 24_000,
      output_tokens: 420,
    };
    const isLast = step % CALLS_A_TASK === CALLS_A_TASK - 1;
    const tool = { type: "tool_use", id: `tool_${id}`, name: "Bash", input: { command: "npm test" } };
    const reply = {
      ...{ ...shared, type: "assistant", uuid: `a${id}`, requestId: `req_${id}` },
      message: {
        ...{ id: `msg_${id}`, type: "message", role: "assistant", model: "claude-sonnet-4-5", usage },
        content: isLast ? [{ type: "text", text: "Done." }] : [tool],
        stop_reason: isLast ? "end_turn" : "tool_use",
      },
    };
    const result = {
      ...{ ...shared, type: "user", uuid: `r${id}`, sourceToolAssistantUUID: `a${id}` },
      message: { role: "user", content: [{ tool_use_id: `tool_${id}`, type: "tool_result", content: OUTPUT }] },
      toolUseResult: { stdout: OUTPUT, stderr: "", interrupted: false },
    };
    const lines = [...(step % CALLS_A_TASK === 0 ? [prompt] : []), reply, ...(isLast ? [] : [result])];
    appendFileSync(join(folder, `${sessionId}.jsonl`), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    step += 1;
    left -= 1;
    if (left > 0) return;
    session += 1;
    left = TASKS_A_SESSION * CALLS_A_TASK;
  };
}

const OUTPUT = "PASS  src/cart/total.test.ts (5.231 s)\n".repeat(20);
