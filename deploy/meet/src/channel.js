// The bridge channel: JSON messages over the data channel or a WebSocket.
export class BridgeChannel extends EventTarget {
    // Takes over a channel that has just been made; the previous one is forgotten.
    use(carrier) {
        this.carrier = carrier;
        carrier.onopen = () => {
            this.#send({ colibriClass: 'ClientHello' });
            if (this.constraints) this.#send(this.constraints);
            for (const message of this.videoTypes?.values() ?? []) this.#send(message);
        };
        carrier.onmessage = ({ data }) => {
            let message;
            try { message = JSON.parse(data); } catch { return; }
            this.dispatchEvent(new CustomEvent(message.colibriClass, { detail: message }));
        };
    }

    get open() { return this.carrier?.readyState === 'open' || this.carrier?.readyState === WebSocket.OPEN; }

    #send(message) {
        if (this.open) this.carrier.send(JSON.stringify(message));
    }

    // Everybody's picture, at most so high; the big one higher.
    setConstraints(defaultHeight, onStage, onStageHeight) {
        this.constraints = {
            colibriClass: 'ReceiverVideoConstraints', lastN: -1,
            onStageSources: onStage ? [onStage] : [], selectedSources: [],
            defaultConstraints: { maxHeight: defaultHeight },
            constraints: onStage ? { [onStage]: { maxHeight: onStageHeight } } : {}
        };
        this.#send(this.constraints);
    }

    setVideoType(sourceName, videoType) {
        this.videoTypes ??= new Map();
        const message = { colibriClass: 'SourceVideoTypeMessage', sourceName, videoType };
        this.videoTypes.set(sourceName, message);
        this.#send(message);
    }
}
