import { Attr, LogEvent } from 'callspan/conventions';
import { call, openStoreStage, sid, turn, webhook } from '../../helpers/store-stage.ts';

const at = openStoreStage();

test('of a call with more lines than are given, what was said late is given before what was noted early', () => {
  at.saveSpans([webhook, call, turn(1), { ...turn(300), startMs: 600_000, endMs: 605_000 }]);
  const noted = Array.from({ length: 2100 }, (_, number) => ({ body: `line ${number}`, atMs: 1000 + number }));
  const said = {
    body: 'on Tuesday',
    atMs: 600_000,
    eventName: LogEvent.transcript,
    attributes: { ...sid, [Attr.turnIndex]: 300 },
  };
  at.saveLogs([...noted, said]);
  const detail = at.store.findCall('CA1');
  expect(detail?.logs).toHaveLength(2000);
  expect(detail?.turnList.find(({ index }) => index === 300)?.transcribed).toBe('on Tuesday');
  expect([detail?.logs[0]?.body, detail?.logs.at(-1)?.body]).toEqual(['line 0', 'on Tuesday']);
});
