/** Replies of the model: how they are counted. */
import { type ModelCallFact, normalizeTokens, TOKEN_CONVENTIONS } from "@moai-metrics/model";
import type { Sighting } from "./mapping.ts";
import { PRODUCT } from "./product.ts";
import type { TranscriptRecord } from "./record.ts";

/**
 * The model call of an assistant line, or why there is none.
 *
 * A reply is written as one line for each of its blocks, each with the usage of the whole reply, and copied into
 * other files by resuming and forking; the ids of the reply make all of them one call. Lines of a side conversation
 * may repeat replies under new request ids: they are marked as replays, and of the lower rank.
 */
export function mapModelCall({ record, atMillis, sessionId, taskId, witness }: Sighting): ModelCallFact | string {
  const { usage } = record;
  if (usage === undefined) return "reply without usage";
  const requestId = record.requestId === "" ? undefined : record.requestId;
  const messageId = record.messageId === "" ? undefined : record.messageId;
  const responseId = messageId ?? (requestId === undefined ? lineId(record) : undefined);
  if (responseId === undefined && requestId === undefined) return "reply without an id";
  return {
    kind: "model_call",
    witness,
    product: PRODUCT,
    sessionId,
    taskId,
    requestId,
    responseId,
    isReplay: record.isSidechain ? true : undefined,
    endedAtMillis: atMillis,
    model: record.model === "" ? undefined : record.model,
    usage: normalizeTokens(usage, TOKEN_CONVENTIONS.anthropic),
    webSearches: count(usage.webSearches),
    speed: usage.isFast ? "fast" : undefined,
  };
}

/** The failed call that a line written in place of a reply stands for; undefined when nothing identifies it. */
export function mapModelError(sighting: Sighting, errorType: string): ModelCallFact | undefined {
  const { record, atMillis, sessionId, taskId, witness } = sighting;
  const responseId = lineId(record);
  if (responseId === undefined) return undefined;
  return {
    kind: "model_call",
    witness,
    product: PRODUCT,
    sessionId,
    taskId,
    responseId,
    isReplay: record.isSidechain ? true : undefined,
    endedAtMillis: atMillis,
    errorType,
  };
}

/** The line itself as id; a copy made by a fork names the line it was copied from. */
function lineId({ forkedFromUuid, uuid }: TranscriptRecord): string | undefined {
  const id = forkedFromUuid ?? uuid;
  return id === undefined || id === "" ? undefined : `uuid:${id}`;
}

function count(value: number | undefined): number | undefined {
  return value !== undefined && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}
