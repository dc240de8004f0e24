/** What each session was told by the hook: a small file per session, swept when nothing happened for weeks. */
import { createHash } from "node:crypto";
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { planTold, readTold, writeTold } from "@moai-metrics/receiver";
import type { Alert } from "@moai-metrics/report";

const KEPT_MILLIS = 40 * 86_400_000;

/** The alerts that the session was not told of; from now on it was. */
export function newsForSession(storage: string, sessionId: string, alerts: readonly Alert[], nowMillis: number) {
  const folder = join(storage, "alerts", "sessions");
  const name = createHash("sha256").update(sessionId).digest("hex").slice(0, 32);
  const path = join(folder, `${name}.json`);
  const { news, told } = planTold(alerts, readTold(path), nowMillis);
  if (news.length > 0) {
    writeTold(path, told);
    sweep(folder, nowMillis);
  }
  return news;
}

function sweep(folder: string, nowMillis: number): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const modifiedMillis = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? nowMillis;
    if (nowMillis - modifiedMillis > KEPT_MILLIS) rmSync(path, { force: true });
  }
}
