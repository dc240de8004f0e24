/** Whether the place where telemetry goes today is a receiver of ours, or nobody. */
import { request } from "node:http";

const PATIENCE_MILLIS = 300;
const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * `ours`: a receiver of moai-metrics answers there; `nobody`: nobody listens on this machine's port; `other`: everything
 * else, also what is not known. Never asks another machine.
 */
export async function probeTarget(target: string): Promise<"ours" | "nobody" | "other"> {
  const url = URL.parse(target);
  if (url === null || url.protocol !== "http:" || !LOOPBACK.has(url.hostname)) return "other";
  return new Promise((resolve) => {
    const asking = request(new URL("/healthz", url), { agent: false, timeout: PATIENCE_MILLIS }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
        if (text.length > 1000) asking.destroy();
      });
      response.on("end", () => resolve(isOurHealth(text) ? "ours" : "other"));
    });
    asking.on("timeout", () => asking.destroy());
    asking.on("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "ECONNREFUSED" ? "nobody" : "other"));
    asking.on("close", () => resolve("other"));
    asking.end();
  });
}

function isOurHealth(text: string): boolean {
  try {
    const { status, pid } = JSON.parse(text) as { status?: unknown; pid?: unknown };
    return typeof status === "string" && typeof pid === "number";
  } catch {
    return false;
  }
}
