// `jmeet doctor` on a healthy installation, and after each of the usual mistakes of a set-up.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { addresses, findPort, losePort } from './lib/hosts.mjs';
import { program } from './lib/jmeet.mjs';
import { Process } from './lib/process.mjs';
import { Prosody, domain, passwords } from './lib/prosody.mjs';
import { useStage } from './lib/stage.mjs';

const stage = useStage({ browser: false });
const folder = mkdtempSync(join(tmpdir(), 'jmeet-doctor-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const both = { JICOFO_AUTH_PASSWORD: passwords.focus, JVB_AUTH_PASSWORD: passwords.jvb };
const bridge = { JVB_AUTH_PASSWORD: passwords.jvb };

// Its exit code and everything that it printed.
async function doctor(host, options, env) {
    const process = new Process('doctor', host, program, ['doctor', ...options], env);
    const { code } = await process.ended;
    return { code, text: process.lines.join('\n') };
}
const onBridge = (options = [], env = bridge) =>
    doctor('bridge', ['--role=bridge', `--xmpp=${domain}`, `--xmpp-server=${addresses.main}`, ...options], env);

test('a healthy installation: nothing is wrong, from MAIN and from BRIDGE', async () => {
    await stage.startMain();
    await stage.main.line(/Added new videobridge: /);
    for (const seen of [await doctor('main', [`--xmpp=${domain}`], both), await onBridge()]) {
        assert.equal(seen.code, 0, seen.text);
        assert.match(seen.text, /serves auth\.meet\.test/);
        assert.match(seen.text, /TLS works with the certificate of auth\.meet\.test/);
        assert.match(seen.text, /jvb@auth\.meet\.test can log in/);
        assert.match(seen.text, /The focus is in the brewery/);
        assert.match(seen.text, /Bridges in the brewery: \S+ \(jmeet-\S+, stress /);
        assert.match(seen.text, /The media port of \S+ answers this host at 10\.77\.0\.1:10000/);
        assert.match(seen.text, /The focus answers at focus\.meet\.test/);
        assert.match(seen.text, /only private addresses .*10\.77\.0\./);
        assert.match(seen.text, /Nothing is wrong\.$/);
    }
    const main = await doctor('main', [`--xmpp=${domain}`], both);
    assert.match(main.text, /focus@auth\.meet\.test can log in/);
    assert.match(main.text, /can open rooms at muc\.meet\.test/);
    assert.match(main.text, /UDP 10000 is in use/);
    // The focus that runs was not disturbed.
    assert.ok(!stage.main.lines.some(l => /conflict|Disconnected/i.test(l)), stage.main.tail());
});

test('UDP 10000 is blocked', async () => {
    losePort('main', 10000);
    const seen = await onBridge();
    findPort('main');
    assert.equal(seen.code, 1);
    assert.match(seen.text, /FAIL {2}The media port of \S+ does not answer this host at 10\.77\.0\.1:10000 \(no answer\)/);
    assert.match(seen.text, /-> Open UDP 10000 in that host's firewall/);
    assert.match(seen.text, /1 of \d+ findings are wrong\.$/);
});

test('port 5222 is closed', async () => {
    const seen = await onBridge([`--xmpp-server=${addresses.bridge2}`]);
    assert.equal(seen.code, 1);
    assert.match(seen.text, /FAIL {2}Port 5222 is not published or nothing listens there on 10\.77\.0\.4/);
    assert.match(seen.text, /-> .*open TCP 5222/);
});

test('the password is wrong, or the account is missing', async () => {
    const wrong = await onBridge([], { JVB_AUTH_PASSWORD: 'not it' });
    assert.equal(wrong.code, 1);
    assert.match(wrong.text, /FAIL {2}jvb@auth\.meet\.test cannot log in: .*the account exists, with another password/);
    assert.match(wrong.text, /-> Copy .*JVB_AUTH_PASSWORD from MAIN's \.env/);
    const missing = await onBridge(['--jvb-auth-user=jvb2']);
    assert.equal(missing.code, 1);
    assert.match(missing.text, /the server has no account jvb2@auth\.meet\.test/);
    assert.match(missing.text, /-> Make it on MAIN: prosodyctl register jvb2 auth\.meet\.test/);
    const none = await onBridge([], { JVB_AUTH_PASSWORD: '' });
    assert.equal(none.code, 1);
    assert.match(none.text, /The password of jvb@auth\.meet\.test is not set/);
});

test('passwords were made anew in .env, Prosody keeps the old ones', async () => {
    const env = join(folder, 'new.env');
    writeFileSync(env, `XMPP_DOMAIN=${domain}\nJICOFO_AUTH_PASSWORD=new1\nJVB_AUTH_PASSWORD=new2\n`);
    const seen = await doctor('main', [`--env-file=${env}`], { JICOFO_AUTH_PASSWORD: '', JVB_AUTH_PASSWORD: '' });
    assert.equal(seen.code, 1);
    for (const user of ['focus', 'jvb']) {
        assert.match(seen.text, new RegExp(`${user}@auth\\.meet\\.test cannot log in: .*the account exists, with another password`));
        assert.match(seen.text, new RegExp(`prosodyctl register ${user} auth\\.meet\\.test`));
    }
});

test('the domain in .env is not the one of the server', async () => {
    const env = join(folder, 'other.env');
    writeFileSync(env, 'XMPP_DOMAIN=other.test\n');
    const other = await doctor('bridge', ['--role=bridge', `--env-file=${env}`, `--xmpp-server=${addresses.main}`], bridge);
    assert.equal(other.code, 1);
    assert.match(other.text, /FAIL .*does not serve the domain auth\.other\.test/);
    assert.match(other.text, /-> .*MAIN's \.env/);
    const auth = await onBridge(['--xmpp-auth-domain=auth.other.test']);
    assert.match(auth.text, /does not serve the domain auth\.other\.test, but auth\.meet\.test/);
    assert.match(auth.text, /-> Set XMPP_AUTH_DOMAIN=auth\.meet\.test/);
});

test('a Prosody on the bridge\'s own host answers in MAIN\'s place', async () => {
    const shadow = new Prosody();
    try {
        await shadow.start('bridge');
        const seen = await onBridge(['--xmpp-server=127.0.0.1']);
        assert.equal(seen.code, 1);
        assert.match(seen.text, /FAIL {2}127\.0\.0\.1 leads to this host itself/);
        assert.match(seen.text, /FAIL {2}No focus is in the brewery/);
        assert.match(seen.text, /another server than MAIN's/);
    } finally {
        await shadow.stop();
        shadow.remove();
    }
});

test('the focus is not running', async () => {
    await stage.main.stop();
    const seen = await onBridge();
    assert.equal(seen.code, 1);
    assert.match(seen.text, /FAIL {2}No focus is in the brewery/);
    assert.match(seen.text, /FAIL {2}The focus does not answer at focus\.meet\.test/);
    assert.match(seen.text, /-> Start jmeet --role=main on MAIN/);
});

test('it ends in time, and says so; settings that cannot be read are another exit code', async () => {
    const late = await onBridge(['--xmpp-server=10.77.0.99', '--doctor-timeout=1s']);
    assert.equal(late.code, 1);
    assert.match(late.text, /Not finished within 1 s/);
    const odd = await doctor('bridge', ['--role=spare'], {});
    assert.equal(odd.code, 2);
});
