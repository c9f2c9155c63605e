package state

// Newest returns the newest of some acts that are wanted, n at most; both are oldest first.
func (f *ActFilter) Newest(acts []Act, n int) []Act { return newest(acts, n, f.wants) }
