// A receiver whose link becomes narrow, and wide again: the picture steps down and up, the voice stays.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Person } from './lib/browser.mjs';
import { narrow } from './lib/hosts.mjs';
import { eventually } from './lib/jmeet.mjs';
import { clients, useStage } from './lib/stage.mjs';

// A lively picture, 1280x720: squares of random grey that change all the time.
function lively(file) {
    const [width, height, frames, square] = [1280, 720, 12, 16];
    const parts = [Buffer.from(`YUV4MPEG2 W${width} H${height} F20:1 Ip A1:1 C420\n`)];
    const colour = Buffer.alloc(width * height / 2, 128);
    for (let n = 0; n < frames; ++n) {
        const grey = Buffer.alloc(width * height);
        for (let y = 0; y < height; y += square) {
            for (let x = 0; x < width; x += square) grey.fill(40 + Math.random() * 170, y * width + x, y * width + x + square);
            for (let row = 1; row < square; ++row) grey.copyWithin((y + row) * width, y * width, (y + 1) * width);
        }
        parts.push(Buffer.from('FRAME\n'), grey, colour);
    }
    writeFileSync(file, Buffer.concat(parts));
}

const stage = useStage({ browser: false });
const folder = mkdtempSync(join(tmpdir(), 'jmeet-camera-'));
let near;
let far;
before(async () => {
    lively(join(folder, 'camera.y4m'));
    near = await stage.startBrowser('clients', { cameraFile: join(folder, 'camera.y4m') });
    await stage.startMain();
    await stage.main.line(/Added new videobridge: /);
    far = await stage.startBrowser('far');
});
after(() => rmSync(folder, { recursive: true, force: true }));

// Samples of what the receiver plays, four a second.
const watch = person => person.page.evaluate(() => {
    const seen = window.seen = [];
    let before;
    setInterval(async () => {
        const reports = [...(await window.testClient.peerConnection().getStats()).values()].filter(r => r.type === 'inbound-rtp');
        const video = reports.filter(r => r.kind === 'video').sort((a, b) => (b.framesDecoded ?? 0) - (a.framesDecoded ?? 0))[0];
        const audio = reports.find(r => r.kind === 'audio' && r.packetsReceived > 50);
        if (!video || !audio) return;
        const now = { at: performance.now(), frames: video.framesDecoded, bytes: video.bytesReceived, lost: audio.packetsLost, packets: audio.packetsReceived };
        if (before) {
            const time = now.at - before.at;
            seen.push({ at: now.at, height: Math.min(video.frameHeight, video.frameWidth), fps: 1000 * (now.frames - before.frames) / time, kbps: 8 * (now.bytes - before.bytes) / time,
                lost: now.lost - before.lost, packets: now.packets - before.packets });
        }
        before = now;
    }, 250);
});

// So many samples in a row are three seconds.
const settled = 12;
// What a phase looked like. `still`: the longest time without a new frame, in seconds.
function describe(kbits, seen) {
    const sum = (key, of = seen) => of.reduce((n, s) => n + s[key], 0);
    const lost = of => sum('lost', of) / (sum('lost', of) + sum('packets', of));
    const end = seen.slice(-settled);
    let still = 0;
    let since = seen[0].at;
    for (const s of seen) {
        if (s.fps > 0) since = s.at;
        still = Math.max(still, (s.at - since) / 1000);
    }
    return { kbits, seconds: (seen.at(-1).at - seen[0].at) / 1000, heights: [...new Set(seen.map(s => s.height))], still,
        kbps: sum('kbps') / seen.length, voiceLost: lost(seen), voiceLostAtEnd: lost(end), fpsAtEnd: sum('fps', end) / settled, kbpsAtEnd: sum('kbps', end) / settled };
}

const client = clients.includes('given') ? 'given' : 'page';
test('the picture follows a narrow link down and a wide one up, the voice stays whole', async t => {
    const ann = await Person.join(near, client, 'narrow', 'ann', { codec: 'VP8' });
    const ben = await Person.join(far, client, 'narrow', 'ben', { codec: 'VP8', video: '0' });
    await ben.sees({ video: 1, audio: 1 });
    await watch(ben);
    const until = (what, check) => eventually(what, async () => {
        const s = await ben.page.evaluate(() => window.seen.at(-1));
        if (s && check(s) && s.fps > 3) return s;
        throw new Error(JSON.stringify(s));
    }, 40_000);
    await until('the highest layer', s => s.height >= 700);

    for (const [kbits, what, check] of [
        [1000, 'a lower layer through 1 Mbit/s', s => s.height > 180 && s.height < 700],
        [300, 'the lowest layer through 300 kbit/s', s => s.height <= 180],
        [5000, 'the highest layer again through 5 Mbit/s', s => s.height >= 700]
    ]) {
        const from = await ben.page.evaluate(() => window.seen.length);
        narrow('far', kbits);
        await until(what, check);
        // How it is when it has settled: three seconds in which the layer stays and the picture moves.
        await eventually(`${what}, and it stays`, async () => {
            const last = await ben.page.evaluate(count => window.seen.slice(-count), settled);
            if (last.every(check) && last.reduce((n, s) => n + s.fps, 0) / settled > 1.5) return true;
            throw new Error(JSON.stringify(last.map(s => [s.height, Math.round(s.fps)])));
        }, 40_000);
        const phase = describe(kbits, await ben.page.evaluate(at => window.seen.slice(at), from));
        t.diagnostic(JSON.stringify(phase, (k, v) => typeof v === 'number' ? Math.round(v * 100) / 100 : v));
        // A busy machine stops pictures too: the bound is far above the usual half second.
        assert.ok(phase.still < 10, `at ${kbits} kbit/s the picture stood still for ${phase.still} s`);
        // What waits in a full queue when the link gets narrow may be lost; afterwards nothing has to be.
        assert.ok(phase.voiceLost < 0.05, `at ${kbits} kbit/s ${phase.voiceLost} of the voice was lost`);
        assert.ok(phase.voiceLostAtEnd < 0.01, `at ${kbits} kbit/s ${phase.voiceLostAtEnd} of the voice was lost on and on`);
        assert.ok(phase.kbpsAtEnd < kbits, `${phase.kbpsAtEnd} kbit/s of pictures came through ${kbits} kbit/s`);
    }
    await Promise.all([ann, ben].map(p => p.leave()));
});
