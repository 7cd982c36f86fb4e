import { describe, expect, test } from '@jest/globals';
import { readTemplate, type Values } from './template.ts';

const values: Values = {
  notificationId: 'n1',
  title: 'A "title"\n{{body}}',
  body: 'line\nbreak \\ " é 𝄞',
  tokens: ['t1', 't"2'],
  data: { nid: 'n1' },
  ttlSec: 60,
  priority: 'high',
  collapseKey: 'n1',
  messageId: 'm1',
};

describe('a request template', () => {
  test('a place alone becomes the value as it is; in other text it is written into it', () => {
    const fill = readTemplate(
      '{"to":"{{tokens}}","ttl":"{{ ttlSec }}","text":"{{title}}: {{body}}","own":[1,{"x":"{{data}}"}]}',
    );
    expect(JSON.parse(fill(values))).toEqual({
      to: values.tokens,
      ttl: 60,
      text: `${values.title}: ${values.body}`,
      own: [1, { x: values.data }],
    });
  });

  test('what stands in a value is never taken for a place, nor does it break the file', () => {
    const fill = readTemplate('{"to":"{{tokens}}","t":"{{title}}"}');
    expect(JSON.parse(fill(values))).toEqual({ to: values.tokens, t: values.title });
  });

  test.each([
    ['no json', /is not JSON/],
    ['{"to":"{{tokens}}","x":"{{titel}}"}', /\{\{titel\}\}; known are notificationId/],
    ['{"to":"{{tokens}}","x":"{{constructor}}"}', /\{\{constructor\}\}/],
    ['{"title":"{{title}}"}', /no place \{\{tokens\}\}/],
  ])('%s is refused with a sentence', (text, sentence) => {
    expect(() => readTemplate(text)).toThrow(sentence);
  });
});
