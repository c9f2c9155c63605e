package main

import (
	"errors"
	"fmt"
	"time"

	"parley/eventloop/server"
	"parley/users"
)

// nameFlags are those of parley serve that protect who has a name.
type nameFlags struct {
	Lockout      string        `help:"Whom --attempts wrong passwords block: lenient, the address that gave them, and all that are not known when --name-attempts and --name-reserve are used up, so that nobody locks an owner out; or strict, everybody. Behind a proxy that does not say whom they are from (see --proxy-listen) all clients have one address, as all have who come by a Unix socket." enum:"lenient,strict" default:"lenient"`
	NameAttempts server.Quota  `help:"Wrong passwords for one name within a time, from all addresses together from which nobody has logged in to it; 0 for no limit. Of --lockout lenient." placeholder:"NUMBER/TIME"`
	NameReserve  int           `help:"Wrong passwords for one name, beyond --name-attempts, that are left to addresses which have given none for it within --name-memory, so that who guesses from some addresses does not use up what its owner needs at a new one; 0 for none. Of --lockout lenient, with --attempts."`
	NameMemory   time.Duration `help:"For how long after its last wrong password for a name an address counts as one that has guessed it, and gets less of --name-reserve; --block-quiet at least. Of --lockout lenient, with --attempts."`
	Confusable   string        `help:"What becomes of who comes with a name that looks like an account's or that of somebody who is there, such as aIice or al1ce beside alice: refuse, they have to take another one; show, others are told whom they are not; allow, nothing. Names that look like reserved ones are refused unless it is allow. Accounts that there are stay." enum:"refuse,show,allow" default:"refuse"`
	MaxBlock     time.Duration `help:"How long the block of a name lasts at most; each lasts twice as long as the one before, from --block-duration on."`
	BlockQuiet   time.Duration `help:"How long after the last wrong password, or the end of the last block, a name has all tries again, and the next block is as short as the first."`
	KnownDays    int           `help:"Days for which an address is known from which somebody has logged in to an account, the newest 5 of it; kept is a keyed hash. 0 for keeping none. Of --lockout lenient."`
}

// validate refuses settings that make no sense.
func (c *nameFlags) validate() error {
	const years = 10 * 365
	if c.KnownDays < 0 || c.KnownDays > years {
		return errors.New("--known-days can be 0 to 3650")
	}
	if c.NameReserve < 0 || c.NameReserve > maxNameReserve {
		return fmt.Errorf("--name-reserve can be 0 to %d", maxNameReserve)
	}
	if a := c.NameAttempts; a.Most > 0 && a.Per/time.Duration(a.Most) > longestBlock/time.Duration(c.NameReserve+1) {
		return errors.New("--name-attempts and --name-reserve together would block a name for more than 10 years: have more attempts, or a shorter time")
	}
	if c.NameMemory < 0 {
		return errors.New("--name-memory cannot be negative; 0s is as long as --block-quiet")
	}
	if c.MaxBlock < 0 || c.BlockQuiet <= 0 {
		return errors.New("--max-block cannot be negative, and --block-quiet must be more than 0s; --attempts 0 blocks nobody")
	}
	return nil
}

// maxNameReserve is how many wrong passwords may be left to addresses that have given none: more
// would be guesses without a bound.
const maxNameReserve = 10_000

// longestBlock is how long a name can be blocked by guesses at it from all addresses.
const longestBlock = 10 * 365 * 24 * time.Hour

// lookalikes are the values of --confusable.
var lookalikes = map[string]users.LookalikeRule{"refuse": users.RefuseLookalikes, "show": users.ShowLookalikes, "allow": users.AllowLookalikes}

// lockouts sets what they say of wrong passwords.
func (c *nameFlags) lockouts(l *users.LockoutLimits) {
	l.Lenient = c.Lockout != "strict"
	l.NameFailures, l.NameWindow, l.NameReserve = c.NameAttempts.Most, c.NameAttempts.Per, c.NameReserve
	l.KnownDays, l.NameMemory = c.KnownDays, c.NameMemory
	l.MaxBlock, l.Quiet = c.MaxBlock, c.BlockQuiet
}
