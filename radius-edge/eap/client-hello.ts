/** As much of a client's first TLS message as tells which version it will come to: RFC 8446 §4.1.2 and §5.1. */

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const RECORD_HEADER_OCTETS = 5;
/** After the handshake's header, legacy_version and random. */
const SESSION_ID_OFFSET = RECORD_HEADER_OCTETS + 4 + 2 + 32;
/** RFC 8446 §4.2.1. */
const SUPPORTED_VERSIONS = 43;
const TLS_1_3 = 0x0304;

/** Whether the client would speak TLS 1.3. `false` also of what is no whole ClientHello in one record. */
export function offersTls13(message: Buffer): boolean {
  // Beyond the end every octet is NaN, and so is every sum with it, which no comparison is true of.
  const octet = (at: number): number => message[at] ?? Number.NaN;
  const pair = (at: number): number => octet(at) * 256 + octet(at + 1);
  if (octet(0) !== HANDSHAKE_RECORD || octet(RECORD_HEADER_OCTETS) !== CLIENT_HELLO) return false;
  let at = SESSION_ID_OFFSET;
  at += 1 + octet(at);
  at += 2 + pair(at); // cipher_suites
  at += 1 + octet(at); // legacy_compression_methods
  const end = at + 2 + pair(at);
  for (at += 2; at < end; at += 4 + pair(at + 2)) {
    if (pair(at) !== SUPPORTED_VERSIONS) continue;
    const endOfList = at + 5 + octet(at + 4);
    for (let version = at + 5; version < endOfList; version += 2) if (pair(version) === TLS_1_3) return true;
  }
  return false;
}
