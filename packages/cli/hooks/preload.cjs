// What `moai-metrics run` loads into a Node program, by --require in NODE_OPTIONS: the registration of
// @moai-metrics/instrumentation. Any Node can parse it, and whatever goes wrong, the program runs as if it were not here.
"use strict";

try {
  const environment = process.env;
  const register = environment.MOAI_METRICS_RUN_REGISTER;
  // Said only where the processes that this one starts are not to be instrumented.
  const optionsOfUser = environment.MOAI_METRICS_RUN_NODE_OPTIONS;
  if (optionsOfUser !== undefined) {
    if (optionsOfUser === "") delete environment.NODE_OPTIONS;
    else environment.NODE_OPTIONS = optionsOfUser;
    delete environment.MOAI_METRICS_RUN_NODE_OPTIONS;
    delete environment.MOAI_METRICS_RUN_REGISTER;
  }
  if (register !== undefined) require(register);
} catch (_error) {
  // An older Node cannot load it, or the program's project lacks a package.
}
