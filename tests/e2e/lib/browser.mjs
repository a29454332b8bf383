// Real Chromium on the clients' host or another one, and people in it.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { onHost } from './hosts.mjs';
import { eventually, pageUrl } from './jmeet.mjs';

// cameraFile: what its camera shows (y4m), instead of Chromium's own picture that compresses to little.
export async function startBrowser(host = 'clients', { cameraFile } = {}) {
    const folder = mkdtempSync(join(tmpdir(), 'jmeet-browser-'));
    const wrapper = join(folder, 'chromium');
    writeFileSync(wrapper, `#!/bin/sh\nexec ${onHost(host, 'chromium').join(' ')} "$@"\n`);
    chmodSync(wrapper, 0o755);
    const browser = await chromium.launch({
        executablePath: wrapper,
        headless: true,
        args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
            '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required',
            '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--auto-select-desktop-capture-source=Entire screen',
            '--disable-features=WebRtcHideLocalIpsWithMdns',
            ...(cameraFile ? [`--use-file-for-fake-video-capture=${cameraFile}`] : []),
            `--unsafely-treat-insecure-origin-as-secure=${pageUrl}`]
    });
    browser.on('disconnected', () => rmSync(folder, { recursive: true, force: true }));
    return browser;
}

// One person in a room: a page that offers window.testClient (clients/*.html and our own page).
export class Person {
    constructor(name, page) {
        this.name = name;
        this.page = page;
        this.log = [];
        page.on('console', m => this.#note(`${m.type()}: ${m.text()}`));
        page.on('pageerror', e => this.#note(`pageerror: ${e.message}`));
    }

    #note(text) {
        this.log.push(text.slice(0, 2000));
        if (process.env.JMEET_TEST_VERBOSE) console.error(`[${this.name}] ${text.slice(0, 400)}`);
    }

    // client: 'page' (ours), 'old' or 'given' (lib-jitsi-meet).
    // options.watch(page) is called before anything is loaded; the rest goes into the page's query.
    static async join(browser, client, room, name, { watch, ...options } = {}) {
        const context = await browser.newContext({ permissions: ['camera', 'microphone'] });
        const person = new Person(name, await context.newPage());
        person.context = context;
        watch?.(person.page);
        const query = new URLSearchParams({ name, ...options });
        person.url = client === 'page' ? `${pageUrl}/${room}?${query}` : `${pageUrl}/ljm.html?lib=${client}&room=${room}&${query}`;
        await person.enter();
        return person;
    }

    async enter() {
        await this.page.goto(this.url);
        await this.page.waitForFunction(() => window.testClient?.joined, null, { timeout: 60_000 })
            .catch(e => { throw new Error(`${this.name} did not join: ${e.message}\n${this.tail()}`); });
    }

    tail(count = 30) { return this.log.slice(-count).map(l => `    ${this.name}| ${l}`).join('\n'); }

    do(action, ...args) { return this.page.evaluate(([a, rest]) => window.testClient[a](...rest), [action, args]); }

    // What arrives and is played: per incoming track decoded frames, size, and audio energy.
    media() {
        return this.page.evaluate(async () => {
            const pc = window.testClient.peerConnection();
            if (!pc) return { video: [], audio: [] };
            const found = { video: [], audio: [], ice: pc.iceConnectionState };
            for (const report of (await pc.getStats()).values()) {
                if (report.type !== 'inbound-rtp') continue;
                if (report.kind === 'video') found.video.push({ id: report.trackIdentifier, ssrc: report.ssrc, frames: report.framesDecoded ?? 0, width: report.frameWidth ?? 0, height: report.frameHeight ?? 0, freezes: report.freezeCount ?? 0, packets: report.packetsReceived });
                if (report.kind === 'audio') found.audio.push({ id: report.trackIdentifier, ssrc: report.ssrc, energy: report.totalAudioEnergy ?? 0, packets: report.packetsReceived });
            }
            return found;
        });
    }

    // Waits until that many pictures and voices are really running: frames decoded and audio energy growing.
    async sees({ video, audio }, timeout = 45_000) {
        let before = await this.media();
        return eventually(`${this.name} sees ${video} and hears ${audio}`, async () => {
            const now = await this.media();
            const grown = (kind, key) => now[kind].filter(n => n[key] > (before[kind].find(b => b.ssrc === n.ssrc)?.[key] ?? 0) + (key === 'frames' ? 2 : 1e-6)).length;
            const result = { video: grown('video', 'frames'), audio: grown('audio', 'energy') };
            const good = result.video >= video && result.audio >= audio;
            if (!good) {
                // A window of a second and a half between two looks is enough for any running stream.
                before.at ??= Date.now();
                if (Date.now() - before.at > 1500) before = now;
            }
            if (good) return now;
            throw new Error(`${JSON.stringify(result)} of ${JSON.stringify(now)}`);
        }, timeout).catch(e => { throw new Error(`${e.message}\n${this.tail()}`); });
    }

    async leave() {
        await this.do('leave').catch(() => {});
        await this.context.close();
    }
}
