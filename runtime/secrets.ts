import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from "jose";
import { reveal, secret } from "../domain/secret.ts";
import type { Secret } from "../domain/secret.ts";
import type { MasterKey, MasterKeys } from "./master-keys.ts";

/** Why a sealed text cannot be opened. */
type SealFault = "unknownKey" | "wrongContext" | "damaged";

const SENTENCES: Readonly<Record<SealFault, string>> = {
  unknownKey: "it was sealed with a master key that this process does not have",
  wrongContext: "it was sealed for another row",
  damaged: "it is damaged, or the master key of that name is another one",
};

class SealError extends Error {
  override readonly name = "SealError";
  readonly fault: SealFault;
  constructor(fault: SealFault, context: string) {
    super(`the secret of ${context} cannot be opened: ${SENTENCES[fault]}`);
    this.fault = fault;
  }
}

const ALGORITHM = "A256GCMKW"; // RFC 7518 §4.7: a fresh content key per secret, wrapped by the master key
const ENCRYPTION = "A256GCM"; // RFC 7518 §5.3

/**
 * Secrets at rest as compact JWE (RFC 7516). The header names the master key and the context, and is authenticated: a
 * sealed text that is moved to another row is refused.
 */
export function createSeals(keys: MasterKeys): {
  seal(plain: Secret, context: string): Promise<string>;
  open(sealed: string, context: string): Promise<Secret>;
} {
  const byKid = new Map(keys.all.map((key) => [key.kid, key]));
  return {
    seal: (plain, context) =>
      new CompactEncrypt(new TextEncoder().encode(reveal(plain)))
        .setProtectedHeader({ alg: ALGORITHM, enc: ENCRYPTION, kid: keys.current.kid, ctx: context })
        .encrypt(keys.current.key),
    open: (sealed, context) => openSealed(byKid, sealed, context),
  };
}

/** The id of the master key that sealed a text; `undefined` where it cannot be read. */
export function kidOf(sealed: string): string | undefined {
  try {
    return decodeProtectedHeader(sealed).kid;
  } catch {
    return undefined;
  }
}

async function openSealed(keys: ReadonlyMap<string, MasterKey>, sealed: string, context: string): Promise<Secret> {
  const opened = await compactDecrypt(
    sealed,
    ({ kid }) => {
      const key = keys.get(kid ?? "");
      if (key === undefined) throw new SealError("unknownKey", context);
      return key.key;
    },
    { keyManagementAlgorithms: [ALGORITHM], contentEncryptionAlgorithms: [ENCRYPTION] },
  ).catch((error: unknown) => {
    throw error instanceof SealError ? error : new SealError("damaged", context);
  });
  if (opened.protectedHeader["ctx"] !== context) throw new SealError("wrongContext", context);
  return secret(new TextDecoder().decode(opened.plaintext));
}
