import { connect, type SecureVersion } from "node:tls";
import { offersTls13 } from "../../../radius-edge/eap/client-hello.ts";
import { TlsTunnel } from "../../../radius-edge/eap/tls-tunnel.ts";
import { contextOf, createSite } from "./bench.ts";

/** A client's first message, and its end of the tunnel. */
async function hello(minVersion: SecureVersion, maxVersion: SecureVersion) {
  const client = new TlsTunnel("client", (socket) =>
    connect({ socket, minVersion, maxVersion, rejectUnauthorized: false }),
  );
  const turn = await client.begin();
  if (turn.kind !== "flight") throw new Error(turn.kind);
  return { client, bytes: turn.bytes };
}

test.each([
  ["TLSv1.2", "TLSv1.2", false],
  ["TLSv1.2", "TLSv1.3", true],
  ["TLSv1.3", "TLSv1.3", true],
] as const)("a client that speaks %s to %s: TLS 1.3 is offered: %s", async (least, most, isOffered) => {
  const { client, bytes } = await hello(least, most);
  client.destroy();
  expect(offersTls13(bytes)).toBe(isOffered);
});

test("what is cut short, or is no ClientHello, offers nothing", async () => {
  const { client, bytes } = await hello("TLSv1.3", "TLSv1.3");
  client.destroy();
  const list = bytes.indexOf(Buffer.from("002b0003020304", "hex"));
  expect(list).toBeGreaterThan(0);
  const enough = list + 7;
  const offering = Array.from({ length: bytes.length }, (_, length) => length).filter((length) =>
    offersTls13(bytes.subarray(0, length)),
  );
  expect(offering[0]).toBe(enough);
  for (const at of [0, 5]) {
    const other = Buffer.from(bytes);
    other[at] = 2;
    expect(offersTls13(other)).toBe(false);
  }
});

test("a server certificate that comes alone is sent with its issuer, where that is trusted", async () => {
  const { authority, server } = await createSite();
  const { tls } = contextOf(server, [authority.certificatePem]);
  const { client, bytes } = await hello("TLSv1.3", "TLSv1.3");
  const edge = new TlsTunnel("server", (wire) => tls.acceptTls(wire, bytes));
  const flight = await edge.receive(bytes);
  if (flight.kind !== "flight") throw new Error(flight.kind);
  await client.receive(flight.bytes);
  const { certificate, intermediates } = client.peer;
  expect([certificate, ...intermediates].map((sent) => sent?.subject)).toEqual([
    "CN=radius.acme.example",
    "CN=Acme Devices",
  ]);
  client.destroy();
  edge.destroy();
});
