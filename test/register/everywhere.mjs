// Records in the program itself, in a thread and in a child of it; loads the registration twice more.
import { fork } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { isMainThread, Worker } from "node:worker_threads";
import { recordUsage, withTask } from "@moai-metrics/instrumentation";
import "@moai-metrics/instrumentation/register";

createRequire(import.meta.url)("@moai-metrics/instrumentation/register");
const here = new URL(import.meta.url);
const isChild = process.argv.includes("child");
const name = isMainThread ? (isChild ? "child" : "program") : "thread";
await withTask(name, async () => recordUsage({ model: "m", inputTokens: 1 }));
if (isMainThread && !isChild) await Promise.all([once(new Worker(here), "exit"), once(fork(here, ["child"]), "exit")]);
