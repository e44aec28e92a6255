import "reflect-metadata";
import { type webcrypto, X509Certificate as NodeCertificate } from "node:crypto";
import { AuthorityKeyIdentifierExtension, Extension, type X509Certificate, X509CrlGenerator } from "@peculiar/x509";
import { DAY_MS, HOUR_MS } from "../domain/time.ts";

/** What an authority's list says. */
export interface CrlWish {
  /** PEM of the revoked certificates; `reason` is RFC 5280's code, 1 (key compromise) unless told. */
  readonly revoked?: readonly { readonly certificatePem: string; readonly reason?: number; readonly at?: number }[];
  /** CRL number, 1 unless told. */
  readonly number?: number;
  /** From one hour ago for a day, unless told. Epoch milliseconds. */
  readonly thisUpdate?: number;
  readonly nextUpdate?: number;
  /** Further extensions. */
  readonly extensions?: readonly Extension[];
}

interface Signer {
  readonly privateKey: webcrypto.CryptoKey;
  readonly algorithm: { readonly name: string; readonly hash: string };
}

/** A list in the name of `authority`, DER. */
export async function makeCrl(wish: CrlWish, authority: X509Certificate, signer: Signer): Promise<Buffer> {
  const list = await X509CrlGenerator.create({
    issuer: authority.subjectName,
    thisUpdate: new Date(wish.thisUpdate ?? Date.now() - HOUR_MS),
    nextUpdate: new Date(wish.nextUpdate ?? Date.now() + DAY_MS),
    signingAlgorithm: signer.algorithm,
    signingKey: signer.privateKey,
    entries: (wish.revoked ?? []).map(({ certificatePem, reason = 1, at = Date.now() - HOUR_MS }) => ({
      serialNumber: new NodeCertificate(certificatePem).serialNumber,
      revocationDate: new Date(at),
      reason,
    })),
    extensions: [
      await AuthorityKeyIdentifierExtension.create(authority),
      new Extension(CRL_NUMBER, false, integer(wish.number ?? 1)),
      ...(wish.extensions ?? []),
    ],
  });
  return Buffer.from(list.rawData);
}

const CRL_NUMBER = "2.5.29.20";

/** DER of a small positive INTEGER. */
function integer(value: number): Uint8Array<ArrayBuffer> {
  const octets = Buffer.alloc(6);
  octets.writeUIntBE(value, 0, 6);
  return Uint8Array.from([0x02, octets.length, ...octets]);
}
