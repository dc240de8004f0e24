/** Pushes the metrics of a store, beside what scrapers are shown. */
import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { createForwarder, type Forwarder, type ForwardTarget } from "@moai-metrics/sqlite-exporter/forward";
import type { ShownMetrics } from "./shown-metrics.ts";

const INSTANCE_CHARACTERS = 16;

/** Starts at once. Each temporality has counters of its own: to change it begins anew. */
export function startForwarder(options: {
  readonly shown: ShownMetrics;
  readonly storage: string;
  readonly target: ForwardTarget;
}): Forwarder {
  const { shown, storage, target } = options;
  const reader = target.temporality === "delta" ? "forward-delta" : "forward";
  const forwarder = createForwarder({
    ...target,
    source: {
      expose: () => shown.expose({ reader, delivery: "sent" }),
      confirm: () => shown.confirm(reader),
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
