import { X509Certificate } from "node:crypto";
import { DAY_MS } from "../../domain/time.ts";
import { isSecret } from "../../domain/secret.ts";
import type { Organization } from "../../store/organizations.ts";
import type { Store } from "../../store/pool.ts";
import { loadEdgeSettings } from "../../store/settings.ts";
import { fault, good, warning } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** Time to have a certificate renewed, and clients told of another authority. */
const NOTICE_DAYS = 30;
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

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
  const [server] = serverCertificate.match(PEM_CERTIFICATE) ?? [];
  return [
    ...key,
    ...trust,
    ...expiry(`${name}: the server certificate`, server),
    ...cacerts.flatMap((pem, n) => expiry(`${name}: trusted authority ${n + 1}`, pem)),
  ];
}

function expiry(what: string, pem: string | undefined): readonly Finding[] {
  const certificate = pem === undefined ? undefined : readPem(pem);
  if (certificate === undefined) return [fault(`${what} is not readable`, "put it into the setting again, as PEM")];
  const days = Math.floor((Date.parse(certificate.validTo) - Date.now()) / DAY_MS);
  const text = `${what} (${certificate.subject.replaceAll("\n", ", ")})`;
  if (days < 0) return [fault(`${text} expired on ${certificate.validTo}`, "renew it: clients are refused until then")];
  const left = `${text} is good for ${days} days`;
  return [days < NOTICE_DAYS ? warning(left, "renew it before then; no restart is needed") : good(left)];
}

function readPem(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
