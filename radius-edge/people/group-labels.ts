/** Type and value of the first RDN of a distinguished name, RFC 4514 §3: `CN=Wi-Fi\, staff,OU=…`. */
const FIRST_RDN = /^[A-Za-z][A-Za-z0-9-]*=((?:\\.|[^\\,+])*)(?:[,+]|$)/s;

/**
 * What rules know a user's groups by. A group that is a distinguished name counts under its own name, as people write
 * it, and under the whole: where anybody else may make groups, only the whole tells theirs from ours.
 */
export function groupLabels(values: readonly string[]): readonly string[] {
  return [...new Set(values.flatMap((value) => [nameOf(value) ?? [], value].flat()))];
}

function nameOf(dn: string): string | undefined {
  const escaped = FIRST_RDN.exec(dn)?.[1];
  if (escaped === undefined) return undefined;
  // Each escape is a character, or an octet of UTF-8 in hexadecimal (RFC 4514 §2.4).
  const octets = escaped.replaceAll(/(?:\\[0-9a-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll("\\", ""), "hex").toString(),
  );
  return octets.replaceAll(/\\(.)/gs, "$1");
}
