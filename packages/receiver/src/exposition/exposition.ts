/** What a scraper is shown: the catalogue's metrics from the ledger, and the receiver's own. */
import { gzipSync } from "node:zlib";
import { type ExposedMetric, renderExposition } from "@moai-metrics/report";
import { StoreError, type UsableStore } from "@moai-metrics/store";
import { gauge } from "../http/own-metrics.ts";
import type { ExpositionRequest } from "./messages.ts";

/** Makes texts. */
export interface Exposition {
  /** The text in UTF-8, compressed if that was asked for. Its bytes are the caller's. */
  render(request: ExpositionRequest): Uint8Array;
}

/** What an exposition works with. */
export interface ExpositionOptions {
  readonly file: UsableStore;
}

/** Fast enough for a scrape, and still a tenth of the size. */
const COMPRESSION = { level: 4 };

/** While the file cannot be read, the receiver's own metrics are shown alone, and say so. */
export function createExposition({ file }: ExpositionOptions): Exposition {
  const ledgerMetrics = (): ExposedMetric[] | undefined => {
    try {
      return file.use((store) => {
        const { startMillis, metrics } = store.cumulative.state({});
        return metrics.map((metric) => ({
          ...metric,
          series: metric.series.map((series) => ({ ...series, startMillis })),
        }));
      });
    } catch (error) {
      if (error instanceof StoreError) return undefined;
      throw error;
    }
  };
  return {
    render: ({ own, format, isCompressed }) => {
      const ledger = ledgerMetrics();
      const isReadable = ledger === undefined ? 0 : 1;
      const metrics = [
        ...(ledger ?? []),
        ...own,
        gauge("moai.receiver.ledger.readable", "{file}", "Whether the ledger's metrics could be read.", isReadable),
      ];
      const { text } = renderExposition(metrics, format);
      const bytes = isCompressed ? gzipSync(text, COMPRESSION) : Buffer.from(text);
      return new Uint8Array(bytes);
    },
  };
}
