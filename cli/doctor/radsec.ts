import { createPrivateKey } from "node:crypto";
import type { KeyObject, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect, createSecureContext } from "node:tls";
import { SECOND_MS } from "../../domain/time.ts";
import type { Config } from "../../runtime/config.ts";
import { certificatesIn, examineChain, examineExpiry, readCertificate } from "./expiry.ts";
import type { Renewal } from "./expiry.ts";
import { fault, good, warning } from "./finding.ts";
import type { Finding } from "./finding.ts";

const [CERTIFICATE, KEY, AUTHORITIES] = [
  "PORTCULLIS_RADSEC_CERT_FILE",
  "PORTCULLIS_RADSEC_KEY_FILE",
  "PORTCULLIS_RADSEC_CA_FILE",
] as const;
const RESTART = "edges read it when they start: restart each then";
const PATIENCE_MS = 5 * SECOND_MS;

/**
 * RadSec by this machine's configuration, where that has it on: its three files, and what an edge at each of `hosts` shows.
 */
export async function examineRadsec({ ports, radsec }: Config, hosts: readonly string[]): Promise<readonly Finding[]> {
  if (radsec === undefined) return [];
  const certificate = await readPem(CERTIFICATE, radsec.certificateFile);
  const key = await readPem(KEY, radsec.keyFile);
  const authorities = await readPem(AUTHORITIES, radsec.authoritiesFile);
  const leaf = typeof certificate === "string" ? readCertificate(certificatesIn(certificate)[0]) : undefined;
  return [
    ...[certificate, key, authorities].filter((file) => typeof file !== "string"),
    ...(typeof certificate === "string" ? examineCertificate(certificate, radsec.certificateFile) : []),
    ...(typeof authorities === "string" ? examineAuthorities(authorities, radsec.authoritiesFile) : []),
    ...(leaf !== undefined && typeof key === "string" ? examineKey(key, leaf, radsec.keyFile) : []),
    ...(await Promise.all(hosts.map((host) => examineShown(host, ports.radsec, leaf)))),
  ];
}

async function readPem(setting: string, file: string): Promise<string | Finding> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const text = `RadSec cannot start: ${setting}: ${(error as Error).message}`;
    return fault(text, `let ${setting} name a file that is there, and that the edge's user may read`);
  }
}

/** The certificate that NASes meet, and those that lead from it to an authority that they know. */
function examineCertificate(pem: string, file: string): readonly Finding[] {
  return examineChain(`RadSec: the certificate of ${file}`, pem, {
    unreadable: `let ${CERTIFICATE} hold the certificate, and behind it those of its chain, as PEM`,
    expired: `renew it: NASes refuse to connect until then; ${RESTART}`,
    ageing: `renew it before then; ${RESTART}`,
  });
}

/** The authorities whose NASes may connect. */
function examineAuthorities(pem: string, file: string): readonly Finding[] {
  const found = certificatesIn(pem);
  const renewal: Renewal = {
    unreadable: `let ${AUTHORITIES} hold the certificates of the NASes' authorities, as PEM`,
    expired: `put its successor into the file, and let NASes have certificates by that: its own are refused; ${RESTART}`,
    ageing: `put its successor into the file before then, beside it; ${RESTART}`,
  };
  return found.length === 0
    ? [fault(`RadSec: no authority is in ${file}, so no NAS may connect`, renewal.unreadable)]
    : found.map((each, n) => examineExpiry(`RadSec: authority ${n + 1} of ${file}`, each, renewal));
}

function examineKey(pem: string, leaf: X509Certificate, file: string): readonly Finding[] {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (error) {
    // OpenSSL says what, and nothing of the key.
    const text = `RadSec cannot start: the key of ${file} is not readable: ${(error as Error).message}`;
    return [fault(text, `let ${KEY} hold the certificate's private key, as PEM and without a passphrase`)];
  }
  if (!leaf.checkPrivateKey(key)) {
    const text = `RadSec cannot start: the key of ${file} is another one's than the certificate's`;
    return [
      fault(
        text,
        `let ${KEY} and ${CERTIFICATE} change together: a certificate goes with the key it was asked for with`,
      ),
    ];
  }
  try {
    createSecureContext({ cert: leaf.toString(), key: pem });
    return [good(`RadSec: the key of ${file} is that of the certificate`)];
  } catch (error) {
    const text = `RadSec cannot start with its certificate and key: ${(error as Error).message}`;
    return [
      fault(
        text,
        "have a certificate issued with a key of 2,048 bits RSA or P-256, and a signature by SHA-256, or better",
      ),
    ];
  }
}

/** An edge goes on with the files that it found when it started. */
async function examineShown(host: string, port: number, leaf: X509Certificate | undefined): Promise<Finding> {
  const at = `${host}:${port}`;
  const shown = await shownAt(host, port);
  if (typeof shown === "string") {
    const text = `RadSec is not answered at ${at}: ${shown}`;
    return warning(
      text,
      `start the edge there with the RadSec settings that are here, and let TCP port ${port} through`,
    );
  }
  if (leaf === undefined || leaf.raw.equals(shown.raw)) return good(`RadSec is answered at ${at}`);
  const text = `RadSec is answered at ${at} with another certificate than the file's, good until ${shown.validTo}`;
  return warning(text, "restart the edge there: it read its files when it started");
}

/** What is shown there, or why nothing is. */
async function shownAt(host: string, port: number): Promise<X509Certificate | string> {
  // Compared with the file, whoever has issued it; a NAS's own certificate would be asked for only after this.
  const socket = connect({ host, port, rejectUnauthorized: false });
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.timeout(PATIENCE_MS) });
    return socket.getPeerX509Certificate() ?? "no certificate was shown";
  } catch (error) {
    return (error as Error).name === "AbortError" ? "no answer" : (error as Error).message;
  } finally {
    socket.on("error", () => undefined).destroy();
  }
}
