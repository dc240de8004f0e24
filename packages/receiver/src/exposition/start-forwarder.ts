/** Pushes the metrics of a store, beside what scrapers are shown. */
import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { createForwarder, type Forwarder, type ForwardTarget } from "@moai-metrics/sqlite-exporter/forward";
import { retryBusy, type UsableStore } from "@moai-metrics/store";

const PATIENCE_MILLIS = 3_000;
const INSTANCE_CHARACTERS = 16;

/** Starts at once. Each temporality has counters of its own: to change it begins anew. */
export function startForwarder(options: {
  readonly file: UsableStore;
  readonly storage: string;
  readonly target: ForwardTarget;
}): Forwarder {
  const { file, storage, target } = options;
  const reader = target.temporality === "delta" ? "forward-delta" : "forward";
  const use: UsableStore["use"] = (work) => file.use(work);
  const forwarder = createForwarder({
    ...target,
    source: {
      expose: () =>
        retryBusy(() => use((store) => store.exposed.expose({ reader, delivery: "sent" })), {
          patienceMillis: PATIENCE_MILLIS,
        }),
      confirm: () =>
        retryBusy(() => use((store) => store.exposed.confirm(reader)), { patienceMillis: PATIENCE_MILLIS }),
    },
    instanceId: instanceOf(storage),
    now: Date.now,
  });
  forwarder.start();
  return forwarder;
}

/** The same after every restart; names neither the machine nor the folder. */
function instanceOf(storage: string): string {
  return createHash("sha256").update(`${hostname()}\0${storage}`).digest("hex").slice(0, INSTANCE_CHARACTERS);
}
