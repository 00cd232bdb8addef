/** Ordinary life that looks like an attack; a scenario file says of each how often it happens. */
export const HARD_NEGATIVES = [
  'administrators',
  'helpDesk',
  'services',
  'scanners',
  'managedService',
  'terminalServers',
  'runAs',
  'passwordExpiry',
  'rollouts',
  'strayClients',
  'sharedSources',
] as const;
export type HardNegative = (typeof HARD_NEGATIVES)[number];
