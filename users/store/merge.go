package store

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"parley/users/state"
)

// numbersText has, for each of some rooms (?1, pairs of a name and a number), a list of
// the first ?3 numbers behind its own, up to ?2.
const numbersText = `WITH asked (place, room, after) AS MATERIALIZED (
		SELECT key, value ->> 0, max(value ->> 1, ` + goneTo + `value ->> 0), 0)) FROM json_each(?1))
	SELECT (SELECT json_group_array(id) FROM (
		SELECT id FROM messages m WHERE m.room = a.room AND id > a.after AND id <= ?2 ORDER BY id LIMIT ?3))
	FROM asked a ORDER BY place`

// mergeMost is of how many messages a page has the numbers, at most.
const mergeMost = 256

// A merger finds the oldest messages of several rooms. It reads the numbers of each some
// at a time, the fewer the more rooms there are, and of where it needs more, four times as
// many.
type merger struct {
	store   *Store
	upTo    uint64
	streams []*stream // those in which there may be something
}

// A stream is the numbers of one room that were read and not taken yet, ascending.
type stream struct {
	state.RoomFrom // what was not read yet
	numbers        []uint64
	more           bool // there may be more than them
	read           int  // so many were read at once the last time
}

// oldest returns the numbers of the oldest messages, ascending, mergeMost at most.
func (m *merger) oldest(ctx context.Context) (all []uint64, err error) {
	for err = m.fill(ctx); err == nil && len(m.streams) > 0 && len(all) < mergeMost; {
		first := slices.MinFunc(m.streams, func(a, b *stream) int { return cmp.Compare(a.numbers[0], b.numbers[0]) })
		all = append(all, first.numbers[0])
		if first.numbers = first.numbers[1:]; len(first.numbers) == 0 {
			err = m.fill(ctx)
		}
	}
	return all, err
}

// fill reads on where there are no numbers left, and drops streams that have ended.
func (m *merger) fill(ctx context.Context) error {
	var empty []*stream
	for _, s := range m.streams {
		if len(s.numbers) == 0 && s.more {
			empty = append(empty, s)
		}
	}
	if len(empty) > 0 {
		if err := m.read(ctx, empty); err != nil {
			return err
		}
	}
	m.streams = slices.DeleteFunc(m.streams, func(s *stream) bool { return len(s.numbers) == 0 })
	return nil
}

// read reads the next numbers of some streams.
func (m *merger) read(ctx context.Context, streams []*stream) error {
	asked, most := make([][2]any, len(streams)), min(max(2*mergeMost/len(m.streams), 4), mergeMost)
	for i, s := range streams {
		asked[i] = [2]any{s.Room, signed(s.After)}
		most = max(most, min(4*s.read, mergeMost))
	}
	text, err := json.Marshal(asked)
	if err != nil {
		return err
	}
	lists, err := readPage(ctx, m.store, m.store.numbers, scanNumbers, 0, string(text), signed(m.upTo), most)
	for i, numbers := range lists {
		s := streams[i]
		s.numbers, s.read, s.more = numbers, most, len(numbers) == most
		if s.more {
			s.After = numbers[most-1]
		}
	}
	return err
}

// scanNumbers reads a list, which counts for nothing on a page.
func scanNumbers(row scanner) (numbers []uint64, bytes int, err error) {
	var text []byte
	if err = row.Scan(&text); err == nil {
		err = json.Unmarshal(text, &numbers)
	}
	return numbers, 0, err
}
