import { type Logger, pino } from 'pino';

/**
 * Logs go to standard error, one JSON object a line; CORDON_LOG sets the level (default `info`). Whatever could hold a
 * secret is never handed to the logger; the redaction is a second lock on that door.
 */
export function createLogger(name: string): Logger {
  return pino(
    {
      name,
      level: process.env['CORDON_LOG'] ?? 'info',
      redact: {
        paths: ['*.token', '*.key', '*.seed', '*.share', '*.plaintext', 'token', 'key'],
        censor: '[hidden]',
      },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}
