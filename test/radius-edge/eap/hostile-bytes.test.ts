import fc from "fast-check";
import { type ConversationsHere, openConversations, type Turn } from "../../../radius-edge/eap/conversations.ts";
import { reveal } from "../../../domain/secret.ts";
import type { PasswordCheck } from "../../../radius-edge/eap/method.ts";
import { createAuthority } from "../../../simulators/certificates.ts";
import { Supplicant, type SupplicantProfile, type SupplicantTurn } from "../../../simulators/supplicant.ts";
import { createSite, meet, NAS, type Site } from "./bench.ts";

const PASSWORD = "correct horse";

let site: Site;
let trusted: SupplicantProfile;
let rogue: SupplicantProfile;
let conversations: ConversationsHere;
beforeAll(async () => {
  const { context, ...others } = await createSite();
  const checkPassword: PasswordCheck = async (_, password) =>
    reveal(password) === PASSWORD ? { kind: "right", labels: [] } : { kind: "wrong", sentence: "Wrong." };
  site = { ...others, context: { ...context, checkPassword } };
  const trustedCas = [site.authority.certificatePem];
  const impostor = await createAuthority("Acme Devices");
  trusted = { identity: "mac-01", ...(await site.authority.issue({ commonName: "mac-01" })), trustedCas };
  rogue = { identity: "mac-01", ...(await impostor.issue({ commonName: "mac-01" })), trustedCas };
});
beforeEach(() => {
  conversations = openConversations({ processId: 1 });
});
afterEach(() => conversations.close());

interface Mutation {
  readonly kind: "flip" | "cut" | "swell" | "replace";
  /** Which packet of the client, and where in it, as a share of its length. */
  readonly packet: number;
  readonly place: number;
  readonly value: number;
}

const mutations = fc.record<Mutation>({
  kind: fc.constantFrom("flip", "cut", "swell", "replace"),
  packet: fc.nat(8),
  place: fc.double({ min: 0, max: 0.999, noNaN: true }),
  value: fc.integer({ min: 1, max: 255 }),
});

function mutate(eap: Buffer, { kind, place, value }: Mutation): Buffer {
  const at = Math.floor(place * eap.length);
  const changed = Buffer.from(eap);
  switch (kind) {
    case "flip":
      changed.writeUInt8(changed.readUInt8(at) ^ value, at);
      return changed;
    case "cut":
      return withLength(changed.subarray(0, at));
    case "swell":
      return withLength(Buffer.concat([changed.subarray(0, at), Buffer.alloc(value, value), changed.subarray(at)]));
    case "replace":
      return changed.fill(value, at);
  }
}

/** So that the damage gets past the EAP header. */
function withLength(eap: Buffer): Buffer {
  if (eap.length >= 4) eap.writeUInt16BE(eap.length, 2);
  return eap;
}

interface Ending {
  readonly server: Turn;
  readonly client: SupplicantTurn | undefined;
}

async function converse(profile: SupplicantProfile, mutation: Mutation): Promise<Ending> {
  const supplicant = new Supplicant(profile);
  let eap = supplicant.identityResponse(1);
  let state: Buffer | undefined;
  try {
    for (let packet = 0; packet < 100; packet++) {
      const sent = packet === mutation.packet ? mutate(eap, mutation) : eap;
      const server = await conversations.receive({ nas: NAS, eap: sent, state, framedMtu: 600, context: site.context });
      if (server.kind === "drop") return { server, client: undefined };
      const client = await supplicant.answer(server.eap);
      if (server.kind !== "challenge" || client.kind !== "response") return { server, client };
      ({ eap } = client);
      ({ state } = server);
    }
    throw new Error("the conversation did not end");
  } finally {
    supplicant.close();
  }
}

const VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;
type Version = (typeof VERSIONS)[number];
const RUNS = { numRuns: 120 };

const over = (version: Version, profile: SupplicantProfile): SupplicantProfile => ({
  ...profile,
  minVersion: version,
  maxVersion: version,
  fragmentOctets: 500,
});
const withPassword = (password: string): SupplicantProfile => ({
  identity: "anonymous",
  user: { name: "amy", password },
  trustedCas: trusted.trustedCas,
});

async function resuming(version: Version): Promise<SupplicantProfile> {
  const { session } = await meet(site, over(version, trusted));
  return { ...trusted, session: session! };
}

describe.each(VERSIONS)("over %s", (version) => {
  test.each([
    ["a rogue certificate", () => rogue],
    ["a wrong password", () => withPassword("guess")],
  ])("no damage makes %s acceptable, or the engine throw", async (_name, profileOf) => {
    const profile = over(version, profileOf());
    await fc.assert(
      fc.asyncProperty(mutations, async (mutation) => {
        const { server } = await converse(profile, mutation);
        expect(server.kind).not.toBe("accept");
        expect(server).not.toMatchObject({ failure: { reason: "internalError" } });
      }),
      RUNS,
    );
  });

  test.each([
    ["with a certificate", async () => trusted, { certificate: { commonName: "mac-01" } }],
    ["resuming a session", () => resuming(version), { certificate: { commonName: "mac-01" } }],
    ["with a password", async () => withPassword(PASSWORD), { userName: "amy" }],
  ])("what is accepted in spite of damage, %s, has the client's own keys", async (_name, profileOf, evidence) => {
    const profile = over(version, await profileOf());
    await fc.assert(
      fc.asyncProperty(mutations, async (mutation) => {
        const { server, client } = await converse(profile, mutation);
        expect(server).not.toMatchObject({ failure: { reason: "internalError" } });
        if (server.kind !== "accept") return;
        expect(server.evidence).toMatchObject(evidence);
        expect(client).toMatchObject({ kind: "success", msk: server.msk });
      }),
      RUNS,
    );
  });
});

test("no byte string of a stranger is accepted, and none holds memory after its conversation", async () => {
  const bytes = fc.uint8Array({ maxLength: 600 }).map((octets) => Buffer.from(octets));
  const typed = fc.tuple(fc.constantFrom(1, 2, 3, 13, 21, 25, 254), bytes);
  await fc.assert(
    fc.asyncProperty(typed, bytes, async ([type, typeData], raw) => {
      const begun = await conversations.receive({
        nas: NAS,
        eap: Buffer.from([2, 5, 0, 6, 1, 0x61]),
        state: undefined,
        framedMtu: undefined,
        context: site.context,
      });
      if (begun.kind !== "challenge") throw new Error(begun.kind);
      const shaped = withLength(Buffer.concat([Buffer.from([2, begun.eap.readUInt8(1), 0, 0, type]), typeData]));
      for (const eap of [raw, shaped]) {
        const turn = await conversations.receive({
          nas: NAS,
          eap,
          state: begun.state,
          framedMtu: undefined,
          context: site.context,
        });
        expect(turn.kind).not.toBe("accept");
        expect(turn).not.toMatchObject({ failure: { reason: "internalError" } });
      }
    }),
    { numRuns: 300 },
  );
  conversations.close();
  expect(conversations.size()).toBe(0);
});
