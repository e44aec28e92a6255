import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Directory } from "../../../domain/directory.ts";
import { parseId } from "../../../domain/identifiers.ts";
import type { DirectoryId } from "../../../domain/identifiers.ts";
import { secret } from "../../../domain/secret.ts";
import type { Secret } from "../../../domain/secret.ts";
import { guardDirectories } from "../../../radius-edge/people/directory-address.ts";
import { openDirectory } from "../../../radius-edge/people/directory.ts";
import type { DirectoryClient, DirectoryLimits } from "../../../radius-edge/people/directory.ts";
import { createAuthority } from "../../../simulators/certificates.ts";
import type { Authority } from "../../../simulators/certificates.ts";
import { organizationId } from "../../support/domain-values.ts";
import { AS_READER, startSlapd, SUFFIX } from "../../support/slapd.ts";
import type { Slapd } from "../../support/slapd.ts";

let authority: Authority;
let slapd: Slapd;
let client: Pick<DirectoryClient, "close"> | undefined;
const strangers: Server[] = [];
beforeAll(async () => {
  authority = await createAuthority("Directory CA");
  slapd = await startSlapd(await authority.issue({ commonName: "ldap", sanDns: ["localhost"], eku: "server" }));
});
afterEach(() => {
  client?.close();
  for (const server of strangers.splice(0)) server.close();
});
afterAll(() => slapd.remove());

function directory(change: Partial<Directory> = {}): Directory {
  return {
    id: parseId<DirectoryId>("0198b5a0-0000-7000-8000-0000000000d1")!,
    organizationId,
    name: "Acme",
    type: "custom",
    hosts: [`localhost:${slapd.ports.ldaps}`],
    ...AS_READER,
    userFilter: "(|(uid=%s)(mail=%s))",
    cacerts: [authority.certificatePem],
    whenDown: "reject",
    ...change,
  };
}

/** Its slapd is on this host. */
const GUARD = guardDirectories(["127.0.0.0/8", "::1"]);
/** Patient with a loaded machine, unless a test is about impatience. */
const LIMITS: DirectoryLimits = { serverMs: 20_000, atOnce: 8, inLine: 64 };
const PATIENCE_MS = 40_000;

function open(change: Partial<Directory> = {}, limits: Partial<DirectoryLimits> = {}, guard = GUARD) {
  const opened = openDirectory(directory(change), guard, { ...LIMITS, ...limits });
  client = opened;
  const judge = (name: string, password: Secret, withinMs = PATIENCE_MS) =>
    opened.judge(name, password, performance.now() + withinMs);
  return { judge, close: () => opened.close() };
}

const judge = (name: string, password: string, change: Partial<Directory> = {}) =>
  open(change).judge(name, secret(password));

const STAFF = { kind: "right", labels: ["Wi-Fi staff", `cn=Wi-Fi staff,ou=groups,${SUFFIX}`] };

test.each([
  ["LDAPS", () => `localhost:${slapd.ports.ldaps}`],
  ["StartTLS", () => `ldap://localhost:${slapd.ports.ldap}`],
])("over %s the right password is right, with the user's groups, and another is wrong", async (_, host) => {
  const asked = open({ hosts: [host()] });
  expect(await asked.judge("ada", secret("enchantress"))).toEqual(STAFF);
  expect(await asked.judge("ada", secret("guess"))).toEqual({
    kind: "wrong",
    sentence: `Directory "Acme" refuses uid=ada,ou=people,${SUFFIX}: the password is wrong, or the account is locked.`,
  });
  // On the same connection, which is Ada's no longer.
  expect(await asked.judge("ada", secret("enchantress"))).toEqual(STAFF);
});

test("many ask at once, each on a connection of its own, and none gets another's answer", async () => {
  const asked = open({}, { atOnce: 3 });
  const passwords = Array.from({ length: 24 }, (_, i) => (i % 3 === 0 ? "enchantress" : `guess ${i}`));
  const kinds = (await Promise.all(passwords.map((text) => asked.judge("ada", secret(text))))).map(({ kind }) => kind);
  expect(kinds).toEqual(passwords.map((text) => (text === "enchantress" ? "right" : "wrong")));
});

test.each([
  ["a locked user", "lou", "locked-out", /refuses uid=lou/],
  ["a user without a password", "nopass", "any", /refuses uid=nopass/],
  ["a name that two users have", "twin@acme.example", "twin", /several users named "twin@acme.example"/],
])("%s is refused", async (_, name, password, sentence) => {
  expect(await judge(name, password)).toEqual({ kind: "wrong", sentence: expect.stringMatching(sentence) as string });
});

test("RFC 4513 §5.1.2: a bind without a password would succeed and prove nothing, so none is made", async () => {
  expect(await judge("ada", "")).toEqual({
    kind: "wrong",
    sentence: expect.stringMatching(/the password is empty/) as string,
  });
});

test("an unknown user is not the directory's", async () => {
  expect(await judge("nobody", "any")).toEqual({ kind: "unknownName" });
});

test.each(["*", "ad*", "ada)(uid=*", "*)(|(uid=*", "ada\0", "\\2a", "ada)(&", "(", ")"])(
  "the name %j means itself, and no part of a filter",
  async (name) => {
    expect(await judge(name, "enchantress")).toEqual({ kind: "unknownName" });
  },
);

test("names with what a filter gives a meaning, and outside of ASCII, are found", async () => {
  expect(await judge("a*(b)", "unlucky")).toEqual({ kind: "right", labels: [] });
  expect(await judge("josé", "contraseña")).toEqual({ kind: "right", labels: [] });
});

test("another attribute may name the groups, in whatever case", async () => {
  expect(await judge("ada", "enchantress", { groupAttribute: "EMPLOYEETYPE" })).toEqual({
    kind: "right",
    labels: ["engineer"],
  });
});

test.each([
  [
    "from an authority that is not trusted",
    async () => ({ cacerts: [(await createAuthority("Other")).certificatePem] }),
  ],
  ["for another name", async () => ({ hosts: [`127.0.0.1:${slapd.ports.ldaps}`] })],
  ["for another name, at StartTLS", async () => ({ hosts: [`ldap://127.0.0.1:${slapd.ports.ldap}`] })],
  ["from none of the public authorities", async () => ({ cacerts: [] })],
])("a server with a certificate %s is told no password", async (_, change) => {
  expect(await judge("ada", "enchantress", await change())).toEqual({
    kind: "unavailable",
    answer: "reject",
    sentence: expect.stringMatching(/^Directory "Acme" cannot be asked: \S+: .*(certificate|altnames)/) as string,
  });
});

test.each([
  [
    "a bind password that is wrong",
    { bindPassword: secret("wrong") },
    /cn=reader,\S+ is refused: the password is wrong/,
  ],
  ["a base that is not there", { baseDn: "dc=nowhere" }, /LDAP result code 32/],
  ["a filter that is none", { userFilter: "(uid=%s" }, /Unbalanced parens/],
])("%s makes the directory unavailable, and nobody's password wrong", async (_, change, sentence) => {
  expect(await judge("ada", "enchantress", change)).toEqual({
    kind: "unavailable",
    answer: "reject",
    sentence: expect.stringMatching(sentence) as string,
  });
});

test("behaviour 8.4: a directory that is down accepts nobody: it rejects, or is silent where it is told so", async () => {
  const silent = open({ whenDown: "silence" });
  const rejecting = open();
  expect(await rejecting.judge("ada", secret("enchantress"))).toEqual(STAFF);
  await slapd.stop();
  try {
    for (let i = 0; i < 3; i++) {
      expect(await rejecting.judge("ada", secret("enchantress"))).toMatchObject({
        kind: "unavailable",
        answer: "reject",
        sentence: expect.stringMatching(/ECONNREFUSED/) as string,
      });
    }
    expect(await rejecting.judge("ada", secret("enchantress"))).toMatchObject({
      kind: "unavailable",
      answer: "reject",
      sentence: expect.stringMatching(/have just failed/) as string,
    });
    expect(await silent.judge("ada", secret("enchantress"))).toMatchObject({ kind: "unavailable", answer: "silence" });
  } finally {
    silent.close();
    await slapd.start();
  }
});

test("a server that was started again is asked over a new connection, as if nothing had been", async () => {
  const asked = open();
  expect(await asked.judge("ada", secret("enchantress"))).toEqual(STAFF);
  await slapd.stop();
  await slapd.start();
  expect(await asked.judge("ada", secret("enchantress"))).toEqual(STAFF);
});

/** A server that answers each first message of a connection by `answer`, and ends the connection at the second. */
async function startStranger(answer: (request: Buffer) => Buffer | undefined) {
  const connections: Buffer[][] = [];
  const server = createServer((socket) => {
    const heard: Buffer[] = [];
    connections.push(heard);
    socket.on("error", () => undefined);
    socket.on("data", (data) => {
      const reply = heard.push(data) === 1 ? answer(data) : undefined;
      if (reply === undefined) socket.destroy();
      else socket.write(reply);
    });
  }).listen(0, "127.0.0.1");
  strangers.push(server);
  await once(server, "listening");
  return { connections, port: (server.address() as AddressInfo).port };
}

test("the next server is asked, at once where the first has failed three times in a row", async () => {
  const stranger = await startStranger(() => undefined);
  const asked = open({ hosts: [`localhost:${stranger.port}`, `localhost:${slapd.ports.ldaps}`] });
  for (let i = 0; i < 5; i++) expect(await asked.judge("ada", secret("enchantress"))).toEqual(STAFF);
  expect(stranger.connections).toHaveLength(3);
});

// ExtendedResponse (RFC 4511 §4.12): success is 0, protocolError 2.
test.each([0, 2])(
  "a server that answers StartTLS by %i, and then has no TLS, hears nothing in the clear",
  async (code) => {
    const stranger = await startStranger((request) =>
      Buffer.from([0x30, 0x0c, 0x02, 0x01, request[4]!, 0x78, 0x07, 0x0a, 0x01, code, 0x04, 0x00, 0x04, 0x00]),
    );
    const asked = open({ hosts: [`ldap://localhost:${stranger.port}`] });
    expect(await asked.judge("ada", secret("enchantress"))).toMatchObject({ kind: "unavailable", answer: "reject" });
    expect(stranger.connections).toHaveLength(1);
    const [heard] = stranger.connections;
    expect(heard![0]!.toString("latin1")).toContain("1.3.6.1.4.1.1466.20037");
    expect(heard!.map(([first]) => first)).toEqual(code === 0 ? [0x30, 0x16] : [0x30]); // LDAPMessage, TLS handshake record
  },
);

describe("beside a server that accepts connections and says nothing", () => {
  let mute: Server;
  const sockets = new Set<Socket>();
  beforeAll(async () => {
    mute = createServer((socket) => sockets.add(socket.on("error", () => undefined))).listen(0, "127.0.0.1");
    await once(mute, "listening");
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    mute.close();
  });
  const muteHost = (scheme: string): string => `${scheme}://localhost:${(mute.address() as AddressInfo).port}`;

  test.each(["ldaps", "ldap"])("behaviour 8.4: what %s does not answer in time is unavailable", async (scheme) => {
    const asked = open({ hosts: [muteHost(scheme)] }, { serverMs: 100 });
    expect(await asked.judge("ada", secret("enchantress"))).toEqual({
      kind: "unavailable",
      answer: "reject",
      sentence: `Directory "Acme" cannot be asked: ${muteHost(scheme)}: no answer in time.`,
    });
  });

  test("behaviour 8.4: nor is one waited for that speaks TLS, and then says nothing to a bind", async () => {
    const { certificatePem, keyPem } = await authority.issue({
      commonName: "mute",
      sanDns: ["localhost"],
      eku: "server",
    });
    const held: Socket[] = [];
    const server = createTlsServer({ cert: certificatePem, key: keyPem }, (socket) => held.push(socket)).listen(
      0,
      "127.0.0.1",
    );
    strangers.push(server);
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const asked = open({ hosts: [`localhost:${port}`], whenDown: "silence" }, { serverMs: 1_000 });
    expect(await asked.judge("ada", secret("enchantress"))).toEqual({
      kind: "unavailable",
      answer: "silence",
      sentence: `Directory "Acme" cannot be asked: localhost:${port}: no answer in time.`,
    });
    for (const socket of held) socket.destroy();
  });

  test("behaviour 8.4: whoever stands in line hears in time what is set, and the server never hears of him", async () => {
    const asked = open({ hosts: [muteHost("ldaps")], whenDown: "silence" }, { serverMs: 500, atOnce: 1 });
    const before = sockets.size;
    const [first, ...others] = await Promise.all(["a", "b", "c"].map((name) => asked.judge(name, secret("any"), 700)));
    expect(first).toMatchObject({ answer: "silence", sentence: expect.stringMatching(/no answer in time/) as string });
    for (const other of others)
      expect(other).toEqual({
        kind: "unavailable",
        answer: "silence",
        sentence: 'Directory "Acme" cannot be asked: too many ask at the same time.',
      });
    expect(sockets.size).toBeLessThanOrEqual(before + 1);
  });

  test("a server that had less than its time is not left alone for it", async () => {
    const asked = open({ hosts: [muteHost("ldaps")] });
    for (let i = 0; i < 4; i++)
      expect(await asked.judge("ada", secret("any"), 50)).toMatchObject({
        kind: "unavailable",
        sentence: expect.stringMatching(/no answer in time/) as string,
      });
  });

  test("when the first server has taken all the time, the next is said to have had none", async () => {
    const asked = open({ hosts: [muteHost("ldaps"), `localhost:${slapd.ports.ldaps}`] });
    const { sentence } = (await asked.judge("ada", secret("enchantress"), 100)) as { readonly sentence: string };
    expect(sentence).toContain("no answer in time; ");
    expect(sentence).toContain(`localhost:${slapd.ports.ldaps}: no time was left for it.`);
  });

  test("whoever finds no room in line is not kept", async () => {
    const asked = open({ hosts: [muteHost("ldaps")], whenDown: "silence" }, { serverMs: 200, atOnce: 1, inLine: 1 });
    const [, , turnedAway] = ["a", "b", "c"].map((name) => asked.judge(name, secret("any")));
    expect(await turnedAway).toMatchObject({
      kind: "unavailable",
      answer: "silence",
      sentence: expect.stringMatching(/too many/) as string,
    });
  });
});

test("a directory on this host is not asked unless the operator has said so, by name or by address", async () => {
  for (const host of ["localhost", "127.0.0.1", "[::ffff:127.0.0.1]", "127.1"]) {
    const asked = open({ hosts: [`${host}:${slapd.ports.ldaps}`] }, {}, guardDirectories([]));
    expect(await asked.judge("ada", secret("enchantress"))).toEqual({
      kind: "unavailable",
      sentence: expect.stringMatching(
        /is loopback, link-local or no host's: .* unless PORTCULLIS_MDM_ALLOWED_NETWORKS has it/,
      ) as string,
      answer: "reject",
    });
    asked.close();
  }
  expect(await judge("ada", "enchantress")).toEqual(STAFF);
});
