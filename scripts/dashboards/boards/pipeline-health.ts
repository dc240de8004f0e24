/** Whether the numbers arrive: the daemon, the Collector, and Prometheus' look at both. */
import { type BoardPanel, linesPanel, NONE_IS_GOOD, statPanel, steps } from "../panels.ts";
import { PERIOD, together } from "../promql.ts";

const RECEIVED = "moai_receiver_items_received_total";
const REFUSED = "moai_receiver_items_refused_total";
const SIGNALS = ["spans", "metric_points", "log_records"];

/** What the Collector counts of each signal, together. */
function ofCollector(what: string, by: string, growth: "increase" | "rate", stretch: string): string {
  const parts = SIGNALS.map((signal) => `${growth}(otelcol_${what}_${signal}_total[${stretch}])`);
  return `sum${by} (${together(parts)})`;
}

/** The panels, in their order. */
export function pipelinePanels(): BoardPanel[] {
  return [
    statPanel(
      {
        title: "Parts that answer",
        question: "Do the daemon and the Collector answer Prometheus? The share of them that did at the last scrape.",
        unit: "percentunit",
        thresholds: steps(["red"], [1, "green"]),
        max: 1,
      },
      'avg(up{job=~"moai-metrics|otel-collector|otel-collector-metrics"})',
    ),
    statPanel(
      {
        title: "Refused by the daemon",
        question: "Was anything refused in the period? Points, records and spans whose sender was told so.",
        unit: "short",
        thresholds: NONE_IS_GOOD,
      },
      `sum(increase(${REFUSED}[${PERIOD}])) or vector(0)`,
    ),
    statPanel(
      {
        title: "Lost by the Collector",
        question:
          "Could the Collector not pass on something in the period? What waits for the daemon is kept; what is refused for good, or too much, is lost.",
        unit: "short",
        thresholds: NONE_IS_GOOD,
      },
      `${ofCollector("exporter_send_failed", "", "increase", PERIOD)} or vector(0)`,
    ),
    statPanel(
      {
        title: "Waiting in the daemon",
        question: "How full is the daemon's queue? From 100 % on senders are told to come back.",
        unit: "percentunit",
        thresholds: steps(["green"], [0.5, "orange"], [0.8, "red"]),
        max: 1,
      },
      "max(moai_receiver_queue_bytes / moai_receiver_queue_limit_bytes)",
    ),
    linesPanel(
      { title: "Received by the daemon", question: "How much arrives, of which kind, a second?", unit: "short" },
      [{ expression: `sum by (signal) (rate(${RECEIVED}[$__rate_interval]))`, legend: "{{signal}}" }],
      "stack",
    ),
    linesPanel(
      {
        title: "Through the Collector",
        question: "Does what comes into the Collector go out? It goes out to each exporter: twice for metrics.",
        unit: "short",
      },
      [
        {
          expression: ofCollector("receiver_accepted", " by (receiver)", "rate", "$__rate_interval"),
          legend: "in by {{receiver}}",
        },
        {
          expression: ofCollector("exporter_sent", " by (exporter)", "rate", "$__rate_interval"),
          legend: "out by {{exporter}}",
        },
      ],
    ),
    linesPanel(
      {
        title: "Time until it is on disk",
        question: "How long do senders wait for the daemon's answer? It comes after the commit.",
        unit: "s",
      },
      [0.5, 0.95, 0.99].map((q) => ({
        expression: `histogram_quantile(${q}, sum by (le) (rate(moai_receiver_request_duration_seconds_bucket[$__rate_interval])))`,
        legend: `${q * 100} %`,
      })),
    ),
    linesPanel({ title: "Memory", question: "Do the parts stay within their limits?", unit: "bytes" }, [
      { expression: 'process_resident_memory_bytes{job="moai-metrics"}', legend: "daemon" },
      { expression: "otelcol_process_memory_rss_bytes", legend: "Collector" },
    ]),
    linesPanel({ title: "Answers by status", question: "What does the daemon answer, a second?", unit: "short" }, [
      {
        expression: "sum by (path, status) (rate(moai_receiver_requests_total[$__rate_interval]))",
        legend: "{{path}} {{status}}",
      },
    ]),
    linesPanel(
      {
        title: "Series and time of a scrape",
        question: "Do the daemon's metrics stay small enough to be read every fifteen seconds?",
        unit: "short",
      },
      [
        { expression: 'scrape_samples_scraped{job="moai-metrics"}', legend: "samples" },
        { expression: 'scrape_duration_seconds{job="moai-metrics"} * 1000', legend: "milliseconds" },
      ],
    ),
  ];
}
