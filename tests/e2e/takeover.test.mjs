// The focus is killed in a secure domain, under a moderated meeting: the process after it knows who had
// logged in, and who may not unmute.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { test } from 'node:test';
import { Person } from './lib/browser.mjs';
import { addresses } from './lib/hosts.mjs';
import { eventually } from './lib/jmeet.mjs';
import { domain, guestDomain } from './lib/prosody.mjs';
import { clients, useStage } from './lib/stage.mjs';

const users = { ann: 'anns-secret' };
const state = mkdtempSync(path(tmpdir(), 'jmeet-state-'));
const stage = useStage({ users, withComponents: true, mainOptions: ['--auth=1', '--embedded-bridge=off', `--state-folder=${state}`] });
const client = clients.includes('given') ? 'given' : 'old';
// Straight to Prosody: what is killed here is the focus, not the way of the clients.
const direct = { xmpp: `${addresses.main}:5280` };
const asGuest = { ...direct, guests: guestDomain };
const role = (person, wanted) => eventually(`${person.name} is ${wanted}`, async () => await person.do('role') === wanted);
const logins = path(state, 'logins');
const mayUnmute = async person => await person.do('askMute', await person.do('myId'), 'audio', false);
let ann;
let ben;

test('a user opens the room and owns it, a guest joins and may not unmute; all that is noted', async () => {
    await stage.startMain();
    const bridge = stage.startBridge();
    await bridge.line(/Joined MUC: /);
    await stage.main.line(/answers at its media port, /, { timeout: 60_000 });
    ann = await Person.join(stage.browser, client, 'board', 'ann', { ...direct, user: `ann@${domain}`, password: users.ann });
    await role(ann, 'moderator');
    ben = await Person.join(stage.browser, client, 'board', 'ben', asGuest);
    await Promise.all([ann, ben].map(p => p.sees({ video: 1, audio: 1 })));
    await eventually('the login is noted', () => existsSync(logins) && statSync(logins).size > 0);
    assert.equal(statSync(logins).mode & 0o777, 0o600, 'for its owner only');
    await ann.do('moderate', 'audio', true);
    await eventually('ben is told', async () => (await ben.do('moderation')).some(e => e.join() === 'audio,on'));
    await eventually('moderation is noted', () => readdirSync(state).some(f => /<moderation[^>]*audio/.test(readFileSync(path(state, f), 'utf8'))));
    assert.equal(await mayUnmute(ben), 'not-allowed');
});

test('the focus is killed: the call goes on, the login is known, the meeting is moderated as before', async () => {
    stage.main.signal('SIGKILL');
    await stage.main.ended;
    await stage.startMain();
    await stage.main.line(/Knows 1 login sessions of the process before/);
    await stage.main.line(/Took over 1 conferences/, { timeout: 60_000 });
    await Promise.all([ann.sees({ video: 1, audio: 0 }, 60_000), ben.sees({ video: 1, audio: 1 }, 60_000)]);
    assert.equal(await mayUnmute(ben), 'not-allowed');
    await ann.do('approve', 'audio', await ben.do('myId'));
    await eventually('ben may unmute', async () => await mayUnmute(ben) === 'result');
    await ann.do('moderate', 'audio', false);
    await eventually('ben is told of the end', async () => (await ben.do('moderation')).at(-1).join() === 'audio,off');
    await ben.do('mute', 'audio', false);
    await ann.sees({ video: 1, audio: 1 });
    assert.ok(!stage.main.lines.some(l => /Sending session-initiate/.test(l)), 'nobody was invited anew');
});

test('the user comes back as a guest and is the owner again, without a password; a new guest is none', async () => {
    // What the focus once answered to the login lies in the browser, as in everybody's.
    await ann.do('leave');
    ann.url = ben.url.replace('name=ben', 'name=ann');
    await ann.enter();
    await role(ann, 'moderator');
    const cyd = await Person.join(stage.browser, client, 'board', 'cyd', asGuest);
    await Promise.all([ann, ben, cyd].map(p => p.sees({ video: 2, audio: 2 }, 60_000)));
    assert.notEqual(await cyd.do('role'), 'moderator');
    for (const p of [ann, ben, cyd]) await p.leave();
});
