/**
 * Microsoft's strong mapping of a certificate to an account of Active Directory (KB5014754), as Intune's SCEP profiles write
 * it into a SAN:URI: `tag:microsoft.com,2022-09-14:sid:S-1-5-21-…`. The comma is the URI's own: it separates nothing.
 */
const SID_URI = /^tag:microsoft\.com,2022-09-14:sid:(S-1-\d+(?:-\d+)+)$/i;

/** The security identifiers in a certificate's SAN:URI, upper case, in its order. */
export function strongMappingSids(sanUri: readonly string[]): readonly string[] {
  return sanUri.flatMap((uri) => SID_URI.exec(uri)?.[1]?.toUpperCase() ?? []);
}
