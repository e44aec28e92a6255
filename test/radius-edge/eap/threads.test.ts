import { setTimeout as wait } from "node:timers/promises";
import { type MacAddress, parseMac } from "../../../domain/mac-address.ts";
import { reveal } from "../../../domain/secret.ts";
import type { Conversations, Turn } from "../../../radius-edge/eap/conversations.ts";
import type { EapContext } from "../../../radius-edge/eap/method.ts";
import { stateProcessId } from "../../../radius-edge/eap/state.ts";
import type { ThreadLoss } from "../../../radius-edge/eap/running-thread.ts";
import { openThreads } from "../../../radius-edge/eap/threads.ts";
import type { CertifiedKey } from "../../../simulators/certificates.ts";
import { Supplicant, type SupplicantProfile } from "../../../simulators/supplicant.ts";
import { contextOf, converse, createSite, NAS, type Site } from "./bench.ts";
import { FAILING_THREAD, THREAD } from "./in-threads.ts";

const FIRST = 0x1230;
const MACS = Array.from({ length: 12 }, (_, n) => parseMac(`a4:83:e7:00:98:${(10 + n).toString()}`)!);

let site: Site;
let device: CertifiedKey;
let threads: Conversations;
let losses: ThreadLoss[];
beforeAll(async () => {
  site = await createSite();
  device = await site.authority.issue({ commonName: "mac-01" });
});
afterEach(() => threads.close());

async function open(count: number, entry: URL = THREAD, stuckAfterMs = 30_000): Promise<void> {
  losses = [];
  threads = await openThreads({
    count,
    entry,
    limits: { processId: FIRST, capacity: 4_000, capacityPerNas: 1_000 },
    onLost: (loss) => losses.push(loss),
    stuckAfterMs,
  });
}

const profile = (more: Partial<SupplicantProfile> = {}): SupplicantProfile => ({
  identity: "host/mac-01",
  ...device,
  trustedCas: [site.authority.certificatePem],
  ...more,
});

async function connect(context: EapContext, mac: MacAddress | undefined, more?: Partial<SupplicantProfile>) {
  const supplicant = new Supplicant(profile(more));
  try {
    return await converse(threads, { ...context, mac }, supplicant, undefined);
  } finally {
    supplicant.close();
  }
}

function begin(identity: string, mac?: MacAddress): Promise<Turn> {
  const eap = new Supplicant(profile({ identity })).identityResponse(1);
  return threads.receive({ nas: NAS, eap, state: undefined, framedMtu: undefined, context: { ...site.context, mac } });
}

/** The thread at which a conversation of this client begins. */
async function threadOf(mac: MacAddress): Promise<number> {
  const turn = await begin("host/mac-01", mac);
  if (turn.kind !== "challenge") throw new Error(turn.kind);
  return stateProcessId(turn.state)! - FIRST;
}

test("clients are spread over the threads, each always to the same, and all get in with the keys of their own", async () => {
  await open(2);
  const places = await Promise.all(MACS.map(threadOf));
  expect(new Set(places)).toEqual(new Set([0, 1]));
  expect(await Promise.all(MACS.map(threadOf))).toEqual(places);
  const meetings = await Promise.all(MACS.map((mac) => connect(site.context, mac)));
  for (const { server, client } of meetings) {
    if (server.kind !== "accept" || client.kind !== "success") throw new Error(server.kind);
    expect(client.msk.equals(server.msk)).toBe(true);
    expect(server.evidence).toMatchObject({ method: "EAP-TLS", certificate: { commonName: "mac-01" } });
  }
  expect(new Set(meetings.map(({ server }) => server.kind === "accept" && server.msk.toString("hex"))).size).toBe(12);
});

test.each(["TLSv1.2", "TLSv1.3"] as const)("a ticket over %s of one thread is good at another", async (version) => {
  await open(2);
  const places = await Promise.all(MACS.map(threadOf));
  const here = MACS[places.indexOf(0)]!;
  const there = MACS[places.indexOf(1)]!;
  const versions = { minVersion: version, maxVersion: version };
  const { session } = await connect(site.context, here, versions);
  const again = await connect(site.context, there, { ...versions, session: session! });
  expect(again.server).toMatchObject({ kind: "accept", evidence: { resumed: true } });
});

test("passwords and certificates are judged outside, by whom the organization has now", async () => {
  await open(1);
  const asked: string[] = [];
  const judged: EapContext = {
    ...site.context,
    checkPassword: async (name, password, mac) => {
      asked.push(`${name} ${reveal(password)} of ${mac}`);
      return { kind: "right", labels: ["staff"] };
    },
    revocationOf: ({ resumed }) => {
      asked.push(`resumed: ${resumed}`);
      return { kind: "refused", reason: "certificateRevoked", sentence: "Revoked." };
    },
  };
  const user = { name: "amy", password: "correct horse" };
  const amy = await connect(judged, MACS[0], { user });
  expect(amy.server).toMatchObject({ kind: "accept", evidence: { userName: "amy", userLabels: ["staff"] } });
  const { server } = await connect(judged, undefined);
  const failure = { reason: "certificateRevoked", certificate: { commonName: "mac-01" } };
  expect(server).toMatchObject({ kind: "reject", failure });
  expect(asked).toEqual([`amy correct horse of ${MACS[0]}`, "resumed: false"]);
  const broken: EapContext = { ...judged, checkPassword: () => Promise.reject(new Error("no judge")) };
  const end = await connect(broken, undefined, { user });
  expect(end.server).toMatchObject({ kind: "reject", failure: { reason: "internalError" } });
});

test("a conversation goes on under the trust that it began with, and others begin under the new", async () => {
  await open(1);
  const stranger = await createSite();
  const after = contextOf(site.server, [stranger.authority.certificatePem]);
  const supplicant = new Supplicant(profile());
  const first = await threads.receive({
    nas: NAS,
    eap: supplicant.identityResponse(1),
    state: undefined,
    framedMtu: undefined,
    context: site.context,
  });
  expect((await connect(after, undefined)).server).toMatchObject({ failure: { reason: "unknownAuthority" } });
  let server = first;
  while (server.kind === "challenge") {
    const said = await supplicant.answer(server.eap);
    if (said.kind !== "response") throw new Error(said.kind);
    const { state } = server;
    server = await threads.receive({ nas: NAS, eap: said.eap, state, framedMtu: undefined, context: after });
  }
  expect(server.kind).toBe("accept");
  supplicant.close();
});

test("a thread that ends takes its conversations along, and another takes its place", async () => {
  await open(1, FAILING_THREAD);
  const left = await begin("host/mac-01");
  if (left.kind !== "challenge") throw new Error(left.kind);
  expect(await begin("exit")).toMatchObject({ kind: "drop", reason: "lost" });
  expect(losses).toEqual([{ conversations: 1, cause: undefined }]);
  expect(threads.size()).toBe(0);
  while ((await begin("host/mac-01")).kind !== "challenge") await wait(50);
  expect((await connect(site.context, undefined)).server.kind).toBe("accept");
  const eap = Buffer.from([2, left.eap[1]!, 0, 6, 13, 0]);
  const late = { nas: NAS, eap, state: left.state, framedMtu: undefined, context: site.context };
  expect(await threads.receive(late)).toMatchObject({ kind: "drop", reason: "unknownState" });
});

test("a thread that is stuck is ended", async () => {
  await open(1, FAILING_THREAD, 3_000);
  expect(await begin("spin")).toMatchObject({ kind: "drop", reason: "lost" });
  expect(losses).toHaveLength(1);
});

test("a thread that is behind begins nothing, and goes on with what has begun", async () => {
  await open(1, FAILING_THREAD);
  const busyOnce = async (): Promise<Turn> => {
    const goesOn = begin("spin 1300");
    const [behind] = await Promise.all([wait(1_350).then(() => begin("host/mac-01")), goesOn]);
    expect((await goesOn).kind).toBe("challenge");
    return behind;
  };
  // What it says of its line is heard for a fifth of a second.
  let behind = await busyOnce();
  while (behind.kind === "challenge") behind = await busyOnce();
  expect(behind).toMatchObject({ kind: "drop", reason: "full" });
  while ((await begin("host/mac-01")).kind !== "challenge") await wait(50);
});
