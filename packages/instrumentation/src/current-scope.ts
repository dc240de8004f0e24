/** Where the running code stands. */
import { randomUUID } from "node:crypto";
import { emitFact, registry } from "./registry.ts";
import type { Scope, SessionScope } from "./scope.ts";

/** The scope of the running code, or undefined outside of any. */
export function currentScope(): Scope | undefined {
  return registry.scopes.getStore();
}

/** The session of the running code; outside of `withSession`, the one session that stands for the whole process. */
export function currentSession(): SessionScope {
  const session = currentScope()?.session;
  if (session !== undefined) return session;
  const { product } = registry.settings;
  if (registry.processSession?.product === product) return registry.processSession;
  const processSession = { product, sessionId: registry.processSessionId ?? randomUUID() };
  registry.processSession = processSession;
  const now = Date.now();
  emitFact({
    kind: "session",
    witness: "process",
    ...processSession,
    project: process.cwd(),
    activity: [{ startMillis: now, endMillis: now }],
  });
  return processSession;
}
