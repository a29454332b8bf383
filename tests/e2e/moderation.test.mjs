// What a moderator does to others, and a room with a password.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Person } from './lib/browser.mjs';
import { eventually } from './lib/jmeet.mjs';
import { clients, useStage } from './lib/stage.mjs';

const stage = useStage();
const client = clients.includes('given') ? 'given' : 'old';
const join = (name, options) => Person.join(stage.browser, client, 'council', name, options);
const role = (person, wanted) => eventually(`${person.name} is ${wanted}`, async () => await person.do('role') === wanted);
// As somebody else sees it.
const muted = (by, owner, kind) => eventually(`${by.name} sees that somebody's ${kind} is muted`, async () => {
    const id = await owner.do('myId');
    return (await by.do('remoteMuted')).some(t => t.owner === id && t.kind === kind && t.muted);
});
let ann;
let ben;

test('a moderator mutes somebody; who is none cannot', async () => {
    await stage.startMain();
    await stage.main.line(/Added new videobridge: /);
    ann = await join('ann');
    await role(ann, 'moderator');
    ben = await join('ben');
    await Promise.all([ann, ben].map(p => p.sees({ video: 1, audio: 1 })));
    assert.notEqual(await ben.do('role'), 'moderator');

    const from = stage.main.lines.length;
    for (const kind of ['audio', 'video']) {
        assert.equal(await ben.do('askMute', await ann.do('myId'), kind, true), 'not-allowed', `ben's wish to mute ann's ${kind}`);
        // Nor does anybody unmute somebody else.
        assert.equal(await ann.do('askMute', await ben.do('myId'), kind, false), 'not-allowed', `ann's wish to unmute ben's ${kind}`);
    }
    assert.equal(await ann.do('askMute', await ben.do('myId'), 'audio', true), 'result');
    await muted(ann, ben, 'audio');
    const said = stage.main.lines.slice(from).filter(l => /Will (un)?mute /.test(l));
    assert.equal(said.length, 1, said.join('\n'));
    // The answer to ben is behind whatever ann could have been told.
    assert.deepEqual([await ann.do('localMuted', 'audio'), await ann.do('localMuted', 'video')], [false, false]);
    assert.ok(!(await ben.do('remoteMuted')).some(t => t.muted), 'ann is not muted');
    await ben.sees({ video: 1, audio: 1 });
    // The focus does not hold them down: who was muted may speak again.
    await ben.do('mute', 'audio', false);
    await ann.sees({ video: 1, audio: 1 });
});

test('a moderator makes another one, who may mute then', async () => {
    await ann.do('grantOwner', await ben.do('myId'));
    await role(ben, 'moderator');
    await ben.do('muteOther', await ann.do('myId'), 'audio');
    await muted(ben, ann, 'audio');
});

test('a room with a password lets in who knows it', async () => {
    await ann.do('lock', 'open sesame');
    let page;
    const refused = join('cyd', { watch: p => { page = p; } }).catch(e => e);
    await eventually('cyd is asked for the password', () => page?.evaluate(() =>
        window.testClient?.errors().some(e => e.includes('conference.passwordRequired'))));
    await page.context().close();
    assert.ok(await refused instanceof Error);

    const dan = await join('dan', { roomPassword: 'open sesame' });
    await dan.sees({ video: 2, audio: 1 });
    await ben.sees({ video: 2, audio: 1 });
    await dan.leave();
});

test('who is kicked is gone for everybody', async () => {
    await ben.do('kick', await ann.do('myId'));
    await eventually('ann knows it', () => ann.do('kicked'));
    await eventually('ben is alone', async () => (await ben.do('participants')).length === 0);
    await ann.context.close();
    await ben.leave();
    await stage.main.line(/Stopping: Last member left/);
});
