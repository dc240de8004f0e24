/** Who asks for the metrics. Pure. */
import type { IncomingHttpHeaders } from "node:http";

/** Who reads, and whether it keeps what it reads. */
export interface MetricsReader {
  readonly reader: string;
  readonly isScrape: boolean;
}

const DEFAULT_READER = "scraper";
/** Few, because the file keeps what each of them was shown. */
const NAME = /^[a-z0-9]$/;

/**
 * Scrapers say how long they wait (Prometheus, VictoriaMetrics and the Collector send this header), or give themselves a
 * name, as a second one must: `?reader=b`. All others, people and browsers, only look: what they see must not be taken
 * for what the scraper has.
 *
 * @returns undefined for a name that cannot be one.
 */
export function whoReads(url: string, headers: IncomingHttpHeaders): MetricsReader | undefined {
  const at = url.indexOf("?");
  const name = at < 0 ? null : new URLSearchParams(url.slice(at)).get("reader");
  if (name === null) {
    return { reader: DEFAULT_READER, isScrape: headers["x-prometheus-scrape-timeout-seconds"] !== undefined };
  }
  return NAME.test(name) ? { reader: `${DEFAULT_READER}-${name}`, isScrape: true } : undefined;
}
