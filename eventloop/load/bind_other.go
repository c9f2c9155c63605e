//go:build !linux

package load

import "syscall"

// BindLate has nothing to set here.
func BindLate(string, string, syscall.RawConn) error { return nil }

// Ports returns how many ports one address has for connections to one server.
func Ports() int { return defaultPorts }

// CPUModel is not known here.
func CPUModel() string { return "" }
