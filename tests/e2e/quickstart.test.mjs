// deploy/quickstart on this machine itself, not on a test host: twice, then a call at the address
// that it prints. An installation that was here before is as it was afterwards.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { Person } from './lib/browser.mjs';
import { eventually, root } from './lib/jmeet.mjs';

const envFile = join(root, '.env');
const installedEnv = '/etc/jmeet/jmeet.env';
const prosodyConfig = '/etc/prosody/conf.d/jmeet.cfg.lua';
const prosodyModule = '/usr/local/lib/prosody/modules/mod_jmeet_resume.lua';
const pidFile = '/run/jmeet.pid';
const secrets = ['JICOFO_AUTH_PASSWORD', 'JVB_AUTH_PASSWORD', 'JICOFO_COMPONENT_SECRET'];
const hasSystemd = existsSync('/run/systemd/system');

const contents = file => existsSync(file) ? readFileSync(file, 'utf8') : undefined;
const setting = (file, name) => new RegExp(`^${name}=(.*)$`, 'm').exec(contents(file) ?? '')?.[1];
const hash = file => createHash('sha256').update(readFileSync(file)).digest('hex');

// What the caller of the tests has set is not this machine's set-up.
function environment() {
    const env = { ...process.env };
    for (const name of ['DOMAIN', 'HTTP_PORT', 'JVB_ADVERTISE_IPS', 'JVB_AUTH_PASSWORD']) delete env[name];
    return env;
}

// Runs it to its end; gives the address that it prints.
async function quickstart() {
    const { stdout } = await promisify(execFile)(join(root, 'deploy/quickstart'), [], { env: environment(), maxBuffer: 1 << 26 })
        .catch(e => { throw new Error(`quickstart ended with ${e.code}:\n${e.stdout}\n${e.stderr}`); });
    const address = /the meeting is at (https?:\/\/\S+)/.exec(stdout)?.[1];
    assert.ok(address, `no address in what quickstart printed:\n${stdout}`);
    return address;
}

// What must outlive a second run.
function state() {
    const domain = setting(envFile, 'XMPP_DOMAIN');
    const certificates = [domain, `auth.${domain}`].flatMap(name => [`/etc/prosody/certs/${name}.crt`, `/etc/prosody/certs/${name}.key`]);
    // Prosody names its folders so.
    const folder = `auth.${domain}`.replace(/[^A-Za-z0-9]/g, c => '%' + c.charCodeAt(0).toString(16));
    return {
        secrets: secrets.map(name => setting(envFile, name)),
        certificates: certificates.map(hash),
        accounts: readdirSync(`/var/lib/prosody/${folder}/accounts`).sort()
    };
}

const answers = url => fetch(url).then(r => r.status, () => 0);
const runs = name => { try { execFileSync('pgrep', ['-f', name]); return true; } catch { return false; } };

const earlier = {};
let browser;

before(() => {
    Object.assign(earlier, { env: contents(envFile), installed: contents(installedEnv), prosody: runs('/usr/bin/prosody') });
});

after(async () => {
    await browser?.close();
    if (earlier.env === undefined) rmSync(envFile, { force: true });
    else writeFileSync(envFile, earlier.env, { mode: 0o600 });
    if (earlier.installed !== undefined) {
        writeFileSync(envFile, earlier.installed, { mode: 0o600 });
        await quickstart();
        if (earlier.env === undefined) rmSync(envFile);
        else writeFileSync(envFile, earlier.env, { mode: 0o600 });
        return;
    }
    if (hasSystemd) {
        execFileSync('systemctl', ['disable', '--now', 'jmeet'], { stdio: 'ignore' });
        rmSync('/etc/systemd/system/jmeet.service');
    } else {
        const pid = Number(contents(pidFile));
        if (pid) {
            process.kill(pid, 'SIGTERM');
            await eventually('jmeet ends', () => !existsSync(`/proc/${pid}/exe`), 20_000);
        }
    }
    for (const path of [pidFile, '/etc/jmeet', prosodyConfig, '/usr/local/bin/jmeet', '/usr/local/share/jmeet', prosodyModule]) rmSync(path, { recursive: true, force: true });
    execFileSync('prosodyctl', [earlier.prosody ? 'restart' : 'stop'], { stdio: 'ignore' });
});

test('quickstart works twice, keeps what it made, and takes up a changed .env', { timeout: 900_000 }, async () => {
    const first = await quickstart();
    const made = state();
    assert.ok(made.secrets.every(s => s?.length >= 16), 'each secret is set');
    assert.deepEqual(made.accounts, ['focus.dat', 'jvb.dat']);
    assert.equal(await answers('http://127.0.0.1:8888/about/health'), 200);
    assert.equal(await answers('http://127.0.0.1:8080/about/health'), 200);

    const port = Number(setting(envFile, 'HTTP_PORT'));
    const other = port === 18_000 ? 18_001 : 18_000;
    writeFileSync(envFile, contents(envFile).replace(/^HTTP_PORT=.*$/m, `HTTP_PORT=${other}`));
    const second = await quickstart();
    assert.deepEqual(state(), made, 'passwords, certificates and accounts stay');
    assert.equal(await answers(`http://127.0.0.1:${other}/hello`), 200);
    assert.equal(await answers(`http://127.0.0.1:${port}/hello`), 0, 'the earlier port is free');
    if (first.startsWith('http:')) assert.equal(second, `http://localhost:${other}/hello`);
    assert.equal(setting(installedEnv, 'HTTP_PORT'), String(other));
});

test('two browsers meet at the address that quickstart prints', { timeout: 300_000 }, async () => {
    const address = new URL(await quickstart());
    browser = await chromium.launch({
        executablePath: '/usr/bin/chromium',
        headless: true,
        args: ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required', '--use-fake-device-for-media-stream',
            '--use-fake-ui-for-media-stream', '--disable-features=WebRtcHideLocalIpsWithMdns',
            '--ignore-certificate-errors', `--host-resolver-rules=MAP ${address.hostname} 127.0.0.1`]
    });
    const people = [];
    for (const name of ['ann', 'ben']) {
        const context = await browser.newContext({ permissions: ['camera', 'microphone'] });
        const person = new Person(name, await context.newPage());
        person.context = context;
        person.url = `${address}?name=${name}`;
        await person.enter();
        people.push(person);
    }
    await Promise.all(people.map(p => p.sees({ video: 1, audio: 1 })));
    await Promise.all(people.map(p => p.leave()));
});
