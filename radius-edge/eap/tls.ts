/** EAP-TLS: RFC 5216, and over TLS 1.3 RFC 9190. */
import { eapFailure } from "./failure.ts";
import type { EapContext, MethodOffer } from "./method.ts";
import { EAP_TYPE } from "./packet.ts";
import { TlsMethod, type TlsOutcome } from "./tls-method.ts";
import { TlsTunnel } from "./tls-tunnel.ts";

export const eapTls: MethodOffer = {
  type: EAP_TYPE.tls,
  name: "EAP-TLS",
  open: (context, identity) =>
    new TlsMethod({
      method: "tls",
      open: (hello) => new TlsTunnel("server", (wire) => context.tls.acceptTls(wire, hello)),
      established: (tunnel) => judge(tunnel, context, identity),
    }),
};

/** RFC 9190 §2.5: the server's promise that no further handshake message follows. */
const COMMITMENT = Buffer.from([0x00]);

async function judge(tunnel: TlsTunnel, { tls, revocationOf }: EapContext, identity: string): Promise<TlsOutcome> {
  const { peer, version: tlsVersion, resumed } = tunnel;
  const judgement = tls.judge(peer);
  if (judgement.kind === "refused") return { kind: "failure", failure: judgement.failure };
  const { certificate } = judgement;
  const [shown, intermediates] = [peer.certificate!.raw, peer.intermediates.map(({ raw }) => raw)];
  const revocation = await revocationOf?.({ certificate: shown, intermediates, resumed });
  if (revocation?.kind === "refused") {
    const { reason, sentence } = revocation;
    return { kind: "failure", failure: { ...eapFailure(reason, sentence), certificate } };
  }
  return {
    kind: "success",
    evidence: { method: "EAP-TLS", identity, tlsVersion, resumed, certificate, notes: revocation?.notes ?? [] },
    ...(tlsVersion === "TLSv1.3" ? { parting: COMMITMENT } : {}),
  };
}
