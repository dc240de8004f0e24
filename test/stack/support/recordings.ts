/** Recorded runs of agents, made to happen now, and under ids of their own each time. */
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const FIXTURES = new URL("../../../packages/agents/test/fixtures/", import.meta.url);

/**
 * Files of a run, by signal. One witness each: a second one that comes a moment later moves calls to another agent, and
 * counters that were scraped between the two hold what they had shown. How witnesses merge is tested where they do.
 */
const RUNS = [
  [["claude-code-otlp/subagent-logs.json", "logs"]],
  [["codex-otlp/logs.json", "logs"]],
  [["claude-code-otlp/plain-logs.json", "logs"]],
  [["gemini-cli-otlp/logs.json", "logs"]],
] as const;

/** Tokens of each run, as the scripted model counted them. */
export const TOKENS_OF_RUN: readonly number[] = [17_115, 3090, 4890, 3090];

/** Tokens of the transcript. */
export const TOKENS_OF_TRANSCRIPT = 17_115;
const TRANSCRIPT_NUMBER = 0xffff;
const TRANSCRIPT = fileURLToPath(new URL("claude-code/subagent", FIXTURES));

/**
 * Leaves a session's transcripts in a home: they tell which files tasks changed.
 *
 * @param number tells sessions apart.
 * @param endMillis when it ended. Default: a moment ago.
 */
export function placeTranscript(home: string, number = TRANSCRIPT_NUMBER, endMillis: number = Date.now()): void {
  const files = globSync("**/*.*", { cwd: TRANSCRIPT }).map((name) => ({
    name,
    text: readFileSync(join(TRANSCRIPT, name), "utf8"),
  }));
  const last = Math.max(...files.flatMap(({ text }) => (text.match(ISO) ?? []).map((time) => Date.parse(time))));
  const shift = BigInt(endMillis - last) * 1_000_000n;
  for (const { name, text } of files) {
    const path = join(home, ".claude/projects/-work-w", again(name, 0n, number));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, again(text, shift, number));
  }
}

const NANOS = /(?<=UnixNano":")\d{19}(?=")/g;
const ISO = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;
const UUID = /[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/g;
const TRACE_IDS = /(?<="(?:traceId|spanId|parentSpanId)":")[0-9a-f]{4}/g;
const SHORT_IDS = /(?<="|agent-)(?:req_\d+|msg_\d+|toolu_\d+|call_\d+|g\d|af78b6fb22be885ff)(?="|\.)/g;

/** The team of every second run; the others send none. */
const TEAM = `{"key":"team","value":{"stringValue":"platform"}},`;
const RESOURCE = `"resource":{"attributes":[`;

/** Sends the run with this number, ended a moment ago. */
export async function sendRun(number: number, url: string): Promise<void> {
  const files = RUNS[number % RUNS.length] ?? [];
  const texts = files.map(([name, signal]) => ({ signal, text: readFileSync(new URL(name, FIXTURES), "utf8") }));
  const last = texts.flatMap(({ text }) => text.match(NANOS) ?? []).reduce((a, b) => (a > b ? a : b), "0");
  const shift = BigInt(Date.now()) * 1_000_000n - BigInt(last);
  for (const { signal, text } of texts) {
    const answer = await fetch(`${url}/v1/${signal}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: again(number % 2 === 0 ? text.replaceAll(RESOURCE, `${RESOURCE}${TEAM}`) : text, shift, number),
    });
    if (!answer.ok) throw new Error(`The Collector answered ${answer.status}: ${await answer.text()}`);
  }
}

function again(text: string, shiftNanos: bigint, number: number): string {
  const digits = number.toString(16).padStart(4, "0");
  return text
    .replace(NANOS, (nanos) => (BigInt(nanos) === 0n ? nanos : String(BigInt(nanos) + shiftNanos)))
    .replace(ISO, (time) => new Date(Date.parse(time) + Number(shiftNanos / 1_000_000n)).toISOString())
    .replace(UUID, `${digits}${digits}`)
    .replace(TRACE_IDS, digits)
    .replace(SHORT_IDS, (id) => `${id}-${digits}`);
}
