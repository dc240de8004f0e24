/** Whether someone would miss telemetry that comes to us instead of going where it goes today. */
import { probeReceiver } from "../machine/probe-receiver.ts";

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * False where a receiver of ours takes it in for the same store, and where nobody listens on a port of this machine.
 * Another machine is never asked.
 */
export async function isForeign(target: string, storage: string, token: string | undefined): Promise<boolean> {
  const url = URL.parse(target);
  if (url === null || url.protocol !== "http:" || !LOOPBACK.has(url.hostname)) return true;
  const { state } = await probeReceiver(url.origin, storage, token);
  return state !== "ours" && state !== "none";
}
