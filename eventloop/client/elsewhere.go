package client

// staysOut handles the end of a connection whose session timed out, or was ended
// because its user has logged in elsewhere. Nobody was there, so nothing happens
// until somebody is.
func (a *App) staysOut() {
	a.returning = true
	a.login.Parts()
}

// comeBack connects again after a session timed out. It reports whether that
// was so.
func (a *App) comeBack() bool {
	if !a.login.Parted() || a.phase != offline {
		return false
	}
	a.login.ComesBack()
	a.connect()
	return true
}
