/**
 * Who goes where in remote logons: shares of remote Kerberos and of remote NTLM by kind of account and tier of the
 * destination. They follow the block model that cl-anssi fitted to LANL 2015 (MultilayerBlockModels,
 * results/lanl.json), its clusters read as roles: user clusters 5 and 7 are machine accounts, 1 people, 6 a mixture of
 * service and machine accounts, 2 null sessions; host cluster 4 is the core, 0 the second tier (portals), 1 servers, 9
 * and 11 desks. Where the model has a zero that an organisation of fifty hosts cannot have (help desk, partners,
 * backup), a small share is taken from the largest.
 */
export const KERBEROS = {
  machineCore: 0.525,
  machinePortal: 0.035,
  machineDesk: 0.01,
  serverCore: 0.08,
  personCore: 0.155,
  personPortal: 0.055,
  personServer: 0.018,
  personLease: 0.006,
  terminal: 0.004,
  admin: 0.006,
  helpDesk: 0.002,
  serviceCore: 0.035,
  serviceServer: 0.058,
  backup: 0.004,
  partner: 0.004,
  managed: 0.003,
} as const;

export const NTLM = {
  nullCore: 0.455,
  machineCore: 0.345,
  personCore: 0.12,
  personPortal: 0.015,
  personServer: 0.008,
  admin: 0.006,
  helpDesk: 0.002,
  serviceCore: 0.014,
  serviceServer: 0.012,
  printServer: 0.016,
  partner: 0.005,
  managed: 0.002,
} as const;
