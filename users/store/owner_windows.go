package store

import "os"

// Files have the rights of their folder here, which are its owner's to give.

const noFollow = 0 // who may make links there is trusted

func own(string, *os.File)                {}
func mayRead(string) error                { return nil }
func mayUseAll(string) error              { return nil }
func closeToOthers(string) (none []error) { return nil }
func openToOthers(string) (none []error)  { return nil }
