import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { parseId } from "../../../domain/identifiers.ts";
import type { DirectoryId } from "../../../domain/identifiers.ts";
import type { Directory } from "../../../domain/directory.ts";
import { openConversations } from "../../../radius-edge/eap/conversations.ts";
import { guardDirectories } from "../../../radius-edge/people/directory-address.ts";
import { openDirectories } from "../../../radius-edge/people/directories.ts";
import { openDirectory } from "../../../radius-edge/people/directory.ts";
import { openPasswordChecks } from "../../../radius-edge/people/password-check.ts";
import type { PasswordChecks } from "../../../radius-edge/people/password-check.ts";
import { Supplicant } from "../../../simulators/supplicant.ts";
import { organizationId } from "../../support/domain-values.ts";
import { AS_READER, startSlapd } from "../../support/slapd.ts";
import type { Slapd } from "../../support/slapd.ts";
import { converse, createSite } from "../eap/bench.ts";
import type { Site } from "../eap/bench.ts";

/** Each word of the directory's comes so late: a judgement takes four of them, on a kept connection three. */
const LATE_MS = 250;

let site: Site;
let slapd: Slapd;
let far: { readonly port: number; close(): void };
let checks: PasswordChecks;
beforeAll(async () => {
  site = await createSite();
  slapd = await startSlapd(await site.authority.issue({ commonName: "ldap", sanDns: ["localhost"], eku: "server" }));
  far = await openFarAway(slapd.ports.ldaps);
});
afterEach(() => checks.close());
afterAll(async () => {
  far.close();
  await slapd.remove();
});

/** Stands for a long way to a server: what it says comes late, and in order. */
async function openFarAway(port: number): Promise<typeof far> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((near) => {
    const server = connect({ port, host: "127.0.0.1" });
    for (const socket of [near, server]) sockets.add(socket.on("error", () => socket.destroy()));
    near.pipe(server);
    server.on("data", (octets) => setTimeout(() => near.write(octets), LATE_MS));
    near.on("close", () => server.destroy());
    server.on("close", () => near.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function directory(whenDown: Directory["whenDown"]): Directory {
  return {
    id: parseId<DirectoryId>("0198b5a0-0000-7000-8000-0000000000d2")!,
    organizationId,
    name: "Far away",
    type: "custom",
    hosts: [`localhost:${far.port}`],
    ...AS_READER,
    cacerts: [site.authority.certificatePem],
    whenDown,
  };
}

/** How so many clients fare that prove themselves by EAP-TTLS at once. */
async function rush(clients: number, whenDown: Directory["whenDown"]): Promise<Readonly<Record<string, number>>> {
  const guard = guardDirectories(["127.0.0.0/8", "::1"]);
  checks = openPasswordChecks({
    peopleOf: () => ({ users: new Map(), directories: [directory(whenDown)] }),
    directories: openDirectories((one) => openDirectory(one, guard)),
  });
  const conversations = openConversations({ processId: 1 });
  const context = { ...site.context, checkPassword: checks.of(organizationId) };
  const fates: Record<string, number> = {};
  const come = async (): Promise<void> => {
    const supplicant = new Supplicant({
      identity: "anonymous",
      user: { name: "ada", password: "enchantress" },
      trustedCas: [site.authority.certificatePem],
    });
    const fate = await converse(conversations, context, supplicant, undefined).then(
      ({ server }) => (server.kind === "reject" ? server.failure.sentence : server.kind),
      (error: Error) => error.message,
    );
    fates[fate] = (fates[fate] ?? 0) + 1;
    supplicant.close();
  };
  await Promise.all(Array.from({ length: clients }, come));
  conversations.close();
  return fates;
}

test("behaviour 8.4: of those who stand in line for a slow directory nobody is rejected where silence is set", async () => {
  const { accept = 0, ...others } = await rush(64, "silence");
  const silences = Object.entries(others).filter(([fate]) =>
    fate.startsWith('dropped: Directory "Far away" cannot be asked'),
  );
  expect(Object.fromEntries(silences)).toEqual(others);
  expect(silences.reduce((sum, [, clients]) => sum + clients, accept)).toBe(64);
}, 60_000);
