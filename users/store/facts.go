package store

import (
	"context"
	"database/sql"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"parley/users/state"
)

// A fact is a row of the table facts.
type fact string

const (
	logFact  fact = "log"  // the name of the log
	lastFact fact = "last" // the number that was given last
	timeFact fact = "time" // the log's, of the last command
	markFact fact = "mark" // how far the rows are in a stream that several nodes share
	riskFact fact = "risk" // there is one while what was committed may be lost with the power
)

const (
	putFacts statement = `INSERT OR REPLACE INTO facts (name, value) VALUES ('last', ?), ('time', ?)`

	putMark statement = `INSERT OR REPLACE INTO facts (name, value) VALUES ('mark', ?)`

	setFactText  = `INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)`
	dropFactText = `DELETE FROM facts WHERE name = ?`
	factText     = `SELECT value FROM facts WHERE name = ?`
)

func (t *transaction) putFacts(rows *state.Rows) error {
	err := t.exec(putFacts, strconv.FormatUint(rows.Last, 10), strconv.FormatInt(nanoseconds(rows.Time), 10))
	if err != nil {
		return fmt.Errorf("last number %d: %w", rows.Last, err)
	}
	return nil
}

func (t *transaction) putMark(rows *state.Rows) error {
	if rows.Mark == nil {
		return nil
	}
	if err := t.exec(putMark, formatMark(*rows.Mark)); err != nil {
		return fmt.Errorf("the mark in the stream: %w", err)
	}
	return nil
}

// loadMark returns the mark in the stream, the zero Mark if there is none.
func loadMark(ctx context.Context, tx *sql.Tx) (m state.Mark, err error) {
	text, err := readFact(ctx, tx, markFact)
	if err != nil || text == "" {
		return m, err
	}
	if m, err = parseMark(text); err != nil {
		return state.Mark{}, fmt.Errorf("%w: the mark in the stream: %w", ErrCorrupt, err)
	}
	return m, nil
}

// formatMark and parseMark have a mark as "POSITION MESSAGE STREAM", the last of which may have
// blanks.
func formatMark(m state.Mark) string {
	return fmt.Sprintf("%d %d %s", m.Position, m.Message, m.Stream)
}

func parseMark(text string) (m state.Mark, err error) {
	position, rest, _ := strings.Cut(text, " ")
	message, stream, _ := strings.Cut(rest, " ")
	m.Stream = stream
	if m.Position, err = strconv.ParseUint(position, 10, 64); err == nil {
		m.Message, err = strconv.ParseUint(message, 10, 64)
	}
	return m, err
}

// readFact returns a fact, "" if there is none.
func readFact(ctx context.Context, tx *sql.Tx, name fact) (value string, err error) {
	err = tx.QueryRowContext(ctx, factText, string(name)).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, err
}

func setFact(ctx context.Context, tx *sql.Tx, name fact, value string) error {
	_, err := tx.ExecContext(ctx, setFactText, string(name), value)
	return err
}

func dropFact(ctx context.Context, tx *sql.Tx, name fact) error {
	_, err := tx.ExecContext(ctx, dropFactText, string(name))
	return err
}

// loadLast returns the number that was given last, and the log's time.
func loadLast(ctx context.Context, tx *sql.Tx) (last uint64, at time.Time, err error) {
	number, err := readFact(ctx, tx, lastFact)
	if err != nil {
		return 0, at, err
	}
	ns, err := readFact(ctx, tx, timeFact)
	if err != nil {
		return 0, at, err
	}
	if last, err = strconv.ParseUint(number, 10, 64); err != nil {
		return 0, at, fmt.Errorf("%w: the last number: %w", ErrCorrupt, err)
	}
	since, err := strconv.ParseInt(ns, 10, 64)
	if err != nil {
		return 0, at, fmt.Errorf("%w: the log's time: %w", ErrCorrupt, err)
	}
	return last, moment(since), nil
}

// newLogName returns a name that no other log has.
func newLogName(random io.Reader) (string, error) {
	var raw [16]byte
	if _, err := io.ReadFull(random, raw[:]); err != nil {
		return "", fmt.Errorf("a name for the log: %w", err)
	}
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw[:]), nil
}
