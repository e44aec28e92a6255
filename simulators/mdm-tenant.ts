import { BearerTokens } from "./bearer-tokens.ts";
import { CallLog } from "./call-log.ts";
import { DeviceRegister, type RegisterOptions } from "./device-register.ts";
import { FaultPlan } from "./faults.ts";

/** What one simulated tenant holds and how it behaves: the surface by which tests, the sandbox and people steer it. */
export class MdmTenant<Settings extends object> {
  readonly devices: DeviceRegister;
  readonly faults = new FaultPlan();
  readonly tokens: BearerTokens;
  readonly calls = new CallLog();
  readonly now: () => number;
  #settings: Settings;

  constructor(settings: Settings, register: RegisterOptions) {
    this.#settings = settings;
    this.now = register.now;
    this.devices = new DeviceRegister(register);
    this.tokens = new BearerTokens(register.now);
  }

  get settings(): Readonly<Settings> {
    return this.#settings;
  }

  /** In force from the next request. */
  configure(change: Partial<Settings>): void {
    this.#settings = { ...this.#settings, ...change };
  }
}
