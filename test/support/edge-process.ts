import { startEdge } from "../../radius-edge/main.ts";
import { loadConfig } from "../../runtime/config.ts";
import { createLog } from "../../runtime/log.ts";
import { createMetrics } from "../../runtime/metrics.ts";

// The process that killable-edge.ts starts. Its only output is one line: where it answers.
process.on("disconnect", () => process.exit()); // no test, no edge
const config = loadConfig(process.env, "edge");
const orFree = (variable: string, port: number): number => (process.env[variable] === undefined ? 0 : port);
// The internal port stays what it is: by it, a second life of this edge knows that the first is over.
const ports = {
  ...config.ports,
  authentication: orFree("PORTCULLIS_AUTH_PORT", config.ports.authentication),
  accounting: orFree("PORTCULLIS_ACCT_PORT", config.ports.accounting),
};
const { eapThreads: count = 0 } = config.edge;
const threads = count === 0 ? undefined : { count, entry: new URL("eap-thread.mjs", import.meta.url) };
const edge = await startEdge(
  { ...config, ports },
  { log: createLog("edge", "silent"), metrics: createMetrics("edge"), threads },
);
const { authentication, accounting, internal } = edge;
process.stdout.write(`${JSON.stringify({ authentication, accounting, internal })}\n`);
