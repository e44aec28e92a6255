import { createHmac, randomBytes, randomUUID } from "node:crypto";

/** The access tokens of one tenant: opaque to clients, JWT in form, good until they expire or are revoked. */
export class BearerTokens {
  readonly #now: () => number;
  readonly #key = randomBytes(32);
  readonly #expiresAtMs = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  issue(lifetimeSeconds: number, claims: Readonly<Record<string, unknown>>): string {
    const issuedAt = Math.floor(this.#now() / 1000);
    const payload = { ...claims, jti: randomUUID(), nbf: issuedAt, exp: issuedAt + lifetimeSeconds };
    const signed = `${encoded({ alg: "HS256", typ: "JWT" })}.${encoded(payload)}`;
    const token = `${signed}.${createHmac("sha256", this.#key).update(signed).digest("base64url")}`;
    this.#expiresAtMs.set(token, this.#now() + lifetimeSeconds * 1000);
    return token;
  }

  /** Whether an `Authorization` header carries a living token. The scheme's case does not matter (RFC 7235 §2.1). */
  admits(authorization: string | undefined): boolean {
    const token = /^bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
    return token !== undefined && (this.#expiresAtMs.get(token) ?? 0) > this.#now();
  }

  revokeAll(): void {
    this.#expiresAtMs.clear();
  }
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
