import { kidOf } from "../../runtime/secrets.ts";
import { rekey } from "../../store/rekey.ts";
import { withStore } from "./with-store.ts";

/** Throws, naming each, when secrets are left that no master key opens; run again, it goes on with what is left. */
export function rekeyCommand(env: NodeJS.ProcessEnv): Promise<number> {
  return withStore(env, async (store, { current: { kid } }) => {
    const { resealed, kept, unopened } = await rekey(store, kid, kidOf);
    console.log(`sealed anew with master key "${kid}": ${resealed}; sealed with it before: ${kept}`);
    if (unopened.length > 0) throw new Error(`${unopened.length} stay as they were:\n  ${unopened.join("\n  ")}`);
  });
}
