// Hosts of the tests: network namespaces on one machine, joined by a software bridge.
//   MAIN 10.77.0.1   BRIDGE 10.77.0.2   browsers 10.77.0.3   BRIDGE2 10.77.0.4
//   a browser whose link may be narrow 10.77.0.5
import { execFileSync } from 'node:child_process';

const switchName = 'jmeet0';
export const addresses = { main: '10.77.0.1', bridge: '10.77.0.2', clients: '10.77.0.3', bridge2: '10.77.0.4', far: '10.77.0.5' };

const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
const cableOf = host => `jm-${host}`.slice(0, 15);
const namespaceOf = host => `jmeet-${host}`;

export function setUpHosts() {
    tearDownHosts();
    ip('link', 'add', switchName, 'type', 'bridge');
    ip('link', 'set', switchName, 'up');
    for (const [host, address] of Object.entries(addresses)) {
        const ns = namespaceOf(host);
        const cable = cableOf(host);
        ip('netns', 'add', ns);
        ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', ns);
        ip('link', 'set', cable, 'master', switchName, 'up');
        ip('-n', ns, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
        ip('-n', ns, 'link', 'set', 'eth0', 'up');
        ip('-n', ns, 'link', 'set', 'lo', 'up');
        // Chromium takes the source address of its default route for its candidates.
        ip('-n', ns, 'route', 'add', 'default', 'via', addresses.main === address ? addresses.clients : addresses.main);
    }
}

export function tearDownHosts() {
    const remove = (...args) => { try { ip(...args); } catch { /* was not there */ } };
    for (const host of Object.keys(addresses)) {
        // By name: the kernel takes a namespace apart later, and with it its end of the cable.
        remove('link', 'del', cableOf(host));
        remove('netns', 'del', namespaceOf(host));
    }
    remove('link', 'del', switchName);
}

// What is sent to a host arrives at so many kbit/s from now on; more waits up to 400 ms, then it is
// dropped. As home routers do; the other direction stays as it is.
export function narrow(host, kbits) {
    execFileSync('tc', ['qdisc', 'replace', 'dev', cableOf(host), 'root', 'tbf', 'rate', `${kbits}kbit`, 'burst', '3000', 'latency', '400ms'],
        { stdio: ['ignore', 'ignore', 'pipe'] });
}

// What a host sends from that UDP port is lost from now on; until findPort().
export function losePort(host, port) {
    ip('-n', namespaceOf(host), 'rule', 'add', 'pref', '1', 'ipproto', 'udp', 'sport', String(port), 'blackhole');
}

export function findPort(host) {
    ip('-n', namespaceOf(host), 'rule', 'del', 'pref', '1');
}

// The command line that runs a program on a host.
export const onHost = (host, command, ...args) => ['ip', 'netns', 'exec', namespaceOf(host), command, ...args];
