import { createTenant, NAS_SECRET, startTestEdge } from "../support/edge.ts";
import type { TestEdge } from "../support/edge.ts";
import { reveal } from "../../domain/secret.ts";
import { radclient } from "./freeradius.ts";

let running: TestEdge;
const secret = reveal(NAS_SECRET);

beforeAll(async () => {
  running = await startTestEdge(async (store) => {
    const rules = [{ gives: [{ name: "quarantine", type: "vlan", values: ["99"] } as const] }];
    await createTenant(store, { name: "Acme", nasAddress: "127.0.0.1", rules });
  });
});
afterAll(() => running.close());

const MAC = ['Calling-Station-Id = "A4-83-E7-11-22-33"', "NAS-Port-Type = Ethernet", "Message-Authenticator = 0x00"];

test("MAC authentication with the address as name and password", async () => {
  const credentials = ['User-Name = "a483e7112233"', 'User-Password = "a483e7112233"'];
  const { succeeded, output } = await radclient(running.edge.authentication, "auth", secret, [...credentials, ...MAC]);
  expect([succeeded, output]).toEqual([true, expect.stringContaining("Received Access-Accept")]);
  expect(output).toContain('Tunnel-Private-Group-Id:0 = "99"');
});

test("a user's password in the clear is no way in", async () => {
  const credentials = ['User-Name = "alice"', 'User-Password = "correct horse"'];
  const { output } = await radclient(running.edge.authentication, "auth", secret, [...credentials, ...MAC]);
  expect(output).toContain("Received Access-Reject");
});

test("a wrong secret gets silence", async () => {
  const credentials = ['User-Name = "a483e7112233"', 'User-Password = "a483e7112233"'];
  const { output } = await radclient(running.edge.authentication, "auth", "not the secret", [...credentials, ...MAC]);
  expect(output).toContain("No reply from server");
}, 60_000);

test.each(["Start", "Interim-Update", "Stop", "Accounting-On", "Accounting-Off"])("accounting: %s", async (status) => {
  const session = [`Acct-Status-Type = ${status}`, 'Acct-Session-Id = "4FECC41E"', 'NAS-Identifier = "switch-1"'];
  const { succeeded, output } = await radclient(running.edge.accounting, "acct", secret, [...session, MAC[0]!]);
  expect([succeeded, output]).toEqual([true, expect.stringContaining("Received Accounting-Response")]);
});

test.each([
  ["authentication", "Access-Accept"],
  ["accounting", "Accounting-Response"],
] as const)("Status-Server at the port for %s", async (service, answer) => {
  const { succeeded, output } = await radclient(running.edge[service], "status", secret, [
    "Message-Authenticator = 0x00",
  ]);
  expect([succeeded, output]).toEqual([true, expect.stringContaining(`Received ${answer}`)]);
});
