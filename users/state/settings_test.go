package state_test

import "testing"

func TestSettings(t *testing.T) {
	for name, lines := range map[string]string{
		"lockdown": `
			2 lockdown bob #2 on -> the role of who asks does not allow that
			2 leave dora #4 lost -> dora
			2 lockdown anna #1 on why=raid -> 2 anna: lockdown on for raid | settings
			2 settings -> lockdown true anna raid slow 0
			3 enter eve #5 token=e -> no new guests and no registrations now
			3 enter eve #5 token=e hash=h -> no new guests and no registrations now
			3 register carl #3 hash=h -> no new guests and no registrations now
			3 enter dora #5 token=e back=d -> dora
			3 lockdown anna #1 on why=raid -> there is no such sanction, or it is so already
			3 lockdown anna #1 on why=raids -> 3 anna: lockdown on for raids | settings
			4 lockdown anna #1 off -> 4 anna: lockdown off | settings
			4 lockdown anna #1 off -> there is no such sanction, or it is so already
			4 settings -> lockdown false slow 0
			4 enter eve #6 token=f -> eve; eve logged in@4`,
		"slow in the lobby": `
			2 slow bob #2 5 -> the role of who asks does not allow that
			2 slow anna #1 5 -> lobby; 2 anna: slow 5 in lobby | settings
			2 slow anna #1 5 -> there is no such sanction, or it is so already
			2 message carl #3 id=1 -> | message carl, request ~c 1
			3 message dora #4 -> | message dora
			3 message carl #3 id=1 -> again; lobby
			3 message carl #3 id=2 -> the room is slow, and who asks said something a moment ago; wait 4s
			6.5 message carl #3 id=2 -> the room is slow, and who asks said something a moment ago; wait 500ms
			7 message carl #3 id=2 -> | message carl, request ~c 2
			7 message anna #1 -> | message anna
			7 message anna #1 -> | message anna
			7 message carl #3 room=den -> | message carl in den
			8 register carl #3 hash=h -> carl | account carl h, renamed ~c=carl, -member ~c in den since 1, member carl in den since 1
			8 message carl #3 -> the room is slow, and who asks said something a moment ago; wait 4s
			9 slow anna #1 0 -> lobby; 9 anna: slow 0 in lobby | settings
			9 message carl #3 -> | message carl
			9 slow anna #1 30 -> lobby; 11 anna: slow 30 in lobby | settings
			9 message carl #3 -> | message carl
			10 slow anna #1 2 -> lobby; 13 anna: slow 2 in lobby | settings
			10 message carl #3 -> | message carl
			11 message carl #3 -> the room is slow, and who asks said something a moment ago; wait 1s
			9 slow anna #1 -1 -> that is too long
			9 slow anna #1 21601 -> that is too long`,
		"slow in a room": `
			2 slow carl #3 5 in=den -> the role of who asks does not allow that
			2 slow bob #2 5 in=DEN -> den; 2 bob: slow 5 in den | room den of bob slow 5
			2 message carl #3 room=den -> | message carl in den
			3 message carl #3 room=den -> the room is slow, and who asks said something a moment ago; wait 4s
			3 message bob #2 room=den -> | message bob in den
			3 message bob #2 room=den -> | message bob in den
			3 message carl #3 -> | message carl
			3 message carl #3 -> | message carl
			4 slow bob #2 6 in=attic -> there is no room of that name`,
		"announcements": `
			2 announce bob #2 hi -> the role of who asks does not allow that
			2 announce anna #1 hi -> 2 anna: announce for hi
			2 announce op #0 ho -> 3 op: announce for ho`,
	} {
		t.Run(name, func(t *testing.T) { play(t, crowd+lines) })
	}
}

func TestReports(t *testing.T) {
	for name, lines := range map[string]string{
		"of a person": `
			2 report carl #3 Dora why=rude -> dora; 2 carl: report dora for rude | account anna h
			2 report carl #3 carl -> that is yourself; carl
			2 report carl #3 kim -> kim; 3 carl: report kim | account anna h
			2 report carl #3 a-b -> nobody may have that name, or come from that address; a-b
			2 reports anna -> 2 carl: report dora for rude, 3 carl: report kim
			2 reports bob ->
			2 keepers -> anna
			2 keepers den -> anna bob`,
		"of a message in a room": `
			2 message dora #4 room=den -> | message dora in den
			2 report carl #3 dora id=2 from=~d in=den -> dora; 3 carl: report dora of 2 in den | account anna h, account bob h
			2 report dora #4 dora id=2 from=~d in=den -> that is yourself; dora
			2 report carl #3 dora id=9 from=~d in=den -> there is no such message; dora
			2 report carl #3 dora id=2 from=~d in=attic -> there is no such message; dora
			2 reports anna -> 3 carl: report dora of 2 in den
			2 reports bob -> 3 carl: report dora of 2 in den
			2 reports ~c ->
			3 message dora #4 -> | message dora
			3 report carl #3 dora id=4 from=~d in=lobby why=spam -> dora; 5 carl: report dora of 4 in lobby for spam | account anna h
			3 reports bob -> 3 carl: report dora of 2 in den`,
		"of a direct message": `
			2 direct dora #4 carl -> carl | direct ~d>~c
			2 report carl #3 dora id=2 from=~d to=~c -> dora; 3 carl: report dora of 2 | account anna h
			2 report bob #2 dora id=2 from=~d to=~c -> there is no such message; dora
			2 reports bob ->`,
		"how many at a login": `
			2 leave anna #1 out -> anna; anna logged out@2 | account anna h
			3 report carl #3 dora -> dora; 2 carl: report dora
			3 message dora #4 room=den -> | message dora in den
			3 report carl #3 dora id=3 from=~d in=den -> dora; 4 carl: report dora of 3 in den | account bob h
			4 enter anna #5 token=e verified=h -> anna; 2 reports; anna logged in@4 | account anna h
			5 leave anna #5 out -> anna; anna logged out@5 | account anna h
			6 enter anna #6 token=e verified=h -> anna; anna logged in@6 | account anna h
			7 leave bob #2 out -> bob; bob logged out@7 in [den] | account bob h
			7 report carl #3 dora id=3 from=~d in=den -> dora; 5 carl: report dora of 3 in den | account anna h
			8 enter bob #7 token=e verified=h -> bob; 1 reports; bob logged in@8 in [den] | account bob h`,
		"not of an older room of the name": `
			2 create carl #3 cave -> cave | room cave of ~c, member ~c in cave since 1
			2 message carl #3 room=cave -> | message carl in cave
			2 report dora #4 carl id=2 from=~c in=cave -> carl; 3 dora: report carl of 2 in cave | account anna h
			2 reports ~c -> 3 dora: report carl of 2 in cave
			3 part carl #3 cave -> cave; gone; cave ended | -room cave to 3, -member ~c in cave since 1
			3 create dora #4 cave -> cave | room cave of ~d, member ~d in cave since 3
			3 reports ~d ->
			3 reports anna -> 3 dora: report carl of 2 in cave
			3 report bob #2 carl id=2 from=~c in=cave -> there is no such message; carl`,
	} {
		t.Run(name, func(t *testing.T) { play(t, crowd+lines) })
	}
}
