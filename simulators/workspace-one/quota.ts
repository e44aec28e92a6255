import type { WorkspaceOneTenant } from "./tenant.ts";

const WINDOW_MS = 24 * 60 * 60 * 1000;

/** Counts the tenant's calls in windows of 24 hours, each opened by its first call; answers without a body count too. */
export class DailyQuota {
  readonly #tenant: WorkspaceOneTenant;
  #opensAtMs = Number.NEGATIVE_INFINITY;
  #used = 0;

  constructor(tenant: WorkspaceOneTenant) {
    this.#tenant = tenant;
  }

  /** Takes one call from what is left; `false` when nothing is. */
  spend(): boolean {
    const now = this.#tenant.now();
    if (now >= this.#opensAtMs + WINDOW_MS) {
      this.#opensAtMs = now;
      this.#used = 0;
    }
    if (this.#used >= this.#tenant.settings.quota) return false;
    this.#used += 1;
    return true;
  }

  /** `remaining` is what is left unless given; `reset` is in epoch seconds. */
  headers(remaining = Math.max(this.#tenant.settings.quota - this.#used, 0)): Record<string, number> {
    const opensAtMs = Math.max(this.#opensAtMs, this.#tenant.now() - WINDOW_MS);
    return {
      "x-ratelimit-limit": this.#tenant.settings.quota,
      "x-ratelimit-remaining": remaining,
      "x-ratelimit-reset": Math.ceil((opensAtMs + WINDOW_MS) / 1000),
    };
  }
}
