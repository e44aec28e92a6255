import type { EapContext, MethodOffer } from "./method.ts";
import { eapTls } from "./tls.ts";
import { eapTtls } from "./ttls.ts";

/** The methods that an organization's clients may use, most wanted first: the first is proposed, the others answer a Nak. */
export function offersOf({ checkPassword }: EapContext): readonly MethodOffer[] {
  // Without anyone to judge passwords there is no use in asking for them.
  return checkPassword === undefined ? [eapTls] : [eapTls, eapTtls(checkPassword)];
}
