/** What the application has registered with OpenTelemetry by now. */
import { createNoopMeter, metrics, ProxyTracerProvider, trace } from "@opentelemetry/api";

const NO_PROVIDER = new ProxyTracerProvider().getDelegate();

/** Whether there is a meter provider. */
export function hasMeterProvider(): boolean {
  return metrics.getMeter("moai-metrics probe") !== createNoopMeter();
}

/** Whether there is a tracer provider. */
export function hasTracerProvider(): boolean {
  const current = trace.getTracerProvider();
  return !(current instanceof ProxyTracerProvider) || current.getDelegate() !== NO_PROVIDER;
}
