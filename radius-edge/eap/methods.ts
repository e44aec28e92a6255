import { eapMd5 } from "./md5.ts";
import type { EapContext, MethodOffer } from "./method.ts";
import { eapTls } from "./tls.ts";
import { eapTtls } from "./ttls.ts";

/** The methods that an organization's clients may use, most wanted first: the first is proposed, the others answer a Nak. */
export function offersOf({ checkPassword }: EapContext): readonly MethodOffer[] {
  // MAC authentication first: a switch that can do no more may not know how to say so.
  // Without anyone to judge passwords there is no use in asking for them.
  return checkPassword === undefined ? [eapMd5, eapTls] : [eapMd5, eapTls, eapTtls(checkPassword)];
}
