import { randomFillSync } from "node:crypto";

const stock = Buffer.alloc(8_192);
let used = stock.length;

/**
 * Random octets for ids and for spreading in time, to be used at once: they are a view of a stock that is filled as a whole,
 * since the system takes as long for ten octets as for thousands.
 */
export function randomOctets(count: number): Buffer {
  if (used + count > stock.length) {
    randomFillSync(stock);
    used = 0;
  }
  used += count;
  return stock.subarray(used - count, used);
}
