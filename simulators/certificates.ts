import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  CRLDistributionPointsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
  type X509Certificate,
} from "@peculiar/x509";
import { DAY_MS, HOUR_MS } from "../domain/time.ts";
import { type CrlWish, makeCrl } from "./crls.ts";

export type KeyType = "ec" | "rsa";

/** PEM texts. The key is PKCS #8, unencrypted: these are keys of simulated devices. */
export interface CertifiedKey {
  readonly certificatePem: string;
  readonly keyPem: string;
}

export interface CertificateWish {
  readonly commonName: string;
  readonly sanDns?: readonly string[];
  readonly sanUri?: readonly string[];
  readonly sanEmail?: readonly string[];
  readonly sanUpn?: readonly string[];
  /** `client` unless told; `none` leaves the extension out. */
  readonly eku?: "client" | "server" | "none";
  /** From one hour ago for a year, unless told. Epoch milliseconds. */
  readonly notBefore?: number;
  readonly notAfter?: number;
  readonly keyType?: KeyType;
  /** Whether it names its authority's key besides its name, as nearly all do. True unless told. */
  readonly authorityKeyIdentifier?: boolean;
  /** Where its authority says that its CRL is (RFC 5280 §4.2.1.13). */
  readonly crlUrls?: readonly string[];
  /** Beside those that the rest of the wish makes. */
  readonly extensions?: readonly Extension[];
}

/** A certificate authority for the sandbox and for tests, in memory. */
export interface Authority extends CertifiedKey {
  issue(wish: CertificateWish): Promise<CertifiedKey>;
  /** An authority below this one. */
  issueAuthority(name: string, crlUrls?: readonly string[]): Promise<Authority>;
  /** What it has taken back, DER. */
  crl(wish?: CrlWish): Promise<Buffer>;
}

const ALGORITHMS = {
  ec: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  rsa: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", publicExponent: new Uint8Array([1, 0, 1]), modulusLength: 2048 },
} as const;

export async function createAuthority(
  name: string,
  keyType: KeyType = "ec",
  usages = AUTHORITY_USAGES,
): Promise<Authority> {
  cryptoProvider.set(webcrypto);
  const keys = await newKeys(keyType);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: [{ CN: [name] }],
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + 3650 * DAY_MS),
    signingAlgorithm: ALGORITHMS[keyType],
    keys,
    extensions: await authorityExtensions(keys, usages),
  });
  return authorityOf(certificate, keys, keyType);
}

const AUTHORITY_USAGES = KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign;

async function authorityExtensions(keys: webcrypto.CryptoKeyPair, usages = AUTHORITY_USAGES) {
  return [
    new BasicConstraintsExtension(true, undefined, true),
    new KeyUsagesExtension(usages, true),
    await SubjectKeyIdentifierExtension.create(keys.publicKey),
  ];
}

async function authorityOf(
  certificate: X509Certificate,
  keys: webcrypto.CryptoKeyPair,
  keyType: KeyType,
): Promise<Authority> {
  const { privateKey } = keys;
  return {
    ...(await certified(certificate, keys)),
    issue: (wish) => issue(wish, certificate, privateKey, keyType),
    issueAuthority: async (name, crlUrls = []) => {
      const below = await newKeys(keyType);
      const issued = await X509CertificateGenerator.create({
        serialNumber: newSerial(),
        subject: [{ CN: [name] }],
        issuer: certificate.subjectName,
        notBefore: new Date(Date.now() - HOUR_MS),
        notAfter: new Date(Date.now() + 1825 * DAY_MS),
        signingAlgorithm: ALGORITHMS[keyType],
        publicKey: below.publicKey,
        signingKey: privateKey,
        extensions: [...(await authorityExtensions(below)), ...distributionPoints(crlUrls)],
      });
      return authorityOf(issued, below, keyType);
    },
    crl: (wish = {}) => makeCrl(wish, certificate, { privateKey, algorithm: ALGORITHMS[keyType] }),
  };
}

async function issue(
  wish: CertificateWish,
  authority: X509Certificate,
  signingKey: webcrypto.CryptoKey,
  signedWith: KeyType,
): Promise<CertifiedKey> {
  const keys = await newKeys(wish.keyType ?? "ec");
  const { eku = "client", authorityKeyIdentifier = true } = wish;
  const names = alternativeNames(wish);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: [{ CN: [wish.commonName] }],
    issuer: authority.subjectName,
    notBefore: new Date(wish.notBefore ?? Date.now() - HOUR_MS),
    notAfter: new Date(wish.notAfter ?? Date.now() + 365 * DAY_MS),
    signingAlgorithm: ALGORITHMS[signedWith],
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names)] : []),
      ...(eku === "none" ? [] : [new ExtendedKeyUsageExtension([PURPOSES[eku]])]),
      ...distributionPoints(wish.crlUrls ?? []),
      ...(wish.extensions ?? []),
      ...(authorityKeyIdentifier ? [await AuthorityKeyIdentifierExtension.create(authority)] : []),
    ],
  });
  return certified(certificate, keys);
}

function distributionPoints(urls: readonly string[]): Extension[] {
  return urls.length > 0 ? [new CRLDistributionPointsExtension([...urls])] : [];
}

const PURPOSES = { client: ExtendedKeyUsage.clientAuth, server: ExtendedKeyUsage.serverAuth } as const;

function alternativeNames(wish: CertificateWish): JsonGeneralName[] {
  const named = (type: JsonGeneralName["type"], values: readonly string[] = []): JsonGeneralName[] =>
    values.map((value) => ({ type, value }));
  return [
    ...named("dns", wish.sanDns),
    ...named("url", wish.sanUri),
    ...named("email", wish.sanEmail),
    ...named("upn", wish.sanUpn),
  ];
}

function newKeys(keyType: KeyType): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHMS[keyType], true, ["sign", "verify"]);
}

/** 15 random octets: positive, and unique as RFC 5280 §4.1.2.2 asks. */
const newSerial = (): string => `01${randomBytes(14).toString("hex")}`;

async function certified(certificate: X509Certificate, keys: webcrypto.CryptoKeyPair): Promise<CertifiedKey> {
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    certificatePem: `${certificate.toString("pem")}\n`,
    keyPem: `${PemConverter.encode(pkcs8, "PRIVATE KEY")}\n`,
  };
}
