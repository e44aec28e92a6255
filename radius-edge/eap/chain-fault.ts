import type { TLSSocket } from "node:tls";

/**
 * OpenSSL's verdict on the chain that a peer has sent; `undefined`: it holds. Node sets `authorized` only on sockets that a
 * tls.Server accepted, and this is where it reads that from.
 */
export function chainFault(socket: TLSSocket): ChainFault | undefined {
  const { ssl } = socket as TLSSocket & { readonly ssl: { verifyError(): ChainFault | null | undefined } };
  return ssl.verifyError() ?? undefined;
}

type ChainFault = Error & { readonly code?: string };
