// A Prosody of its own on a test host: Debian's program, deploy's configuration, its own folder.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './jmeet.mjs';
import { Process } from './process.mjs';

export const domain = 'meet.test';
export const guestDomain = `guest.${domain}`;
export const passwords = { focus: 'focus-secret', jvb: 'jvb-secret', component: 'component-secret' };

// The components that Jitsi adds to a server, played by modules of our own: kind -> address, as clients
// and the focus find them.
const components = { av_moderation: `avmoderation.${domain}`, room_metadata: `metadata.${domain}`, lobbyrooms: `lobby.${domain}`,
    breakout_rooms: `breakout.${domain}`, end_conference: `end.${domain}`, conference_duration: `duration.${domain}` };
const componentsConfig = () => {
    const plain = kind => `Component "${components[kind]}" "test_${kind}"`;
    const rooms = (kind, module) => `Component "${components[kind]}" "muc"
        modules_enabled = { "${module}" }
        admins = { "focus@auth.${domain}" }
        restrict_room_creation = true
        muc_room_locking = false
        muc_room_default_public_jids = true
        muc_tombstones = false
        storage = "memory"`;
    return [rooms('lobbyrooms', 'test_lobby'), rooms('breakout_rooms', 'test_breakout'),
        ...['av_moderation', 'room_metadata', 'end_conference', 'conference_duration'].map(plain)].join('\n');
};

export class Prosody {
    // users: name -> password. With them the domain is a secure one: they log in with a password, and
    // guests come in anonymously by a host of their own.
    // withComponents: moderation, lobby and so on, which Debian's Prosody alone has not.
    constructor({ users, withComponents } = {}) {
        this.folder = mkdtempSync(join(tmpdir(), 'jmeet-prosody-'));
        execFileSync('chmod', ['755', this.folder]);
        const certs = join(this.folder, 'certs');
        for (const name of ['certs', 'data']) mkdirSync(join(this.folder, name));
        for (const name of [domain, `auth.${domain}`]) {
            execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
                '-days', '30', '-subj', `/CN=${name}`, '-keyout', join(certs, `${name}.key`), '-out', join(certs, `${name}.crt`)],
            { stdio: 'ignore' });
        }
        const hosts = readFileSync(join(root, 'deploy/prosody/jmeet.cfg.lua.in'), 'utf8')
            .replaceAll('@DOMAIN@', domain).replaceAll('@CERTS@', certs)
            .replaceAll('@JVB_USER@', 'jvb').replaceAll('@COMPONENT_SECRET@', passwords.component)
            .replace('authentication = "anonymous"', users ? 'authentication = "internal_hashed"' : '$&')
            .replace('{ "smacks", "ping", "disco" }\n    smacks_hibernation_time', '{ "test_sessions", "smacks", "ping", "disco" }\n    smacks_hibernation_time')
            .replace('{ "bosh", "websocket"', withComponents ? '{ "test_identities", "bosh", "websocket"' : '$&');
        // For clients that do not come through MAIN.
        const reachable = hosts.replace('http_interfaces = { "127.0.0.1" }', 'http_interfaces = { "*" }');
        this.config = join(this.folder, 'prosody.cfg.lua');
        writeFileSync(this.config, `
            pidfile = "${this.folder}/prosody.pid"
            data_path = "${this.folder}/data"
            run_as_root = true
            installer_plugin_path = "${join(root, 'deploy/prosody')}"
            modules_enabled = { "disco", "roster", "saslauth", "tls", "limits", "ping", "smacks", "version", "posix" }
            limits = { c2s = { rate = "10kb/s" } }
            log = { { levels = { min = "${process.env.JMEET_TEST_PROSODY_LOG ?? 'info'}" }, to = "console" } }
            plugin_paths = { "${join(root, 'tests/e2e/prosody')}" }
            ${withComponents ? `test_rooms = "muc.${domain}"
            test_components = { ${Object.entries(components).map(([kind, address]) => `${kind} = "${address}"`).join(', ')} }` : ''}
            ${reachable}
            ${withComponents ? componentsConfig() : ''}
            ${users ? `VirtualHost "${guestDomain}"
                authentication = "anonymous"
                modules_enabled = { "smacks", "ping", "disco" }
                c2s_require_encryption = false` : ''}`);
        this.#register('focus', passwords.focus);
        this.#register('jvb', passwords.jvb);
        for (const [user, password] of Object.entries(users ?? {})) this.#register(user, password, domain);
    }

    #register(user, password, host = `auth.${domain}`) {
        execFileSync('prosodyctl', ['--root', '--config', this.config, 'register', user, host, password], { stdio: 'ignore' });
    }

    async start(host = 'main') {
        this.process = new Process('prosody', host, 'prosody', ['--root', '-F', '--config', this.config]);
        await this.process.line(/Activated service 'c2s'/);
        await this.process.line(/Activated service 'component'/);
        await this.process.line(/Activated service 'http'/);
    }

    async stop() { await this.process?.stop(); }

    remove() { rmSync(this.folder, { recursive: true, force: true }); }
}

