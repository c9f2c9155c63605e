package state

// forgetPerson ends what is kept of a person: an account that is deleted, a guest who
// does not come back. What a guest has left for accounts stays until it is seen. A
// guest's requests are forgotten in time, as others': guests leave often, and to look
// for what each has asked for takes long.
func (s *State) forgetPerson(person string, rows *Rows) {
	s.forgetBlocks(person)
	s.forgetParticipant(person, rows)
	s.forgetInSanctions(person, rows)
	asked, kept := !isGuest(person) && s.requests.forget(person), s.directs.forget(person)
	if asked || kept {
		rows.forgotten(person, s.last)
	}
}

// renamePerson makes what is kept of a person another's: of a guest who registers. It returns
// both.
func (s *State) renamePerson(from, to string, rows *Rows) *Renamed {
	s.renameParticipant(from, to, rows)
	s.renameInSanctions(from, to, rows)
	asked, kept := s.requests.rename(from, to), s.directs.rename(from, to)
	if asked || kept {
		rows.renamed(from, to, s.last)
	}
	return &Renamed{From: from, To: to, UpTo: s.last}
}
