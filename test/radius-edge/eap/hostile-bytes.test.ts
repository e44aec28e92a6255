import fc from "fast-check";
import { type Conversations, openConversations, type Turn } from "../../../radius-edge/eap/conversations.ts";
import { createAuthority } from "../../../simulators/certificates.ts";
import { Supplicant, type SupplicantProfile, type SupplicantTurn } from "../../../simulators/supplicant.ts";
import { createSite, NAS, type Site } from "./bench.ts";

let site: Site;
let trusted: SupplicantProfile;
let rogue: SupplicantProfile;
let conversations: Conversations;
beforeAll(async () => {
  site = await createSite();
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
const RUNS = { numRuns: 120 };

test.each(VERSIONS)("over %s no damage makes a rogue certificate acceptable, or the engine throw", async (version) => {
  const profile = { ...rogue, minVersion: version, maxVersion: version, fragmentOctets: 500 };
  await fc.assert(
    fc.asyncProperty(mutations, async (mutation) => {
      const { server } = await converse(profile, mutation);
      expect(server.kind).not.toBe("accept");
      expect(server).not.toMatchObject({ failure: { reason: "internalError" } });
    }),
    RUNS,
  );
});

test.each(VERSIONS)("over %s what is accepted in spite of damage has the client's own keys", async (version) => {
  const profile = { ...trusted, minVersion: version, maxVersion: version, fragmentOctets: 500 };
  await fc.assert(
    fc.asyncProperty(mutations, async (mutation) => {
      const { server, client } = await converse(profile, mutation);
      expect(server).not.toMatchObject({ failure: { reason: "internalError" } });
      if (server.kind !== "accept") return;
      expect(server.evidence).toMatchObject({ certificate: { commonName: "mac-01" } });
      expect(client).toMatchObject({ kind: "success", msk: server.msk });
    }),
    RUNS,
  );
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
