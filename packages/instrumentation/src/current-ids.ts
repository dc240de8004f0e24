/** Where the running code stands, for those who record by other means. */
import { currentScope } from "./current-scope.ts";

/** The ids that a record made here belongs under. */
export interface CurrentIds {
  readonly product: string;
  readonly sessionId: string;
  readonly taskId: string | undefined;
  /** The model call that is under way here; a span of another library that tells of a model call tells of this one. */
  readonly requestId: string | undefined;
}

/**
 * The ids of the running session and task, so that a span processor can put them on spans of other libraries.
 *
 * @example
 * ```ts
 * withTask("planner", () => {
 *   console.log(currentIds()?.taskId);
 * });
 * ```
 * @returns undefined outside of every session, task, agent run and tool call. Never throws.
 */
export function currentIds(): CurrentIds | undefined {
  const scope = currentScope();
  if (scope === undefined) return undefined;
  const { session, task, call } = scope;
  return { product: session.product, sessionId: session.sessionId, taskId: task?.id, requestId: call?.key };
}
