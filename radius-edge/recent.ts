/**
 * Values under two keys, of which those not used for longest go first. In two generations: what is used moves to the current
 * one, and when that is full, the other is dropped as a whole. A use of what is there already writes nothing.
 */
export interface Recent<Outer, Inner, Value> {
  get(outer: Outer, inner: Inner): Value | undefined;
  set(outer: Outer, inner: Inner, value: Value): void;
  delete(outer: Outer, inner: Inner): void;
  /** Of one outer key all that there is. */
  deleteAll(outer: Outer): void;
}

export function createRecent<Outer, Inner, Value extends object>(atMost: number): Recent<Outer, Inner, Value> {
  const most = Math.ceil(atMost / 2);
  let older = createGeneration<Outer, Inner, Value>();
  let current = createGeneration<Outer, Inner, Value>();
  const set = (outer: Outer, inner: Inner, value: Value): void => {
    if (current.size >= most && current.get(outer, inner) === undefined) {
      older = current;
      current = createGeneration();
    }
    current.set(outer, inner, value);
  };
  return {
    get(outer, inner) {
      const value = current.get(outer, inner);
      if (value !== undefined) return value;
      const last = older.get(outer, inner);
      if (last !== undefined) set(outer, inner, last);
      return last;
    },
    set,
    delete(outer, inner) {
      current.delete(outer, inner);
      older.delete(outer, inner);
    },
    deleteAll(outer) {
      current.deleteAll(outer);
      older.deleteAll(outer);
    },
  };
}

interface Generation<Outer, Inner, Value> extends Recent<Outer, Inner, Value> {
  readonly size: number;
}

function createGeneration<Outer, Inner, Value>(): Generation<Outer, Inner, Value> {
  const maps = new Map<Outer, Map<Inner, Value>>();
  let size = 0;
  return {
    get size() {
      return size;
    },
    get: (outer, inner) => maps.get(outer)?.get(inner),
    set(outer, inner, value) {
      let map = maps.get(outer);
      if (map === undefined) maps.set(outer, (map = new Map<Inner, Value>()));
      size -= map.size;
      size += map.set(inner, value).size;
    },
    delete(outer, inner) {
      if (maps.get(outer)?.delete(inner) === true) size--;
    },
    deleteAll(outer) {
      size -= maps.get(outer)?.size ?? 0;
      maps.delete(outer);
    },
  };
}
