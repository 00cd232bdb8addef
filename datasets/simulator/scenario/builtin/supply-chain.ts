/** One update, many victims: it begins in several organisations within hours and needs no link between them. */
export const supplyChain = `scenario: supply-chain
title: Supply-chain compromise
description: |
  A product that several organisations run brings the intruder with an update. It begins on the application server
  of each within hours, uses the product's service account, and goes on to databases and controllers.
testCampaignsPerOrganisation: 0
attacks:
  - tactic: supply-chain
    title: Supply-chain compromise
    hours: [2, 22]
    path: together
    organisations: [3, 8]
    campaigns: { train: 1, test: 4 }
    entry: { technique: T1195.002, at: app }
    moves:
      - theft: { technique: T1552.001, account: { service: 1 } }
        technique: T1078.002
        logons: [{ via: kerberos-ticket, weight: 8 }, { via: ntlm, weight: 2 }]
        targets: { db: 6, app: 6, file: 4 }
        share: 0.6
      - theft: { technique: T1003.006, account: { admin: 7, backup: 3 } }
        technique: T1021.002
        logons: [{ via: kerberos-ticket, weight: 7 }, { via: ntlm, technique: T1550.002, weight: 3 }]
        targets: { dc: 2, hub: 1, server: 20 }
        advance: 0.3
        share: 0.5
    impact: { technique: T1567 }
    train: { targets: [5, 10], gapSeconds: [60, 900], dwellHours: [2, 12] }
    test: { targets: [3, 7], gapSeconds: [180, 2400], dwellHours: [4, 20] }
`;
