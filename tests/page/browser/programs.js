// The real programs, and consumers of them.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {connect} from 'node:net';
import {join} from 'node:path';
import {createInterface} from 'node:readline';

const startPatienceMs = 60_000;

/**
 * Starts a program and waits for its `serving` event. Returns {fields (of that event), log (its lines), signal(name), ended (a
 * promise)}.
 */
async function start(name, args) {
  const child = spawn(join(process.env.DISPATCHER_BINARY_DIR, name), args, {stdio: ['ignore', 'ignore', 'pipe']});
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const log = [];
  const serving = new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`${name} ${why}:\n${log.join('\n')}`));
    const timer = setTimeout(() => fail('does not serve'), startPatienceMs);
    child.on('error', (error) => fail(String(error)));
    ended.then(() => fail('has ended'));
    createInterface({input: child.stderr}).on('line', (line) => {
      log.push(line);
      if (!/ serving /.test(line)) return;
      clearTimeout(timer);
      resolve(Object.fromEntries([...line.matchAll(/(\w+)=(\S+)/g)].map(([, key, value]) => [key, value])));
    });
  });
  try {
    return {fields: await serving, log, signal: (signal) => child.kill(signal), ended};
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

export const startDatasetServer = (port, ...options) => start('dataset-server', ['--listen', `127.0.0.1:${port}`, ...options]);

export const startDispatcher = (adminPort, ...options) =>
  start('dispatcher', ['--listen', '127.0.0.1:0', '--admin', `127.0.0.1:${adminPort}`, ...options]);

const ticksPerSecond = 20;

/** Starts a consumer that reads so many bytes a second, one pass after the other. */
export async function startTrainer(port, bytesPerSecond) {
  const trainer = new Trainer(port, bytesPerSecond);
  await trainer.connected();
  return trainer;
}

/** Starts `dispatcher-pull --session` with more options, and reads so many bytes a second of its samples. Returns {stop()}. */
export function startSession(port, bytesPerSecond, ...options) {
  const connect = ['--session', '--connect', `127.0.0.1:${port}`, '--columns', 'data', '--out', '-'];
  const child = spawn(join(process.env.DISPATCHER_BINARY_DIR, 'dispatcher-pull'), [...connect, ...options], {stdio: ['ignore', 'pipe', 'ignore']});
  child.on('error', () => {});
  const perTick = Math.round(bytesPerSecond / ticksPerSecond);
  const timer = setInterval(() => readAtMost(child.stdout, perTick), 1000 / ticksPerSecond);
  const ended = new Promise((resolve) => child.on('exit', resolve));
  return {
    async stop() {
      clearInterval(timer);
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function readAtMost(stream, bytes) {
  // Asked for more than it holds, a stream gives nothing.
  for (let left = bytes; left > 0;) {
    const piece = stream.read(Math.min(left, stream.readableLength) || 1);
    if (!piece) return;
    left -= piece.length;
  }
}

class Trainer {
  #port;
  #perTick;
  #timer;
  #socket;

  constructor(port, bytesPerSecond) {
    this.#port = port;
    this.setPace(bytesPerSecond);
    this.#connect();
    this.#timer = setInterval(() => this.#read(), 1000 / ticksPerSecond);
  }

  /** 0: it reads nothing more. */
  setPace(bytesPerSecond) {
    this.#perTick = Math.round(bytesPerSecond / ticksPerSecond);
  }

  async connected() {
    await once(this.#socket, 'connect');
  }

  /** Its id in the dispatcher's log and on the page, another one in each pass. */
  get id() {
    return `client_127.0.0.1:${this.#socket.localPort}`;
  }

  stop() {
    clearInterval(this.#timer);
    this.#socket.destroy();
  }

  #connect() {
    const socket = connect({port: this.#port, host: '127.0.0.1', highWaterMark: 2 * this.#perTick});
    socket.on('error', () => {});
    socket.on('end', () => {
      if (!socket.destroyed) this.#connect();
    });
    this.#socket = socket;
  }

  #read() {
    readAtMost(this.#socket, this.#perTick);
  }
}
