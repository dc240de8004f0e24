/** The example of a server: requests at the same time keep their tasks apart, and a graceful stop loses nothing. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openStore } from "@moai-metrics/store";
import { expect, it, onTestFinished } from "vitest";
import { type Answer, startProvider } from "./support/provider.ts";

const REQUESTS = 12;
const program = fileURLToPath(new URL("../../examples/server.ts", import.meta.url));

it("twelve requests at once are twelve sessions, also those that are under way when it is stopped", async () => {
  const held: (() => void)[] = [];
  let allCame: () => void;
  const haveAllCome = new Promise<void>((resolve) => {
    allCame = resolve;
  });
  const provider = await startProvider(async ({ body }): Promise<Answer> => {
    const [message] = body["messages"] as { content: string }[];
    const number = Number(message?.content);
    await new Promise<void>((resolve) => {
      held.push(resolve);
      if (held.length === REQUESTS) allCame();
    });
    return {
      json: {
        ...{ id: `c${number}`, object: "chat.completion", created: 1, model: "m" },
        choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: `answer ${number}` } }],
        usage: { prompt_tokens: 100 + number, completion_tokens: number, total_tokens: 100 + 2 * number },
      },
    };
  });
  const storage = mkdtempSync(join(tmpdir(), "server-"));
  onTestFinished(async () => {
    await provider.close();
    rmSync(storage, { recursive: true, force: true });
  });
  const child = spawn(process.execPath, ["--import", "@moai-metrics/instrumentation/register", program], {
    env: {
      PATH: process.env["PATH"],
      HOME: storage,
      MOAI_METRICS_STORAGE: storage,
      OPENAI_API_KEY: "none",
      OPENAI_BASE_URL: `${provider.url}/v1`,
      PORT: "0",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  child.stderr.on("data", (text) => {
    said += String(text);
  });
  const [url] = (await once(child.stdout, "data")) as [Buffer];
  const ended = once(child, "close");
  const numbers = Array.from({ length: REQUESTS }, (_, number) => number);
  const answers = numbers.map(async (number) => {
    const address = `${String(url).trim()}/conversations/talk-${number}`;
    const response = await fetch(address, { method: "POST", body: String(number) });
    return response.text();
  });
  await haveAllCome;
  // Some are answered, the last ones first; the others are under way when it is told to stop.
  for (const answer of held.splice(REQUESTS / 2).reverse()) answer();
  await Promise.any(answers);
  child.kill("SIGTERM");
  for (const answer of held) answer();
  expect(await Promise.all(answers)).toEqual(numbers.map((number) => `answer ${number}`));
  expect({ said, status: (await ended)[0] }).toEqual({ said: "", status: 0 });

  using store = openStore({ path: join(storage, "metrics.db"), readOnly: true });
  const sessions = store.ledger.sessions({}).map(({ sessionId }) => sessionId);
  expect(sessions.toSorted()).toEqual(numbers.map((number) => `talk-${number}`).toSorted());
  const tasks = store.ledger.tasks({}).map(({ sessionId, agent, result, calls, tokens }) => ({
    ...{ sessionId, agent, result, calls, input: tokens?.input, output: tokens?.output },
  }));
  const truth = numbers.map((number) => ({
    ...{ sessionId: `talk-${number}`, agent: "painter", result: "success", calls: 1 },
    ...{ input: 100 + number, output: number },
  }));
  const bySession = (a: { sessionId: string }, b: { sessionId: string }) => (a.sessionId < b.sessionId ? -1 : 1);
  expect(tasks.toSorted(bySession)).toEqual(truth.toSorted(bySession));
});
