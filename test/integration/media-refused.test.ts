import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { acceptMediaUpgrades } from '../../services/bot/adapters/twilio/media-upgrade.ts';

const UPGRADE = [
  'GET /media HTTP/1.1',
  'Host: bot.example',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  'Sec-WebSocket-Version: 13',
  '\r\n',
].join('\r\n');

/** A client that reads the answer and never closes its own half. */
async function ask(port: number): Promise<{ readonly socket: Socket; readonly answer: string }> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined).write(UPGRADE);
  const [data] = await once(socket, 'data');
  return { socket, answer: String(data) };
}

test('a refused upgrade costs the bot no socket, although the client keeps its own half open', async () => {
  const closed: Promise<unknown>[] = [];
  const server = createServer().on('connection', (socket) => closed.push(once(socket, 'close')));
  const reasons: string[] = [];
  acceptMediaUpgrades({
    server,
    path: '/media',
    signatures: { upgrade: () => false, webhook: () => false },
    onSocket: () => undefined,
    onRefused: (reason) => reasons.push(reason),
    draining: () => false,
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const clients = await Promise.all(Array.from({ length: 20 }, () => ask(port)));
  try {
    expect(clients.map(({ answer }) => answer.split('\r\n')[0])).toEqual(Array(20).fill('HTTP/1.1 403 Forbidden'));
    expect(reasons).toEqual(Array(20).fill('signature'));
    await Promise.all(closed);
    expect(closed).toHaveLength(20);
    expect(clients.some(({ socket }) => socket.writableEnded)).toBe(false);
  } finally {
    for (const { socket } of clients) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}, 5000);
