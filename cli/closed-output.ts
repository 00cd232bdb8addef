import { toCordonError } from '../protocol/errors.ts';
import { errorText } from './output.ts';

/**
 * Ends the process quietly once nobody reads what it writes (`cordon ... | head`): with the exit code that is set by then,
 * or 0. Not as a dead pipe would otherwise end it, with a stack trace. Output that cannot be written for another reason
 * (a full disk) is an error like all others.
 */
export function endWithReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit();
      const refusal = toCordonError(error);
      if (stream === process.stdout) process.stderr.write(errorText(refusal.toWire()));
      process.exit(refusal.exitCode);
    });
  }
}
