/** RFC 2865 §4, RFC 2866 §3, RFC 5997 §2, RFC 5176 §2.3: the codes that we send or serve. */
export const CODE_NUMBERS = {
  "Access-Request": 1,
  "Access-Accept": 2,
  "Access-Reject": 3,
  "Accounting-Request": 4,
  "Accounting-Response": 5,
  "Access-Challenge": 11,
  "Status-Server": 12,
  "Disconnect-Request": 40,
  "Disconnect-ACK": 41,
  "Disconnect-NAK": 42,
  "CoA-Request": 43,
  "CoA-ACK": 44,
  "CoA-NAK": 45,
} as const;

export type PacketCode = keyof typeof CODE_NUMBERS;

/** RFC 5176 §2: what we, the dynamic authorization client, send to a NAS. */
export type DynamicAuthorizationCode = "CoA-Request" | "Disconnect-Request";

/** Requests whose Request Authenticator is a random nonce; that of all others is a hash over the packet. */
export type NonceRequestCode = "Access-Request" | "Status-Server";

export type HashedRequestCode = "Accounting-Request" | DynamicAuthorizationCode;

export type RequestCode = NonceRequestCode | HashedRequestCode;

export type ResponseCode = Exclude<PacketCode, RequestCode>;

const ANSWERS: Readonly<Record<RequestCode, readonly ResponseCode[]>> = {
  "Access-Request": ["Access-Accept", "Access-Reject", "Access-Challenge"],
  // RFC 5997 §3: Access-Accept on the authentication port, Accounting-Response on the accounting port.
  "Status-Server": ["Access-Accept", "Accounting-Response"],
  "Accounting-Request": ["Accounting-Response"],
  "CoA-Request": ["CoA-ACK", "CoA-NAK"],
  "Disconnect-Request": ["Disconnect-ACK", "Disconnect-NAK"],
};

const CODES: ReadonlyMap<number, PacketCode> = new Map(
  Object.entries(CODE_NUMBERS).map(([code, number]) => [number, code as PacketCode]),
);

export function codeOf(number: number): PacketCode | undefined {
  return CODES.get(number);
}

export function isRequest(code: PacketCode): code is RequestCode {
  return code in ANSWERS;
}

export function answers(response: PacketCode, request: RequestCode): boolean {
  return (ANSWERS[request] as readonly PacketCode[]).includes(response);
}

export function hasNonce(code: RequestCode): code is NonceRequestCode {
  return code === "Access-Request" || code === "Status-Server";
}

/**
 * Whether we put a Message-Authenticator into packets of this code. Accounting has none: RFC 3579 §3.3 does not list it
 * there, and radclient and radsecproxy discard an Accounting-Response that has one.
 */
export function carriesMessageAuthenticator(code: PacketCode): boolean {
  return code !== "Accounting-Request" && code !== "Accounting-Response";
}
