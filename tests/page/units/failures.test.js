import assert from 'node:assert/strict';
import {test} from 'node:test';

import {clock} from '../../../page/src/format.js';
import {failures} from '../../../page/src/verdicts/failures.js';
import {outage, status, upstream} from './samples.js';

const at = (time) => clock(`2026-01-01T${time}Z`);
const noneFailed = {streams_complete: 5, streams_failed: 0, streams_lost: 0};
const down = (changes) => upstream({state: 'down', restarts: 32, last_failure: 'UNAVAILABLE: connection refused', last_failure_at: '2026-01-01T12:09:59Z', ...changes});

test('an outage that goes on is said with since when, for how long, who is hurt, attempts and reason', () => {
  const fetchers = [{next_attempt_seconds: 2.5}, {next_attempt_seconds: 1.25}, {next_attempt_seconds: null}];
  const found = failures(status([], {upstreams: [down({fetchers})], outages: [outage('12:09:12', null)], totals: noneFailed}), []);
  assert.deepEqual([found.tone, found.headline, found.spoken], ['bad', 'localhost:50051 is down for 48 s', 'localhost:50051 is down']);
  assert.equal(found.detail,
    `Since ${at('12:09:12')}, and it goes on. So far 3 trainers held up, no pass failed. 7 attempts to connect, the next in 1.3 s. ` +
      'Reason: UNAVAILABLE: connection refused.');
});

test('attempts to connect are no failures and no restarts', () => {
  const found = failures(status([], {upstreams: [down()], outages: [outage('12:09:12', null)], totals: noneFailed}), []);
  assert.doesNotMatch(found.headline + found.detail, /restart|fail(ed|ure) .*ago|32/);
});

test('the longest of several outages is named, and how many there are', () => {
  const outages = [outage('12:09:50', null), outage('12:09:12', null, {upstream: 'b:1'})];
  const found = failures(status([], {upstreams: [down(), down({address: 'b:1'})], outages}), []);
  assert.equal(found.headline, 'b:1 is down for 48 s, and 1 other');
  const one = failures(status([], {upstreams: [down(), upstream({address: 'b:1'})], outages: outages.slice(0, 1)}), []);
  assert.equal(one.tone, 'warn');
  assert.match(one.detail, /1 other address up\./);
});

test('ten minutes after an outage: what, when, for how long, who was hurt, and that it is over', () => {
  const back = upstream({restarts: 32, last_failure: 'UNAVAILABLE', last_failure_at: '2026-01-01T11:59:58Z'});
  const found = failures(status([], {upstreams: [back], outages: [outage('11:58:58', '12:00:00')], totals: noneFailed}), []);
  assert.deepEqual([found.tone, found.headline], ['warn', 'localhost:50051 was down for 1 min 2 s']);
  assert.equal(found.detail,
    `${at('11:58:58')} to ${at('12:00:00')}, over for 10 min 0 s; 3 trainers held up, no pass failed. Reason: UNAVAILABLE: connection refused.`);
  assert.equal(found.spoken, 'localhost:50051 was down and is up again');
});

test('an outage is news for a quarter of an hour, and the last of several says so', () => {
  const found = failures(status([], {outages: [outage('11:00:00', '11:10:00'), outage('11:30:00', '11:40:00', {clients_held_up: 0, reason: null})]}), []);
  assert.equal(found.tone, 'note');
  assert.match(found.detail, /no trainer held up, no pass failed\. The last of 2 outages\.$/);
});

test('passes that ended by an error in an outage are counted, those left out of the log too', () => {
  const error = (time, repeated) => ({event: 'client_error', level: 'warning', time: `2026-01-01T${time}Z`, fields: {client: 'c', code: 'UNAVAILABLE', repeated}});
  const events = [error('11:00:00'), error('12:00:10'), error('12:00:20', 4)];
  const found = failures(status([], {outages: [outage('12:00:00', '12:01:00')], totals: {...noneFailed, streams_failed: 7}}), events);
  assert.match(found.detail, /3 trainers held up, 6 passes ended by an error\. .* 7 passes ended by an error since the start\.$/);
});

test('what has not been up yet says so', () => {
  const found = failures(status([], {upstreams: [down(), upstream({address: 'b:1'})]}), []);
  assert.deepEqual([found.tone, found.headline], ['warn', 'localhost:50051 is not up yet']);
});

test('a failure without an outage is small', () => {
  const failed = (time) => failures(status([], {upstreams: [upstream({failures: 2, last_failure: 'INTERNAL: x', last_failure_at: `2026-01-01T${time}Z`})]}), []);
  assert.deepEqual([failed('12:09:30').tone, failed('12:09:30').headline], ['warn', 'localhost:50051 failed 30 s ago, but stayed up']);
  assert.equal(failed('12:09:30').detail, `At ${at('12:09:30')}: INTERNAL: x. 2 calls failed since the start.`);
  assert.equal(failed('12:00:00').tone, 'note');
});

test('parts that do not answer are named', () => {
  const found = failures(status([], {unanswered: ['listener', 'frame_cache']}), []);
  assert.deepEqual([found.tone, found.headline], ['bad', 'listener, cache do not answer']);
});

test('other errors are told from the events, with the outage before them', () => {
  const event = {event: 'client_failed', time: '2026-01-01T12:09:00Z', level: 'error', fields: {client: 'client_a', message: 'boom'}};
  const found = failures(status([]), [event]);
  assert.deepEqual([found.headline, found.spoken], ['client_failed 1 min 0 s ago', 'client_failed']);
  assert.match(found.detail, /client=client_a message=boom/);
  const outages = [outage('12:00:00', '12:01:00')];
  assert.match(failures(status([], {outages}), [event]).detail, /Before that localhost:50051 was down for 1 min 0 s/);
  const later = [outage('12:09:00', '12:09:30')];
  const downEvent = {...event, event: 'upstream_down', time: '2026-01-01T12:09:40Z'};
  assert.match(failures(status([], {outages: later}), [event, downEvent]).headline, /was down for 30 s/);
});

test('where nothing has failed that is said, and passes that were lost are', () => {
  assert.deepEqual(failures(status([]), []).tone, 'ok');
  assert.match(failures(status([], {totals: {streams_failed: 1, streams_lost: 2}}), []).detail, /1 pass ended by an error since the start\. 2 trainers left before the end\./);
});
