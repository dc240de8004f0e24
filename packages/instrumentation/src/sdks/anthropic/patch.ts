/** Records the calls that go through the Anthropic SDK, at the method that its helpers use, too. */
import { canonicalName } from "@moai-metrics/model";
import type { CallStart } from "../../open-call.ts";
import { shapeOf } from "../../usage/shape.ts";
import type { PatchFile } from "../contract.ts";
import { followCall } from "../follow-call.ts";
import { modelOf, serverOf } from "../request.ts";
import { prototypeOf, wrapMethod } from "../wrap-method.ts";
import { createAnthropicReader } from "./read.ts";

const CHAT = canonicalName("chat");

/** The SDK's clients for other clouds share its resources. */
const PROVIDERS: Readonly<Record<string, string>> = {
  AnthropicBedrock: "aws.bedrock",
  AnthropicVertex: "gcp.vertex_ai",
};

export const patchAnthropic: PatchFile = (_, bindings) => {
  const isWrapped = wrapMethod(prototypeOf(bindings["Messages"]), "create", (self, args, work) =>
    followCall(() => describe(self, args), createAnthropicReader, work),
  );
  return { missing: isWrapped ? [] : ["Messages.create"] };
};

function describe(self: unknown, args: readonly unknown[]): CallStart {
  const client = shapeOf(shapeOf(self)?.["_client"]);
  const provider = PROVIDERS[client?.constructor.name ?? ""] ?? "anthropic";
  return { provider, operation: CHAT, model: modelOf(args), ...serverOf(self) };
}
