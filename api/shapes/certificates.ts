import { createPrivateKey, X509Certificate } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { isSecret, reveal } from "../../domain/secret.ts";
import type { Secret, UnopenedSecret } from "../../domain/secret.ts";

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** serverAuth and anyExtendedKeyUsage, RFC 5280 §4.2.1.12. */
const SERVER_PURPOSES: ReadonlySet<string> = new Set(["1.3.6.1.5.5.7.3.1", "2.5.29.37.0"]);

/** What is wrong with a text of CA certificates, if anything; `where` names the field. */
export function caFault(pem: string, where: string): string | undefined {
  const certificates = readCertificates(pem);
  if (certificates === undefined) return `${where} is no PEM certificate`;
  const other = certificates.find(({ ca }) => !ca);
  return other && `${where} is not the certificate of a CA: ${other.subject.replaceAll("\n", ", ")}`;
}

/** What keeps an edge from presenting this certificate with this key, if anything. `now` in epoch milliseconds. */
export function serverCertificateFault(
  {
    cert,
    key,
    password,
  }: {
    readonly cert: string;
    readonly key: Secret | UnopenedSecret | undefined;
    readonly password?: Secret | undefined;
  },
  now: number,
): string | undefined {
  const [certificate] = readCertificates(cert) ?? [];
  if (certificate === undefined) return "mist_nac.server_cert.cert is no PEM certificate";
  if (Date.parse(certificate.validTo) < now) return `mist_nac.server_cert.cert expired on ${certificate.validTo}`;
  // `keyUsage` of Node is the extended one; a certificate without it serves any purpose (RFC 5280 §4.2.1.12).
  const purposes = certificate.keyUsage as readonly string[] | undefined;
  if (purposes !== undefined && !purposes.some((purpose) => SERVER_PURPOSES.has(purpose))) {
    return "mist_nac.server_cert.cert is not for servers: its extended key usage lacks serverAuth, and supplicants refuse it";
  }
  if (key === undefined) return "mist_nac.server_cert.key is missing";
  if (!isSecret(key)) return `mist_nac.server_cert.key is wanted: ${key.unopened}`;
  const privateKey = readKey(key, password);
  if (privateKey === undefined) {
    return password === undefined
      ? "mist_nac.server_cert.key is no PEM private key, or it needs a password"
      : "mist_nac.server_cert.key is no PEM private key, or the password is wrong";
  }
  return certificate.checkPrivateKey(privateKey)
    ? undefined
    : "mist_nac.server_cert.key belongs to another certificate than mist_nac.server_cert.cert";
}

function readCertificates(pem: string): readonly X509Certificate[] | undefined {
  const blocks = pem.match(BLOCK);
  if (blocks === null) return undefined;
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return undefined;
  }
}

function readKey(key: Secret, password: Secret | undefined): KeyObject | undefined {
  try {
    const given = { key: reveal(key), format: "pem" } as const;
    return createPrivateKey(password === undefined ? given : { ...given, passphrase: reveal(password) });
  } catch {
    return undefined;
  }
}
