// The statements of the index over the trace. A story is found by the number of its row: the time of its first event, so
// that the newest comes first without sorting. 1024 numbers a millisecond; when they are all taken the next free one.

/** Texts of a JSON document, without its names. */
const leaves = (json: string): string =>
  `(SELECT group_concat(atom, ' ') FROM json_tree(${json}) WHERE atom IS NOT NULL AND type <> 'true' AND type <> 'false')`
const boxes = `(SELECT group_concat('b' || hex(value), ' ') FROM (SELECT DISTINCT b.value FROM trace t, json_each(
    CASE WHEN t.step IN ('read', 'deleted') THEN t.recipients ELSE json_array(t.detail ->> '$.user', t.detail ->> '$.owner') END) b
    WHERE t.ref = ?1 AND b.value IS NOT NULL
    UNION SELECT b.value FROM trace t, json_each(t.detail, '$.storedIn') b WHERE t.ref = ?1))`
const isOpen = `EXISTS (SELECT 1 FROM delivery WHERE id > ?1 || '-' AND id < ?1 || '.' AND finished_at IS NULL)`
const has = (condition: string, mark: string): string => `CASE WHEN max(${condition}) THEN ' ${mark}' ELSE '' END`

export const storyWrites = {
  putStory: `INSERT INTO story (id, ref, events) SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM story WHERE id = base) THEN base
    ELSE (SELECT min(id) + 1 FROM story s WHERE id >= base AND NOT EXISTS (SELECT 1 FROM story n WHERE n.id = s.id + 1)) END, ?1, count
    FROM (SELECT min(at) * 1024 AS base, count(*) AS count FROM trace WHERE ref = ?1) WHERE count > 0
    ON CONFLICT (ref) DO UPDATE SET events = excluded.events`,
  putStoryText: `INSERT OR REPLACE INTO story_text (rowid, who, subject, ids, client, said, marks)
    SELECT (SELECT id FROM story WHERE ref = ?1),
    group_concat(DISTINCT coalesce(sender, '') || ' ' || recipients), group_concat(DISTINCT subject),
    ?1 || ' ' || coalesce(group_concat(DISTINCT message_id), ''), group_concat(DISTINCT client),
    group_concat(step || ' ' || coalesce(${leaves('detail')}, ''), ' '),
    group_concat('s' || replace(step, '-', ''), ' ') || coalesce(' ' || ${boxes}, '')
    || coalesce(' ' || group_concat(DISTINCT 'c' || hex(client)), '')
    || ${has(`step = 'delivered' OR detail ->> '$.storedIn[0]' IS NOT NULL`, 'fdelivered')}
    || ${has(`step IN ('failed', 'bounced')`, 'ffailed')} || ${has(`step = 'refused'`, 'frefused')}
    || CASE WHEN ${isOpen} THEN ' fwaiting' ELSE '' END
    FROM trace WHERE ref = ?1 GROUP BY ref`,
  dropStoryTexts: 'DELETE FROM story_text WHERE rowid IN (SELECT value FROM json_each(?1))',
  dropStories: 'DELETE FROM story WHERE id IN (SELECT value FROM json_each(?1))',
  markSwept: 'UPDATE story_state SET swept = ?1',
} as const

const page = 'ORDER BY 1 DESC'
export const storyReads = {
  swept: 'SELECT swept FROM story_state',
  storiesLatest: `SELECT id, ref, events FROM story WHERE id >= ?1 AND id < ?2 ${page} LIMIT ?3`,
  storiesFound: `SELECT t.rowid AS id, s.ref, s.events FROM story_text t JOIN story s ON s.id = t.rowid
    WHERE story_text MATCH ?4 AND t.rowid >= ?1 AND t.rowid < ?2 ORDER BY t.rowid DESC LIMIT ?3`,
  storiesBefore: 'SELECT id FROM story WHERE ref < ?1 LIMIT ?2',
  storySubjects:
    'SELECT ref, subject FROM trace WHERE ref IN (SELECT value FROM json_each(?1)) AND subject IS NOT NULL',
  // Of a long story its ends.
  storyEvents: `SELECT * FROM (SELECT *, row_number() OVER story AS i, count(*) OVER (PARTITION BY ref) AS events FROM trace
    WHERE ref IN (SELECT value FROM json_each(?1)) WINDOW story AS (PARTITION BY ref ORDER BY at, n))
    WHERE i <= 50 OR i > events - 150 ORDER BY ref, i`,
  /** A piece of the trace: where it ends, and which stories of it the index has not, or not whole. */
  unindexed: `SELECT max(t.ref) AS last, json_group_array(t.ref) FILTER (WHERE s.events IS NOT t.count) AS refs
    FROM (SELECT ref, count(*) AS count FROM trace WHERE ref > ?1 GROUP BY ref ORDER BY ref LIMIT ?2) t LEFT JOIN story s ON s.ref = t.ref`,
} as const
