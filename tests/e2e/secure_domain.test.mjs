// A secure domain: who has an account opens the room and owns it, guests wait for that and then join.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Person } from './lib/browser.mjs';
import { eventually } from './lib/jmeet.mjs';
import { domain, guestDomain } from './lib/prosody.mjs';
import { clients, useStage } from './lib/stage.mjs';

const users = { ann: 'anns-secret', cy: 'cys-secret' };
const stage = useStage({ mainOptions: ['--auth=1'], users });
// Our own page has no login.
const client = clients.includes('given') ? 'given' : 'old';
const asUser = user => ({ user: `${user}@${domain}`, password: users[user] });
const asGuest = { guests: guestDomain };
const role = (person, wanted) => eventually(`${person.name} is ${wanted}`, async () => await person.do('role') === wanted);
let ann;
let ben;

test('a guest cannot open a room', async () => {
    await stage.startMain();
    await stage.main.line(/Added new videobridge: /);
    let page;
    const joining = Person.join(stage.browser, client, 'board', 'ben', { ...asGuest, watch: p => { page = p; } }).catch(e => e);
    await eventually('ben is refused', () => page?.evaluate(() =>
        window.testClient?.errors().some(e => e.includes('conference.authenticationRequired'))));
    await page.context().close();
    assert.ok(await joining instanceof Error);
});

test('a user opens it and owns it; now the guest may join, and owns nothing', async () => {
    ann = await Person.join(stage.browser, client, 'board', 'ann', asUser('ann'));
    await role(ann, 'moderator');
    ben = await Person.join(stage.browser, client, 'board', 'ben', asGuest);
    await ann.sees({ video: 1, audio: 1 });
    await ben.sees({ video: 1, audio: 1 });
    assert.notEqual(await ben.do('role'), 'moderator');
});

test('a guest who logs in beside the meeting becomes an owner in it', async () => {
    const from = stage.main.lines.length;
    await ben.do('logIn', `cy@${domain}`, users.cy);
    await stage.main.line(/AuthenticationRoleManager\S*: Granting owner to /, { from });
    await role(ben, 'moderator');
    await ben.sees({ video: 1, audio: 1 });
    await ann.leave();
    await ben.leave();
    await stage.main.line(/Stopping: Last member left/);
});
