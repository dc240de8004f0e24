/** Entry of a reader's thread. */
import module from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import { packError, type QuestionMessage, type ReaderData, type ReaderMessage } from "./messages.ts";

// Each thread has its own: without it, a thread compiles everything anew.
module.enableCompileCache();
const { createAnswerer } = await import("./answerer.ts");

const { path, cancelled } = workerData as ReaderData;
const answerer = createAnswerer(path, cancelled);
const say = (message: ReaderMessage): void => parentPort?.postMessage(message);

parentPort?.on("message", async (question: QuestionMessage | "close") => {
  if (question === "close") {
    answerer.close();
    parentPort?.close();
    return;
  }
  const message = await answerer.answer(question);
  try {
    say(message);
  } catch (error) {
    // An answer that cannot be copied.
    say({ id: question.id, error: packError(error) });
  }
});
say("ready");
