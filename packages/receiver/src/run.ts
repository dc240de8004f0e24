/** What `moai-metrics run` needs. Apart from the rest, because decoding OTLP takes time to load. */
export { type RunReceiver, type RunReceiverOptions, startRunReceiver } from "./run/run-receiver.ts";
