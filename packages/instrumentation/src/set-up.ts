/** What those who set up providers share. For `@moai-metrics/sqlite-exporter`; applications need nothing of it. */
export { isCatalogueLabels } from "./attributes.ts";
export { isBareContext, useBareSpans } from "./bare-spans.ts";
export { installExitHooks } from "./exit-hooks.ts";
export { gatherMetrics } from "./gathered-metrics.ts";
export { hasMeterProvider, hasTracerProvider } from "./providers.ts";
export { emissionIn } from "./settings.ts";
