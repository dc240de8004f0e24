/** Registers our providers where the application has not registered its own. */
import {
  context,
  type MeterProvider,
  metrics,
  ProxyTracerProvider,
  type TracerProvider,
  trace,
} from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";

/** Registers the meter provider; returns a function that takes it away again, if it is still the registered one. */
export function registerMeterProvider(provider: MeterProvider): () => void {
  metrics.setGlobalMeterProvider(provider);
  return () => {
    if (metrics.getMeterProvider() === provider) metrics.disable();
  };
}

/** Registers the tracer provider, and a context manager where there is none. */
export function registerTracerProvider(provider: TracerProvider): () => void {
  const manager = new AsyncLocalStorageContextManager().enable();
  const isManagerOurs = context.setGlobalContextManager(manager);
  trace.setGlobalTracerProvider(provider);
  return () => {
    const current = trace.getTracerProvider();
    if (current instanceof ProxyTracerProvider && current.getDelegate() === provider) trace.disable();
    if (isManagerOurs) context.disable();
    manager.disable();
  };
}
