/** A Buffer's octets as what they are: `JSON.stringify` would ask a Buffer for a list of numbers. */
export function octetsOf({ buffer, byteOffset, byteLength }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
