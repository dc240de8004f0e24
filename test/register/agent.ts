import { type Task, withTask } from "@moai-metrics/instrumentation";

withTask("ts", (task: Task) => task.setResult("failure", { errorType: "refused" }));
