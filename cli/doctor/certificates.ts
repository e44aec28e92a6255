import { isSecret } from "../../domain/secret.ts";
import type { Organization } from "../../store/organizations.ts";
import type { Store } from "../../store/pool.ts";
import { loadEdgeSettings } from "../../store/settings.ts";
import { examineChain } from "./expiry.ts";
import type { Renewal } from "./expiry.ts";
import { fault, warning } from "./finding.ts";
import type { Finding } from "./finding.ts";

const RENEWAL: Renewal = {
  unreadable: "put it into the setting again, as PEM",
  expired: "renew it: clients are refused until then",
  ageing: "renew it before then; no restart is needed",
};

/** The certificates that an organization's edges show and trust. */
export async function examineCertificates(store: Store, { id, name }: Organization): Promise<readonly Finding[]> {
  const { serverCertificate, serverKey, cacerts } = await loadEdgeSettings(store, id);
  if (serverCertificate === undefined || serverKey === undefined) {
    const text = `${name}: no server certificate, so no EAP`;
    return [
      warning(text, "set mist_nac.server_cert in the organization's setting, unless it has MAC authentication only"),
    ];
  }
  const key = isSecret(serverKey)
    ? []
    : [
        fault(
          `${name}: EAP is refused, MAC authentication goes on: ${serverKey.unopened}`,
          "PUT mist_nac.server_cert into its setting again, with cert and key (and password)",
        ),
      ];
  const trust =
    cacerts.length > 0 ? [] : [fault(`${name}: trusts no authority`, "set mist_nac.cacerts in its setting")];
  return [
    ...key,
    ...trust,
    ...examineChain(`${name}: the server certificate`, serverCertificate, RENEWAL),
    ...cacerts.flatMap((pem, n) => examineChain(`${name}: trusted authority ${n + 1}`, pem, RENEWAL)),
  ];
}
