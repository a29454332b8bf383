// In-place ICE restarts of the newest client: nobody is invited anew, and media goes on.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Person } from './lib/browser.mjs';
import { losePort } from './lib/hosts.mjs';
import { eventually } from './lib/jmeet.mjs';
import { clients, useStage } from './lib/stage.mjs';

const stage = useStage();
before(async () => {
    await stage.startMain();
    await stage.main.line(/Added new videobridge: /);
});

const skip = !clients.includes('given') && 'only newest clients restart in place';
const meet = room => Promise.all(['ann', 'ben'].map(n => Person.join(stage.browser, 'given', room, n, { iceRestart: 1 })));
const freezes = async person => (await person.media()).video.reduce((n, v) => n + v.freezes, 0);

test('a client asks for an ICE restart: media moves to the new way and never stops', { skip }, async t => {
    const people = await meet('restart');
    const [ann, ben] = people;
    await Promise.all(people.map(p => p.sees({ video: 1, audio: 1 })));
    const old = await ann.do('way');
    const frozen = await Promise.all(people.map(freezes));

    const seen = stage.main.lines.length;
    await ann.do('restartIce');
    await stage.main.line(/ICE restart, generation 1/, { from: seen });
    const accepted = Date.now();
    await stage.main.line(/Media goes to /, { from: seen });
    const way = await eventually('ann uses her new password', async () => {
        const now = await ann.do('way');
        return now.ufrag !== old.ufrag && now;
    });
    await Promise.all(people.map(p => p.sees({ video: 1, audio: 1 })));
    assert.equal(way.session, old.session, 'the session is the same one');
    assert.ok(!way.states.includes('disconnected') && !way.states.includes('failed'), `ICE said ${way.states}`);
    // Also a busy machine makes pictures freeze: told, not judged.
    t.diagnostic(`freezes before ${frozen}, after ${await Promise.all(people.map(freezes))}`);

    // And once more: the focus refuses a second one within 5 s, and says no word when they are over.
    await new Promise(resolve => setTimeout(resolve, Math.max(0, accepted + 5000 - Date.now())));
    await ann.do('restartIce');
    await stage.main.line(/ICE restart, generation 2/, { from: seen });
    await eventually('ann uses another password', async () => (await ann.do('way')).ufrag !== way.ufrag);
    await Promise.all(people.map(p => p.sees({ video: 1, audio: 1 })));
    await Promise.all(people.map(p => p.leave()));
});

test('a client whose port goes dead restarts ICE, comes back on a new port and is seen again', { skip }, async () => {
    const people = await meet('dead-port');
    const [ann, ben] = people;
    await Promise.all(people.map(p => p.sees({ video: 1, audio: 1 })));
    const old = await ann.do('way');
    const seen = stage.main.lines.length;
    losePort('clients', old.port);
    await stage.main.line(/ICE restart, generation 1/, { from: seen, timeout: 60_000 });
    await Promise.all(people.map(p => p.sees({ video: 1, audio: 1 })));
    const way = await ann.do('way');
    assert.notEqual(way.port, old.port);
    assert.equal(way.session, old.session, 'the session is the same one');
    await Promise.all(people.map(p => p.leave()));
});
