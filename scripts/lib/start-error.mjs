/** An error that a person can act on, in the same form as the rest of Cordon: expected, got, next. */
export class StartError extends Error {
  /**
   * @param {string} message
   * @param {{ expected: string, got: string, next: string, exitCode?: number }} detail
   */
  constructor(message, { expected, got, next, exitCode = 1 }) {
    super(message);
    this.name = 'StartError';
    this.expected = expected;
    this.got = got;
    this.next = next;
    this.exitCode = exitCode;
  }

  render() {
    return [
      `Error: ${this.message}`,
      `  expected: ${this.expected}`,
      `  got:      ${this.got}`,
      `  next:     ${this.next}`,
    ].join('\n');
  }
}
