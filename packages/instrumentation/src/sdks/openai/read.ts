/** Reads the replies of the OpenAI API, whole or in pieces. */
import type { CallReply } from "../../open-call.ts";
import { readOpenAiReply } from "../../usage/openai.ts";
import { type Shape, shapeOf, textOf } from "../../usage/shape.ts";
import type { ReplyReader } from "../follow-call.ts";

/**
 * Creates the reader of one reply. A chat's chunks repeat id and model, and the last one tells the usage where the
 * request asked for it (`stream_options.include_usage`); the events of a response carry it as `response`.
 */
export function createOpenAiReader(): ReplyReader {
  let seen: CallReply;
  return {
    accept: (piece) => {
      const chunk = shapeOf(piece);
      if (chunk === undefined) return;
      const reply = shapeOf(chunk["response"]) ?? chunk;
      const said = reply["usage"] != null || reply["status"] === "failed" ? readOpenAiReply(reply) : undefined;
      if (said !== undefined)
        seen = { ...said, model: said.model ?? seen?.model, responseId: said.responseId ?? seen?.responseId };
      else seen ??= namesOf(reply);
    },
    read: () => seen,
  };
}

function namesOf(reply: Shape): CallReply {
  const responseId = textOf(reply["id"]);
  return responseId === undefined ? undefined : { responseId, model: textOf(reply["model"]) };
}
