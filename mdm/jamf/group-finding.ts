import type { Perishable } from "../fresh-cache.ts";
import type { Unreachable } from "../unreachable.ts";

/** Jamf keeps computers and mobile devices apart: endpoints, groups and numbers. */
export type Realm = "computer" | "mobile";

/** What a realm knows of a smart group by name. A group made anew has a new id. */
export type GroupFinding = Perishable &
  (
    | { readonly kind: "found"; readonly groupId: string }
    | { readonly kind: "missing" }
    | { readonly kind: "fault"; readonly fault: Unreachable }
  );
