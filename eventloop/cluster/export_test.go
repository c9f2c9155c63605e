package cluster

import "context"

// Sees has a node see what is due, as KeepSnapshots does from time to time.
func Sees(s *Stream, of Snapshots) func(context.Context) error { return s.keeper(of).See }
