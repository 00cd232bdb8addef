import { parentPort } from 'node:worker_threads';
import type { ToThread } from './messages.ts';
import { serveEncryption } from './serve.ts';

// The entry of a thread; `EncryptionThreads` starts it.
if (parentPort !== null) {
  const port = parentPort;
  const take = serveEncryption((message) => {
    port.postMessage(message);
  });
  port.on('message', (message: ToThread) => {
    take(message);
  });
}
