import { setTimeout as wait } from "node:timers/promises";
import { reveal, type Secret } from "../../../domain/secret.ts";
import { openConversations, type Turn } from "../../../radius-edge/eap/conversations.ts";
import type { PasswordCheck, PasswordJudgement } from "../../../radius-edge/eap/method.ts";
import { EAP_TYPE, encodeEapMessage } from "../../../radius-edge/eap/packet.ts";
import { Supplicant, type SupplicantProfile } from "../../../simulators/supplicant.ts";
import { MAC } from "../../support/domain-values.ts";
import { aSentence, converse, createSite, meet, NAS, type Site } from "./bench.ts";

const USER = { name: "amy@acme.example", password: "pässword of 16+ octets" };
const VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;

let site: Site;
beforeAll(async () => {
  site = await createSite();
});

const knowsAmy: PasswordCheck = async (name, password) =>
  name === USER.name && reveal(password) === USER.password
    ? { kind: "right", labels: ["staff", "vpn"] }
    : { kind: "wrong", sentence: `The password of "${name}" is wrong.` };

const judgedBy = (checkPassword: PasswordCheck): Site => ({ ...site, context: { ...site.context, checkPassword } });

function profile(version: (typeof VERSIONS)[number], change: Partial<SupplicantProfile> = {}): SupplicantProfile {
  return {
    identity: "anonymous@acme.example",
    user: USER,
    trustedCas: [site.authority.certificatePem],
    minVersion: version,
    maxVersion: version,
    ...change,
  };
}

describe.each(VERSIONS)("EAP-TTLS over %s", (version) => {
  test.each([undefined, 100])(
    "gives both ends the same MSK and the server the inner name; fragments of %p",
    async (fragmentOctets) => {
      const pieces = fragmentOctets === undefined ? {} : { fragmentOctets };
      const { server, client } = await meet(judgedBy(knowsAmy), profile(version, pieces), fragmentOctets && 200);
      if (server.kind !== "accept" || client.kind !== "success") throw new Error(JSON.stringify(client));
      expect(server.evidence).toEqual({
        method: "EAP-TTLS",
        identity: "anonymous@acme.example",
        tlsVersion: version,
        userName: USER.name,
        userLabels: ["staff", "vpn"],
      });
      expect(client.msk.equals(server.msk)).toBe(true);
    },
  );

  test("tells the judge of which client the password is", async () => {
    let of: string | undefined;
    const judged = judgedBy(async (name, password, mac) => {
      of = mac;
      return knowsAmy(name, password);
    });
    const { server } = await meet({ ...judged, context: { ...judged.context, mac: MAC } }, profile(version));
    expect(server.kind).toBe("accept");
    expect(of).toBe(MAC);
  });

  test("refuses a wrong password by the judge's sentence, under the inner name", async () => {
    const user = { ...USER, password: "guess" };
    const { server, client } = await meet(judgedBy(knowsAmy), profile(version, { user }));
    expect(server).toMatchObject({
      kind: "reject",
      method: "EAP-TTLS",
      failure: { reason: "passwordWrong", sentence: `The password of "${USER.name}" is wrong.`, userName: USER.name },
    });
    expect(client.kind).toBe("failure");
  });

  test("behaviour 8.1: resumes nothing, and asks for the password anew", async () => {
    const asked: Secret[] = [];
    const counting = judgedBy((name, password) => {
      asked.push(password);
      return knowsAmy(name, password);
    });
    const first = await meet(counting, profile(version));
    expect(first.session).toBeInstanceOf(Buffer);
    const again = await meet(counting, profile(version, { session: first.session! }));
    expect(again.client).toMatchObject({ kind: "success", resumed: false });
    expect(asked).toHaveLength(2);
  });
});

describe("when nobody can judge the password (behaviour 8.4)", () => {
  const unavailable = (answer: "reject" | "silence"): PasswordJudgement => ({
    kind: "unavailable",
    sentence: "The directory does not answer.",
    answer,
  });

  test("behaviour 8.4: a directory that is down is a reject by default", async () => {
    const { server } = await meet(
      judgedBy(async () => unavailable("reject")),
      profile("TLSv1.3"),
    );
    expect(server).toMatchObject({
      kind: "reject",
      failure: { reason: "passwordUnjudged", sentence: "The directory does not answer.", userName: USER.name },
    });
  });

  test("behaviour 8.4: by setting it is silence, which ends the conversation", async () => {
    const conversations = openConversations({ processId: 1 });
    const { context } = judgedBy(async () => unavailable("silence"));
    const supplicant = new Supplicant(profile("TLSv1.2"));
    await expect(converse(conversations, context, supplicant, undefined)).rejects.toThrow(
      "dropped: The directory does not answer.",
    );
    expect(conversations.size()).toBe(0);
    supplicant.close();
  });

  test("behaviour 8.4: a judge that does not speak is not waited for beyond a few seconds, blames no client, and holds up nobody", async () => {
    const conversations = openConversations({ processId: 1 });
    const mute = judgedBy(() => new Promise<never>(() => {}));
    const slow = new Supplicant(profile("TLSv1.3"));
    const quick = new Supplicant(profile("TLSv1.3"));
    const waiting = converse(conversations, mute.context, slow, undefined).catch((error: Error) => error.message);
    const { server } = await converse(conversations, judgedBy(knowsAmy).context, quick, undefined);
    expect(server.kind).toBe("accept");
    expect(await Promise.race([waiting, wait(50, "still waiting")])).toBe("still waiting");
    expect(await waiting).toBe("dropped: Nobody could tell within 5 s whether the password is right.");
    expect(conversations.size()).toBe(0);
    for (const end of [conversations, slow, quick]) end.close();
  }, 30_000);

  test("a conversation that ends while its password is judged gives out no keys, and refuses nobody", async () => {
    const conversations = openConversations({ processId: 1 });
    let speak: (judgement: PasswordJudgement) => void = () => {};
    const asked = new Promise<void>((isAsked) => {
      const { context } = judgedBy(() => new Promise((resolve) => ((speak = resolve), isAsked())));
      const supplicant = new Supplicant(profile("TLSv1.3"));
      ended = converse(conversations, context, supplicant, undefined).finally(() => supplicant.close());
    });
    await asked;
    conversations.close();
    speak({ kind: "right", labels: [] });
    await expect(ended).rejects.toThrow("dropped: The EAP conversation ended while its packet was worked on.");
  });
  let ended: ReturnType<typeof converse>;
});

describe("Nak", () => {
  async function nak(context: Site["context"], wanted: number): Promise<Turn> {
    const conversations = openConversations({ processId: 1 });
    const supplicant = new Supplicant(profile("TLSv1.3"));
    const arrive = (eap: Buffer, state?: Buffer): Promise<Turn> =>
      conversations.receive({ nas: NAS, eap, state, framedMtu: undefined, context });
    const proposed = await arrive(supplicant.identityResponse(1));
    if (proposed.kind !== "challenge") throw new Error(proposed.kind);
    expect(proposed.eap[4]).toBe(EAP_TYPE.tls);
    const identifier = proposed.eap.readUInt8(1);
    const typeData = Buffer.from([wanted]);
    const eap = encodeEapMessage({ kind: "response", identifier, type: EAP_TYPE.nak, typeData });
    const turn = await arrive(eap, proposed.state);
    supplicant.close();
    conversations.close();
    return turn;
  }

  test("EAP-TLS is proposed first; a Nak that asks for EAP-TTLS gets it", async () => {
    const turn = await nak(judgedBy(knowsAmy).context, EAP_TYPE.ttls);
    expect(turn.kind === "challenge" && turn.eap[4]).toBe(EAP_TYPE.ttls);
  });

  test("without anybody to judge passwords EAP-TTLS is not to be had", async () => {
    expect(await nak(site.context, EAP_TYPE.ttls)).toMatchObject({
      kind: "reject",
      failure: { reason: "methodRefused", sentence: aSentence },
    });
  });
});
