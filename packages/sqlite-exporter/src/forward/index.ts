/** What the daemon pushes with. Apart from the rest, because the exporter takes time to load. */
export {
  createForwarder,
  type ForwardCounters,
  type Forwarder,
  type ForwarderOptions,
  type ForwardSource,
  type ForwardTarget,
} from "./forwarder.ts";
