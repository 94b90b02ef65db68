import { OtlpDecodeError } from './decode-error.ts';
import { createItemBudget, type ItemBudget } from './item-budget.ts';

/** Protobuf wire types that OTLP uses (https://protobuf.dev/programming-guides/encoding/). */
export const Wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Reads protobuf from a buffer, in place: `position` moves on, nothing is copied. Every method throws OtlpDecodeError on damage. */
export class WireReader {
  /** What the message may still bring; whoever reads an item or a value takes it from here. */
  readonly budget: ItemBudget = createItemBudget();
  readonly #bytes: Buffer;
  #position = 0;
  #end: number;
  #wire = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#end = bytes.length;
  }

  /** Calls `onField` for each field of the message that fills the reader; a field that it answers `false` to is skipped. */
  readMessage(onField: (field: number) => boolean): void {
    while (this.#position < this.#end) {
      const tag = this.#readVarintNumber();
      this.#wire = tag & 7;
      const field = tag >>> 3;
      if (field === 0) throw new OtlpDecodeError('field number 0');
      if (!onField(field)) this.#skip();
    }
  }

  /** The embedded message of this field. */
  readNested(onField: (field: number) => boolean): void {
    const outerEnd = this.#end;
    const length = this.#readLength();
    this.#end = this.#position + length;
    this.readMessage(onField);
    this.#end = outerEnd;
  }

  readString(): string {
    const length = this.#readLength();
    const start = this.#position;
    this.#position += length;
    return this.#bytes.toString('utf8', start, this.#position);
  }

  readHex(): string {
    const length = this.#readLength();
    const start = this.#position;
    this.#position += length;
    return this.#bytes.toString('hex', start, this.#position);
  }

  readBytes(): Uint8Array {
    const length = this.#readLength();
    const start = this.#position;
    this.#position += length;
    return Uint8Array.from(this.#bytes.subarray(start, this.#position));
  }

  readFixed64(): bigint {
    this.#expect(Wire.fixed64, 8);
    const value = this.#bytes.readBigUInt64LE(this.#position);
    this.#position += 8;
    return value;
  }

  readDouble(): number {
    this.#expect(Wire.fixed64, 8);
    const value = this.#bytes.readDoubleLE(this.#position);
    this.#position += 8;
    return value;
  }

  /** A repeated fixed64 or double: packed into one field, or one value a field. `readOne` reads one of them. */
  readRepeated(readOne: () => void): void {
    if (this.#wire !== Wire.bytes) {
      this.budget.takeValues(1);
      readOne();
      return;
    }
    const outerEnd = this.#end;
    const length = this.#readLength();
    this.budget.takeValues(length / 8);
    this.#end = this.#position + length;
    this.#wire = Wire.fixed64;
    while (this.#position < this.#end) readOne();
    this.#end = outerEnd;
  }

  /** An int64. */
  readInt64(): bigint {
    this.#expect(Wire.varint, 1);
    const start = this.#position;
    let small = 0;
    for (let scale = 1, index = 0; index < 7; index += 1, scale *= 128) {
      const byte = this.#readByte();
      small += (byte & 0x7f) * scale;
      if (byte < 0x80) return BigInt(small);
    }
    this.#position = start;
    return this.#readLongInt64();
  }

  /** An enum or bool; larger values than 2^32 are cut as protobuf does. */
  readSmall(): number {
    this.#expect(Wire.varint, 1);
    return this.#readVarintNumber();
  }

  #readLongInt64(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#readByte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw new OtlpDecodeError('a varint of more than 10 bytes');
  }

  #readVarintNumber(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#readByte();
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new OtlpDecodeError('a varint of more than 10 bytes');
  }

  #readByte(): number {
    const byte = this.#position < this.#end ? this.#bytes[this.#position] : undefined;
    if (byte === undefined) throw new OtlpDecodeError('the message ends too early');
    this.#position += 1;
    return byte;
  }

  #readLength(): number {
    this.#expect(Wire.bytes, 1);
    const length = this.#readVarintNumber();
    if (length > this.#end - this.#position) throw new OtlpDecodeError('the message ends too early');
    return length;
  }

  #expect(wire: number, minimumBytes: number): void {
    if (this.#wire !== wire) throw new OtlpDecodeError(`wire type ${this.#wire} where ${wire} belongs`);
    if (this.#end - this.#position < minimumBytes) throw new OtlpDecodeError('the message ends too early');
  }

  #skip(): void {
    if (this.#wire === Wire.varint) this.#readVarintNumber();
    else if (this.#wire === Wire.bytes) {
      const length = this.#readLength();
      this.#position += length;
    } else if (this.#wire === Wire.fixed64 || this.#wire === Wire.fixed32) {
      const size = this.#wire === Wire.fixed64 ? 8 : 4;
      this.#expect(this.#wire, size);
      this.#position += size;
    } else throw new OtlpDecodeError(`wire type ${this.#wire} is not OTLP`);
  }
}
