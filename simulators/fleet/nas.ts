import type { MacAddress } from "../../domain/mac-address.ts";
import type { Secret } from "../../domain/secret.ts";
import { SECOND_MS } from "../../domain/time.ts";
import { writeAccountingKind, writeAcctSessionId } from "../../radius-edge/wire/attribute-writers.ts";
import { authenticate, type AccessOutcome, type Authenticate } from "./access.ts";
import type { FleetClient } from "./client.ts";
import { openDynamicAuthorization } from "./dynamic-authorization.ts";
import { openRadiusClient, type RadiusClient } from "./radius-client.ts";
import { accountingAttributes, nasAttributes, type NasSession, openSession, sessionAttributes } from "./session.ts";
import { SessionTimers } from "./session-timers.ts";

/** Why a client authenticated or left. */
type Occasion = "connect" | "coa" | "disconnect" | "timeout" | "restless";

export type NasEvent =
  | {
      readonly kind: "access";
      readonly client: FleetClient;
      readonly occasion: Occasion;
      readonly outcome: AccessOutcome;
    }
  | { readonly kind: "coa"; readonly client: FleetClient }
  | { readonly kind: "disconnect"; readonly client: FleetClient };

export interface NasOptions {
  /** Its own loopback address, from which it asks and on which it takes CoA. */
  readonly address: string;
  readonly nasIdentifier: string;
  readonly secret: Secret;
  /** `host:port` each. */
  readonly authentication: string;
  readonly accounting: string;
  /** 0, the default, takes a free port. */
  readonly coaPort?: number;
  readonly onEvent?: (event: NasEvent) => void;
  /** After a Disconnect, until the client tries again. */
  readonly returnMs?: number;
  readonly firstRetryMs?: number;
  /** Another supplicant than ours, such as a real one. */
  readonly authenticate?: Authenticate;
}

/** A switch and access point in one, with the clients that are on it. */
export interface Nas {
  readonly coaPort: number;
  /** Puts a client on a port of its own, or authenticates it again there. */
  connect(client: FleetClient, occasion?: Occasion): Promise<AccessOutcome>;
  /** The VLAN that the client is in; `undefined` when it is not on the network, or in the port's own. */
  vlanOf(mac: MacAddress): string | undefined;
  /** Whether it has sessions at all. */
  readonly sessions: readonly NasSession[];
  /** Tells the server that it goes down (RFC 2866 §5.1 Accounting-Off), without waiting long for the answer. */
  close(): Promise<void>;
}

/** Acct-Terminate-Cause, RFC 2866 §5.10, and RFC 3580 §2.3. */
const ADMIN_RESET = 6;
const REAUTHENTICATION_FAILURE = 20;
const GOODBYE_MS = SECOND_MS;

/** Starts it, and tells the server so (RFC 2866 §5.1 Accounting-On): sessions of an earlier life are over. */
export async function startNas(options: NasOptions): Promise<Nas> {
  const radius = await openRadiusClient(options);
  const nas = new RunningNas(options, radius);
  const { port } = await nas.listen().catch((error: unknown) => {
    radius.close();
    throw error;
  });
  void nas.announce("on");
  return {
    coaPort: port,
    connect: (client, occasion = "connect") => nas.authenticate(client, occasion),
    vlanOf: (mac) => nas.sessionOf(mac)?.authorization?.vlan,
    get sessions() {
      return nas.sessions;
    },
    close: () => nas.close(),
  };
}

class RunningNas {
  readonly #options: NasOptions;
  readonly #radius: RadiusClient;
  readonly #sessions = new Map<MacAddress, NasSession>();
  readonly #timers = new SessionTimers();
  #listener: { close(): void } | undefined;
  #lastPort = 0;
  #closed = false;

  constructor(options: NasOptions, radius: RadiusClient) {
    this.#options = options;
    this.#radius = radius;
  }

  get sessions(): readonly NasSession[] {
    return [...this.#sessions.values()];
  }

  sessionOf(mac: MacAddress): NasSession | undefined {
    return this.#sessions.get(mac);
  }

  async listen(): Promise<{ readonly port: number }> {
    const { address, nasIdentifier, secret, coaPort = 0 } = this.#options;
    const listener = await openDynamicAuthorization({
      address,
      nasIdentifier,
      secret,
      port: coaPort,
      sessions: () => this.#sessions.values(),
      reauthenticate: ({ client }) => {
        this.#tell({ kind: "coa", client });
        void this.authenticate(client, "coa");
      },
      disconnect: (session) => this.#disconnect(session),
    });
    this.#listener = listener;
    return listener;
  }

  async authenticate(client: FleetClient, occasion: Occasion): Promise<AccessOutcome> {
    const session = this.#sessions.get(client.mac) ?? openSession(client, ++this.#lastPort, Date.now());
    const { authentication, secret, authenticate: run = authenticate } = this.#options;
    const outcome = await run(client, sessionAttributes(session, this.#options), {
      secret,
      ask: (attributes) => this.#radius.ask(authentication, "Access-Request", attributes),
    });
    if (this.#closed) return outcome;
    if (outcome.kind === "accepted") this.#admit({ ...session, authorization: outcome.authorization });
    else if (outcome.kind !== "noAnswer") this.#expel(session, REAUTHENTICATION_FAILURE);
    this.#tell({ kind: "access", client, occasion, outcome });
    return outcome;
  }

  /** A re-authentication is told by an Interim with the new Class, as Cisco's `accounting update newinfo` does. */
  #admit(session: NasSession): void {
    const { client, authorization } = session;
    const isNew = !this.#sessions.has(client.mac);
    this.#sessions.set(client.mac, session);
    void this.#account(isNew ? "start" : "interim", session);
    this.#timers.set(client.mac, {
      interimSeconds: authorization?.interimSeconds,
      timeoutSeconds: authorization?.sessionTimeoutSeconds,
      interim: () => void this.#account("interim", session),
      timeout: () => void this.authenticate(client, "timeout"),
    });
  }

  #expel(session: NasSession, terminateCause: number): void {
    if (!this.#sessions.delete(session.client.mac)) return;
    this.#timers.clear(session.client.mac);
    void this.#account("stop", session, terminateCause);
  }

  #disconnect(session: NasSession): void {
    const { client } = session;
    this.#tell({ kind: "disconnect", client });
    this.#expel(session, ADMIN_RESET);
    this.#timers.after(this.#options.returnMs ?? SECOND_MS, () => void this.authenticate(client, "disconnect"));
  }

  async #account(kind: "start" | "interim" | "stop", session: NasSession, terminateCause?: number): Promise<void> {
    const facts = { now: Date.now(), ...(terminateCause === undefined ? {} : { terminateCause }) };
    const attributes = accountingAttributes(kind, session, this.#options, facts);
    await this.#radius.ask(this.#options.accounting, "Accounting-Request", attributes);
  }

  async announce(kind: "on" | "off"): Promise<void> {
    // RFC 2866 §4.1: every Accounting-Request has an Acct-Session-Id.
    const attributes = [writeAccountingKind(kind), writeAcctSessionId("0"), ...nasAttributes(this.#options)];
    await this.#radius.ask(this.#options.accounting, "Accounting-Request", attributes);
  }

  #tell(event: NasEvent): void {
    this.#options.onEvent?.(event);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#timers.close();
    this.#listener?.close();
    const goodbye = new Promise<void>((resolve) => setTimeout(resolve, GOODBYE_MS).unref());
    await Promise.race([this.announce("off"), goodbye]);
    this.#radius.close();
  }
}
