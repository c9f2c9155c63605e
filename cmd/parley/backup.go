package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"parley/users/store"
)

// backupCmd is parley backup: it writes all that a server keeps to one file, with the server
// running or not. The server has nothing to do for it.
type backupCmd struct {
	File    string `arg:"" help:"The file to write. It is for its owner only, and has accounts with the hashes of their passwords and all that is kept of what was said." predictor:"file"`
	Data    string `help:"Folder of the server. The default is parley in the folder for the state of programs." predictor:"folder" placeholder:"FOLDER"`
	Replace bool   `help:"Write over a file that is there, when the new one is complete." env:"-"`
}

// Validate is called by kong.
func (c *backupCmd) Validate() error { return (&userCmd{Data: c.Data}).Validate() }

// Run writes the file, or ends without one when it is interrupted.
func (c *backupCmd) Run(p *process) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s, err := store.Backup(ctx, dataFolder(c.Data), c.File, c.Replace)
	switch {
	case ctx.Err() != nil:
		return exitError{exitRefused, errors.New("interrupted: no backup is written")}
	case errors.Is(err, store.ErrThere):
		return fmt.Errorf("%w; choose another name, or write over it with --replace", err)
	case errors.Is(err, store.ErrNothing):
		return fmt.Errorf("%w. Is that the folder of your server? See --data", err)
	case err != nil:
		return explainDamage(err, dataFolder(c.Data))
	}
	return report(p, nil, "%s has all that is kept in %s up to number %d: %d bytes. To put it back: parley restore %s --data FOLDER", c.File, dataFolder(c.Data), s.Last, s.Bytes, c.File)
}

// restoreCmd is parley restore.
type restoreCmd struct {
	File    string `arg:"" help:"A file that parley backup has written, or the database of another data folder." predictor:"file"`
	Data    string `help:"Folder of the server, which must not run. It is made if it is not there. The default is parley in the folder for the state of programs." predictor:"folder" placeholder:"FOLDER"`
	Replace bool   `help:"Put it in the place of what the folder keeps now, which is lost." env:"-"`
}

// Validate is called by kong.
func (c *restoreCmd) Validate() error { return (&userCmd{Data: c.Data}).Validate() }

// Run checks the file and puts it into the folder.
func (c *restoreCmd) Run(p *process) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	folder := dataFolder(c.Data)
	s, faults, err := store.Restore(ctx, c.File, folder, c.Replace)
	switch {
	case ctx.Err() != nil && err != nil:
		return exitError{exitRefused, errors.New("interrupted: nothing is changed")}
	case len(faults) > 0:
		tell(p, faults)
		return fmt.Errorf("%s is not fit to be put back: nothing is changed", c.File)
	case errors.Is(err, store.ErrData):
		return fmt.Errorf("%w; to lose that and have the backup in its place: --replace", err)
	case errors.Is(err, store.ErrInUse):
		return fmt.Errorf("%w: stop it first", err)
	case err != nil:
		return err
	}
	return report(p, nil, "%s has all that the backup has, up to number %d. Clients that were there before begin anew, since what comes next has numbers that they may know already.", folder, s.Last)
}

// checkCmd is parley check.
type checkCmd struct {
	Path string `arg:"" optional:"" name:"folder|file" help:"A data folder, whose server may run, or a backup. The default is parley in the folder for the state of programs." predictor:"file" placeholder:"FOLDER|FILE"`
}

// Run reads all of it, changes nothing, and says what is wrong.
func (c *checkCmd) Run(p *process) error {
	path := dataFolder(c.Path)
	var rights []store.Fault
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		rights, path = store.Rights(path), store.Database(path)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s, faults, err := store.Check(ctx, path)
	faults = append(faults, rights...)
	switch {
	case errors.Is(err, store.ErrNothing):
		return fmt.Errorf("%w. Is that the folder of your server, or a backup?", err)
	case err != nil:
		return err
	case len(faults) > 0:
		tell(p, faults)
		return fmt.Errorf("%s has faults: %d", path, len(faults))
	case s.Schema < s.Newest:
		return report(p, nil, "%s is sound. It is of an older version of parley, and is upgraded when a server starts with it; what its rows say was not checked.", path)
	}
	return report(p, nil, "%s is sound: all that is kept up to number %d, %d bytes.", path, s.Last, s.Bytes)
}

// tell prints what is wrong, and after those that have it in common what can be done.
func tell(p *process, faults []store.Fault) {
	for i, f := range faults {
		fmt.Fprintln(p.stdout, f.Words)
		if i+1 == len(faults) || faults[i+1].Advice != f.Advice {
			fmt.Fprintln(p.stdout, f.Advice)
		}
	}
}

// explainDamage adds to an error that says that a database is damaged, or none of this program,
// what can be done.
func explainDamage(err error, folder string) error {
	switch {
	case errors.Is(err, store.ErrVersion):
		return fmt.Errorf("%w\nNothing is changed. Use the version of parley that has written it, or a newer one", err)
	case errors.Is(err, store.ErrForeign):
		return fmt.Errorf("%w\nNothing is changed. Is that the folder of your server? See --data", err)
	case !errors.Is(err, store.ErrCorrupt):
		return err
	}
	says := []string{
		"What is damaged says: parley check " + folder,
		"A backup in its place puts: parley restore FILE --data " + folder + " --replace",
	}
	if errors.Is(err, store.ErrLost) {
		says = append(says, "Nothing is changed. To go on with what is there, and have the rest lost, delete "+store.MarkFile(folder))
	}
	return fmt.Errorf("%w\n%s", err, strings.Join(says, "\n"))
}
