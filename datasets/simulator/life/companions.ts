/**
 * What comes with logons: log-offs of those who logged on over the network or at the screen, service tickets before
 * remote Kerberos logons, ticket-granting tickets, account mappings. The shares are set so that 98.5 % of the events
 * have the same account and 54 % the same computer on both sides, as published.
 */
export const LOGOFF = 0.8;
export const TGS = 0.2;
export const TGT = 0.12;
export const AUTH_MAP = 0.06;
export const AUTH_MAP_OTHER_ACCOUNT = 0.2;

/** Events of a log for each logon, all classes together. */
export const EVENTS_PER_LOGON = 1.973;

/** Chances that a logon and that a request for a ticket fails, before they are scaled to the published share. */
export const FAIL_LOGON = 0.0125;
export const FAIL_TICKET = 0.05;
/** Failures of one logon and its tickets on average. */
export const FAILURES_PER_LOGON = FAIL_LOGON + FAIL_TICKET * (0.68 * TGS + 0.765 * TGT);

/** The middle of the published 1.2 to 1.4 % of events. */
export const FAILURE_SHARE = 0.013;
/** The middle of the published 0.5 to 1 % of remote logons. */
export const NOVEL_SHARE = 0.0075;
/** People go where they have not been on the first days too, when most of what they do is seen for the first time. */
export const LEAST_DRIFT = 0.001;
