// An operator's day: a BRIDGE joins, MAIN's own is switched off, the password is wrong, Prosody is
// restarted under a call, bridges drain and go.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Person } from './lib/browser.mjs';
import { addresses } from './lib/hosts.mjs';
import { eventually, http } from './lib/jmeet.mjs';
import { domain } from './lib/prosody.mjs';
import { clients, useStage } from './lib/stage.mjs';

const stage = useStage();
// Which client plays matters little here; the newest that is at hand.
const client = clients.includes('given') ? 'given' : clients[0];
const join = (room, name, options) => Person.join(stage.browser, client, room, name, options);
const packets = host => JSON.parse(http(host, 'http://127.0.0.1:8080/colibri/stats').body).total_packets_sent;
let bridge;

test('BRIDGE joins with five lines, MAIN sees it under a name of its own', async () => {
    await stage.startMain();
    await stage.main.line(/Added new videobridge: /);
    bridge = stage.startBridge();
    await bridge.line(new RegExp(`^JVB \\S+ \\S+ INFO: \\[\\d+\\] .*Joined MUC: jvbbrewery@internal-muc.${domain}$`));
    await bridge.line(/Performed a successful health check in PT0S\. Sticky failure: false/);
    const second = stage.startBridge('bridge2');
    await second.line(/Joined MUC: /);
    const added = new RegExp(`^Jicofo .*Added new videobridge: Bridge\\[jid=jvbbrewery@internal-muc.${domain}/([^,]+), relayId=null, region=null, stress=\\d\\.\\d\\d, version=`);
    const names = await eventually('three bridges', () => {
        const found = stage.main.lines.map(l => added.exec(l)?.[1]).filter(Boolean);
        return found.length === 3 && found;
    });
    assert.equal(new Set(names).size, 3);
    assert.deepEqual(await second.stop(), { code: 0, signal: null });
    await stage.main.line(/Removing JVB: /);
});

test('MAIN drained by the standard request: a new meeting runs over BRIDGE, a camera comes on there', async () => {
    assert.equal(http('main', 'http://127.0.0.1:8080/colibri/shutdown', '-X', 'POST', '-H', 'Content-Type: application/json', '-d', '{"graceful-shutdown":"true"}').status, 200);
    await stage.main.line(/entered SHUTTING_DOWN|GRACEFUL_SHUTDOWN|graceful/i);
    const ann = await join('over-bridge', 'ann', { video: 0 });
    const ben = await join('over-bridge', 'ben');
    await ann.sees({ video: 1, audio: 1 });
    await ben.sees({ video: 0, audio: 1 });
    if (client === 'page') await ann.do('toggle', 'camera'); else await ann.do('addCamera');
    await ben.sees({ video: 1, audio: 1 });
    await eventually('BRIDGE carries it', () => packets('bridge') > 100);
    await ann.leave();
    await ben.leave();
});

test('without any bridge the client is told, and the meeting starts by itself when one appears', async () => {
    await bridge.stop();
    await stage.main.stop();
    await stage.startMain(['--embedded-bridge=off']);
    await stage.main.line(/Joined the room|jvbbrewery/);
    const [ann, ben] = await Promise.all([join('no-bridge', 'ann'), join('no-bridge', 'ben')]);
    await stage.main.line(/no operational bridges/i);
    bridge = stage.startBridge();
    await Promise.all([ann, ben].map(p => p.sees({ video: 1, audio: 1 }, 60_000)));
    await eventually('BRIDGE carries it', () => packets('bridge') > 100);
    await ann.leave();
    await ben.leave();
});

test('Prosody restarted under a call: media goes on, bridges rejoin, a newcomer is served', async () => {
    const people = await Promise.all(['ann', 'ben'].map(n => join('restart', n)));
    await Promise.all(people.map(p => p.sees({ video: 1, audio: 1 })));
    const [seenByMain, seenByBridge] = [stage.main.lines.length, bridge.lines.length];
    await stage.prosody.stop();
    const before = packets('bridge');
    await eventually('media goes on without Prosody', () => packets('bridge') > before + 100);
    await stage.prosody.start();
    await bridge.line(/Joined MUC: /, { from: seenByBridge, timeout: 60_000 });
    await stage.main.line(/Registered|Joined/, { from: seenByMain, timeout: 60_000 });
    await eventually('MAIN is healthy again', () => http('main', 'http://127.0.0.1:8888/about/health').status === 200, 60_000);
    const newcomers = await Promise.all(['cyd', 'dee'].map(n => join('restart', n)));
    await Promise.all(newcomers.map(p => p.sees({ video: 1, audio: 1 }, 60_000)));
    await Promise.all([...people, ...newcomers].map(p => p.context.close()));
});

test('a wrong password is said with its remedy, retried without spam, and health is red', async () => {
    const wrong = stage.startBridge('bridge2', [], { JVB_AUTH_PASSWORD: 'wrong' });
    await wrong.line(/SASLError using SCRAM-SHA-1: not-authorized.*JVB_AUTH_USER.*JVB_AUTH_PASSWORD/);
    await eventually('health is red', () => http('bridge2', 'http://127.0.0.1:8080/about/health').status >= 500);
    const count = () => wrong.lines.filter(l => /not-authorized/.test(l)).length;
    await eventually('it is tried again', () => count() >= 3, 30_000);
    assert.ok(wrong.lines.length < 60, 'no spam');
    assert.ok(!wrong.lines.some(l => l.includes("'wrong'") || l.includes('=wrong')), 'the password is not in the log');
    assert.deepEqual(await wrong.stop(), { code: 0, signal: null });
});

test('MAIN with a wrong password says so, and its health is red', async () => {
    await stage.main.stop();
    await stage.startMain(['--embedded-bridge=off'], { JICOFO_AUTH_PASSWORD: 'wrong' });
    await stage.main.line(/ SEVERE: .*: Failed to connect\/login: SASLError using SCRAM-SHA-1: not-authorized.*JICOFO_AUTH_PASSWORD/);
    await stage.main.line(/ WARNING: .*: Failed to connect, will re-try after /);
    assert.ok(http('main', 'http://127.0.0.1:8888/about/health').status >= 500);
    assert.deepEqual(await stage.main.stop(), { code: 0, signal: null });
});

test('a server that is not there is one sentence with the fix, each kind its own', async () => {
    const refused = stage.startBridge('bridge2', ['--xmpp-server=10.77.0.3']);
    await refused.line(/10\.77\.0\.3.*(refused|unreachable).*XMPP_SERVER/i);
    await refused.stop();
    const unknown = stage.startBridge('bridge2', ['--xmpp-server=no-such-host.invalid']);
    await unknown.line(/no-such-host\.invalid.*XMPP_SERVER/);
    await unknown.stop();
});

test('set-up mistakes stop the start with one sentence', async () => {
    const cases = [
        [['--no-such-option=1'], /unknown option '--no-such-option=1'/],
        [['--xmpp-port=99999'], /--xmpp-port \/ XMPP_PORT: '99999' is not between 1 and 65535/],
        [['--jvb-advertise-ips=nonsense'], /JVB_ADVERTISE_IPS.*nonsense/]
    ];
    for (const [options, sentence] of cases) {
        const failing = stage.startBridge('bridge2', options);
        assert.equal((await failing.ended).code, 1);
        assert.match(failing.lines.join('\n'), sentence);
        assert.equal(failing.lines.length, 1, failing.lines.join('\n'));
    }
});
