// A child process whose lines can be awaited.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { onHost } from './hosts.mjs';

export class Process {
    constructor(name, host, command, args, env = {}) {
        this.name = name;
        this.lines = [];
        this.waiting = new Set();
        const [program, ...rest] = onHost(host, command, ...args);
        this.child = spawn(program, rest, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
        for (const stream of [this.child.stdout, this.child.stderr]) {
            createInterface({ input: stream }).on('line', line => this.#take(line));
        }
        this.ended = new Promise(resolve => this.child.on('exit', (code, signal) => {
            this.exit = { code, signal };
            for (const w of [...this.waiting]) w.check();
            resolve(this.exit);
        }));
    }

    #take(line) {
        this.lines.push(line);
        if (process.env.JMEET_TEST_VERBOSE) console.error(`[${this.name}] ${line}`);
        for (const w of [...this.waiting]) w.check();
    }

    // The first line (from index `from` on) that matches; fails when the process ends before it.
    line(pattern, { timeout = 30_000, from = 0 } = {}) {
        return new Promise((resolve, reject) => {
            const waiter = {
                check: () => {
                    const found = this.lines.slice(from).find(l => pattern.test(l));
                    if (found !== undefined) done(() => resolve(found));
                    else if (this.exit) done(() => reject(new Error(`${this.name} ended (${JSON.stringify(this.exit)}) before a line like ${pattern}\n${this.tail()}`)));
                }
            };
            const timer = setTimeout(() => done(() => reject(new Error(`${this.name}: no line like ${pattern} in ${timeout} ms\n${this.tail()}`))), timeout);
            const done = how => { clearTimeout(timer); this.waiting.delete(waiter); how(); };
            this.waiting.add(waiter);
            waiter.check();
        });
    }

    tail(count = 40) {
        return this.lines.slice(-count).map(l => `    ${this.name}| ${l}`).join('\n');
    }

    signal(name) { this.child.kill(name); }

    // Ends it as an operator does and tells how it ended.
    async stop(timeout = 15_000) {
        if (this.exit) return this.exit;
        this.child.kill('SIGTERM');
        const timer = setTimeout(() => this.child.kill('SIGKILL'), timeout);
        await this.ended;
        clearTimeout(timer);
        return this.exit;
    }
}
