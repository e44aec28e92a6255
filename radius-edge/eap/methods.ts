import type { MethodOffer } from "./method.ts";
import { eapTls } from "./tls.ts";

/** The methods we speak, most wanted first: the first is proposed, the others answer a Nak. */
export const OFFERED_METHODS: readonly MethodOffer[] = [eapTls];
