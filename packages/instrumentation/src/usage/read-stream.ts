/** Gathers the usage that passes by in the chunks of a stream. */
import type { ThrownOutcome } from "../outcome.ts";
import { readAnthropicReply } from "./anthropic.ts";
import { readFailure } from "./failure.ts";
import { readReply } from "./read-reply.ts";
import { type ReplyUsage, type Shape, shapeOf, textOf } from "./shape.ts";
import { readVercelStep } from "./vercel.ts";

/** What has been seen of one stream. */
export interface StreamUsage {
  /** Looks at a chunk. Never throws. */
  accept(chunk: unknown): void;
  /** The usage so far, one entry per model call. */
  read(): readonly ReplyUsage[];
  /** What the stream itself said of its failure, the last time it did; undefined where it said nothing. */
  failure(): ThrownOutcome | undefined;
}

/**
 * Creates the reader of one stream. Providers repeat the usage in later chunks with greater figures; per response the
 * last one holds. An entry without an id beside entries with one is taken for their sum and left out.
 */
export function createStreamUsage(): StreamUsage {
  const byResponse = new Map<string, ReplyUsage>();
  let message: { id: string; fields: Shape; usage: Shape } | undefined;
  let steps = 0;
  let failure: ThrownOutcome | undefined;

  const keep = (id: string, reply: ReplyUsage | undefined): void => {
    if (reply !== undefined) byResponse.set(id, reply);
  };

  const acceptAnthropic = (chunk: Shape): boolean => {
    if (chunk["type"] === "message_start") {
      const fields = shapeOf(chunk["message"]);
      if (fields === undefined) return false;
      message = { id: textOf(fields["id"]) ?? "message", fields, usage: shapeOf(fields["usage"]) ?? {} };
    } else if (chunk["type"] === "message_delta" && message !== undefined) {
      const later = Object.entries(shapeOf(chunk["usage"]) ?? {}).filter(([, value]) => value != null);
      message = { ...message, usage: { ...message.usage, ...Object.fromEntries(later) } };
    } else {
      return false;
    }
    keep(message.id, readAnthropicReply({ ...message.fields, usage: message.usage }));
    return true;
  };

  const acceptVercel = (chunk: Shape): boolean => {
    if (chunk["type"] !== "finish-step" && chunk["type"] !== "step-finish" && chunk["type"] !== "finish") return false;
    if (chunk["type"] === "finish" && steps > 0) return true;
    for (const reply of readVercelStep(chunk) ?? []) {
      steps += 1;
      keep(`step ${steps}`, reply);
    }
    return true;
  };

  return {
    accept: (value) => {
      try {
        const chunk = shapeOf(value);
        if (chunk === undefined) return;
        failure = readFailure(chunk) ?? failure;
        if (acceptAnthropic(chunk) || acceptVercel(chunk)) return;
        for (const reply of readReply(chunk)) keep(reply.responseId ?? reply.provider ?? "reply", reply);
      } catch {
        // A chunk that cannot be read carries no usage that we know.
      }
    },
    read: () => {
      const replies = [...byResponse.values()];
      const named = replies.filter((reply) => reply.responseId !== undefined);
      return named.length > 0 ? named : replies;
    },
    failure: () => failure,
  };
}
