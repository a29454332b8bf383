// The stage of a test file: hosts, Prosody, MAIN, a browser; taken down again whatever happens.
import { after, before } from 'node:test';
import { startBrowser } from './browser.mjs';
import { setUpHosts, tearDownHosts } from './hosts.mjs';
import { makeMeetFolder, startBridge, startMain } from './jmeet.mjs';
import { Prosody } from './prosody.mjs';

// users, withComponents: see Prosody.
export function useStage({ mainOptions = [], browser = true, users, withComponents } = {}) {
    const stage = { processes: [], browsers: [] };

    stage.startMain = async (options = mainOptions, env = {}) => {
        stage.main = startMain(stage.folder, options, env);
        stage.processes.push(stage.main);
        return stage.main;
    };
    stage.startBridge = (host = 'bridge', options = [], env = {}) => {
        const bridge = startBridge(host, options, env);
        stage.processes.push(bridge);
        return bridge;
    };

    stage.startBrowser = async (host, options) => {
        stage.browsers.push(await startBrowser(host, options));
        return stage.browsers.at(-1);
    };

    before(async () => {
        setUpHosts();
        stage.folder = makeMeetFolder();
        stage.prosody = new Prosody({ users, withComponents });
        await stage.prosody.start();
        if (browser) stage.browser = await stage.startBrowser();
    });
    after(async () => {
        for (const browser of stage.browsers) await browser.close();
        for (const process of stage.processes) await process.stop();
        await stage.prosody?.stop();
        stage.prosody?.remove();
        tearDownHosts();
    });
    return stage;
}

// The real clients at hand: our page, the old one from npm, and the one that was given.
export const clients = (process.env.JMEET_TEST_CLIENTS
    ?? ['page', 'old', ...(process.env.JMEET_TEST_CLIENT ? ['given'] : [])].join(',')).split(',');
