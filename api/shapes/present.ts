type Filled<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> };

/** The fields that have a value: an absent field and one that is `undefined` are told apart by strict optional types. */
export function present<T extends object>(fields: T): Filled<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Filled<T>;
}

/** Epoch milliseconds as Mist's epoch seconds. */
export function seconds(ms: number): number {
  return ms / 1000;
}
