// MAIN dies under browsers that reach Prosody through its own web port. They come back by themselves,
// in the same page; what is printed is the longest time in which somebody's pictures stood still.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { test } from 'node:test';
import { Person } from './lib/browser.mjs';
import { longestGap, watchGap } from './lib/gap.mjs';
import { addresses } from './lib/hosts.mjs';
import { eventually } from './lib/jmeet.mjs';
import { clients, useStage } from './lib/stage.mjs';

const state = mkdtempSync(path(tmpdir(), 'jmeet-state-'));
const stage = useStage();
const alone = [`--state-folder=${state}`];
const withBridge = [...alone, '--embedded-bridge=off'];
const kinds = clients.includes('given') ? ['page', 'given'] : ['page', 'old'];
const join = (room, name, client) => Person.join(stage.browser, client, room, name, { resume: 1 });
const see = (people, count = people.length - 1) => Promise.all(people.map(p => p.sees({ video: count, audio: count }, 60_000)));
const connectionOf = page => page.page.evaluate(() => window.testClient.connection ?? []);
let bridge;

async function startMain(options) {
    if (stage.main) await stage.main.stop();
    await stage.startMain(options);
    if (options === withBridge) {
        bridge ??= stage.startBridge();
        await stage.main.line(/answers at its media port, /, { timeout: 60_000 });
    } else {
        await bridge?.stop();
        bridge = undefined;
        await stage.main.line(/Added new videobridge: /, { timeout: 60_000 });
    }
}

async function meet(room) {
    const people = await Promise.all(kinds.map((client, i) => join(room, ['ann', 'ben'][i], client)));
    await see(people);
    people.forEach(p => p.page.on('framenavigated', () => { p.reloaded = true; }));
    await watchGap(people);
    await eventually('the meeting is noted', () => readdirSync(state).length === 1);
    return people;
}

async function kill(options) {
    stage.main.signal('SIGKILL');
    await stage.main.ended;
    stage.main = undefined;
    await startMain(options);
    await stage.main.line(/Took over 1 conferences/, { timeout: 60_000 });
}

async function isResumed([page, other]) {
    await eventually('the page is back', async () => (await connectionOf(page)).at(-1) === 'resumed', 60_000);
    await eventually('the library is back', () => other.do('isConnected'), 60_000);
}

// Signalling works in both directions, and somebody who comes is seen and sees.
async function goesOn(room, people) {
    const [page, other] = people;
    await page.do('mute', 'audio', true);
    const id = await page.do('myId');
    await eventually('the other hears of the mute', async () => (await other.do('remoteMuted')).some(s => s.owner === id && s.kind === 'audio' && s.muted));
    await page.do('mute', 'audio', false);
    const all = [...people, await join(room, 'cyd', 'page')];
    await see(all);
    for (const p of people) assert.ok(!p.reloaded, `${p.name} stayed on the page`);
    await Promise.all(all.map(p => p.leave()));
}

const report = (what, gap) => console.log(`# ${what}: pictures stood still for ${gap} ms`);

test('MAIN is killed, the call is on another bridge: media goes on, everybody is the same to the others', async () => {
    await startMain(withBridge);
    const people = await meet('other-bridge');
    const before = await Promise.all(people.map(p => p.do('myId')));
    await kill(withBridge);
    await isResumed(people);
    await see(people);
    report('MAIN killed, another bridge', await longestGap(people));
    assert.deepEqual(await connectionOf(people[0]), ['interrupted', 'resumed']);
    assert.deepEqual(await Promise.all(people.map(p => p.do('myId'))), before);
    assert.ok(!stage.main.lines.some(l => /Sending session-initiate/.test(l)), `nobody was invited anew\n${stage.main.tail(60)}`);
    const left = await people[1].page.evaluate(() => window.testClient.events.filter(e => e[0] === 'left' || e[0] === 'error'));
    assert.deepEqual(left, [], 'nobody was seen to leave');
    await goesOn('other-bridge', people);
});

test('MAIN is killed with the bridge that carries the call: one new session in the same page', async () => {
    await startMain(alone);
    const people = await meet('own-bridge');
    await kill(alone);
    await isResumed(people);
    await see(people);
    report('MAIN killed, its own bridge', await longestGap(people));
    await goesOn('own-bridge', people);
});

test('MAIN is away until the server has given up its focus: media goes on, the page does not mind', async () => {
    await startMain(withBridge);
    const people = await Promise.all(['ann', 'ben'].map(name => join('away', name, 'page')));
    const witness = await Person.join(stage.browser, kinds[1], 'away', 'cyd', { xmpp: `${addresses.main}:5280`, audio: 0, video: 0 });
    await see(people);
    people.forEach(p => p.page.on('framenavigated', () => { p.reloaded = true; }));
    await watchGap(people);
    await eventually('the meeting is noted', () => readdirSync(state).length === 1);
    stage.main.signal('SIGKILL');
    await stage.main.ended;
    await eventually('the focus is seen to leave', async () => (await witness.do('errors')).some(e => /focusLeft/.test(e.join())), 60_000);
    await witness.leave();
    stage.main = undefined;
    await startMain(withBridge);
    await stage.main.line(/Took over 1 conferences/, { timeout: 60_000 });
    for (const p of people) await eventually(`${p.name} is back`, async () => (await connectionOf(p)).at(-1) === 'resumed', 60_000);
    await see(people);
    report('MAIN away for long', await longestGap(people));
    for (const p of people) assert.deepEqual(await connectionOf(p), ['interrupted', 'resumed']);
    await goesOn('away', people);
});

test('MAIN and Prosody are gone: the page joins again as somebody new', async () => {
    await startMain(alone);
    const people = await Promise.all(['ann', 'ben'].map(name => join('forgotten', name, 'page')));
    await see(people);
    people.forEach(p => p.page.on('framenavigated', () => { p.reloaded = true; }));
    await watchGap(people);
    await stage.main.stop();
    await stage.prosody.stop();
    await stage.prosody.start();
    stage.main = undefined;
    await startMain(alone);
    for (const p of people) await eventually(`${p.name} is back`, async () => (await connectionOf(p)).at(-1) === 'forgotten', 60_000);
    await see(people);
    report('MAIN and Prosody restarted', await longestGap(people));
    await goesOn('forgotten', people);
});
