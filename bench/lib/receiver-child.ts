/** A daemon in a process of its own, which tells over IPC what it costs: node receiver-child.ts STORAGE [FORWARD_URL]. */
import { enableCompileCache } from "node:module";
import { monitorEventLoopDelay } from "node:perf_hooks";

/** What the child says. */
export type ChildMessage =
  | { readonly kind: "listening"; readonly port: number }
  | {
      readonly kind: "cost";
      readonly delayP99Millis: number;
      readonly residentMegabytes: number;
      readonly cpuMillis: number;
    };

// As the launcher of the command does.
enableCompileCache();
const { startDaemon } = await import("@moai-metrics/receiver/serve");

const [storage = "", forwardTo] = process.argv.slice(2);
/** The least that the configuration takes. */
const FORWARD_MILLIS = 5_000;
/** CPU time of all threads since the last reset. */
let cpu = process.cpuUsage();
const delay = monitorEventLoopDelay({ resolution: 5 });
const daemon = await startDaemon({
  storage,
  environment: { HOME: storage },
  homeFolder: storage,
  timeZone: "UTC",
  host: "127.0.0.1",
  port: 0,
  hosts: [],
  requiresToken: false,
  forward:
    forwardTo === undefined
      ? undefined
      : { url: forwardTo, headers: {}, temporality: "cumulative", intervalMillis: FORWARD_MILLIS },
});
const say = (message: ChildMessage): void => void process.send?.(message);
delay.enable();
process.on("message", (asked: "reset" | "cost" | "stop") => {
  if (asked === "reset") {
    delay.reset();
    cpu = process.cpuUsage();
  }
  if (asked === "stop") void daemon.stop().then(() => process.disconnect());
  if (asked === "cost") {
    const { user, system } = process.cpuUsage(cpu);
    const delayP99Millis = delay.percentile(99) / 1e6;
    say({
      kind: "cost",
      delayP99Millis,
      residentMegabytes: process.memoryUsage.rss() / 1e6,
      cpuMillis: (user + system) / 1000,
    });
  }
});
say({ kind: "listening", port: Number(new URL(daemon.url).port) });
