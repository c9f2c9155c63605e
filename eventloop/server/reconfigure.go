package server

import "time"

// changes are the settings that can change while a server runs: each is taken from another
// Config. The others are of what is there already: loops, timers that run, and what was
// counted under them.
var changes = []struct {
	field string // of Config
	take  func(c *Core, from *Config)
}{
	{"MaxResume", func(c *Core, from *Config) { c.cfg.MaxResume = from.MaxResume }},
	{"Sessions", func(c *Core, from *Config) { c.cfg.Sessions = from.Sessions }},
	{"GuestGrace", func(c *Core, from *Config) { c.cfg.GuestGrace = from.GuestGrace }},
	{"KeepDays", func(c *Core, from *Config) { c.cfg.KeepDays = from.KeepDays }},
	{"KeepMessages", func(c *Core, from *Config) { c.cfg.KeepMessages = from.KeepMessages }},
	{"EditFor", func(c *Core, from *Config) { c.cfg.EditFor = from.EditFor }},
	{"PlainHistory", func(c *Core, from *Config) { c.cfg.PlainHistory = from.PlainHistory }},
	{"History", func(c *Core, from *Config) { c.cfg.History = from.History }},
	{"MaxText", func(c *Core, from *Config) { c.cfg.MaxText = from.MaxText }},
	{"MaxFrame", nil}, // taken by limitSizes: the loops decode
	{"Malformed", func(c *Core, from *Config) { c.cfg.Malformed = from.Malformed }},
	{"Deferred", func(c *Core, from *Config) { c.cfg.Deferred = from.Deferred }},
	{"Flood", func(c *Core, from *Config) { c.cfg.Flood, c.flood.rate = from.Flood, from.Flood.rate() }},
	{"Reserved", func(c *Core, from *Config) { c.reserve(from.Reserved) }},
	{"AccountsRequired", func(c *Core, from *Config) { c.cfg.AccountsRequired = from.AccountsRequired }},
	{"RegistrationClosed", func(c *Core, from *Config) { c.cfg.RegistrationClosed = from.RegistrationClosed }},
	{"Lookalikes", func(c *Core, from *Config) { c.cfg.Lookalikes = from.Lookalikes }},
	{"Logins", func(c *Core, from *Config) { c.cfg.Logins = from.Logins }},
	{"PlainPresence", func(c *Core, from *Config) { c.cfg.PlainPresence = from.PlainPresence }},
	{"PresenceLimit", func(c *Core, from *Config) { c.cfg.PresenceLimit = from.PresenceLimit }},
	{"PasswordsNeedTLS", func(c *Core, from *Config) { c.cfg.PasswordsNeedTLS = from.PasswordsNeedTLS }},
	{"Addresses.Connections", nil}, // the door's
	{"Addresses.New", nil},
	{"Addresses.Guests", func(c *Core, from *Config) { c.guests.limit(from.Addresses.Guests) }},
	{"Addresses.Registrations", func(c *Core, from *Config) { c.registrations.limit(from.Addresses.Registrations) }},
}

// Changeable returns the fields of Config that Reconfigure takes, in the order of the table.
func Changeable() (fields []string) {
	for _, one := range changes {
		fields = append(fields, one.field)
	}
	return fields
}

// Reconfigure has a running server go on with what of another Config can change while it
// runs: see Changeable. It may be called from any goroutine.
func (s *Server) Reconfigure(cfg Config) {
	s.door.limit(cfg.Addresses)
	s.limitSizes(cfg)
	s.Post(func() { s.core.reconfigure(cfg, s.cfg.Clock()) })
}

// limitSizes notes how large texts and requests may be.
func (s *Server) limitSizes(cfg Config) {
	cfg = cfg.withDefaults()
	s.maxText.Store(int32(cfg.MaxText))
	s.maxFrame.Store(int32(cfg.MaxFrame))
}

// MaxText returns how many bytes a text may have that somebody sends now. It may be called from
// any goroutine.
func (s *Server) MaxText() int { return int(s.maxText.Load()) }

// reconfigure takes what can change, and proposes what the state is to know of it.
func (c *Core) reconfigure(cfg Config, now time.Time) {
	cfg = cfg.withDefaults()
	for _, one := range changes {
		if one.take != nil {
			one.take(c, &cfg)
		}
	}
	c.cfg.Addresses.Guests, c.cfg.Addresses.Registrations = cfg.Addresses.Guests, cfg.Addresses.Registrations
	c.history.at = 0 // it may be another one
	c.proposeLimits(now)
}

// limit sets others of what is open at once and what may come within a time.
func (d *door) limit(l AddressLimits) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.limits.Connections, d.limits.New = l.Connections, l.New
	d.open.limit(l.Connections)
	d.news.limit(l.New)
}

// limit sets how much may be there. What is there while there is no limit is not counted.
func (c *addressCount) limit(most int) {
	if c.most = most; most == 0 {
		clear(c.counts)
	}
}

// limit sets another quota. If it is one, nothing has come yet.
func (q *addressQuota) limit(to Quota) {
	if q.Quota != to {
		*q = newAddressQuota(to, q.room)
	}
}
