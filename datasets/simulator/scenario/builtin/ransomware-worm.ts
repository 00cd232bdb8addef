/** Minutes from the first host to the last, noise all the way. */
export const ransomwareWorm = `scenario: ransomware-worm
title: Ransomware that spreads by itself
description: |
  Takes one desk, finds a password that many hosts share, spreads from every host that it holds, tries hosts that do
  not let it in, steals an administrator's account and goes on to servers; then it encrypts.
testCampaignsPerOrganisation: 1
attacks:
  - tactic: ransomware-worm
    title: Ransomware worm
    hours: [0, 24]
    path: trust
    organisations: [2, 5]
    campaigns: { train: 1, test: 3 }
    entry: { technique: T1566.001, at: workstation }
    moves:
      - theft: { technique: T1552, account: { user: 1 } }
        technique: T1210
        logons: [{ via: ntlm }]
        from: { held: 1 }
        targets: { workstation: 400 }
        again: true
        share: 0.6
        fails: 0.5
      - theft: { technique: T1003.001, account: { admin: 1 } }
        technique: T1021.002
        logons: [{ via: ntlm, weight: 6 }, { via: kerberos-ticket, weight: 4 }]
        from: { held: 1 }
        targets: { server: 200, dc: 3 }
        fails: 0.1
    pivot:
      technique: T1210
      logons: [{ via: ntlm }]
      inside: 1
    impact: { technique: T1486 }
    train: { targets: [25, 60], gapSeconds: [1, 10], dwellHours: [0.1, 1], noise: [0.2, 0.6] }
    test: { targets: [12, 35], gapSeconds: [2, 30], dwellHours: [0.2, 2], noise: [0.1, 0.4] }
`;
