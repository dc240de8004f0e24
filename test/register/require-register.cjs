require("@moai-metrics/instrumentation/register");
require("./agent.cjs");
