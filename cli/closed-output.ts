/**
 * Ends the process quietly once nobody reads what it writes (`cordon ... | head`): with the exit code that is set by then,
 * or 0. Not as a dead pipe would otherwise end it, with a stack trace.
 */
export function endWithReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit();
      throw error;
    });
  }
}
