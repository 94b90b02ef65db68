const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const PAD = 0x3d;
const ZERO = 0x30;
const NO_DIGIT = 0xff;
/** Longer messages are rare: they may cost a parse. */
const MAX_BYTES = 8192;
/** Digits of a whole number that is exact. */
const MAX_DIGITS = 15;
const FRAME_BYTES = 160;

const bytesOf = (word: string) => Uint8Array.from(word, (letter) => letter.charCodeAt(0));
const EVENT = bytesOf('event');
const MEDIA = bytesOf('media');
const SEQUENCE = bytesOf('sequenceNumber');
const STREAM = bytesOf('streamSid');
const TRACK = bytesOf('track');
const OUTBOUND = bytesOf('outbound');
const TIMESTAMP = bytesOf('timestamp');
const PAYLOAD = bytesOf('payload');

/** Six bits of each letter of base64 (RFC 4648, both alphabets); NO_DIGIT for every other byte. */
const SIX_BITS = new Uint8Array(256).fill(NO_DIGIT);
for (const [digit, letter] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  SIX_BITS[letter.charCodeAt(0)] = digit;
}
SIX_BITS[0x2d] = 62;
SIX_BITS[0x5f] = 63;

/**
 * Reads `media` messages of a stream, fifty a second each way, without making an object or a string of them: the compact
 * JSON that Twilio and `JSON.stringify` write. Whatever is written otherwise is not read, and left to a parser; what is read
 * is what a parser would have read. The figures and `audio` hold until the next message.
 */
export class MediaScanner {
  sequence = Number.NaN;
  timestampMs = Number.NaN;
  isInbound = true;
  /** The message names another stream than this scanner's. */
  isForeign = false;
  readonly #streamSid: Uint8Array;
  readonly #text = Buffer.allocUnsafe(MAX_BYTES);
  readonly #audio = Buffer.allocUnsafe(MAX_BYTES);
  readonly #frame = this.#audio.subarray(0, FRAME_BYTES);
  #bytes: Uint8Array = this.#text;
  #end = 0;
  #at = 0;
  /** Of the string that was read last. */
  #from = 0;
  #to = 0;
  #isMedia = false;
  #audioLength = 0;

  /** @param streamSid empty: none is known, and no message is foreign */
  constructor(streamSid: string) {
    this.#streamSid = bytesOf(streamSid);
  }

  /** Decoded audio; a view that the next message overwrites. */
  get audio(): Buffer {
    return this.#audioLength === FRAME_BYTES ? this.#frame : this.#audio.subarray(0, this.#audioLength);
  }

  /** True when `text` is a `media` message with audio, and all of it was understood. */
  readText(text: string): boolean {
    // UTF-8 takes up to three bytes for a UTF-16 unit.
    if (text.length * 3 > MAX_BYTES) return false;
    return this.#read(this.#text, this.#text.write(text));
  }

  /** The same for the bytes of a message. */
  read(bytes: Uint8Array): boolean {
    return bytes.length <= MAX_BYTES && this.#read(bytes, bytes.length);
  }

  #read(bytes: Uint8Array, end: number): boolean {
    this.#bytes = bytes;
    this.#end = end;
    this.#at = 0;
    this.sequence = Number.NaN;
    this.timestampMs = Number.NaN;
    this.isInbound = true;
    this.isForeign = false;
    this.#isMedia = false;
    this.#audioLength = 0;
    return this.#object(false) && this.#at === end && this.#isMedia && this.#audioLength > 0;
  }

  /** An object at the place that is read, with the fields of a message or of its `media`. */
  #object(isInner: boolean): boolean {
    if (!this.#take(OPEN)) return false;
    for (;;) {
      if (!this.#string()) return false;
      const from = this.#from;
      const to = this.#to;
      if (!this.#take(COLON)) return false;
      if (!(isInner ? this.#innerField(from, to) : this.#field(from, to))) return false;
      if (this.#take(CLOSE)) return true;
      if (!this.#take(COMMA)) return false;
    }
  }

  #field(from: number, to: number): boolean {
    if (this.#isWord(EVENT, from, to)) {
      this.#isMedia = this.#string() && this.#isWord(MEDIA, this.#from, this.#to);
      return this.#isMedia;
    }
    // A field that comes twice: the parser knows which one counts.
    if (this.#isWord(MEDIA, from, to)) return this.#audioLength === 0 && this.#object(true);
    if (this.#isWord(SEQUENCE, from, to)) {
      this.sequence = this.#number();
      return !Number.isNaN(this.sequence);
    }
    if (!this.#string()) return false;
    if (this.#streamSid.length > 0 && this.#isWord(STREAM, from, to)) {
      this.isForeign = !this.#isWord(this.#streamSid, this.#from, this.#to);
    }
    return true;
  }

  #innerField(from: number, to: number): boolean {
    if (this.#isWord(PAYLOAD, from, to)) return this.#payload();
    if (this.#isWord(TIMESTAMP, from, to)) {
      this.timestampMs = this.#number();
      return !Number.isNaN(this.timestampMs);
    }
    if (this.#isWord(TRACK, from, to)) {
      if (!this.#string()) return false;
      this.isInbound = !this.#isWord(OUTBOUND, this.#from, this.#to);
      return true;
    }
    return this.#string();
  }

  #take(byte: number): boolean {
    if (this.#at >= this.#end || this.#bytes[this.#at] !== byte) return false;
    this.#at += 1;
    return true;
  }

  #string(): boolean {
    if (!this.#take(QUOTE)) return false;
    const bytes = this.#bytes;
    this.#from = this.#at;
    for (let at = this.#at; at < this.#end; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) {
        this.#to = at;
        this.#at = at + 1;
        return true;
      }
      if (byte === BACKSLASH || byte < 0x20) return false;
    }
    return false;
  }

  /** Digits, in quotes as Twilio writes them or bare; NaN for anything else. */
  #number(): number {
    const isQuoted = this.#take(QUOTE);
    const from = this.#at;
    let value = 0;
    for (; this.#at < this.#end; this.#at += 1) {
      const digit = (this.#bytes[this.#at] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    const digits = this.#at - from;
    const isLeadingZero = digits > 1 && this.#bytes[from] === ZERO;
    if (digits === 0 || digits > MAX_DIGITS || (isLeadingZero && !isQuoted)) return Number.NaN;
    return isQuoted && !this.#take(QUOTE) ? Number.NaN : value;
  }

  #payload(): boolean {
    if (!this.#take(QUOTE)) return false;
    const bytes = this.#bytes;
    const audio = this.#audio;
    let at = this.#at;
    let length = 0;
    let bits = 0;
    let letters = 0;
    for (; at < this.#end; at += 1) {
      const digit = SIX_BITS[bytes[at] ?? 0] ?? NO_DIGIT;
      if (digit === NO_DIGIT) break;
      bits = ((bits << 6) | digit) & 0xffffff;
      letters += 1;
      if ((letters & 3) !== 0) continue;
      audio[length] = bits >> 16;
      audio[length + 1] = (bits >> 8) & 0xff;
      audio[length + 2] = bits & 0xff;
      length += 3;
    }
    const rest = letters & 3;
    if (rest === 1) return false;
    if (rest === 2) audio[length++] = (bits >> 4) & 0xff;
    if (rest === 3) {
      audio[length++] = (bits >> 10) & 0xff;
      audio[length++] = (bits >> 2) & 0xff;
    }
    const pads = rest === 0 ? 0 : 4 - rest;
    for (let pad = 0; pad < pads && bytes[at] === PAD; pad += 1) at += 1;
    this.#at = at;
    this.#audioLength = length;
    return this.#take(QUOTE);
  }

  #isWord(word: Uint8Array, from: number, to: number): boolean {
    if (to - from !== word.length) return false;
    for (let at = 0; at < word.length; at += 1) if (this.#bytes[from + at] !== word[at]) return false;
    return true;
  }
}
