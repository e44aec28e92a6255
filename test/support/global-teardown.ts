import "./global-setup.ts";

/** Stops the run's Postgres; its guardian then removes the folder. */
// oxlint-disable-next-line import/no-default-export -- jest calls the default export, and no other
export default async function stopCluster(): Promise<void> {
  const cluster = globalThis.portcullisTestCluster;
  await cluster?.postgres.stop();
  cluster?.guardian.dismiss();
}
