package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"parley/users"
	"parley/users/state"
)

// A Fault is what is wrong with a database, and what its owner can do, in sentences.
type Fault struct{ Words, Advice string }

const (
	// What can be done about a fault.
	adviceDamage = "The disk or the file system may be failing: copy the folder before anything else. Then put a backup in its place with parley restore FILE --replace."
	adviceLost   = "Its write-ahead log was damaged or taken away, or an older copy was put into the file: copy the folder before anything else, and put back what was taken from it, or a backup with parley restore FILE --replace. To go on with what is there, and have the rest lost, delete " + markName + " beside it."
	adviceRows   = "Put a backup in its place with parley restore FILE --replace. If the disk is well and nobody has changed the file by hand, this is a fault of the program: please report it."
	adviceRights = "Only the user whose server it is should read or change what is kept. A server closes its own files when it starts."
	adviceOther  = "Is this the right path? See --data of parley serve."
	adviceNewer  = "Use the version of parley that has written it, or a newer one."

	// maxDamage is how many damages of a file are told, and maxExamples how many rows that
	// break a rule.
	maxDamage   = 20
	maxExamples = 3
)

// Check looks for faults in a database, which a server may have open. It changes nothing, and
// reads all of it: a hundred MB take a second or two. An error says that the file cannot be
// read at all.
func Check(ctx context.Context, path string) (s Summary, faults []Fault, err error) {
	if err := lookLost(ctx, path); err != nil { // before it is opened, to which a server may add
		return s, []Fault{{sentenceOf(err), adviceLost}}, nil
	}
	db, err := openToRead(ctx, path)
	if err != nil {
		return s, nil, err
	}
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil) // all of it at one moment
	if err == nil {
		defer tx.Rollback()
		s, faults, err = check(ctx, tx, path)
	}
	switch err = classify(err); {
	case errors.Is(err, ErrCorrupt):
		return s, append(faults, Fault{sentenceOf(err), adviceDamage}), nil
	case errors.Is(err, ErrForeign):
		return s, append(faults, Fault{sentenceOf(err), adviceOther}), nil
	case errors.Is(err, ErrVersion):
		return s, append(faults, Fault{sentenceOf(err), adviceNewer}), nil
	}
	return s, faults, err
}

// check looks from the file up to what the rows mean. What is damaged is not read for its
// meaning.
func check(ctx context.Context, tx *sql.Tx, path string) (s Summary, faults []Fault, err error) {
	if s, err = summarize(ctx, tx, path); err != nil {
		return s, nil, err
	}
	if faults, err = damages(ctx, tx); err != nil || len(faults) > 0 || s.Schema < s.Newest { // rules are of the schema of today
		return s, faults, err
	}
	for _, r := range rules {
		fault, err := r.check(ctx, tx, s.Last)
		if err != nil {
			return s, faults, err
		}
		if fault != "" {
			faults = append(faults, Fault{fault, adviceRows})
		}
	}
	kept, err := load(ctx, tx)
	if err != nil {
		return s, faults, err
	}
	return s, append(faults, loads(kept)...), nil
}

// damages is what SQLite finds wrong with the file.
func damages(ctx context.Context, tx *sql.Tx) (faults []Fault, err error) {
	found, err := collect(ctx, tx, func(row scanner) (text string, err error) {
		err = row.Scan(&text)
		return text, err
	}, fmt.Sprintf("PRAGMA integrity_check(%d)", maxDamage))
	for _, text := range found {
		for line := range strings.Lines(text) { // the first row may have many
			if line = strings.TrimSpace(line); line != "ok" && line != "" && len(faults) < maxDamage {
				faults = append(faults, Fault{"The file is damaged: " + line + ".", adviceDamage})
			}
		}
	}
	return faults, err
}

// loads looks whether a server can go on from what is kept.
func loads(kept state.Kept) (faults []Fault) {
	defer func() {
		if p := recover(); p != nil {
			faults = append(faults, Fault{fmt.Sprintf("A server cannot start with what is kept: %v.", p), adviceRows})
		}
	}()
	for _, a := range kept.Accounts {
		if !users.ValidName(a.Name) {
			faults = append(faults, Fault{fmt.Sprintf("The account %q has a name that nobody can have.", a.Name), adviceRows})
		}
	}
	state.New(kept, kept.Time)
	return faults
}

// sentenceOf returns an error as a sentence.
func sentenceOf(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
