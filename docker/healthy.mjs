/** Ends with 0 while the daemon can write its file, else with 1. */
import { readFileSync } from "node:fs";

const token = readFileSync(`${process.env["MOAI_METRICS_STORAGE"]}/receiver-token`, "utf8").trim();
const url = process.env["MOAI_METRICS_URL"] ?? "http://127.0.0.1:4318";
const answer = await fetch(`${url}/healthz`, { headers: { Authorization: `Bearer ${token}` } }).catch(() => undefined);
process.exitCode = answer?.ok === true ? 0 : 1;
