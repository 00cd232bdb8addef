import { CordonError } from '../protocol/errors.ts';
import type { ClientMessage } from '../protocol/messages/control.ts';
import type { CoordinatorModules } from './modules.ts';
import type { RunBook } from './rounds/run-book.ts';
import type { Session } from './sessions/session.ts';
import { stateMessage } from './state-message.ts';

/** Hands what a proven connection says to the round. @throws CordonError FORBIDDEN, STALE_ROUND, whatever the round refuses */
export async function dispatch(
  session: Session,
  message: ClientMessage,
  book: RunBook,
  modules: CoordinatorModules,
): Promise<void> {
  if (message.type === 'ask-state' && session.role !== 'former')
    return session.send(stateMessage(modules, book));
  if (session.role !== 'member' || message.type === 'hello' || message.type === 'ask-state') {
    throw new CordonError('FORBIDDEN', {
      expected: 'a message that this connection may send',
      got: `${message.type} from the ${session.role} ${session.id}`,
      next: 'send it as a member, after the welcome',
    });
  }
  const keying = book.active?.keying;
  if (message.type === 'seal-key') return keying?.sealKey(session.id, message.sealKey);
  if (message.type === 'key-part') return keying?.part(session.id, message.part);
  if (message.type === 'refuse' && message.phase === 'keying') {
    const { run, code, expected, got, next } = message;
    return run === book.active?.id ? keying?.refuse(session.id, { code, expected, got, next }) : undefined;
  }
  const round = book.active?.current;
  if (!round) {
    throw new CordonError('STALE_ROUND', {
      expected: 'a round in progress',
      got: 'none',
      next: 'read the log and wait for the next round',
    });
  }
  if (message.type === 'answer') await round.answer(session.id, message.answer);
  else if (message.type === 'audit') await round.audit(session.id, message.statement);
  else if (message.type === 'complaint') await round.complain(session.id, message.complaint);
  else if (message.type === 'checked') await round.checked(session.id, message.round);
  else if (message.round === round.round) {
    const { code, expected, got, next, phase } = message;
    if (phase === 'keying') return;
    const reason = { code, expected, got, next };
    const taken = await round.driver.handle({ type: 'refused', member: session.id, phase, reason });
    // Said again and again, it is logged once.
    if (taken)
      modules.logger.warn({ round: message.round, member: session.id, phase, ...reason }, 'member refuses');
  }
}
