/** A model API on loopback that says what a script tells it to, and notes every reply. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";
import type { Dialect, Reply, ScriptedUsage, ServedCall, Step } from "./script.ts";

/** A running model API. */
export interface ModelApi {
  readonly url: string;
  /** Every reply so far: the truth that a ledger is compared with. */
  readonly served: readonly ServedCall[];
  /** Requests that no script answers, as `METHOD path`. */
  readonly unanswered: readonly string[];
  /** Forgets what was served. */
  reset(): void;
  close(): Promise<void>;
}

/** What it says. */
export interface ModelScript {
  readonly dialect: Dialect;
  /** Replies by who asks, in order; behind the last one the same text again. */
  readonly steps: Readonly<Record<string, readonly Step[]>>;
  /** Replies that others have given already: ids and usages go on behind theirs. Default 0. */
  readonly repliesBefore?: number;
  /** How long each reply takes, from the question to its last event. Default 0: it comes at once, in one piece. */
  readonly replyMillis?: number;
}

const AFTER_THE_SCRIPT: Reply = { text: "Done." };

/** Starts it on a free port. */
export async function startModelApi(script: ModelScript): Promise<ModelApi> {
  const { dialect, steps, repliesBefore = 0, replyMillis = 0 } = script;
  const served: ServedCall[] = [];
  const unanswered: string[] = [];
  let number = repliesBefore;
  const server = createServer((request, response) => {
    const { method = "", url = "" } = request;
    void readBody(request).then((body) => {
      const asked = method === "POST" ? dialect.read(url, request.headers, body) : undefined;
      const other = asked === undefined ? dialect.answerOther(url, body) : undefined;
      if (asked === undefined) {
        if (other === undefined) unanswered.push(`${method} ${url}`);
        const { contentType, body: text } = other ?? { contentType: "application/json", body: "{}" };
        response.writeHead(other === undefined ? 404 : 200, { "content-type": contentType }).end(text);
        return;
      }
      const step = steps[asked.role]?.[asked.turn] ?? AFTER_THE_SCRIPT;
      if ("hangs" in step) return;
      if ("refusedWith" in step) {
        const refusal = JSON.stringify(dialect.refuse(step.refusedWith));
        response.writeHead(step.refusedWith, { "content-type": "application/json" }).end(refusal);
        return;
      }
      number += 1;
      const usage = dialect.told(usageOfReply(number));
      served.push({
        model: asked.model,
        role: asked.role,
        usage,
        tool: "tool" in step ? { name: step.tool, fails: step.fails ?? false } : undefined,
      });
      const reply = dialect.write(url, asked, step, usage, number);
      response.writeHead(200, { "content-type": reply.contentType, ...reply.headers });
      // What an agent asks beside its work does not hold it up.
      void say(response, reply.body, asked.role === "auxiliary" ? 0 : replyMillis);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    served,
    unanswered,
    reset: () => {
      served.length = 0;
      unanswered.length = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Spreads the events of a reply evenly over the time that it takes. */
async function say(response: ServerResponse, body: string, replyMillis: number): Promise<void> {
  if (replyMillis === 0) {
    response.end(body);
    return;
  }
  const events = body.split(/(?<=\n\n)/).filter((event) => event !== "");
  const startedAt = performance.now();
  for (const [at, event] of events.entries()) {
    const dueMillis = ((at + 1) / events.length) * replyMillis;
    await setTimeout(Math.max(0, startedAt + dueMillis - performance.now()));
    response.write(event);
  }
  response.end();
}

/** No two replies used the same, so that a call that is missing or counted twice cannot hide. */
function usageOfReply(number: number): ScriptedUsage {
  return {
    input: 1000 + number,
    cacheRead: 2000 + 10 * number,
    cacheWrite5m: 60 + number,
    cacheWrite1h: 40 + 2 * number,
    output: 300 + 5 * number,
    reasoning: 40 + number,
  };
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    return {};
  }
}
