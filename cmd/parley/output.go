package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// An output is a file that a report is written to. It is written beside its place and
// renamed when it is complete, so that a run that is killed leaves what was there.
type output struct {
	path  string
	write func(io.Writer) error
}

// tryAll looks whether the reports could be written, before the work, so that none is in
// vain.
func tryAll(outputs []output) error {
	for _, o := range outputs {
		if err := o.try(); err != nil {
			return exitError{exitUsage, err}
		}
	}
	return nil
}

// save writes the reports that are asked for.
func save(outputs []output) (err error) {
	for _, o := range outputs {
		err = errors.Join(err, o.save())
	}
	return err
}

// open opens what the report is written to, and returns what it is to be renamed to, ""
// if it is no file that could be replaced, such as a pipe or /dev/stdout.
func (o output) open() (f *os.File, final string, err error) {
	final = o.path
	if real, err := filepath.EvalSymlinks(o.path); err == nil {
		final = real // the link stays
	}
	mode := fs.FileMode(0o666)
	switch info, err := os.Stat(final); {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, "", err
	case err == nil && info.IsDir():
		return nil, "", fmt.Errorf("%s is a folder: name a file in it", o.path)
	case err == nil && !info.Mode().IsRegular():
		f, err := os.OpenFile(final, os.O_WRONLY, 0)
		return f, "", err
	case err == nil:
		mode = info.Mode().Perm()
	}
	dir, name := filepath.Split(final)
	f, err = os.OpenFile(filepath.Join(dir, fmt.Sprintf(".%s.%08x", name, rand.Uint32())), os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return nil, "", fmt.Errorf("%s cannot be written: %w", o.path, err)
	}
	return f, final, nil
}

// try looks whether the report could be written.
func (o output) try() error {
	f, final, err := o.open()
	if err != nil {
		return err
	}
	f.Close()
	if final != "" {
		return os.Remove(f.Name())
	}
	return nil
}

func (o output) save() error {
	f, final, err := o.open()
	if err != nil {
		return err
	}
	err = o.write(f)
	if final == "" {
		return errors.Join(err, f.Close())
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), final)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
