// Calls of 2, 3 and 5 people, with each real client that is at hand.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBrowser, Person } from './lib/browser.mjs';
import { setUpHosts, tearDownHosts } from './lib/hosts.mjs';
import { makeMeetFolder, startMain } from './lib/jmeet.mjs';
import { Prosody } from './lib/prosody.mjs';

let prosody, main, browser;

before(async () => {
    setUpHosts();
    prosody = new Prosody();
    await prosody.start();
    main = startMain(makeMeetFolder());
    await main.line(/Added new videobridge: /);
    browser = await startBrowser();
});

after(async () => {
    await browser?.close();
    await main?.stop();
    await prosody?.stop();
    prosody?.remove();
    tearDownHosts();
});

const clients = (process.env.JMEET_TEST_CLIENTS ?? ['page', 'old', ...(process.env.JMEET_TEST_CLIENT ? ['given'] : [])].join(',')).split(',');

for (const client of clients) {
    test(`${client}: two people see and hear each other, a third comes late, one leaves`, async () => {
        const room = `three-${client}`;
        const people = await Promise.all(['ann', 'ben'].map(n => Person.join(browser, client, room, n)));
        await Promise.all(people.map(p => p.sees({ video: 1, audio: 1 })));
        const late = await Person.join(browser, client, room, 'cyd');
        await late.sees({ video: 2, audio: 2 });
        await Promise.all(people.map(p => p.sees({ video: 2, audio: 2 })));
        await late.leave();
        await main.line(/Member left/);
        await Promise.all(people.map(p => p.leave()));
    });
}
