/**
 * Hands facts to a job writer as an application's thread does, and acknowledges each batch when it is said to be safe: in
 * the journal, or committed. Prints `go` after the first one.
 */
import { writeSync } from "node:fs";
import { encodeForThread } from "../../../packages/sqlite-exporter/src/writer/fact-codec.ts";
import { createJobWriter } from "../../../packages/sqlite-exporter/src/writer/job-writer.ts";
import { openAcknowledgements } from "../lib/acknowledgements.ts";
import { factsOf, type Workload } from "../lib/workload.ts";

/** What the parent asks for. */
export interface JournalWriterArguments extends Workload {
  readonly path: string;
  readonly spool: string;
  readonly acknowledgements: string;
}

const { path, spool, acknowledgements, ...workload } = JSON.parse(process.argv[2] ?? "{}") as JournalWriterArguments;
const writer = createJobWriter({ path, spool });
const log = openAcknowledgements(acknowledgements);
for (let batch = workload.firstBatch; ; batch++) {
  const { journaled } = writer.counters();
  const facts = encodeForThread(factsOf(workload, batch));
  const committed = writer.carryOut({ kind: "facts", id: batch, facts, mayWait: true });
  // Whatever is not in the journal by now is not acknowledged before its commit.
  if (writer.counters().journaled === journaled) await committed;
  log.add(`f ${batch}`);
  if (batch === workload.firstBatch) writeSync(1, "go\n");
  await new Promise((resolve) => setTimeout(resolve, 1));
}
