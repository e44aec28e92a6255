import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { examineBuffers } from "../../../cli/doctor/machine.ts";
import { examinePorts } from "../../../cli/doctor/ports.ts";
import { findFreePort } from "../../../cli/embedded/ports.ts";
import { loadConfig } from "../../../runtime/config.ts";

const RADSEC = {
  PORTCULLIS_RADSEC_CERT_FILE: "server.pem",
  PORTCULLIS_RADSEC_KEY_FILE: "server.key",
  PORTCULLIS_RADSEC_CA_FILE: "ca.pem",
};
/** A port of TCP and UDP that nobody holds now; another program may still take it, which tests here do not mind. */
async function ports(): Promise<Readonly<Record<"PORTCULLIS_AUTH_PORT" | "PORTCULLIS_ACCT_PORT", string>>> {
  return {
    PORTCULLIS_AUTH_PORT: String(await findFreePort()),
    PORTCULLIS_ACCT_PORT: String(await findFreePort()),
  };
}

test("the doctor says which UDP port is taken, and by which setting to have another", async () => {
  const taken = createSocket("udp4").bind(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address();
  const findings = await examinePorts(loadConfig({ ...(await ports()), PORTCULLIS_ACCT_PORT: String(port) }));
  taken.close();
  expect(findings).toHaveLength(2);
  expect(findings[1]).toEqual({
    level: "fault",
    text: expect.stringMatching(`^UDP port ${port} on 127.0.0.1 cannot be had: .*EADDRINUSE`) as string,
    mend: "stop what holds it, or set PORTCULLIS_ACCT_PORT",
  });
});

test("the doctor looks at the TCP port of RadSec where that is on, and says when it is taken", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as AddressInfo;
  const config = loadConfig({ ...(await ports()), ...RADSEC, PORTCULLIS_RADSEC_PORT: String(port) });
  const whileTaken = await examinePorts(config);
  holder.close();
  await once(holder, "close");
  const whenFree = await examinePorts(config);
  expect(whileTaken[2]).toEqual({
    level: "fault",
    text: expect.stringMatching(`^TCP port ${port} on 127.0.0.1 cannot be had: .*EADDRINUSE`) as string,
    mend: "stop what holds it, or set PORTCULLIS_RADSEC_PORT",
  });
  expect(whenFree[2]).toEqual({ level: "good", text: `TCP port ${port} on 127.0.0.1 is free for an edge` });
});

test("the doctor says how large receive buffers are where the system gives smaller ones than an edge wants", async () => {
  const wanted = 2 ** 30;
  expect(await examineBuffers(wanted)).toEqual({
    level: "warning",
    text: expect.stringMatching(/^receive buffers of \d+ octets/) as string,
    mend: expect.stringMatching(`^sysctl -w net.core.rmem_max=${wanted}`) as string,
  });
  expect(await examineBuffers(4_096)).toEqual({
    level: "good",
    text: expect.stringMatching(/^receive buffers of \d+ octets$/) as string,
  });
});
