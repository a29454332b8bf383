// The bridge channel over WebSocket, for set-ups whose clients do not use the data channel.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Person } from './lib/browser.mjs';
import { addresses } from './lib/hosts.mjs';
import { eventually } from './lib/jmeet.mjs';
import { clients, useStage } from './lib/stage.mjs';

const stage = useStage();
before(async () => {
    await stage.startMain([`--jvb-ws-domain=${addresses.main}:9090`, '--jvb-ws-tls=off']);
    await stage.main.line(/Added new videobridge: /);
});

for (const client of clients.filter(c => c !== 'page')) {
    test(`${client}: a call whose channel is a WebSocket`, async () => {
        const opened = [];
        const people = await Promise.all(['ann', 'ben'].map(n => Person.join(stage.browser, client, `ws-${client}`, n, {
            channel: 'websocket',
            watch: page => page.on('websocket', socket => opened.push(socket.url()))
        })));
        await Promise.all(people.map(p => p.sees({ video: 1, audio: 1 })));
        await eventually('the channels are open', async () => (await Promise.all(people.map(p => p.do('channelOpen')))).every(Boolean));
        assert.equal(opened.filter(url => url.includes('/colibri-ws/')).length, 2);

        // A channel that breaks is dialled again, and works as before.
        const [ann, ben] = people;
        await ann.do('breakChannel');
        await eventually('ann has dialled again', async () => opened.filter(url => url.includes('/colibri-ws/')).length === 3 && await ann.do('channelOpen'));
        await ben.do('message', 'are you there');
        await eventually('ann hears ben on it', async () => (await ann.do('messages')).includes('are you there'));
        await Promise.all(people.map(p => p.sees({ video: 1, audio: 1 })));

        // Her channel is open, and asks for video, before her media can flow.
        people.push(await Person.join(stage.browser, client, `ws-${client}`, 'cyd', { channel: 'websocket' }));
        await Promise.all(people.map(p => p.sees({ video: 2, audio: 2 })));
        await Promise.all(people.map(p => p.leave()));
    });
}
