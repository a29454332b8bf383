// Breakout rooms: made, people sent there and back, each with sound and picture; the focus keeps the meeting
// while everybody is away. Debian's Prosody with modules of our own (prosody/).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Person } from './lib/browser.mjs';
import { eventually, http } from './lib/jmeet.mjs';
import { domain } from './lib/prosody.mjs';
import { clients, useStage } from './lib/stage.mjs';

const stage = useStage({ withComponents: true });
const client = clients.includes('given') ? 'given' : 'old';
const mainRoom = `workshop@muc.${domain}`;
const onBridge = count => eventually(`${count} conferences on the bridge`, () =>
    JSON.parse(http('main', 'http://127.0.0.1:8080/colibri/stats').body).conferences === count);
const inFocus = count => eventually(`${count} conferences of the focus`, () =>
    JSON.parse(http('main', 'http://127.0.0.1:8888/stats').body).conferences === count);
const arrives = (person, inside) => eventually(`${person.name} is ${inside ? 'there' : 'back'}`, () => person.page.evaluate(inside =>
    window.testClient.joined && window.testClient.inBreakout() === inside, inside));
let ann;
let ben;
let cyd;
let corner;
let niche;

// To a room and into it: the occupants' addresses are those of the room they are in.
const send = async (people, from, to) => {
    const occupants = await Promise.all(people.map(async p => `${from}/${await p.do('myId')}`));
    for (const occupant of occupants) await ann.do('sendToRoom', occupant, to);
};

test('a moderator makes breakout rooms', async () => {
    await stage.startMain();
    await stage.main.line(/Added new videobridge: /);
    ann = await Person.join(stage.browser, client, 'workshop', 'ann');
    await eventually('ann is moderator', async () => await ann.do('role') === 'moderator');
    [ben, cyd] = await Promise.all(['ben', 'cyd'].map(n => Person.join(stage.browser, client, 'workshop', n)));
    await Promise.all([ann, ben, cyd].map(p => p.sees({ video: 2, audio: 2 })));
    for (const name of ['corner', 'niche']) await ann.do('makeBreakout', name);
    const rooms = await eventually('all are told', async () => {
        const [first, ...others] = await Promise.all([ann, ben, cyd].map(async p => (await p.do('breakouts')).filter(r => !r.isMainRoom)));
        return first.length === 2 && others.every(o => o.length === 2) && first;
    });
    [corner, niche] = ['corner', 'niche'].map(name => rooms.find(r => r.name === name).jid);
    await inFocus(1);
});

test('two go into one of them, see and hear each other and nobody else', async () => {
    const from = stage.main.lines.length;
    await send([ben], mainRoom, corner);
    await arrives(ben, true);
    assert.notEqual(await ben.do('role'), 'moderator', 'nobody is made the owner of a breakout room');
    await send([ann], mainRoom, corner);
    await arrives(ann, true);
    await Promise.all([ann, ben].map(p => p.sees({ video: 1, audio: 1 })));
    assert.deepEqual((await ben.do('participants')).map(p => p.name), ['ann']);
    assert.equal(await ann.do('role'), 'moderator');
    assert.equal((await cyd.do('participants')).length, 0);
    assert.ok(!stage.main.lines.slice(from).some(l => /Stopping: /.test(l)));
    await inFocus(2);
});

test('the third goes into another room, the meeting is kept with nobody in it', async () => {
    await send([cyd], mainRoom, niche);
    await arrives(cyd, true);
    await inFocus(3);
    // Alone, nobody needs a bridge.
    await onBridge(1);
    await Promise.all([ann, ben].map(p => p.sees({ video: 1, audio: 1 })));
    await send([cyd], niche, corner);
    await eventually('ann sees cyd', async () => (await ann.do('participants')).length === 2);
    await Promise.all([ann, ben, cyd].map(p => p.sees({ video: 2, audio: 2 })));
});

test('all go back at once, and meet as before', async () => {
    // A client of 2022 does not say that it only goes to another room: while all are on their way, nothing would
    // keep the meeting.
    if (client === 'old') {
        await send([cyd], corner, mainRoom);
        await arrives(cyd, false);
        await send([ben, ann], corner, mainRoom);
    } else {
        await send([ben, cyd, ann], corner, mainRoom);
    }
    await Promise.all([ann, ben, cyd].map(p => arrives(p, false)));
    await Promise.all([ann, ben, cyd].map(p => p.sees({ video: 2, audio: 2 })));
    assert.equal(await ann.do('role'), 'moderator');
    assert.ok(!stage.main.lines.some(l => l.includes(`room=${mainRoom}`) && /Stopping: /.test(l)), 'the meeting was never stopped');
    await onBridge(1);
});

test('a removed room throws nobody out of the meeting; the last one to leave ends it', async () => {
    for (const room of [corner, niche]) await ann.do('removeBreakout', room);
    await Promise.all([corner, niche].map(room => stage.main.line(new RegExp(`room=${room}.*Stopping: `))));
    await inFocus(1);
    await eventually('cyd is told', async () => (await cyd.do('breakouts')).length === 1);
    await Promise.all([ann, ben].map(p => p.sees({ video: 2, audio: 2 })));
    await Promise.all([ann, ben, cyd].map(p => p.leave()));
    await stage.main.line(new RegExp(`room=${mainRoom}.*Stopping: Last member left`));
    await inFocus(0);
    await onBridge(0);
});
