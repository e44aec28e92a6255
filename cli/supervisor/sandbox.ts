/** A simulated world that runs in this process and reaches the product by its network addresses alone. */
interface Sandbox {
  readonly simulators: { readonly vmware: object; readonly jamf: object };
  close(): Promise<void>;
}

/** Resolves when the simulators answer and are linked; what then happens is told by `say`. */
export type StartSandbox = (world: {
  readonly apiUrl: string;
  /** Admin token of the organization, as text. */
  readonly token: string;
  readonly organizationId: string;
  /** RADIUS, `host:port`. */
  readonly authentication: string;
  readonly accounting: string;
  readonly stateFolder: string;
  say(line: string): void;
}) => Promise<Sandbox>;
