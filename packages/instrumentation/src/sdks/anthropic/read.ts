/** Reads the replies of the Anthropic API, whole or in pieces. */
import { readAnthropicReply } from "../../usage/anthropic.ts";
import { type Shape, shapeOf } from "../../usage/shape.ts";
import type { ReplyReader } from "../follow-call.ts";

/**
 * Creates the reader of one reply. A stream begins with a message that tells the input; later events repeat its usage
 * with greater figures, field by field.
 */
export function createAnthropicReader(): ReplyReader {
  let message: Shape | undefined;
  return {
    accept: (piece) => {
      const event = shapeOf(piece);
      if (event === undefined) return;
      if (event["type"] === "message") message = event;
      else if (event["type"] === "message_start") message = shapeOf(event["message"]);
      else if (event["type"] === "message_delta") message = { ...message, usage: laterUsage(message, event) };
    },
    read: () => {
      if (message === undefined) return undefined;
      const { model, id } = message;
      const names = {
        model: typeof model === "string" ? model : undefined,
        responseId: typeof id === "string" ? id : undefined,
      };
      return readAnthropicReply(message) ?? names;
    },
  };
}

function laterUsage(message: Shape | undefined, event: Shape): Shape {
  const later = Object.entries(shapeOf(event["usage"]) ?? {}).filter(([, value]) => value != null);
  return { ...shapeOf(message?.["usage"]), ...Object.fromEntries(later) };
}
