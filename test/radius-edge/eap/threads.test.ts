import { setTimeout as wait } from "node:timers/promises";
import { BroadcastChannel } from "node:worker_threads";
import { type MacAddress, parseMac } from "../../../domain/mac-address.ts";
import { reveal } from "../../../domain/secret.ts";
import type { Conversations, Turn } from "../../../radius-edge/eap/conversations.ts";
import type { EapContext } from "../../../radius-edge/eap/method.ts";
import { EAP_TYPE, encodeEapMessage } from "../../../radius-edge/eap/packet.ts";
import type { ThreadLoss } from "../../../radius-edge/eap/running-thread.ts";
import { openThreads } from "../../../radius-edge/eap/threads.ts";
import type { CertifiedKey } from "../../../simulators/certificates.ts";
import { Supplicant, type SupplicantProfile } from "../../../simulators/supplicant.ts";
import { collectGarbage, contextOf, converse, createSite, NAS, type Site } from "./bench.ts";
import { FAILING_THREAD, THREAD } from "./in-threads.ts";

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

async function open(
  count: number,
  entry: URL = THREAD,
  { stuckAfterMs = 30_000, firstUnderWay = 256 }: { stuckAfterMs?: number; firstUnderWay?: number } = {},
): Promise<void> {
  losses = [];
  threads = await openThreads({
    count,
    entry,
    limits: { processId: 7, firstUnderWay },
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

type Challenge = Extract<Turn, { kind: "challenge" }>;

function arrive(eap: Buffer, state?: Buffer, mac?: MacAddress): Promise<Turn> {
  return threads.receive({ nas: NAS, eap, state, framedMtu: undefined, context: { ...site.context, mac } });
}

function begin(mac?: MacAddress): Promise<Turn> {
  return arrive(new Supplicant(profile()).identityResponse(1), undefined, mac);
}

/** As soon as one may. */
async function begun(mac?: MacAddress): Promise<Challenge> {
  for (let turn = await begin(mac); ; turn = await begin(mac)) {
    if (turn.kind === "challenge") return turn;
    await wait(50);
  }
}

/** A client that sends this as its first TLS message: the failing thread does what it says. */
async function say(word: string, mac?: MacAddress): Promise<Turn> {
  return goOn(await begun(mac), word, mac);
}

function goOn({ eap, state }: Challenge, word: string, mac?: MacAddress): Promise<Turn> {
  const typeData = Buffer.concat([Buffer.from([0]), Buffer.from(word)]);
  return arrive(encodeEapMessage({ kind: "response", identifier: eap[1]!, type: EAP_TYPE.tls, typeData }), state, mac);
}

/** The threads that run the TLS of these clients. */
async function threadsOf(macs: readonly MacAddress[]): Promise<number[]> {
  const where = new BroadcastChannel("where");
  const places: number[] = [];
  for (const mac of macs) {
    const told = new Promise<number>((resolve) => (where.onmessage = ({ data }) => resolve(data as number)));
    await say("where", mac);
    places.push(await told);
  }
  where.close();
  return places;
}

test("clients are spread over the threads, each always to the same, and all get in with the keys of their own", async () => {
  await open(2, FAILING_THREAD);
  const places = await threadsOf(MACS);
  expect(new Set(places).size).toBe(2);
  expect(await threadsOf(MACS)).toEqual(places);
  const meetings = await Promise.all(MACS.map((mac) => connect(site.context, mac)));
  for (const { server, client } of meetings) {
    if (server.kind !== "accept" || client.kind !== "success") throw new Error(server.kind);
    expect(client.msk.equals(server.msk)).toBe(true);
    expect(server.evidence).toMatchObject({ method: "EAP-TLS", certificate: { commonName: "mac-01" } });
  }
  expect(new Set(meetings.map(({ server }) => server.kind === "accept" && server.msk.toString("hex"))).size).toBe(12);
});

test.each(["TLSv1.2", "TLSv1.3"] as const)("a ticket over %s of one thread is good at another", async (version) => {
  await open(2, FAILING_THREAD);
  const places = await threadsOf(MACS);
  const here = MACS[0]!;
  const there = MACS[places.findIndex((place) => place !== places[0])]!;
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

test("a thread forgets the context of an organization that is gone, and serves on", async () => {
  await open(1, FAILING_THREAD);
  const keys: unknown[] = [];
  const forgotten = new BroadcastChannel("forgotten");
  forgotten.onmessage = ({ data }) => keys.push(data);
  const ofNobodyAfter = (): EapContext => contextOf(site.server, [site.authority.certificatePem]);
  expect((await connect(site.context, undefined)).server.kind).toBe("accept");
  expect((await connect(ofNobodyAfter(), undefined)).server.kind).toBe("accept");
  while (keys.length === 0) {
    collectGarbage();
    await wait(20);
  }
  forgotten.close();
  expect(keys).toEqual([2]);
  expect((await connect(site.context, undefined)).server.kind).toBe("accept");
});

test("a thread that ends takes along the conversations that had begun there, and another takes its place", async () => {
  await open(1, FAILING_THREAD);
  const [supplicant, patient] = [new Supplicant(profile()), new Supplicant(profile())];
  const answer = async (to: Supplicant, eap: Buffer): Promise<Buffer> => {
    const said = await to.answer(eap);
    if (said.kind !== "response") throw new Error(said.kind);
    return said.eap;
  };
  let left = await begun();
  // A long ClientHello comes in pieces, and each but the last is answered by an acknowledgement, six octets (RFC 5216 §2.1.5).
  do {
    const next = await arrive(await answer(supplicant, left.eap), left.state);
    if (next.kind !== "challenge") throw new Error(next.kind);
    left = next;
  } while (left.eap.length <= 6);
  const yetToBegin = await begun();
  expect(await say("exit")).toMatchObject({ kind: "drop", reason: "lost" });
  expect(losses).toEqual([{ conversations: 2, cause: undefined }]);
  expect(threads.size()).toBe(1);
  await begun();
  expect((await connect(site.context, undefined)).server.kind).toBe("accept");
  const late = await arrive(await answer(supplicant, left.eap), left.state);
  expect(late).toMatchObject({ kind: "drop", reason: "unknownState" });
  expect((await arrive(await answer(patient, yetToBegin.eap), yetToBegin.state)).kind).toBe("challenge");
  for (const one of [supplicant, patient]) one.close();
});

test("without a thread nothing begins, and a conversation that comes to TLS is over", async () => {
  await open(1, FAILING_THREAD);
  // Another takes its place within about a second.
  const untilNext = async (): Promise<readonly Turn[]> => {
    const { eap, state } = await begun();
    await say("exit");
    const typeData = Buffer.from([0, 0]);
    const message = encodeEapMessage({ kind: "response", identifier: eap[1]!, type: EAP_TYPE.tls, typeData });
    return [await arrive(message, state), await begin()];
  };
  let turns = await untilNext();
  while (turns.some(({ kind }) => kind !== "drop")) turns = await untilNext();
  expect(turns).toMatchObject([{ reason: "lost" }, { reason: "lost" }]);
  expect(threads.size()).toBe(0);
});

test("a thread that is stuck is ended", async () => {
  await open(1, FAILING_THREAD, { stuckAfterMs: 3_000 });
  expect(await say("spin")).toMatchObject({ kind: "drop", reason: "lost" });
  expect(losses).toHaveLength(1);
});

test("a thread that is behind begins nothing, and goes on with what has begun", async () => {
  await open(1, FAILING_THREAD);
  const busyOnce = async (): Promise<Turn> => {
    const goesOn = say("spin 1300");
    const [behind] = await Promise.all([wait(1_350).then(() => begin()), goesOn]);
    expect((await goesOn).kind).not.toBe("drop");
    return behind;
  };
  // What it says of its line is heard for a fifth of a second.
  let behind = await busyOnce();
  while (behind.kind === "challenge") behind = await busyOnce();
  expect(behind).toMatchObject({ kind: "drop", reason: "full" });
  await begun();
});

/** Clients of one of two threads, and those of the other. */
async function parted(): Promise<readonly [MacAddress[], MacAddress[]]> {
  const places = await threadsOf(MACS);
  return [MACS.filter((_, n) => places[n] === places[0]), MACS.filter((_, n) => places[n] !== places[0])];
}

test("clients whose thread is stuck keep from none of the others their place", async () => {
  await open(2, FAILING_THREAD, { firstUnderWay: 3 });
  const [stuck, others] = await parted();
  const waiting = await Promise.all([1, 2, 3].map(() => begun(stuck[0])));
  for (const one of waiting) void goOn(one, "spin", stuck[0]);
  for (const mac of others) expect((await connect(site.context, mac)).server.kind).toBe("accept");
});

test("a thread that says nothing has none begin, nor begin anew, and the others do", async () => {
  await open(2, FAILING_THREAD);
  const [stuck, others] = await parted();
  const { state } = await begun(stuck[0]);
  void say("spin", stuck[0]);
  let turn = await begin(stuck[0]);
  while (turn.kind === "challenge") {
    await wait(100);
    turn = await begin(stuck[0]);
  }
  const behind = { kind: "drop", reason: "full", sentence: "The EAP thread is behind with what it has." };
  expect(turn).toEqual(behind);
  expect(await arrive(new Supplicant(profile()).identityResponse(2), state, stuck[0])).toEqual(behind);
  expect((await connect(site.context, others[0])).server.kind).toBe("accept");
});
