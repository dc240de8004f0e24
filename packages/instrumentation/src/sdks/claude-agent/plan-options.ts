/** What is added to the options of a query. Pure. */
import { type Shape, shapeOf } from "../../usage/shape.ts";

/** The hooks that tell of tasks and tools. Source: the hooks reference of Claude Code. */
const EVENTS = [
  "UserPromptSubmit",
  "Stop",
  "StopFailure",
  "SubagentStart",
  "SubagentStop",
  "PreToolUse",
  "PostToolUse",
  "PostToolUseFailure",
] as const;

/** What is added. */
export interface Additions {
  /** The whole environment of the process: the SDK's option replaces what would be inherited. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Takes the input of a hook. */
  hear(input: unknown): void;
}

/** The same options with our hooks behind those that are there, and with the environment. */
export function planOptions(options: Shape, { environment, hear }: Additions): Shape {
  const given = shapeOf(options["hooks"]) ?? {};
  const ours = {
    hooks: [
      async (input: unknown): Promise<object> => {
        hear(input);
        return {};
      },
    ],
  };
  const added = EVENTS.map((event) => {
    const theirs: unknown = given[event];
    return [event, [...(Array.isArray(theirs) ? theirs : []), ours]];
  });
  return { ...options, env: environment, hooks: { ...given, ...Object.fromEntries(added) } };
}

/** Whether the process may tell us its logs: not where someone has decided on its telemetry already. */
export function isTelemetryWanted(environment: Readonly<Record<string, string | undefined>>): boolean {
  return (environment["CLAUDE_CODE_ENABLE_TELEMETRY"] ?? "") === "";
}
