import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { findFreePort } from "../../../cli/embedded/ports.ts";
import { requireDistinctPorts, requireFreePorts } from "../../../cli/supervisor/wanted-ports.ts";
import { loadConfig } from "../../../runtime/config.ts";

async function freeSettings(): Promise<Record<string, string>> {
  const names = ["API", "AUTH", "ACCT", "INTERNAL"];
  const ports = await Promise.all(names.map(async (name) => [`PORTCULLIS_${name}_PORT`, String(await findFreePort())]));
  return Object.fromEntries(ports) as Record<string, string>;
}

test("ports that are free are taken without a word", async () => {
  await expect(requireFreePorts(loadConfig(await freeSettings()), 1)).resolves.toBeUndefined();
});

test("every taken port is named at once, TCP and UDP, with its variable", async () => {
  const tcp = createServer().listen(0, "127.0.0.1");
  const udp = createSocket("udp4").bind(0, "127.0.0.1");
  await Promise.all([once(tcp, "listening"), once(udp, "listening")]);
  const { port } = tcp.address() as AddressInfo;
  const settings = { PORTCULLIS_API_PORT: String(port), PORTCULLIS_ACCT_PORT: String(udp.address().port) };
  const looking = requireFreePorts(loadConfig({ ...(await freeSettings()), ...settings }), 1);
  await expect(looking).rejects.toThrow(
    `the API cannot use port ${port} on 127.0.0.1: another program listens there; ` +
      "stop that program or set PORTCULLIS_API_PORT to another port\n" +
      `  accounting cannot use UDP port ${udp.address().port} on 127.0.0.1: another program listens there; ` +
      "stop that program or set PORTCULLIS_ACCT_PORT to another port",
  );
  tcp.close();
  udp.close();
});

test("two parts with one port are a fault of the configuration; TCP and UDP do not meet", () => {
  const check = (env: NodeJS.ProcessEnv) => () => requireDistinctPorts(loadConfig(env), 1);
  expect(check({ PORTCULLIS_INTERNAL_PORT: "8080" })).toThrow(
    "PORTCULLIS_API_PORT and PORTCULLIS_INTERNAL_PORT are both 8080",
  );
  expect(check({ PORTCULLIS_METRICS_PORT: "8232" })).toThrow(
    "PORTCULLIS_METRICS_PORT and PORTCULLIS_TEMPORAL_UI_PORT are both 8233",
  );
  expect(check({ PORTCULLIS_API_PORT: "1812" })).not.toThrow();
  expect(check({ PORTCULLIS_API_PORT: "5433", DATABASE_URL: "postgres://db/p" })).not.toThrow();
});

test("of several edges each has an internal port and a metrics port of its own, counted up from those that are set", () => {
  const check = (env: NodeJS.ProcessEnv, edges: number) => () =>
    requireDistinctPorts(loadConfig({ PORTCULLIS_EDGE_PROCESSES: "3", ...env }), edges);
  expect(check({}, 3)).not.toThrow();
  expect(check({ PORTCULLIS_INTERNAL_PORT: "8078" }, 3)).toThrow(
    "PORTCULLIS_API_PORT and PORTCULLIS_INTERNAL_PORT are both 8080",
  );
  expect(check({ PORTCULLIS_INTERNAL_PORT: "9100", PORTCULLIS_METRICS_PORT: "9096" }, 3)).toThrow(
    "PORTCULLIS_INTERNAL_PORT and PORTCULLIS_METRICS_PORT are both 9100",
  );
  // Where they cannot share the RADIUS ports there is one.
  expect(check({ PORTCULLIS_INTERNAL_PORT: "8078" }, 1)).not.toThrow();
});

test("a port of the second edge that is taken is named as well", async () => {
  const tcp = createServer().listen(0, "127.0.0.1");
  await once(tcp, "listening");
  const { port } = tcp.address() as AddressInfo;
  const config = loadConfig({ ...(await freeSettings()), PORTCULLIS_INTERNAL_PORT: String(port - 1) });
  await expect(requireFreePorts(config, 2)).rejects.toThrow(`the edge's internal port cannot use port ${port}`);
  tcp.close();
});
