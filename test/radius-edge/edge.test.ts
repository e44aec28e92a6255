import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { secret } from "../../domain/secret.ts";
import { startEdge } from "../../radius-edge/main.ts";
import type { RunningEdge } from "../../radius-edge/main.ts";
import * as write from "../../radius-edge/wire/attribute-writers.ts";
import * as read from "../../radius-edge/wire/attribute-readers.ts";
import { buildRequest, newRequestAuthenticator, verifyResponse } from "../../radius-edge/wire/exchange.ts";
import type { Packet } from "../../radius-edge/wire/packet.ts";
import { loadConfig } from "../../runtime/config.ts";
import { createLog } from "../../runtime/log.ts";
import { createMetrics } from "../../runtime/metrics.ts";
import { searchEvents } from "../../store/events.ts";
import { createLabel, listLabels } from "../../store/labels.ts";
import { createNas } from "../../store/nases.ts";
import { createRule } from "../../store/rules.ts";
import { createSeals } from "../../runtime/secrets.ts";
import { parseMasterKeys } from "../../runtime/master-keys.ts";
import { openStore } from "../../store/pool.ts";
import type { Store } from "../../store/pool.ts";
import { newOrganization } from "../support/store.ts";
import { createDatabase } from "../support/postgres.ts";

const SECRET = secret("edge-test-secret");
const MASTER_KEYS = `test:${randomBytes(32).toString("base64")}`;
const NOTHING = { labels: [], fields: {} };

let edge: RunningEdge;
let store: Store;
let organizationId: OrganizationId;
let release: () => Promise<void>;

beforeAll(async () => {
  const database = await createDatabase();
  const folder = await mkdtemp(join(tmpdir(), "portcullis-edge-"));
  store = openStore({ databaseUrl: database.url, seals: createSeals(parseMasterKeys(MASTER_KEYS, "test")) });
  organizationId = await newOrganization(store);
  const unknown = (await listLabels(store, organizationId)).find(({ label }) => label.name === "Unknown")!.label;
  const vlan = await createLabel(store, organizationId, { name: "quarantine", type: "vlan", values: ["99"] });
  if (vlan.kind !== "ok") throw new Error(vlan.kind);
  await createRule(store, organizationId, {
    name: "first time",
    order: 1,
    enabled: true,
    action: "allow",
    matching: { labels: [unknown.id], fields: {} },
    notMatching: NOTHING,
    applyLabels: [vlan.label.id],
  });
  await createNas(store, organizationId, {
    name: "switch",
    address: "127.0.0.1",
    secret: SECRET,
    profile: "hostapd",
    coaPort: 3799,
  });
  const env = {
    DATABASE_URL: database.url,
    PORTCULLIS_STATE_DIR: folder,
    PORTCULLIS_MASTER_KEYS: MASTER_KEYS,
  };
  const config = loadConfig(env, "edge");
  const ports = { ...config.ports, authentication: 0, accounting: 0, internal: 0 };
  edge = await startEdge({ ...config, ports }, { log: createLog("edge", "silent"), metrics: createMetrics("edge") });
  release = async () => {
    await edge.close();
    await store.close();
    await database.drop();
    await rm(folder, { recursive: true });
  };
});
afterAll(() => release());

/** Sends octets and resolves to what came back within a while, if anything. */
async function exchange(bytes: Buffer, address = edge.authentication, waitMs = 3_000): Promise<Buffer | undefined> {
  const socket = createSocket("udp4");
  const [host, port] = address.split(":");
  socket.send(bytes, Number(port), host);
  const answer = await Promise.race([
    once(socket, "message").then(([datagram]) => datagram as Buffer),
    new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), waitMs).unref()),
  ]);
  socket.close();
  return answer;
}

function macRequest(mac: string, sharedSecret = SECRET): Buffer {
  const encoded = buildRequest(
    {
      code: "Access-Request",
      identifier: 7,
      authenticator: newRequestAuthenticator(),
      attributes: [write.writeUserName(mac), write.writeCallingStationId(mac), write.writeServiceType(10)],
    },
    sharedSecret,
  );
  if (encoded.kind !== "encoded") throw new Error(encoded.sentence);
  return encoded.bytes;
}

async function authenticate(mac: string): Promise<Packet> {
  const request = macRequest(mac);
  const verified = verifyResponse((await exchange(request))!, request, SECRET);
  if (verified.kind === "drop") throw new Error(verified.reason);
  return verified.packet;
}

test("behaviour 6.1: an unknown client is accepted into quarantine with Class and Acct-Interim-Interval, and no Session-Timeout", async () => {
  const accept = await authenticate("a4-83-e7-00-00-01");
  expect(accept.code).toBe("Access-Accept");
  expect(read.readClasses(accept)).toHaveLength(1);
  expect(read.readAcctInterimIntervalSeconds(accept)).toBe(600);
  expect(read.readSessionTimeoutSeconds(accept)).toBeUndefined();
  expect(
    accept.attributes
      .find(([type]) => type === 81)?.[1]
      .subarray(1)
      .toString(),
  ).toBe("99");
});

test("the event is durable when the answer arrives", async () => {
  await authenticate("a4-83-e7-00-00-02");
  const { events } = await searchEvents(store, organizationId, {
    types: ["NAC_CLIENT_PERMIT"],
    start: 0,
    end: Date.now() + 60_000,
    limit: 10,
  });
  expect(events.map(({ mac }) => mac)).toContain("a483e7000002");
});

test("a repeated request is answered with the same octets", async () => {
  const request = macRequest("a4-83-e7-00-00-03");
  const socket = createSocket("udp4");
  const [host, port] = edge.authentication.split(":");
  const answers: Buffer[] = [];
  for (let i = 0; i < 2; i++) {
    socket.send(request, Number(port), host);
    answers.push(((await once(socket, "message")) as [Buffer])[0]);
  }
  socket.close();
  expect(answers[1]).toEqual(answers[0]);
});

test("a wrong secret gets no answer", async () => {
  expect(
    await exchange(macRequest("a4-83-e7-00-00-04", secret("another-secret")), edge.authentication, 500),
  ).toBeUndefined();
});
