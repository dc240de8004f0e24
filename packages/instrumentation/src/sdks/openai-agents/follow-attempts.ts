/** Follows a streamed model call of the OpenAI Agents SDK, which may take more than one attempt. */
import { isStream, observeStream } from "../../observe-stream.ts";
import { openAttempts } from "../../open-call.ts";
import { guarded, isRecording } from "../../registry.ts";

/** The same stream, whose attempts are one call. */
export function followAttempts(stream: unknown): unknown {
  if (!isStream(stream)) return stream;
  const attempts = isRecording() ? guarded(openAttempts) : undefined;
  if (attempts === undefined) return stream;
  return observeStream(stream, {
    run: attempts.run,
    chunk: () => {},
    ended: attempts.end,
    failed: attempts.end,
    left: attempts.end,
  });
}
