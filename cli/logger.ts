import { type Logger, pino } from 'pino';
import { CordonError } from '../protocol/errors.ts';

const LEVELS: readonly string[] = ['debug', 'info', 'warn', 'error', 'silent'];

/**
 * Logs go to standard error, one JSON object a line; CORDON_LOG sets the level (default `info`). Whatever could hold a
 * secret is never handed to the logger; the redaction is a second lock on that door.
 */
export function createLogger(name: string): Logger {
  const level = process.env['CORDON_LOG'] ?? 'info';
  if (!LEVELS.includes(level)) {
    throw new CordonError('CONFIG_INVALID', {
      expected: `CORDON_LOG to be one of ${LEVELS.join(', ')}`,
      got: level,
      next: 'correct or unset the variable',
    });
  }
  return pino(
    {
      name,
      level,
      redact: {
        paths: ['*.token', '*.key', '*.seed', '*.share', '*.plaintext', 'token', 'key'],
        censor: '[hidden]',
      },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}
