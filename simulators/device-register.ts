import {
  completeDevice,
  type DeviceChange,
  type DeviceKind,
  type NewDevice,
  type SimulatedDevice,
} from "./mdm-device.ts";
import { sameSpelling } from "./notation.ts";

export interface RegisterOptions {
  readonly firstId: number;
  /** Kinds of one sequence share one run of record numbers: Jamf numbers computers and mobile devices apart. */
  readonly sequenceOf: (kind: DeviceKind) => string;
  readonly now: () => number;
}

/**
 * The records of one tenant. A `key` is a UDID, UUID, serial number or MAC address in any spelling; it names every
 * record that carries it, so that duplicate records change together unless they are named by UUID.
 */
export class DeviceRegister {
  readonly #options: RegisterOptions;
  readonly #lastId = new Map<string, number>();
  #records: SimulatedDevice[] = [];

  constructor(options: RegisterOptions) {
    this.#options = options;
  }

  get all(): readonly SimulatedDevice[] {
    return this.#records;
  }

  matching(key: string): readonly SimulatedDevice[] {
    return this.#records.filter((record) => carries(record, key));
  }

  add(device: NewDevice): SimulatedDevice {
    const { firstId, sequenceOf, now } = this.#options;
    const sequence = sequenceOf(device.kind);
    const id = (this.#lastId.get(sequence) ?? firstId - 1) + 1;
    this.#lastId.set(sequence, id);
    const record = completeDevice(device, id, now());
    this.#records.push(record);
    return record;
  }

  /** A second record of the same device, as re-enrolment or a swapped logic board leaves behind. */
  duplicate(key: string, change: DeviceChange = {}): SimulatedDevice {
    const [original] = this.#named(key);
    const { uuid: _uuid, ...copy } = original;
    return this.add({ ...copy, ...change });
  }

  /** Throws when no record carries `key`: a test that flips a device that is not there proves nothing. */
  change(key: string, change: DeviceChange): readonly SimulatedDevice[] {
    this.#named(key);
    const now = this.#options.now();
    const changed = (record: SimulatedDevice): SimulatedDevice => ({
      ...record,
      seenAt: now,
      reportedAt: now,
      ...(movesStatus(record, change) ? { statusChangedAt: now } : {}),
      ...change,
    });
    const uuids = new Set(this.matching(key).map((record) => record.uuid));
    this.#records = this.#records.map((record) => (uuids.has(record.uuid) ? changed(record) : record));
    return this.#records.filter((record) => uuids.has(record.uuid));
  }

  /** Forgets the records for good, as an administrator's delete does. Throws when no record carries `key`. */
  remove(key: string): void {
    const gone = new Set(this.#named(key));
    this.#records = this.#records.filter((record) => !gone.has(record));
  }

  #named(key: string): readonly [SimulatedDevice, ...SimulatedDevice[]] {
    const [first, ...others] = this.matching(key);
    if (first === undefined) throw new RangeError(`no device with UDID, UUID, serial number or MAC address "${key}"`);
    return [first, ...others];
  }
}

function carries(record: SimulatedDevice, key: string): boolean {
  const wanted = sameSpelling(key);
  const names = [record.udid, record.uuid, record.serialNumber, record.macAddress, record.altMacAddress];
  return wanted !== "" && names.some((name) => sameSpelling(name) === wanted);
}

function movesStatus(record: SimulatedDevice, change: DeviceChange): boolean {
  const { compliance = record.compliance, enrollment = record.enrollment } = change;
  return compliance !== record.compliance || enrollment !== record.enrollment;
}
