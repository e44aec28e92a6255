/** EAP-TTLS version 0 with PAP inside: RFC 5281, and over TLS 1.3 RFC 9427. The tunnel is the server's; the user's proof is a password. */
import { SECOND_MS } from "../../domain/time.ts";
import { eapFailure } from "./failure.ts";
import type { MethodOffer, PasswordCheck, PasswordJudgement } from "./method.ts";
import { EAP_TYPE } from "./packet.ts";
import type { Established } from "./tls-engine.ts";
import { TlsMethod, type TlsOutcome } from "./tls-method.ts";
import { readPap } from "./ttls-pap.ts";

/**
 * A judge that has not spoken by then is taken for unavailable: NASes give up after some 15 s of retransmission. Directories
 * have less, and then the answer that is set for them (people/password-check.ts): what is late here is this edge itself.
 */
const PATIENCE_MS = 5 * SECOND_MS;

export const eapTtls = (checkPassword: PasswordCheck): MethodOffer => ({
  type: EAP_TYPE.ttls,
  name: "EAP-TTLS",
  open: (context, identity) =>
    new TlsMethod({
      open: (hello) => context.openTls("ttls", hello),
      established: (handshake) => ({
        kind: "listen",
        hear: (data) =>
          judge(data, handshake, identity, (name, password) => checkPassword(name, password, context.mac)),
      }),
    }),
});

async function judge(
  data: Buffer,
  { version: tlsVersion, msk }: Established,
  identity: string,
  checkPassword: PasswordCheck,
): Promise<TlsOutcome> {
  const request = readPap(data);
  if (request.kind === "refused") return { kind: "failure", failure: request.failure };
  const { userName, password } = request;
  const judgement = await inTime(checkPassword(userName, password));
  switch (judgement.kind) {
    case "right": {
      const { labels: userLabels } = judgement;
      return { kind: "success", evidence: { method: "EAP-TTLS", identity, tlsVersion, userName, userLabels }, msk };
    }
    case "wrong":
      return { kind: "failure", failure: { ...eapFailure("passwordWrong", judgement.sentence), userName } };
    case "unavailable":
      if (judgement.answer === "silence") return { kind: "silence", sentence: judgement.sentence };
      return { kind: "failure", failure: { ...eapFailure("passwordUnjudged", judgement.sentence), userName } };
  }
}

function inTime(judgement: Promise<PasswordJudgement>): Promise<PasswordJudgement> {
  return new Promise((resolve, reject) => {
    const sentence = `Nobody could tell within ${PATIENCE_MS / SECOND_MS} s whether the password is right.`;
    // Silence lets the NAS ask another edge; a reject would blame the client for our load, whatever the organization has set.
    const timer = setTimeout(() => resolve({ kind: "unavailable", sentence, answer: "silence" }), PATIENCE_MS);
    judgement.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
