/** Follows tools that an SDK runs. */
import { currentScope } from "../current-scope.ts";
import { guarded, isRecording } from "../registry.ts";
import { runInScope } from "../run-in-scope.ts";
import { type OpenTool, openTool } from "../tool.ts";

/** What is known of the call. Without a name nothing is recorded. */
export interface FollowedTool {
  readonly name: string | undefined;
  readonly callId?: string | undefined;
}

/** What the conventions call the error of a tool that says of itself that it failed. */
export const TOOL_ERROR: unknown = Object.freeze({ name: "tool_error" });

/**
 * Runs a tool through `work`, and records it. Where the same tool is recorded around it already, as that of an agent
 * that asks an MCP server, it is one call.
 *
 * @param errorIn the error that a result tells instead of throwing it; undefined for a success.
 * @param failureOf the error that counts for what was thrown; undefined where the tool did not fail. Default: the same.
 * @returns what `work` returns; what it throws is thrown on unchanged.
 */
export function followTool(
  tool: FollowedTool,
  work: () => unknown,
  errorIn: (result: unknown) => unknown,
  failureOf?: (thrown: unknown) => unknown,
): unknown {
  return followTools([tool], work, (result) => [errorIn(result)], failureOf);
}

/** The same for several tools that run together: `errorsIn` tells their errors in their order. */
export function followTools(
  tools: readonly FollowedTool[],
  work: () => unknown,
  errorsIn: (result: unknown) => readonly unknown[],
  failureOf: (thrown: unknown) => unknown = (thrown) => thrown ?? TOOL_ERROR,
): unknown {
  const around = currentScope()?.tools;
  if (tools.every(({ name }) => name === undefined || around?.includes(name)) || !isRecording()) return work();
  const open = tools.map(({ name, callId }) =>
    name === undefined || around?.includes(name) ? undefined : guarded(() => openTool({ name, callId })),
  );
  const first = open.find((each) => each !== undefined);
  if (first === undefined) return work();
  const names = tools.flatMap(({ name }) => name ?? []);
  return runInScope({ ...first.scope, tools: names }, () => followOpen(open, work, errorsIn, failureOf));
}

async function followOpen(
  open: readonly (OpenTool | undefined)[],
  work: () => unknown,
  errorsIn: (result: unknown) => readonly unknown[],
  failureOf: (thrown: unknown) => unknown,
): Promise<unknown> {
  let result: unknown;
  try {
    result = await work();
  } catch (error) {
    const failure = guarded(() => failureOf(error));
    for (const each of open) {
      if (failure === undefined) each?.cancel();
      else each?.fail(failure);
    }
    throw error;
  }
  const errors = guarded(() => errorsIn(result)) ?? [];
  open.forEach((each, index) => {
    if (errors[index] === undefined) each?.succeed();
    else each?.fail(errors[index]);
  });
  return result;
}
