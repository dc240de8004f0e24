/** The body of a hook that is a request: one payload, of which names and ids are looked at and nothing else. */
import { type HookFacts, mapHookFile } from "@moai-metrics/agents/hooks";
import { MalformedRequestError } from "../otlp/malformed-request-error.ts";

/**
 * @param atMillis when the hook ran: payloads do not say.
 * @throws MalformedRequestError for what is no JSON object.
 */
export function readHookBody(body: Uint8Array, atMillis: number): HookFacts {
  let payload: unknown;
  try {
    payload = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new MalformedRequestError("is no JSON");
  }
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) {
    throw new MalformedRequestError("is no payload of a hook: it is not a JSON object");
  }
  // What else a file may hold has an id of its own there; a request has none, so only the product's hooks are taken.
  return mapHookFile({ ...payload, product: "claude-code" }, { atMillis, id: "" });
}
