// What is seen: the start form, tiles, buttons, and the line that says what is wrong.
const $ = id => document.getElementById(id);

export class Ui {
    constructor() {
        this.tiles = new Map(); // key -> { element, video, audio }
    }

    // Resolves with the name once the person wants to join.
    askName(room, suggestion) {
        $('room-name').textContent = room;
        document.title = `${room} · jmeet`;
        $('name').value = suggestion;
        $('start').hidden = false;
        return new Promise(resolve => {
            $('join').onsubmit = event => {
                event.preventDefault();
                $('start').hidden = true;
                resolve($('name').value.trim() || 'Guest');
            };
        });
    }

    showMeeting(handlers) {
        $('meeting').hidden = false;
        for (const [id, handler] of Object.entries(handlers)) $(id).onclick = handler;
    }

    #tile(key) {
        let tile = this.tiles.get(key);
        if (tile) return tile;
        const element = $('tile').content.firstElementChild.cloneNode(true);
        tile = { element, video: element.querySelector('video'), audio: element.querySelector('audio'), caption: element.querySelector('.caption') };
        element.dataset.key = key;
        $('tiles').append(element);
        this.tiles.set(key, tile);
        this.#arrange();
        return tile;
    }

    setPerson(key, name, { local = false } = {}) {
        const tile = this.#tile(key);
        tile.caption.textContent = local ? `${name} (you)` : name;
        tile.element.querySelector('.initial').textContent = name.slice(0, 1).toUpperCase();
        tile.element.classList.toggle('local', local);
    }

    removePerson(key) {
        this.tiles.get(key)?.element.remove();
        this.tiles.delete(key);
        this.#arrange();
    }

    setTrack(key, track, { local = false } = {}) {
        const tile = this.#tile(key);
        const player = track.kind === 'video' ? tile.video : tile.audio;
        if (track.kind === 'audio' && local) return;
        player.srcObject = new MediaStream([track]);
        player.play().catch(() => this.say('Click anywhere to hear the others.'));
        if (track.kind === 'video') {
            const show = () => tile.element.classList.toggle('has-picture', player.videoWidth > 0 && !player.dataset.off);
            player.onresize = show;
            player.onloadeddata = show;
        }
    }

    clearTrack(key, kind) {
        const tile = this.tiles.get(key);
        if (!tile) return;
        (kind === 'video' ? tile.video : tile.audio).srcObject = null;
        if (kind === 'video') tile.element.classList.remove('has-picture');
    }

    setState(key, { micMuted, cameraMuted }) {
        const tile = this.tiles.get(key);
        if (!tile) return;
        tile.element.classList.toggle('mic-muted', Boolean(micMuted));
        if (cameraMuted) tile.video.dataset.off = '1';
        else delete tile.video.dataset.off;
        tile.element.classList.toggle('has-picture', !cameraMuted && tile.video.videoWidth > 0);
    }

    setSpeaker(key) {
        for (const [k, tile] of this.tiles) tile.element.classList.toggle('speaks', k === key);
    }

    setConnection(key, active) {
        this.tiles.get(key)?.element.classList.toggle('interrupted', !active);
    }

    setButton(id, pressed, text) {
        $(id).setAttribute('aria-pressed', String(pressed));
        $(id).querySelector('.text').textContent = text;
    }

    say(text) {
        $('message').textContent = text;
        $('message').hidden = !text;
    }

    ended(text) {
        $('meeting').hidden = true;
        $('over').hidden = false;
        $('over-text').textContent = text;
        $('again').onclick = () => location.reload();
    }

    #arrange() {
        const count = this.tiles.size;
        $('tiles').style.setProperty('--columns', String(Math.ceil(Math.sqrt(count))));
        $('alone').hidden = count > 1;
    }
}
