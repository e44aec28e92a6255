/** Attribute type numbers, by the RFC that defines them. */
export const ATTRIBUTE = {
  // RFC 2865 §5
  UserName: 1,
  UserPassword: 2,
  ChapPassword: 3,
  NasIpAddress: 4,
  NasPort: 5,
  ServiceType: 6,
  FramedIpAddress: 8,
  FilterId: 11,
  FramedMtu: 12,
  ReplyMessage: 18,
  State: 24,
  Class: 25,
  VendorSpecific: 26,
  SessionTimeout: 27,
  TerminationAction: 29,
  CalledStationId: 30,
  CallingStationId: 31,
  NasIdentifier: 32,
  ProxyState: 33,
  // RFC 2866 §5, RFC 2869 §5
  AcctStatusType: 40,
  AcctDelayTime: 41,
  AcctInputOctets: 42,
  AcctOutputOctets: 43,
  AcctSessionId: 44,
  AcctSessionTime: 46,
  AcctInputPackets: 47,
  AcctOutputPackets: 48,
  AcctTerminateCause: 49,
  AcctMultiSessionId: 50,
  AcctInputGigawords: 52,
  AcctOutputGigawords: 53,
  EventTimestamp: 55,
  // RFC 4675 §2.3
  EgressVlanName: 58,
  // RFC 2865 §5.41
  ChapChallenge: 60,
  NasPortType: 61,
  // RFC 2868 §3
  TunnelType: 64,
  TunnelMediumType: 65,
  TunnelPassword: 69,
  TunnelPrivateGroupId: 81,
  // RFC 2869 §5
  ConnectInfo: 77,
  EapMessage: 79,
  MessageAuthenticator: 80,
  AcctInterimInterval: 85,
  NasPortId: 87,
  // RFC 4372 §2.2
  ChargeableUserIdentity: 89,
  // RFC 3162 §2.1
  NasIpv6Address: 95,
  // RFC 5176 §3.5
  ErrorCause: 101,
  // RFC 5580 §4.1
  OperatorName: 126,
  // RFC 6911 §3.1
  FramedIpv6Address: 168,
  // RFC 6929 §2.1: attributes with a type of their own inside
  Extended1: 241,
} as const;

/** Inside `Extended1`. */
export const EXTENDED_1 = {
  // RFC 8559 §3.3
  OperatorNasIdentifier: 8,
} as const;

/** Service-Type, RFC 2865 §5.6. */
export const SERVICE_TYPE = { Login: 1, Framed: 2, CallCheck: 10 } as const;

/** NAS-Port-Type, RFC 2865 §5.41. */
export const NAS_PORT_TYPE = { Ethernet: 15, Wireless80211: 19 } as const;
