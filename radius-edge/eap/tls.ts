/** EAP-TLS: RFC 5216, and over TLS 1.3 RFC 9190. */
import { eapFailure } from "./failure.ts";
import type { MethodContext, MethodOffer } from "./method.ts";
import { EAP_TYPE } from "./packet.ts";
import type { Established } from "./tls-engine.ts";
import { TlsMethod, type TlsOutcome } from "./tls-method.ts";

export const eapTls: MethodOffer = {
  type: EAP_TYPE.tls,
  name: "EAP-TLS",
  open: (context, identity) =>
    new TlsMethod({
      open: (hello) => context.openTls("tls", hello),
      established: (handshake) => judge(handshake, context, identity),
    }),
};

async function judge(handshake: Established, { revocationOf }: MethodContext, identity: string): Promise<TlsOutcome> {
  const { client, version: tlsVersion, resumed, msk } = handshake;
  if (client?.kind !== "trusted") return { kind: "failure", failure: client?.failure ?? UNASKED };
  const { certificate, shown } = client;
  const revocation = await revocationOf?.({ ...shown, resumed });
  if (revocation?.kind === "refused") {
    const { reason, sentence } = revocation;
    return { kind: "failure", failure: { ...eapFailure(reason, sentence), certificate } };
  }
  const notes = revocation?.notes ?? [];
  return { kind: "success", evidence: { method: "EAP-TLS", identity, tlsVersion, resumed, certificate, notes }, msk };
}

const UNASKED = eapFailure("internalError", "The client was not asked for its certificate.");
