package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
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
func schemaVersion(ctx context.Context, db *sql.Tx) (version int, err error) {
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

// migrate applies the steps that db does not have yet, all or none, and returns which
// version it had. It returns ErrVersion if db has more than these.
func migrate(ctx context.Context, db *sql.DB, steps []string) (version int, err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	if version, err = schemaVersion(ctx, tx); err != nil {
		return 0, err
	}
	if version > len(steps) {
		return 0, fmt.Errorf("%w (its schema is %d, this one knows %d)", ErrVersion, version, len(steps))
	}
	if version == len(steps) {
		return version, nil
	}
	for i, step := range steps[version:] {
		if _, err := tx.ExecContext(ctx, step); err != nil {
			return 0, fmt.Errorf("schema %d: %w", version+i+1, err)
		}
	}
	marks := fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, len(steps))
	if _, err := tx.ExecContext(ctx, marks); err != nil {
		return 0, err
	}
	return version, tx.Commit()
}
