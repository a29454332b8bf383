// What the server's components do to a meeting, and what the focus makes of it: A/V moderation, metadata,
// the lobby, its duration, its end. Debian's Prosody with modules of our own (prosody/).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Person } from './lib/browser.mjs';
import { eventually, http } from './lib/jmeet.mjs';
import { clients, useStage } from './lib/stage.mjs';

const stage = useStage({ withComponents: true });
const client = clients.includes('given') ? 'given' : 'old';
const join = (name, options) => Person.join(stage.browser, client, 'assembly', name, options);
// As somebody else sees it.
const isMuted = (by, owner, kind, wanted = true) => eventually(`${by.name} sees ${owner.name}'s ${kind} ${wanted ? 'muted' : 'on'}`, async () => {
    const id = await owner.do('myId');
    return (await by.do('remoteMuted')).some(t => t.owner === id && t.kind === kind && t.muted === wanted);
});
const told = (person, ...what) => eventually(`${person.name} is told ${what}`, async () =>
    (await person.do('moderation')).some(e => e.join() === what.join()));

// How many voices a person hears while somebody speaks, judged over so many packets of that one: what does
// not come through in that time is held back.
async function voices(person, speaker) {
    const spoken = () => speaker.page.evaluate(async () => {
        const reports = [...(await window.testClient.peerConnection().getStats()).values()].filter(r => r.kind === 'audio');
        const sum = (type, key) => reports.filter(r => r.type === type).reduce((n, r) => n + (r[key] ?? 0), 0);
        return { packets: sum('outbound-rtp', 'packetsSent'), energy: sum('media-source', 'totalAudioEnergy') };
    });
    const before = await person.media();
    const start = await spoken();
    await eventually(`${speaker.name} speaks`, async () => {
        const now = await spoken();
        return now.packets > start.packets + 75 && now.energy > start.energy;
    });
    return (await person.media()).audio.filter(a => a.energy > (before.audio.find(b => b.ssrc === a.ssrc)?.energy ?? 0) + 1e-6).length;
}
const hears = (person, sender, count) => eventually(`${person.name} hears ${count}`, async () => {
    const heard = await voices(person, sender);
    if (heard !== count) throw new Error(`hears ${heard}\n${stage.main.tail(10)}`);
    return true;
});
let ann;
let ben;
let cyd;

test('who joins is told since when the meeting runs', async () => {
    await stage.startMain();
    await stage.main.line(/Added new videobridge: /);
    const asked = Date.now();
    ann = await join('ann');
    await eventually('ann is moderator', async () => await ann.do('role') === 'moderator');
    [ben, cyd] = await Promise.all([join('ben'), join('cyd', { video: '0' })]);
    await Promise.all([ann.sees({ video: 1, audio: 2 }), ben.sees({ video: 1, audio: 2 }), cyd.sees({ video: 2, audio: 2 })]);
    const since = await eventually('ben knows it', () => ben.do('since'));
    assert.ok(Number(since) > asked - 1000 && Number(since) < Date.now() + 1000, since);
    assert.equal(await ann.do('since'), since);
});

test('A/V moderation: everybody is muted, and who is not approved is neither heard nor may speak', async () => {
    const me = await ben.do('myId');
    await ann.do('moderate', 'audio', true);
    await told(ben, 'audio', 'on');
    await Promise.all([isMuted(ann, ben, 'audio'), isMuted(ann, cyd, 'audio')]);
    assert.equal(await ann.do('localMuted', 'audio'), false, 'who switches it on speaks on');
    assert.equal(await ben.do('askMute', me, 'audio', false), 'not-allowed');
    // A client that does not ask, or does not care.
    await ben.do('mute', 'audio', false);
    await isMuted(cyd, ben, 'audio', false);
    await hears(cyd, ben, 1);

    // Nor does it help to join anew. (Some start muted then, as the invitation says.)
    const dan = await join('dan', { video: '0' });
    await dan.sees({ video: 2, audio: 1 });
    await told(dan, 'audio', 'on');
    await dan.do('mute', 'audio', false);
    await hears(cyd, dan, 1);
    await dan.leave();

    await ann.do('approve', 'audio', me);
    await told(ben, 'audio', 'approved');
    assert.equal(await ben.do('askMute', me, 'audio', false), 'result');
    await hears(cyd, ben, 2);

    await ann.do('reject', 'audio', me);
    await told(ben, 'audio', 'rejected');
    await hears(cyd, ben, 1);
    assert.equal(await ben.do('askMute', me, 'audio', false), 'not-allowed');

    await ann.do('moderate', 'audio', false);
    await told(ben, 'audio', 'off');
    await hears(cyd, ben, 2);
    assert.equal(await cyd.do('askMute', await cyd.do('myId'), 'audio', false), 'result');
    await cyd.do('mute', 'audio', false);
    await ann.sees({ video: 1, audio: 2 });
});

test('A/V moderation of cameras', async () => {
    const me = await ben.do('myId');
    await ann.do('moderate', 'video', true);
    await isMuted(cyd, ben, 'video');
    assert.equal(await ben.do('askMute', me, 'video', false), 'not-allowed');
    assert.equal(await ben.do('askMute', me, 'audio', false), 'result', 'microphones are as free as before');
    await ann.do('moderate', 'video', false);
    await told(ben, 'video', 'off');
    assert.equal(await ben.do('askMute', me, 'video', false), 'result');
    await ben.do('mute', 'video', false);
    await cyd.sees({ video: 2, audio: 2 });
});

test('who joins a meeting whose metadata says so starts muted, and may speak', async () => {
    await ann.do('startMuted', { audio: true, video: false });
    await eventually('ben knows it', async () => (await ben.do('startMutedPolicy')).audio);
    const dan = await join('dan');
    await eventually('dan is muted', () => dan.do('localMuted', 'audio'));
    await cyd.sees({ video: 3, audio: 2 });
    await hears(cyd, ann, 2);
    assert.deepEqual([await dan.do('localMuted', 'audio'), await dan.do('localMuted', 'video')], [true, false]);
    await dan.do('mute', 'audio', false);
    await cyd.sees({ video: 3, audio: 3 });
    assert.deepEqual([await ben.do('localMuted', 'audio'), await cyd.do('localMuted', 'audio')], [false, false], 'who was there is not muted');
    await dan.leave();
    await ann.do('startMuted', { audio: false, video: false });
    await eventually('ben knows that, too', async () => !(await ben.do('startMutedPolicy')).audio);
});

test('the lobby: who knocks waits, is let in or sent away; the focus is exempt', async () => {
    // Like join(), for who has to wait: { id, page, joined }.
    const knock = async name => {
        let page;
        const joined = join(name, { video: '0', watch: p => { page = p; } });
        joined.catch(() => {});
        const { id } = await eventually(`ann hears ${name} knock`, async () => (await ann.do('knocking')).find(k => k.name === name));
        return { id, page, joined, isIn: () => page.evaluate(() => Boolean(window.testClient.joined)) };
    };
    await ann.do('enableLobby');
    const [mallory, eve, fay] = await Promise.all(['mallory', 'eve', 'fay'].map(knock));
    assert.deepEqual(await Promise.all([mallory, eve, fay].map(k => k.isIn())), [false, false, false]);
    assert.equal((await ann.do('participants')).length, 2);
    await Promise.all([ann.sees({ video: 1, audio: 2 }), ben.sees({ video: 1, audio: 2 })]);

    await ann.do('turnAway', mallory.id);
    await eventually('mallory is told so', () => mallory.page.evaluate(() =>
        window.testClient.errors().some(e => e.includes('conference.connectionError.accessDenied'))));
    await ann.do('admit', eve.id);
    const inside = [await eve.joined];
    await inside[0].sees({ video: 2, audio: 3 });
    assert.deepEqual(await Promise.all([mallory, fay].map(k => k.isIn())), [false, false]);

    await ann.do('disableLobby');
    inside.push(await fay.joined);
    await Promise.all([ann.sees({ video: 1, audio: 4 }), ...inside.map(p => p.sees({ video: 2, audio: 4 }))]);
    assert.equal(await mallory.isIn(), false, 'who was turned away does not come back');
    await mallory.page.context().close();
    await Promise.all(inside.map(p => p.leave()));
});

test('a moderator ends the meeting for everybody', async () => {
    const people = [ann, ben, cyd];
    await ann.do('end');
    await Promise.all(people.map(p => eventually(`${p.name} is out`, async () =>
        (await p.do('errors')).some(e => e.includes('conference.destroyed')))));
    await stage.main.line(/Stopping: /);
    // Whom it was about to make the new owner, while one after the other was put out, is nobody's concern now.
    assert.ok(!stage.main.lines.some(l => /Failed to grant owner/.test(l)), stage.main.tail(10));
    await eventually('the bridge has nothing left of it', () =>
        JSON.parse(http('main', 'http://127.0.0.1:8080/colibri/stats').body).conferences === 0);
    await Promise.all(people.map(p => p.context.close()));
});
