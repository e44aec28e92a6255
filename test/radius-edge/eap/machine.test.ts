import { openConversations } from "../../../radius-edge/eap/conversations.ts";
import type { Conversations } from "../../../radius-edge/eap/conversations.ts";
import { Supplicant } from "../../../simulators/supplicant.ts";
import { createSite, NAS } from "./bench.ts";
import type { Site } from "./bench.ts";

let site: Site;
let supplicant: Supplicant;
let conversations: Conversations;

beforeAll(async () => {
  site = await createSite();
});
beforeEach(async () => {
  conversations = openConversations({ processId: 7 });
  const trustedCas = [site.authority.certificatePem];
  supplicant = new Supplicant({
    identity: "mac-01",
    trustedCas,
    fragmentOctets: 4_000, // the ClientHello of OpenSSL 3.5 and newer is longer than a usual fragment
    ...(await site.authority.issue({ commonName: "mac-01" })),
  });
});
afterEach(async () => {
  supplicant.close();
  await conversations.close();
});

const receive = (eap: Buffer, state?: Buffer) =>
  conversations.receive({ nas: NAS, eap, state, framedMtu: undefined, context: site.context });

/** Lets the conversation go on to where the server works on the client's first TLS message. */
async function untilAtWork() {
  const begun = await receive(supplicant.identityResponse(1));
  if (begun.kind !== "challenge") throw new Error(begun.kind);
  const hello = await supplicant.answer(begun.eap);
  if (hello.kind !== "response") throw new Error(hello.kind);
  return { state: begun.state, atWork: receive(hello.eap, begun.state) };
}

test("a conversation that ends while its packet is worked on refuses nobody: it is silent", async () => {
  const { atWork } = await untilAtWork();
  await conversations.close();
  expect(await atWork).toMatchObject({ kind: "drop", reason: "unknownState" });
});

test("a client that begins again while its packet is worked on is not refused for that", async () => {
  const { state, atWork } = await untilAtWork();
  const anew = await receive(supplicant.identityResponse(2), state);
  expect(anew.kind).toBe("challenge");
  expect(await atWork).toMatchObject({ kind: "drop", reason: "unknownState" });
});
