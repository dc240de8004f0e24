/**
 * Makes the agents of an application visible without a change to it: `node --import
 * @moai-metrics/instrumentation/register app.js`, or `require("@moai-metrics/instrumentation/register")` before the
 * rest. Nothing is exported, nothing is printed, and nothing is set up before the first measurement.
 */
import { getReady } from "./register/get-ready.ts";

getReady(process.env);
