// jmeet processes under test.
import { mkdtempSync, cpSync, existsSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execFileSync } from 'node:child_process';
import { addresses, onHost } from './hosts.mjs';
import { Process } from './process.mjs';
import { domain, passwords } from './prosody.mjs';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
export const program = process.env.JMEET_PROGRAM ?? join(root, 'build/jmeet');

export const pageUrl = `http://${addresses.main}:8000`;

// A real client of early 2022 from npm, packed alone: its dependencies are inside its bundle, and
// some of those that it names are not on npm.
function oldClient() {
    const folder = join(root, 'tests/e2e/node_modules/.old-client');
    const file = join(folder, 'package/dist/umd/lib-jitsi-meet.min.js');
    if (!existsSync(file)) {
        mkdirSync(folder, { recursive: true });
        const [tarball] = execFileSync('npm', ['pack', '--silent', '@solyd/lib-jitsi-meet@2.7001.1'], { cwd: folder, encoding: 'utf8' }).trim().split('\n').slice(-1);
        execFileSync('tar', ['xzf', tarball], { cwd: folder });
    }
    return file;
}

// The folder that MAIN serves: the meeting page, and beside it the pages of the test clients.
export function makeMeetFolder() {
    const folder = mkdtempSync(join(tmpdir(), 'jmeet-page-'));
    if (existsSync(join(root, 'deploy/meet/dist'))) cpSync(join(root, 'deploy/meet/dist'), folder, { recursive: true });
    else writeFileSync(join(folder, 'index.html'), 'not built');
    cpSync(join(root, 'tests/e2e/clients'), folder, { recursive: true });
    mkdirSync(join(folder, 'lib'));
    cpSync(oldClient(), join(folder, 'lib/old.js'));
    if (process.env.JMEET_TEST_CLIENT) cpSync(process.env.JMEET_TEST_CLIENT, join(folder, 'lib/given.js'));
    return folder;
}

export function startMain(folder, options = [], env = {}) {
    return new Process('main', 'main', program, ['--role=main', `--xmpp=${domain}`, '--jicofo-component-secret=' + passwords.component,
        `--meet-folder=${folder}`, '--http-port=8000', '--http-address=0.0.0.0', ...options],
    { JICOFO_AUTH_PASSWORD: passwords.focus, JVB_AUTH_PASSWORD: passwords.jvb, LOG_LEVEL: process.env.JMEET_TEST_LOG ?? 'info', ...env });
}

export function startBridge(host = 'bridge', options = [], env = {}) {
    return new Process(host, host, program, ['--role=bridge', `--xmpp=${domain}`, `--xmpp-server=${addresses.main}`, ...options],
        { JVB_AUTH_PASSWORD: passwords.jvb, LOG_LEVEL: process.env.JMEET_TEST_LOG ?? 'info', ...env });
}

// An HTTP request as an operator makes it, on that host: { status, body }.
export function http(host, url, ...curlOptions) {
    const [command, ...args] = onHost(host, 'curl', '-s', '-w', '\n%{http_code}', ...curlOptions, url);
    let out;
    try { out = execFileSync(command, args, { encoding: 'utf8' }); } catch (e) { out = e.stdout || '\n000'; }
    const at = out.lastIndexOf('\n');
    return { status: Number(out.slice(at + 1)), body: out.slice(0, at) };
}

// Asks again until the check is content; for state that no line announces.
export async function eventually(what, check, timeout = 30_000) {
    const end = Date.now() + timeout;
    let last;
    for (;;) {
        try { const result = await check(); if (result) return result; last = result; } catch (e) { last = e; }
        if (Date.now() > end) throw new Error(`${what}: not within ${timeout} ms; last: ${last instanceof Error ? last.message : JSON.stringify(last)}`);
        await new Promise(resolve => setTimeout(resolve, 200));
    }
}
