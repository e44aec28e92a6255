import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { createAuthority } from "../../../simulators/certificates.ts";

const SETTINGS = join(import.meta.dirname, "../../../radius-edge/eap/openssl.cnf");

/** A server and a client of TLS 1.3 in a Node of their own; prints how many tickets the client got. */
const HANDSHAKE = `
  import { createServer, connect } from "node:tls";
  const server = createServer({ key: process.env.KEY, cert: process.env.CERTIFICATE }, (socket) => socket.end("bye"));
  server.listen(0, "127.0.0.1", () => {
    let tickets = 0;
    const client = connect({ host: "127.0.0.1", port: server.address().port, ca: process.env.CA, servername: "server" });
    client.on("session", () => tickets++).resume();
    client.on("close", () => { console.log(tickets); server.close(); });
  });`;

async function ticketsUnder(env: NodeJS.ProcessEnv): Promise<string> {
  const authority = await createAuthority("Tickets");
  const { keyPem, certificatePem } = await authority.issue({ commonName: "server", sanDns: ["server"], eku: "server" });
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", HANDSHAKE], {
    env: { ...env, KEY: keyPem, CERTIFICATE: certificatePem, CA: authority.certificatePem },
  });
  return stdout.trim();
}

test("under the edge's settings OpenSSL gives one ticket after a handshake, where it gives two by itself", async () => {
  expect(await ticketsUnder({})).toBe("2");
  expect(await ticketsUnder({ OPENSSL_CONF: SETTINGS })).toBe("1");
});
