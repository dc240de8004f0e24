/** Attributes that carry what people and models wrote. They are dropped at the door, whatever sends them. */

const NAMES: ReadonlySet<string> = new Set([
  // OpenTelemetry, GenAI conventions of all generations
  "gen_ai.input.messages",
  "gen_ai.output.messages",
  "gen_ai.system_instructions",
  "gen_ai.tool.definitions",
  "gen_ai.tool.call.arguments",
  "gen_ai.tool.call.result",
  "gen_ai.prompt",
  "gen_ai.completion",
  "gen_ai.evaluation.explanation",
  "gen_ai.retrieval.query.text",
  "gen_ai.retrieval.documents",
  // OpenTelemetry, general: command lines of agents hold prompts, messages of errors quote them
  "process.command",
  "process.command_args",
  "process.command_line",
  "exception.message",
  "exception.stacktrace",
  "db.query.text",
  "db.statement",
  "url.full",
  "url.query",
  // Other instrumentations
  "input.value",
  "output.value",
  "traceloop.entity.input",
  "traceloop.entity.output",
  "ai.prompt",
  "ai.prompt.messages",
  "ai.prompt.tools",
  "ai.response.text",
  "ai.response.object",
  "ai.response.toolCalls",
  "ai.toolCall.args",
  "ai.toolCall.result",
  "prompt",
  "prompt_text",
  "response_text",
  "request_text",
  "tool_input",
  "tool_parameters",
  "tool_result",
  "function_args",
  "arguments",
  "output",
]);

/** Numbered parts of a conversation: `gen_ai.prompt.0.content`, `llm.input_messages.1.message.content`. */
const PATTERN = /^(?:gen_ai\.(?:prompt|completion)\.(?:\d|variable\.)|llm\.(?:input|output)_messages|llm\.prompts)/;

/** Whether an attribute of this name is never looked at. */
export function isContent(name: string): boolean {
  return NAMES.has(name) || PATTERN.test(name);
}
