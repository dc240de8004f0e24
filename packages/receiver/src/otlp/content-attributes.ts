/**
 * Attributes that carry what people and models wrote, or who a person is. They are dropped at the door, whatever sends
 * them.
 */

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
  "db.query.summary",
  "error",
  "error.message",
  "error.stack",
  "error_message",
  "message",
  "exception",
  "http.target",
  "http.url",
  "log.body",
  "url.full",
  "url.path",
  "url.query",
  // Paths of files
  "code.file.path",
  "code.filepath",
  "file.path",
  "file_path",
  "log.file.path",
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
  "body",
  "command",
  "content",
  "description",
  "full_command",
  "hook_definitions",
  "bash_command",
  "prompt",
  "prompt_text",
  "response",
  "response_text",
  "request_text",
  "tool_input",
  "tool_parameters",
  "tool_result",
  "tool_args",
  "tool_arguments",
  "tool_output",
  "function_args",
  "arguments",
  "input",
  "output",
  "query",
  "text",
  "user_prompt",
]);

/** Numbered parts of a conversation: `gen_ai.prompt.0.content`, `llm.input_messages.1.message.content`. */
const CONVERSATION =
  /^(?:gen_ai\.(?:prompt|completion)\.(?:\d|variable\.)|llm\.(?:input|output)_messages|llm\.prompts|llm\.completions)/;

/** Parts of requests and statements under names of their own, and variables of the environment. */
const PARTS =
  /^(?:http\.re(?:quest|sponse)\.(?:header|body\.content)|db\.(?:query|operation)\.parameter|process\.environment_variable)\./;

/** Whether an attribute of this name is never looked at because it is what someone wrote. */
export function isContent(name: string): boolean {
  return NAMES.has(name) || CONVERSATION.test(name) || PARTS.test(name);
}

/** Who a person is, and which account pays: names, addresses and ids, as agents and OpenTelemetry name them. */
const PERSON =
  /^(?:(?:end)?user[._]|(?:account|organization|workspace)[._](?:(?:uu)?id|name|email)$|(?:e?mail|username|client\.address|source\.address|process\.owner)$)/;

/** Whether an attribute of this name is never looked at because it tells who a person is. */
export function isPersonal(name: string): boolean {
  return PERSON.test(name);
}
