import { secret } from "../../domain/secret.ts";

/** RFC 6614 §2.3: the same for everybody, since it is TLS that proves the peer; it makes the octets those of RADIUS. */
export const RADSEC_SECRET = secret("radsec");
