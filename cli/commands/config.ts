import { describeConfig, loadConfig } from "../../runtime/config.ts";

/** Prints every setting, as an environment file that could be read back but for the masked secrets. */
export function showConfig(env: NodeJS.ProcessEnv): number {
  for (const { name, value, isDefault, description } of describeConfig(loadConfig(env))) {
    console.log(`# ${description}${isDefault && value !== undefined ? " (default)" : ""}`);
    console.log(value === undefined ? `# ${name}=` : `${name}=${value}`);
  }
  return 0;
}
