// Calls over the embedded bridge, with each real client that is at hand. What counts is what is
// decoded and heard, in both directions; packets alone prove nothing.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Person } from './lib/browser.mjs';
import { eventually, http } from './lib/jmeet.mjs';
import { clients, useStage } from './lib/stage.mjs';

const stage = useStage();
before(async () => {
    await stage.startMain();
    await stage.main.line(/Added new videobridge: /);
});

const joinAll = (client, room, names, options) => Promise.all(names.map(n => Person.join(stage.browser, client, room, n, options)));
const leaveAll = people => Promise.all(people.map(p => p.leave()));

for (const client of clients) {
    test(`${client}: two meet, a third comes late, one leaves, one reloads`, async () => {
        const room = `life-${client}`;
        const [ann, ben] = await joinAll(client, room, ['ann', 'ben']);
        await Promise.all([ann, ben].map(p => p.sees({ video: 1, audio: 1 })));

        const cyd = await Person.join(stage.browser, client, room, 'cyd');
        await Promise.all([ann, ben, cyd].map(p => p.sees({ video: 2, audio: 2 })));

        const seen = stage.main.lines.length;
        await cyd.leave();
        await stage.main.line(/Member left/, { from: seen });
        await eventually('the others know that cyd has left', async () => (await ann.do('participants')).length === 1);
        await Promise.all([ann, ben].map(p => p.sees({ video: 1, audio: 1 })));

        await ben.enter();
        await Promise.all([ann, ben].map(p => p.sees({ video: 1, audio: 1 })));
        await leaveAll([ann, ben]);
    });

    test(`${client}: mute is seen and silent, unmute is heard again`, async () => {
        const people = await joinAll(client, `mute-${client}`, ['ann', 'ben']);
        const [ann, ben] = people;
        await Promise.all(people.map(p => p.sees({ video: 1, audio: 1 })));
        for (const kind of ['audio', 'video']) {
            await ann.do('mute', kind, true);
            await eventually(`ben sees that ann's ${kind} is muted`, async () => (await ben.do('remoteMuted')).some(t => t.kind === kind && t.muted));
        }
        await eventually('ben sees no new picture of ann', async () => {
            const before = (await ben.media()).video.reduce((n, v) => n + v.frames, 0);
            await new Promise(resolve => setTimeout(resolve, 1000));
            return (await ben.media()).video.reduce((n, v) => n + v.frames, 0) - before < 3;
        });
        for (const kind of ['audio', 'video']) await ann.do('mute', kind, false);
        await ben.sees({ video: 1, audio: 1 });
        await leaveAll(people);
    });

    test(`${client}: a screen is shared beside the camera, and taken away again`, { skip: client === 'old' && 'this client replaces its camera by the screen' }, async () => {
        const people = await joinAll(client, `share-${client}`, ['ann', 'ben']);
        const [ann, ben] = people;
        await Promise.all(people.map(p => p.sees({ video: 1, audio: 1 })));
        await ann.do('shareScreen');
        await ben.sees({ video: 2, audio: 1 });
        await eventually('ben knows it for a screen', async () => (await ben.do('remoteMuted')).some(t => t.videoType === 'desktop'));
        await ann.do('stopShare');
        await ben.sees({ video: 1, audio: 1 });
        await leaveAll(people);
    });

    test(`${client}: the picture follows the receiver's constraints down and up without a freeze`, { skip: client === 'old' && 'asks for layers in its own old way: see the bridge units' }, async () => {
        const people = await joinAll(client, `layers-${client}`, ['ann', 'ben'], { codec: 'VP8' });
        const [ann, ben] = people;
        await Promise.all(people.map(p => p.sees({ video: 1, audio: 1 })));
        const height = async () => Math.max(...(await ben.media()).video.map(v => Math.min(v.height, v.width)));
        await eventually('the highest layer arrives', async () => await height() >= 700);
        await ben.do('constraints', { lastN: -1, defaultConstraints: { maxHeight: 180 } });
        await eventually('the lowest layer arrives', async () => { const h = await height(); return h > 0 && h <= 180; });
        await ben.sees({ video: 1, audio: 1 });
        await ben.do('constraints', { lastN: -1, defaultConstraints: { maxHeight: 720 } });
        await eventually('the highest layer is back', async () => await height() >= 700);
        await leaveAll([ann, ben]);
    });

    test(`${client}: five people, who speaks is told`, async () => {
        const people = await joinAll(client, `five-${client}`, ['ann', 'ben', 'cyd', 'dee', 'eve'], { resolution: 180 });
        await Promise.all(people.map(p => p.sees({ video: 4, audio: 4 }, 90_000)));
        await eventually('a dominant speaker', async () => Boolean(await people[0].do('dominant')));
        await leaveAll(people);
    });
}

test('both kinds of client meet in one room', { skip: clients.length < 2 && 'one client only' }, async () => {
    const people = await Promise.all(clients.map(c => Person.join(stage.browser, c, 'mixed', c)));
    await Promise.all(people.map(p => p.sees({ video: clients.length - 1, audio: clients.length - 1 })));
    await leaveAll(people);
});

test('HTTP tells of it as upstream does', async () => {
    assert.equal(http('main', 'http://127.0.0.1:8080/about/health').status, 200);
    assert.equal(http('main', 'http://127.0.0.1:8888/about/health').status, 200);
    const stats = JSON.parse(http('main', 'http://127.0.0.1:8080/colibri/stats').body);
    assert.ok(stats.total_conferences_created >= 1);
    assert.equal(typeof stats.stress_level, 'number');
    assert.match(http('main', 'http://127.0.0.1:8080/metrics').body, /^jitsi_jvb_/m);
    assert.match(http('main', 'http://127.0.0.1:8888/metrics').body, /^jitsi_jicofo_/m);
    assert.ok(JSON.parse(http('main', 'http://127.0.0.1:8888/stats').body).bridge_selector.bridge_count >= 1);
});

test('SIGTERM ends MAIN cleanly', async () => {
    const { code, signal } = await stage.main.stop();
    assert.deepEqual({ code, signal }, { code: 0, signal: null });
});
