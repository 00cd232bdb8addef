import {
  AUTH_ACTIONS,
  LOGON_TYPES,
  type AuthAction,
  type LogonType,
} from '../../protocol/events/canonical.ts';

const LOGON_BY_NAME: ReadonlyMap<string, LogonType> = new Map(
  LOGON_TYPES.map((type) => [type.toLowerCase(), type]),
);
const ACTION_BY_NAME: ReadonlyMap<string, AuthAction> = new Map(
  AUTH_ACTIONS.map((action) => [action.toLowerCase(), action]),
);

/** Logon type of a LANL row, in any case; Unknown where the name is another. */
export function lanlLogonType(text: string): LogonType {
  return LOGON_BY_NAME.get(text.toLowerCase()) ?? 'Unknown';
}

/** Orientation of a LANL row. */
export function lanlAction(text: string): AuthAction {
  return ACTION_BY_NAME.get(text.toLowerCase()) ?? 'Unknown';
}
