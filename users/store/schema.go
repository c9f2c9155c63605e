package store

import (
	"context"
	"database/sql"
	"embed"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// applicationID marks the file as ours ("Parl"); file(1) shows it.
const applicationID = 0x5061726c

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrations returns what leads from an empty file to the schema of today, in
// order. The schema's version is how many of them were applied.
func migrations() ([]string, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql") // sorted
	if err != nil {
		return nil, err
	}
	var steps []string
	for _, name := range names {
		step, err := migrationFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		steps = append(steps, string(step))
	}
	return steps, nil
}

// schemaVersion returns the version of the schema in db, 0 for an empty file. It
// returns ErrForeign if the file is not ours.
func schemaVersion(ctx context.Context, db interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}) (version int, err error) {
	var app, tables int
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return 0, err
	}
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&app); err != nil {
		return 0, err
	}
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return 0, err
	}
	if app != applicationID && (app != 0 || tables > 0) {
		return 0, fmt.Errorf("%w (application id %#x)", ErrForeign, uint32(app))
	}
	return version, nil
}

// migrate applies the steps that db does not have yet, all or none: another
// process may be doing the same. It returns ErrVersion if db has more than these.
func migrate(ctx context.Context, db *sql.DB, steps []string, random io.Reader) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	version, err := schemaVersion(ctx, tx)
	if err != nil {
		return err
	}
	if version > len(steps) {
		return fmt.Errorf("%w (its schema is %d, this one knows %d)", ErrVersion, version, len(steps))
	}
	for i, step := range steps[version:] {
		if _, err := tx.ExecContext(ctx, step); err != nil {
			return fmt.Errorf("schema %d: %w", version+i+1, err)
		}
	}
	if version == len(steps) {
		return nil
	}
	marks := fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, len(steps))
	if _, err := tx.ExecContext(ctx, marks); err != nil {
		return err
	}
	if err := nameLog(ctx, tx, random); err != nil {
		return err
	}
	return tx.Commit()
}

// nameLog gives the log its name, once.
func nameLog(ctx context.Context, tx *sql.Tx, random io.Reader) error {
	_, err := logName(ctx, tx)
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	var raw [16]byte
	if _, err := io.ReadFull(random, raw[:]); err != nil {
		return fmt.Errorf("a name for the log: %w", err)
	}
	name := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw[:])
	_, err = tx.ExecContext(ctx, "INSERT INTO facts (name, value) VALUES ('log', ?)", name)
	return err
}

func logName(ctx context.Context, tx *sql.Tx) (name string, err error) {
	err = tx.QueryRowContext(ctx, "SELECT value FROM facts WHERE name = 'log'").Scan(&name)
	return name, err
}
