/** Follows a tool that an SDK runs. */
import { currentScope } from "../current-scope.ts";
import { guarded, isRecording } from "../registry.ts";
import { runInScope } from "../run-in-scope.ts";
import { openTool } from "../tool.ts";

/** What is known of the call. Without a name nothing is recorded. */
export interface FollowedTool {
  readonly name: string | undefined;
  readonly callId?: string | undefined;
}

/**
 * Runs a tool through `work`, and records it. Where the same tool is recorded around it already, as that of an agent
 * that asks an MCP server, it is one call.
 *
 * @param errorIn the error that a result tells instead of throwing it; undefined for a success.
 * @returns what `work` returns; what it throws is thrown on unchanged.
 */
export function followTool(
  { name, callId }: FollowedTool,
  work: () => unknown,
  errorIn: (result: unknown) => unknown,
): unknown {
  if (name === undefined || !isRecording() || currentScope()?.tool === name) return work();
  const open = guarded(() => openTool({ name, callId }));
  if (open === undefined) return work();
  return runInScope(open.scope, async () => {
    let result: unknown;
    try {
      result = await work();
    } catch (error) {
      open.fail(error);
      throw error;
    }
    const error = guarded(() => errorIn(result));
    if (error === undefined) open.succeed();
    else open.fail(error);
    return result;
  });
}
