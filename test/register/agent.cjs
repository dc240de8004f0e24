const { recordUsage, withTask } = require("@moai-metrics/instrumentation");

withTask("cjs", () => recordUsage({ model: "m", inputTokens: 7, outputTokens: 8 }));
