// The meeting page: puts the parts together.
import { BridgeChannel } from './channel.js';
import { Room } from './room.js';
import { Session } from './session.js';
import { Ui } from './ui.js';
import { Xmpp } from './xmpp.js';

const ui = new Ui();
const query = new URLSearchParams(location.search);
// For tests and the curious: the state of this client.
const client = window.testClient = { joined: false };

const roomName = decodeURIComponent(location.pathname.split('/').filter(Boolean).at(-1) ?? 'hello').toLowerCase().replace(/[\s"&'/:<>@]+/g, '-');

async function openDevices() {
    const media = navigator.mediaDevices;
    if (!media) {
        ui.say('This page has no access to camera and microphone: open it by https:// or on localhost.');
        return [];
    }
    const wanted = { audio: query.get('audio') !== '0', video: query.get('video') !== '0' && { width: 1280, height: 720 } };
    if (!wanted.audio && !wanted.video) return [];
    for (const attempt of [wanted, { audio: wanted.audio }, { video: wanted.video }]) {
        if (!attempt.audio && !attempt.video) continue;
        try { return (await media.getUserMedia(attempt)).getTracks(); } catch (e) {
            ui.say(`Camera or microphone cannot be used: ${e.message}. You can still see and hear the others.`);
        }
    }
    return [];
}

async function start() {
    const config = await (await fetch('/config.json')).json();
    const name = query.get('name') ?? await ui.askName(roomName, localStorage.getItem('jmeet-name') ?? '');
    localStorage.setItem('jmeet-name', name);
    document.title = `${roomName} · jmeet`;

    const xmpp = new Xmpp(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/xmpp-websocket`, config.domain);
    await xmpp.connect();
    const room = new Room(xmpp, config, roomName, name);
    const session = new Session(xmpp, room);
    const channel = new BridgeChannel();
    ui.setPerson(me, name, { local: true });

    wireConnection(xmpp, room, session);
    wireRoom(room, session);
    wireMedia(room, session, channel);
    wireButtons(room, session, channel);

    for (const track of await openDevices()) {
        await session.setTrack(track.kind === 'audio' ? 'mic' : 'camera', track);
        ui.setTrack(me, track, { local: true });
    }
    updateButtons(session);
    await room.join();
    client.joined = true;
    exposeForTests(room, session, channel);
    window.addEventListener('pagehide', () => room.leave());
}

// Keys of tiles: others have their nickname. Ours may change, when the server has forgotten us.
const me = 'me';
const tileOf = (room, nick) => nick === room.nick ? me : nick;
const screenKey = owner => `${owner}/screen`;
const keyOf = source => source.videoType === 'desktop' ? screenKey(source.owner) : source.owner;

function showMember(room, nick) {
    const member = room.members.get(nick);
    ui.setPerson(nick, member.name);
    const info = Object.entries(member.sources);
    const muted = kind => info.filter(([n]) => n.endsWith(kind)).every(([, s]) => s.muted !== false);
    ui.setState(nick, { micMuted: muted('-a0'), cameraMuted: muted('-v0') });
    if (ui.tiles.has(screenKey(nick))) ui.setPerson(screenKey(nick), `${member.name}'s screen`);
}

function wireConnection(xmpp, room, session) {
    xmpp.addEventListener('interrupted', () => ui.say('The connection to the meeting server is interrupted; trying again.'));
    xmpp.addEventListener('resumed', () => ui.say(''));
    xmpp.addEventListener('forgotten', () => {
        session.leave();
        room.rejoin().then(() => ui.say(''), e => ui.ended(e.message));
    });
    xmpp.addEventListener('down', e => { session.leave(); ui.ended(e.detail); });
    for (const event of ['interrupted', 'resumed', 'forgotten']) xmpp.addEventListener(event, () => { (client.connection ??= []).push(event); });
}

function wireRoom(room, session) {
    for (const event of ['came', 'changed']) room.addEventListener(event, e => showMember(room, e.detail));
    room.addEventListener('left', e => { ui.removePerson(e.detail); ui.removePerson(screenKey(e.detail)); });
    room.addEventListener('problem', e => ui.say(e.detail));
    room.addEventListener('ended', e => { session.leave(); ui.ended(e.detail); });
}

function wireMedia(room, session, channel) {
    session.addEventListener('track', ({ detail: { track, source } }) => {
        const key = keyOf(source);
        if (key !== source.owner) ui.setPerson(key, `${room.members.get(source.owner)?.name ?? 'Guest'}'s screen`);
        ui.setTrack(key, track);
        if (room.members.has(source.owner)) showMember(room, source.owner);
    });
    session.addEventListener('trackgone', ({ detail: source }) => {
        if (source.videoType === 'desktop') ui.removePerson(keyOf(source));
        else ui.clearTrack(keyOf(source), source.kind);
    });
    session.addEventListener('problem', e => ui.say(e.detail));
    session.addEventListener('ice', ({ detail }) => {
        if (detail === 'connected' || detail === 'completed') ui.say('');
        if (detail === 'disconnected') ui.say('The connection to the video bridge is interrupted.');
        if (detail === 'failed') ui.say('The video bridge cannot be reached; trying again. If this stays, UDP port 10000 of the server may be closed.');
    });
    session.addEventListener('channel', e => channel.use(e.detail));
    channel.setConstraints(720);
    channel.addEventListener('DominantSpeakerEndpointChangeEvent', e => {
        client.dominantSpeaker = e.detail.dominantSpeakerEndpoint;
        ui.setSpeaker(tileOf(room, e.detail.dominantSpeakerEndpoint));
    });
    channel.addEventListener('EndpointConnectivityStatusChangeEvent', e => ui.setConnection(tileOf(room, e.detail.endpoint), String(e.detail.active) === 'true'));
}

function updateButtons(session) {
    const on = slot => Boolean(session.tracks[slot]?.enabled);
    ui.setButton('mic', on('mic'), on('mic') ? 'Mute' : 'Unmute');
    ui.setButton('camera', on('camera'), on('camera') ? 'Camera off' : 'Camera on');
    ui.setButton('share', on('screen'), on('screen') ? 'Stop sharing' : 'Share screen');
}

function wireButtons(room, session, channel) {
    const state = () => ui.setState(me, { micMuted: !session.tracks.mic?.enabled, cameraMuted: !session.tracks.camera?.enabled });
    const toggle = async slot => {
        if (!session.tracks[slot]) {
            try {
                const kind = slot === 'mic' ? 'audio' : 'video';
                const [track] = (await navigator.mediaDevices.getUserMedia({ [kind]: true })).getTracks();
                await session.setTrack(slot, track);
                ui.setTrack(me, track, { local: true });
            } catch (e) { ui.say(`Camera or microphone cannot be used: ${e.message}.`); }
        } else {
            session.setEnabled(slot, !session.tracks[slot].enabled);
            if (slot === 'camera') channel.setVideoType(`${room.nick}-v0`, session.tracks.camera.enabled ? 'camera' : 'none');
        }
        state();
        updateButtons(session);
    };
    const share = async () => {
        if (session.tracks.screen) {
            session.tracks.screen.stop();
            await session.setTrack('screen', null);
            ui.removePerson(screenKey(me));
        } else {
            try {
                const [track] = (await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: 15 } })).getVideoTracks();
                track.onended = () => session.tracks.screen === track && share();
                await session.setTrack('screen', track);
                channel.setVideoType(`${room.nick}-v1`, 'desktop');
                ui.setPerson(screenKey(me), 'Your screen', { local: true });
                ui.setTrack(screenKey(me), track, { local: true });
            } catch (e) { ui.say(`The screen cannot be shared: ${e.message}.`); }
        }
        updateButtons(session);
    };
    const leave = () => { session.leave(); room.leave(); ui.ended('You have left the meeting.'); };
    ui.showMeeting({ mic: () => toggle('mic'), camera: () => toggle('camera'), share, leave });
    Object.assign(client, { toggle, share, leave });
}

function exposeForTests(room, session, channel) {
    client.peerConnection = () => session.pc;
    client.myId = () => room.nick;
    client.participants = () => [...room.members].map(([id, m]) => ({ id, name: m.name, sources: m.sources }));
    client.mute = (kind, muted) => {
        const slot = kind === 'audio' ? 'mic' : 'camera';
        if (Boolean(session.tracks[slot]?.enabled) === muted) return client.toggle(slot);
    };
    client.remoteMuted = () => [...room.members].flatMap(([owner, m]) => Object.entries(m.sources).map(([name, s]) => ({ owner, kind: name.includes('-a') ? 'audio' : 'video', muted: Boolean(s.muted), videoType: s.videoType })));
    client.dominant = () => client.dominantSpeaker;
    client.channelOpen = () => channel.open;
    client.constraints = c => channel.setConstraints(c.defaultConstraints?.maxHeight ?? 720);
    client.shareScreen = () => client.share();
    client.stopShare = () => client.share();
}

start().catch(e => { console.error(e); ui.say(e.message); });
