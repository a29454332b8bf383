// Faults under a running call: bridges killed, frozen, cut off; the focus killed and started again;
// the XMPP link cut. What is printed is the longest time in which somebody's pictures stood still;
// what is asserted is that everybody sees and hears again, in the same page.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { before, test } from 'node:test';
import { Person } from './lib/browser.mjs';
import { addresses } from './lib/hosts.mjs';
import { longestGap, watchGap } from './lib/gap.mjs';
import { eventually, http } from './lib/jmeet.mjs';
import { clients, useStage } from './lib/stage.mjs';

const state = mkdtempSync(path(tmpdir(), 'jmeet-state-'));
const mainOptions = ['--embedded-bridge=off', `--state-folder=${state}`];
const stage = useStage({ mainOptions });
const client = clients.includes('given') ? 'given' : 'old';
const ip = (...args) => execFileSync('ip', args);
const bridges = {};
const packets = host => JSON.parse(http(host, 'http://127.0.0.1:8080/colibri/stats').body).total_packets_sent;
const both = people => Promise.all(people.map(p => p.sees({ video: 1, audio: 1 }, 60_000)));
const report = (what, gap) => console.log(`# ${what}: pictures stood still for ${gap} ms`);

async function startBridge(host) {
    const from = stage.main.lines.length;
    bridges[host] = stage.startBridge(host);
    await bridges[host].line(/Joined MUC: /);
    await stage.main.line(/answers at its media port, /, { from, timeout: 60_000 });
}

// Straight to Prosody: MAIN, which would relay, is one of those that are killed here.
const join = (room, name) => Person.join(stage.browser, client, room, name, { xmpp: `${addresses.main}:5280` });

async function meet(room) {
    const people = await Promise.all(['ann', 'ben'].map(n => join(room, n)));
    await both(people);
    people.forEach(p => p.page.on('framenavigated', () => { p.reloaded = true; }));
    await watchGap(people);
    return people;
}

// The host that carries media now.
async function carrier() {
    const running = Object.keys(bridges).filter(h => !bridges[h].exit && !bridges[h].frozen);
    const earlier = Object.fromEntries(running.map(h => [h, packets(h)]));
    return eventually('a bridge carries the call', () => running.find(h => packets(h) > earlier[h] + 100));
}

async function leave(people) {
    for (const p of people) assert.ok(!p.reloaded, `${p.name} stayed on the page`);
    await Promise.all(people.map(p => p.leave()));
}

before(async () => {
    await stage.startMain();
    await stage.main.line(/Joined the room/);
    await startBridge('bridge');
    await startBridge('bridge2');
});

test('a bridge is killed: the other one carries on', async () => {
    const people = await meet('killed');
    const host = await carrier();
    const from = stage.main.lines.length;
    bridges[host].signal('SIGKILL');
    await stage.main.line(/Re-inviting \[/, { from });
    await both(people);
    report('bridge killed', await longestGap(people));
    await leave(people);
    await startBridge(host);
});

test('a bridge is frozen: the other one carries on, and the frozen one is used again when it thaws', async () => {
    const people = await meet('frozen');
    const host = await carrier();
    let from = stage.main.lines.length;
    bridges[host].signal('SIGSTOP');
    bridges[host].frozen = true;
    await stage.main.line(/Re-inviting \[/, { from });
    await both(people);
    report('bridge frozen', await longestGap(people));
    await leave(people);
    from = stage.main.lines.length;
    bridges[host].signal('SIGCONT');
    bridges[host].frozen = false;
    await stage.main.line(/answers at its media port again|Added new videobridge/, { from, timeout: 60_000 });
});

test('a bridge is cut off the network: the other one carries on', async () => {
    const people = await meet('cut-off');
    const host = await carrier();
    let from = stage.main.lines.length;
    ip('-n', `jmeet-${host}`, 'link', 'set', 'eth0', 'down');
    await stage.main.line(/Re-inviting \[/, { from });
    await both(people);
    report('bridge cut off', await longestGap(people));
    await leave(people);
    from = stage.main.lines.length;
    ip('-n', `jmeet-${host}`, 'link', 'set', 'eth0', 'up');
    await stage.main.line(/answers at its media port/, { from, timeout: 90_000 });
});

async function killFocus(room, restart) {
    const people = await meet(room);
    const host = await carrier();
    await eventually('the meeting is noted', () => readdirSync(state).length === 1);
    const sent = packets(host);
    const before = stage.main;
    const from = stage.prosody.process.lines.length;
    await restart(before);
    await stage.main.line(/Took over 1 conferences/, { timeout: 60_000 });
    await both(people);
    report(`${room}: the focus was another process`, await longestGap(people));
    await eventually('the same bridge carries it on', () => packets(host) > sent);
    assert.ok(!stage.main.lines.some(l => /Sending session-initiate/.test(l)), `nobody was invited anew\n${stage.main.tail(60)}`);
    const cyd = await join(room, 'cyd');
    await Promise.all([...people, cyd].map(p => p.sees({ video: 2, audio: 2 }, 60_000)));
    // The server has forgotten the session of the old process, and nobody saw a focus leave: that would
    // have come before they see cyd leave.
    await stage.prosody.process.line(/Session of focus@\S+ is over/, { from });
    await Promise.all([...people, cyd].map(p => p.sees({ video: 2, audio: 2 })));
    await cyd.leave();
    for (const p of people) {
        await eventually(`${p.name} sees cyd leave`, async () => (await p.do('participants')).length === 1);
        assert.ok(!(await p.do('errors')).some(e => /focusLeft/.test(e.join())), `${p.name} saw the focus leave`);
    }
    await leave(people);
}

test('the focus is killed and started again: media never stops, nobody is invited anew', () =>
    killFocus('focus-killed', async before => {
        before.signal('SIGKILL');
        await before.ended;
        await stage.startMain();
    }));

test('the focus is stopped for an upgrade and started again: media never stops', () =>
    killFocus('focus-upgraded', async before => {
        assert.deepEqual(await before.stop(), { code: 0, signal: null });
        await stage.startMain();
    }));

test('the XMPP link of the focus is cut and resumed: media goes on, a newcomer is served', async () => {
    const people = await meet('link-cut');
    const from = stage.main.lines.length;
    execFileSync('ip', ['netns', 'exec', 'jmeet-main', 'ss', '-K', 'dport', '=', '5222']);
    await stage.main.line(/Registered \(resumed=true\)/, { from, timeout: 60_000 });
    await both(people);
    report('XMPP link cut and resumed', await longestGap(people));
    assert.ok(!stage.main.lines.slice(from).some(l => /Re-inviting|Sending session-initiate/.test(l)), 'nobody was invited anew');
    const cyd = await join('link-cut', 'cyd');
    await Promise.all([...people, cyd].map(p => p.sees({ video: 2, audio: 2 }, 60_000)));
    await cyd.leave();
    await leave(people);
});
