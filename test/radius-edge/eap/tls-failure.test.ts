import { openConversations } from "../../../radius-edge/eap/conversations.ts";
import { encodeEapMessage } from "../../../radius-edge/eap/packet.ts";
import { handshakeFailure } from "../../../radius-edge/eap/tls-failure.ts";
import { Supplicant } from "../../../simulators/supplicant.ts";
import { aSentence, createSite, NAS, type Site } from "./bench.ts";

let site: Site;
beforeAll(async () => {
  site = await createSite();
});

/** A fatal alert as a client sends it before its keys are in use: TLS record type 21 (RFC 8446 §6). */
const fatalAlert = (description: number): Buffer => Buffer.from([21, 3, 3, 0, 2, 2, description]);

describe.each(["TLSv1.2", "TLSv1.3"] as const)("an alert of the client over %s", (version) => {
  test.each([
    ["unknown_ca", 48, "serverNotTrusted"],
    ["bad_certificate", 42, "serverNotTrusted"],
    ["certificate_expired", 45, "serverNotTrusted"],
    ["certificate_unknown", 46, "serverNotTrusted"],
    ["access_denied", 49, "serverNotTrusted"],
    ["handshake_failure", 40, "noCommonTls"],
    ["protocol_version", 70, "noCommonTls"],
    ["insufficient_security", 71, "noCommonTls"],
    ["internal_error", 80, "clientAlert"],
  ])("%s is named", async (_name, description, reason) => {
    const conversations = openConversations({ processId: 1 });
    const context = site.context;
    // Unfragmented: a ClientHello with a post-quantum key share (OpenSSL 3.5) is longer than one fragment.
    const versions = { minVersion: version, maxVersion: version };
    const supplicant = new Supplicant({ identity: "mac-01", trustedCas: [], fragmentOctets: 4_000, ...versions });
    let eap = supplicant.identityResponse(1);
    let state: Buffer | undefined;
    // Identity, then ClientHello; the alert stands where the client's next flight would.
    for (let round = 0; round < 2; round++) {
      const turn = await conversations.receive({ nas: NAS, eap, state, framedMtu: undefined, context });
      if (turn.kind !== "challenge") throw new Error(turn.kind);
      const said = await supplicant.answer(turn.eap);
      if (said.kind !== "response") throw new Error(said.kind);
      ({ eap } = said);
      ({ state } = turn);
    }
    const flight = await conversations.receive({ nas: NAS, eap, state, framedMtu: undefined, context });
    if (flight.kind !== "challenge") throw new Error(flight.kind);
    const typeData = Buffer.concat([Buffer.from([0]), fatalAlert(description)]);
    const identifier = flight.eap.readUInt8(1);
    const alert = encodeEapMessage({ kind: "response", identifier, type: 13, typeData });
    const turn = await conversations.receive({ nas: NAS, eap: alert, state, framedMtu: undefined, context });
    expect(turn).toMatchObject({ kind: "reject", identity: "mac-01", failure: { reason } });
    supplicant.close();
    conversations.close();
  });
});

test.each([
  ["ERR_SSL_NO_SHARED_CIPHER", "noCommonTls"],
  ["ERR_SSL_UNSUPPORTED_PROTOCOL", "noCommonTls"],
  ["ERR_SSL_BAD_SIGNATURE", "protocolError"],
])("our own finding %s is named", (code, reason) => {
  const error = Object.assign(new Error("openssl"), { code, library: "SSL routines" });
  expect(handshakeFailure(error)).toEqual({ reason, sentence: aSentence });
});
