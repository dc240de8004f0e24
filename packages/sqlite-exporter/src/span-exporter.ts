/** Exports OpenTelemetry spans into the store, as facts. */
import { createSpanMapper, type SpanMapper, type SpanRecord } from "@moai-metrics/agents/genai";
import { isBareContext } from "@moai-metrics/instrumentation/set-up";
import { SpanStatusCode } from "@opentelemetry/api";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import { type SqliteExporterOptions, storageOf } from "./exporter-options.ts";
import { messageOf } from "./message-of.ts";
import { nanosOf } from "./points.ts";
import { createSessionTags, type SessionTags, type Tags } from "./session-tags.ts";
import { INSTRUMENTATION_SCOPE } from "./start/names.ts";
import { createRareWarning } from "./warn.ts";
import { pointBufferSettings } from "./writer/point-buffer.ts";
import { acquireStoreWriter, type StoreWriter } from "./writer/store-writer.ts";

/** What an exporter has done since it was made. */
export interface SpanExportCounters {
  readonly spans: number;
  /** Facts that came of them, and were stored or wait in the spool. */
  readonly facts: number;
  readonly failedExports: number;
  /** Spans that were forgotten before the agent run around them ended, so that they have no task. */
  readonly forgottenSpans: number;
}

interface SpanExporterOptions {
  /** The process hands the facts of our own spans over itself, so they need not be written a second time. Default false. */
  readonly isProcessTelling?: boolean | undefined;
  /** Tags of all sessions that spans tell of. Default: none. */
  readonly sessionTags?: Tags | undefined;
}

/**
 * A `SpanExporter` that turns session, task, `invoke_agent`, inference and `execute_tool` spans into facts of the
 * ledger; other spans are passed over. Facts that the process hands over itself as well are the same facts and count
 * once. The callback says success when the facts are committed, or on disk in the spool because the file could not be written.
 *
 * @example
 * ```ts
 * import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
 *
 * const exporter = new SqliteSpanExporter({ storage: "/var/lib/shop/metrics" });
 * const provider = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter })] });
 * provider.getTracer("shop").startSpan("chat gpt-5").end();
 * await provider.shutdown();
 * ```
 */
export class SqliteSpanExporter implements SpanExporter {
  readonly #writer: StoreWriter;
  readonly #mapper: SpanMapper;
  readonly #tags: SessionTags;
  readonly #warn = createRareWarning();
  #spans = 0;
  #facts = 0;
  #failedExports = 0;
  #running = new Set<Promise<void>>();
  #isShutDown = false;

  /** @throws TypeError when no storage folder is given. */
  constructor(options: SqliteExporterOptions & SpanExporterOptions) {
    this.#writer = acquireStoreWriter(storageOf(options), { buffer: pointBufferSettings(), settings: options.store });
    const { isProcessTelling = false, sessionTags = {} } = options;
    this.#tags = createSessionTags(sessionTags, "span");
    this.#mapper = createSpanMapper({
      isToldElsewhere: (span) => isProcessTelling && span.scopeName === INSTRUMENTATION_SCOPE,
    });
  }

  export(spans: ReadableSpan[], resultCallback: (result: ExportResult) => void): void {
    const exported = this.#export(spans).then(resultCallback);
    const running = exported.catch(() => {}).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Resolves when every export that was begun has ended. */
  async forceFlush(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** Waits for running exports and gives the file back. */
  async shutdown(): Promise<void> {
    this.#isShutDown = true;
    await this.forceFlush();
    this.#writer.release();
  }

  /** What this exporter has done so far. */
  counters(): SpanExportCounters {
    return {
      spans: this.#spans,
      facts: this.#facts,
      failedExports: this.#failedExports,
      forgottenSpans: this.#mapper.forgotten,
    };
  }

  async #export(spans: ReadableSpan[]): Promise<ExportResult> {
    if (this.#isShutDown) return this.#fail("The exporter has been shut down.");
    try {
      const told = spans.flatMap((span) => this.#mapper.map(spanRecord(span)));
      const facts = [...told, ...this.#tags(told)];
      this.#spans += spans.length;
      if (facts.length === 0) return { code: ExportResultCode.SUCCESS };
      const outcome = await this.#writer.writeFacts(facts);
      if (outcome.state === "failed") return this.#fail(outcome.reason);
      this.#facts += facts.length;
      return { code: ExportResultCode.SUCCESS };
    } catch (error) {
      return this.#fail(messageOf(error));
    }
  }

  #fail(reason: string): ExportResult {
    this.#failedExports += 1;
    this.#warn(`moai-metrics: spans were not stored. ${reason}`);
    return { code: ExportResultCode.FAILED, error: new Error(reason) };
  }
}

function spanRecord(span: ReadableSpan): SpanRecord {
  const { traceId, spanId } = span.spanContext();
  return {
    traceId,
    spanId,
    // What a bare span would tell is stamped on the spans below it.
    parentSpanId: isBareContext(span.parentSpanContext) ? undefined : span.parentSpanContext?.spanId,
    name: span.name,
    scopeName: span.instrumentationScope.name,
    startMillis: millisOf(span.startTime),
    endMillis: millisOf(span.endTime),
    isError: span.status.code === SpanStatusCode.ERROR,
    attributes: span.attributes,
    resource: span.resource.attributes,
  };
}

function millisOf(time: ReadableSpan["startTime"]): number {
  return Number(nanosOf(time) / 1_000_000n);
}
