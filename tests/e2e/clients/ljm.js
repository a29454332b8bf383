// The smallest client on lib-jitsi-meet: joins, sends a fake camera and microphone, plays what comes.
// ?lib=old|given &room= &name= &video=0 &channel=websocket &codec=VP8 &resume=1 ...
// Refused because a lobby is on, it knocks. A room with a password: &roomPassword=. A secure domain: &guests=DOMAIN to come in as a guest, &user=JID &password= to log in.
const query = new URLSearchParams(location.search);
const config = await (await fetch('/config.json')).json();

await new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = `lib/${query.get('lib')}.js`;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`cannot load ${script.src}`));
    document.head.append(script);
});
const JitsiMeetJS = window.JitsiMeetJS;
JitsiMeetJS.init({ disableAudioLevels: false, disableThirdPartyRequests: true, enableAnalyticsLogging: false });
JitsiMeetJS.setLogLevel(query.get('log') ?? 'info');

const client = window.testClient = { joined: false, events: [], elements: new Map() };
let conference;
let connection;
const locals = {};
// A track that a client of 2022 mutes because the invitation says so is never sent: to speak takes a new one.
const startedMuted = new Set();
const renew = async kind => {
    const [track] = await JitsiMeetJS.createLocalTracks({ devices: [kind], resolution: 720 });
    await conference.replaceTrack(locals[kind], track);
    locals[kind] = track;
};

client.peerConnection = () => conference?.jvbJingleSession?.peerconnection?.peerconnection;
client.participants = () => conference.getParticipants().map(p => ({ id: p.getId(), name: p.getDisplayName(), status: p.getConnectionStatus?.() }));
client.isConnected = () => connection.xmpp.connection.connected;
client.myId = () => conference.myUserId();
client.role = () => conference.getRole();
client.mute = async (kind, muted) => {
    if (!muted && startedMuted.delete(kind)) return renew(kind);
    await (muted ? locals[kind].mute() : locals[kind].unmute());
};
client.remoteMuted = () => [...client.elements.keys()].map(t => ({ owner: t.getParticipantId(), kind: t.getType(), muted: t.isMuted(), videoType: t.getVideoType?.() }));
client.constraints = c => conference.setReceiverConstraints(c);
client.dominant = () => client.events.filter(e => e[0] === 'dominant').at(-1)?.[1];
client.channelOpen = () => Boolean(conference.rtc._channel?.isOpen());
client.breakChannel = () => conference.rtc._channel._channel.close();
client.channelMode = () => conference.rtc._channel?._mode ?? conference.rtc._channel?.mode;
client.message = text => conference.sendMessage({ type: 'test', text }, '', true);
client.messages = () => client.events.filter(e => e[0] === 'message').map(e => e[1]);
client.stats = () => client.events.filter(e => e[0] === 'status');
client.restartIce = () => conference.restartJvbIce();
// The way in use: our port, our password's name, and what ICE has said since the first call.
client.way = async () => {
    const pc = client.peerConnection();
    if (!client.iceStates) {
        client.iceStates = [];
        pc.addEventListener('iceconnectionstatechange', () => client.iceStates.push(pc.iceConnectionState));
    }
    const stats = await pc.getStats();
    const transport = [...stats.values()].find(r => r.type === 'transport');
    const local = stats.get(stats.get(transport.selectedCandidatePairId)?.localCandidateId);
    return { port: local?.port, ufrag: local?.usernameFragment, states: client.iceStates, session: conference.jvbJingleSession.sid };
};
// The guest's user logs in beside it; it stays in the room.
client.logIn = (id, password) => conference.authenticateAndUpgradeRole({ id, password });
// What a moderator does.
client.muteOther = (id, kind) => conference.muteParticipant(id, kind);
client.grantOwner = id => conference.grantOwner(id);
client.kick = id => conference.kickParticipant(id);
client.lock = password => conference.lock(password);
client.kicked = () => client.events.some(e => e[0] === 'kicked');
client.enableLobby = () => conference.enableLobby();
client.disableLobby = () => conference.disableLobby();
client.knocking = () => client.events.filter(e => e[0] === 'knock').map(e => e[1]);
client.admit = id => conference.lobbyApproveAccess(id);
client.turnAway = id => conference.lobbyDenyAccess(id);
client.moderate = (kind, on) => (on ? conference.enableAVModeration(kind) : conference.disableAVModeration(kind));
client.approve = (kind, id) => conference.avModerationApprove(kind, id);
client.reject = (kind, id) => conference.avModerationReject(kind, id);
client.moderation = () => client.events.filter(e => e[0] === 'moderation').map(e => e.slice(1));
client.startMuted = policy => conference.setStartMutedPolicy(policy);
client.startMutedPolicy = () => conference.getMetadataHandler?.().getMetadata().startMuted ?? conference.getStartMutedPolicy();
client.since = () => client.events.filter(e => e[0] === 'since').at(-1)?.[1];
client.localMuted = kind => locals[kind].isMuted();
client.end = () => {
    if (conference.end) return conference.end();
    // Clients of 2022 have no such command yet.
    connection.xmpp.connection.send(new DOMParser().parseFromString(`<message xmlns='jabber:client' to='end.${config.domain}'><end_conference/></message>`, 'text/xml').documentElement);
};
client.makeBreakout = subject => conference.getBreakoutRooms().createBreakoutRoom(subject);
client.removeBreakout = room => conference.getBreakoutRooms().removeBreakoutRoom(room);
client.breakouts = () => Object.values(client.events.filter(e => e[0] === 'rooms').at(-1)?.[1].rooms ?? {});
client.sendToRoom = (occupant, room) => conference.getBreakoutRooms().sendParticipantToRoom(occupant, room);
client.inBreakout = () => conference.getBreakoutRooms().isBreakoutRoom();
// Asks the focus itself and tells what it answers: 'result' or the name of the error.
client.askMute = (id, kind, muted) => new Promise(resolve => {
    const room = conference.room.roomjid;
    const iq = new DOMParser().parseFromString(`<iq xmlns='jabber:client' type='set' to='${room}/focus'>
        <mute xmlns='http://jitsi.org/jitmeet/${kind}' jid='${room}/${id}'>${muted}</mute></iq>`, 'text/xml').documentElement;
    conference.room.connection.sendIQ(iq, () => resolve('result'),
        error => resolve([...error?.querySelectorAll?.('error > *') ?? []].map(e => e.localName).filter(n => n !== 'text').join() || 'no answer'), 10_000);
});
client.errors = () => client.events.filter(e => e[0] === 'error');
client.shareScreen = async () => {
    // A canvas instead of a screen picker: headless Chromium has no screen.
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [1280, 720];
    const draw = canvas.getContext('2d');
    setInterval(() => { draw.fillStyle = `hsl(${Date.now() / 20 % 360} 80% 50%)`; draw.fillRect(0, 0, 1280, 720); }, 66);
    const stream = canvas.captureStream(15);
    navigator.mediaDevices.getDisplayMedia = async () => stream;
    const [desktop] = await JitsiMeetJS.createLocalTracks({ devices: ['desktop'] });
    locals.desktop = desktop;
    await conference.addTrack(desktop);
};
client.stopShare = async () => { await conference.removeTrack(locals.desktop); await locals.desktop.dispose(); };
client.leave = async () => { await conference.leave(); await connection.disconnect(); };

const show = track => {
    if (track.isLocal()) return;
    const element = document.createElement(track.getType() === 'video' ? 'video' : 'audio');
    element.autoplay = true;
    element.playsInline = true;
    document.body.append(element);
    track.attach(element);
    client.elements.set(track, element);
};
const hide = track => { client.elements.get(track)?.remove(); client.elements.delete(track); };

const { conference: conferenceEvents, connection: connectionEvents } = JitsiMeetJS.events;
// ?xmpp=host:port: the WebSocket of Prosody itself instead of MAIN's.
const xmppHost = query.get('xmpp') ?? location.host;
const secure = location.protocol === 'https:' ? 'wss:' : 'ws:';
const common = {
    hosts: { domain: config.domain, muc: config.muc, focus: config.focus, ...(query.get('guests') ? { anonymousdomain: query.get('guests') } : {}) },
    serviceUrl: `${secure}//${xmppHost}/xmpp-websocket`,
    bosh: `${secure}//${xmppHost}/xmpp-websocket`,
    enableWebsocketResume: query.get('resume') === '1',
    p2p: { enabled: false },
    bridgeChannel: { preferSctp: query.get('channel') !== 'websocket' },
    openBridgeChannel: query.get('channel') === 'websocket' ? 'websocket' : 'datachannel',
    ...(query.get('codec') ? { videoQuality: { codecPreferenceOrder: [query.get('codec')], preferredCodec: query.get('codec') } } : {}),
    ...(query.get('startMuted') ? { startAudioMuted: 0, startVideoMuted: 0 } : {}),
    flags: { sourceNameSignaling: true, sendMultipleVideoStreams: true, receiveMultipleVideoStreams: true, ssrcRewritingEnabled: query.get('rewriting') !== '0' },
    enableIceRestart: query.get('iceRestart') === '1',
    disableSimulcast: query.get('simulcast') === '0',
    testing: {},
    analytics: {}
};

// As the web application does it: refused by a members-only room, it knocks; the name is its own.
const onFailed = (error, ...more) => {
    client.events.push(['error', String(error), ...more.map(String)]);
    if (error === JitsiMeetJS.errors.conference.MEMBERS_ONLY_ERROR) conference.joinLobby(query.get('name'));
};
// Who comes into a meeting of muted people is muted by the application, as metadata says; clients of 2022
// do it themselves, as the invitation of the focus says.
const onStartMuted = ({ audio, video }) => {
    if (client.joined || !conference.getMetadataHandler) return;
    if (audio) locals.audio?.mute();
    if (video) locals.video?.mute();
};

function listen() {
    const note = (event, name, tell = (...all) => all) => event && conference.on(event, (...all) => client.events.push([name, ...tell(...all)]));
    conference.on(conferenceEvents.TRACK_ADDED, show);
    conference.on(conferenceEvents.TRACK_REMOVED, hide);
    conference.on(conferenceEvents.CONFERENCE_JOINED, () => { client.joined = true; });
    conference.on(conferenceEvents.CONFERENCE_FAILED, onFailed);
    conference.on(conferenceEvents.START_MUTED_POLICY_CHANGED, onStartMuted);
    if (conferenceEvents.STARTED_MUTED) conference.on(conferenceEvents.STARTED_MUTED, () => {
        if (conference.isStartAudioMuted()) startedMuted.add('audio');
        if (conference.isStartVideoMuted()) startedMuted.add('video');
    });
    conference.on(conferenceEvents.BREAKOUT_ROOMS_MOVE_TO_ROOM, moveTo);
    note(conferenceEvents.USER_JOINED, 'joined', id => [id]);
    note(conferenceEvents.USER_LEFT, 'left', id => [id]);
    note(conferenceEvents.DOMINANT_SPEAKER_CHANGED, 'dominant', id => [id]);
    note(conferenceEvents.ENDPOINT_MESSAGE_RECEIVED, 'message', (from, body) => [body.text ?? body.msgPayload?.text]);
    note(conferenceEvents.KICKED, 'kicked', () => []);
    note(conferenceEvents.DATA_CHANNEL_OPENED ?? 'conference.dataChannelOpened', 'channel', () => []);
    note(conferenceEvents.LOBBY_USER_JOINED, 'knock', (id, name) => [{ id, name }]);
    note(conferenceEvents.AV_MODERATION_CHANGED, 'moderation', e => [e.mediaType, e.enabled ? 'on' : 'off']);
    note(conferenceEvents.AV_MODERATION_APPROVED, 'moderation', e => [e.mediaType, 'approved']);
    note(conferenceEvents.AV_MODERATION_REJECTED, 'moderation', e => [e.mediaType, 'rejected']);
    note(conferenceEvents.BREAKOUT_ROOMS_UPDATED, 'rooms');
    note(conferenceEvents.CONFERENCE_CREATED_TIMESTAMP, 'since');
}

// host: only of a breakout room, which is at another one.
async function enter(name, host) {
    conference = connection.initJitsiConference(name, { ...common, ...(host ? { customDomain: host } : {}) });
    client.conference = conference;
    listen();
    conference.setDisplayName(query.get('name'));
    for (const track of Object.values(locals)) await conference.addTrack(track);
    conference.join(query.get('roomPassword') ?? undefined);
    // Everybody's picture, as tile view asks for it.
    conference.setReceiverConstraints?.({ lastN: -1, defaultConstraints: { maxHeight: 720 } });
    if (!conference.setReceiverConstraints) { conference.setLastN(-1); conference.setReceiverVideoConstraint(720); }
}

// To another room on the same connection, with the same camera and microphone.
async function moveTo(address) {
    client.joined = false;
    await conference.leave('switch_room');
    [...client.elements.keys()].forEach(hide);
    const [name, host] = address.split('@');
    await enter(name, host === config.muc ? undefined : host);
}

connection = new JitsiMeetJS.JitsiConnection(null, null, common);
connection.addEventListener(connectionEvents.CONNECTION_FAILED, (...e) => client.events.push(['error', 'connection', ...e.map(String)]));
connection.addEventListener(connectionEvents.CONNECTION_ESTABLISHED, async () => {
    const devices = [...(query.get('audio') === '0' ? [] : ['audio']), ...(query.get('video') === '0' ? [] : ['video'])];
    const tracks = devices.length ? await JitsiMeetJS.createLocalTracks({ devices, resolution: 720 }) : [];
    for (const track of tracks) locals[track.getType()] = track;
    client.addCamera = async () => {
        const [camera] = await JitsiMeetJS.createLocalTracks({ devices: ['video'], resolution: 720 });
        locals.video = camera;
        await conference.addTrack(camera);
    };
    await enter(query.get('room'));
});
connection.connect(query.get('user') ? { id: query.get('user'), password: query.get('password') } : undefined);
