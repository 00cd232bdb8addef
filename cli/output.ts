import { ERROR_CODES, type WireError, toCordonError } from '../protocol/errors.ts';

/** What every verb takes. */
export interface JsonOption {
  readonly json?: true;
}

/** One object on standard output for programs, text for people; everything else goes to standard error. */
export function print(json: boolean, value: unknown, text: () => string): void {
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${text()}\n`);
}

/** Says what went wrong and sets the exit code. */
export function endWith(error: unknown, json: boolean): void {
  const refusal = toCordonError(error);
  process.exitCode = refusal.exitCode;
  if (json) process.stdout.write(`${JSON.stringify({ error: refusal.toWire() })}\n`);
  else process.stderr.write(errorText(refusal.toWire()));
  if (refusal.code === 'INTERNAL' && process.env['CORDON_LOG'] === 'debug' && error instanceof Error) {
    process.stderr.write(`${error.stack ?? ''}\n`);
  }
}

export function errorText({ code, expected, got, next }: Omit<WireError, 'message'>): string {
  return [
    `error ${code}: ${ERROR_CODES[code].title}`,
    `  expected  ${expected}`,
    `  got       ${got}`,
    `  next      ${next}`,
    '',
  ].join('\n');
}
