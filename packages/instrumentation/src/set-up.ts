/** What those who set up providers share. For `@moai-metrics/sqlite-exporter`; applications need nothing of it. */
export { installExitHooks } from "./exit-hooks.ts";
export { hasMeterProvider, hasTracerProvider } from "./providers.ts";
