/** A small agent that is really instrumented: a planner hands work to two experts, whose model is a stand-in. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  instrumentAgent,
  recordFiles,
  recordLines,
  recordUsage,
  withSession,
  withTask,
  withTool,
} from "@moai-metrics/instrumentation";
import { startMetrics } from "@moai-metrics/sqlite-exporter";
import { startStandInModelServer } from "./stand-in-model-server.ts";

/** Where the sample keeps its numbers. */
export interface SampleOptions {
  /** Folder of the store. */
  readonly storage: string;
}

type Ask = (model: string, prompt: string) => Promise<void>;

/** Runs the sample agent once; when it resolves, its numbers are in the store. */
export async function runSampleAgent(options: SampleOptions): Promise<void> {
  const server = await startStandInModelServer();
  const metrics = startMetrics({ serviceName: "sample-agent", storage: options.storage, environment: {} });
  try {
    const team = createTeam(createAsk(server.url));
    await withSession({ project: "sample-shop", branch: "main" }, () =>
      withTask({ agent: "main", kind: "prompt" }, async (task) => {
        await team.plan("a shop with a basket");
        // The frontend expert meets an overloaded model once: its run fails, and is tried again.
        await team.buildFrontend("an impossible animation").catch(() => {});
        await Promise.all([team.buildBackend("the basket service"), team.buildFrontend("the basket page")]);
        task.setResult("success");
      }),
    );
  } finally {
    await metrics.shutdown();
    await server.close();
  }
}

function createTeam(ask: Ask) {
  return {
    plan: instrumentAgent("planner", async (goal: string) => {
      await readFile("README.md");
      await ask("claude-opus-4-1", `Plan ${goal}`);
    }),
    buildBackend: instrumentAgent("expert-backend", async (part: string) => {
      await readFile("src/server.ts");
      await ask("claude-sonnet-4-5", `Write ${part}`);
      await writeFile("src/basket.ts", 120, 0);
      await runTests().catch(() => ask("claude-sonnet-4-5", `Correct ${part}, a test fails`));
      await writeFile("src/basket.ts", 14, 9);
    }),
    buildFrontend: instrumentAgent("expert-frontend", async (part: string) => {
      await readFile("src/page.tsx");
      await ask("claude-haiku-4-5", `Write ${part}`);
      await writeFile("src/basket-page.tsx", 64, 3);
    }),
  };
}

function createAsk(url: string): Ask {
  return async (model, prompt) => {
    const startedAt = performance.now();
    const reply = await fetch(url, {
      method: "POST",
      body: JSON.stringify({ model, max_tokens: 1024, messages: [{ role: "user", content: prompt }] }),
    });
    const durationMillis = performance.now() - startedAt;
    const message = (await reply.json()) as { error?: { type: string } };
    if (!reply.ok) {
      const errorType = message.error?.type ?? String(reply.status);
      recordUsage({ model, provider: "anthropic", durationMillis, errorType });
      throw Object.assign(new Error(`The model answered ${reply.status}`), { name: errorType });
    }
    recordUsage(message, { durationMillis });
  };
}

function readFile(path: string): Promise<string> {
  return withTool("Read", async () => {
    await sleep(5);
    return path;
  });
}

function writeFile(path: string, added: number, removed: number): Promise<void> {
  return withTool("Write", async () => {
    await sleep(5);
    recordFiles(removed === 0 ? { created: [path] } : { modified: [path] });
    recordLines({ added, removed });
  });
}

function runTests(): Promise<void> {
  return withTool("Bash", async () => {
    await sleep(20);
    throw Object.assign(new Error("1 test failed"), { name: "ExitCode1" });
  });
}
