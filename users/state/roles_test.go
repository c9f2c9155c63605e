package state_test

import "testing"

// crowd are a room of bob's with all in it: anna owns the server, bob has an account, and
// carl and dora are guests.
const crowd = people + `
	1 enter dora #4 token=d addr=addr:1.2.3.4 -> dora; dora logged in@1
	1 role op #0 anna owner -> anna; 1 op: role anna owner | account anna h
	1 create bob #2 den -> den | room den of bob, member bob in den since 1
	1 join carl #3 den -> den | member ~c in den since 1
	1 join dora #4 den -> den | member ~d in den since 1
	`

func TestRoles(t *testing.T) {
	for name, lines := range map[string]string{
		"of the server": `
			2 rank anna -> server owner
			2 rank anna DEN -> server owner
			2 role anna #1 BOB moderator -> bob; 2 anna: role bob moderator | account bob h
			2 rank bob -> server moderator
			2 rank bob den -> server moderator
			3 role anna #1 bob moderator -> there is no such sanction, or it is so already; bob
			3 role bob #2 bob owner -> the role of who asks does not allow that; bob
			3 role bob #2 carl moderator -> the role of who asks does not allow that; carl
			3 role anna #1 carl moderator -> the other one has no account, and only accounts have a role of the server; carl
			3 role anna #1 nobody moderator -> there is no user of that name; nobody
			3 role anna #1 bob king -> there is no such role; bob
			4 role bob #2 bob none -> bob; 3 bob: role bob none | account bob h
			4 rank bob -> none
			4 rank bob den -> room owner`,
		"the last owner": `
			2 role anna #1 anna none -> the last owner cannot go; anna
			2 role anna #1 anna moderator -> the last owner cannot go; anna
			2 role anna #1 anna owner -> there is no such sanction, or it is so already; anna
			3 role anna #1 bob owner -> bob; 2 anna: role bob owner | account bob h
			3 role anna #1 bob none -> the other one has the same role, or a higher one; bob
			4 role anna #1 anna moderator -> anna; 3 anna: role anna moderator | account anna h
			5 role op #0 bob none -> bob; 4 op: role bob none | account bob h
			5 role anna #1 anna owner -> the role of who asks does not allow that; anna`,
		"in a room": `
			2 role carl #3 dora moderator in=den -> the role of who asks does not allow that; dora
			2 role bob #2 Carl moderator in=DEN -> carl; den; 2 bob: role carl moderator in den | member ~c in den since 1 moderator
			2 rank ~c den -> room moderator
			2 rank ~c -> none
			2 rank ~c lobby -> none
			2 roleof ~c Den -> moderator
			3 role carl #3 dora moderator in=den -> the role of who asks does not allow that; dora
			3 role bob #2 anna moderator in=den -> the other one has the same role, or a higher one; anna
			3 role anna #1 anna owner in=den -> the role of who asks does not allow that; anna
			3 role bob #2 dora owner in=attic -> there is no room of that name
			4 role carl #3 carl none in=den -> carl; den; 3 carl: role carl none in den | member ~c in den since 1
			4 role bob #2 bob none in=den -> the last owner cannot go; bob
			4 role op #0 bob moderator in=den -> the last owner cannot go; bob
			5 create anna #1 attic -> attic | room attic of anna, member anna in attic since 3
			5 role anna #1 bob moderator in=attic -> the other one is not in that room; bob`,
		"a room is given away": `
			2 role bob #2 carl owner in=den -> carl; den; 2 bob: role carl owner in den | room den of ~c, member bob in den since 1 moderator
			2 rank ~c den -> room owner
			2 rank bob den -> room moderator
			3 role bob #2 carl none in=den -> the role of who asks does not allow that; carl
			4 part bob #2 den -> den | -member bob in den since 1 moderator
			4 rank bob den -> none
			5 leave carl #3 out -> carl; carl logged out@5 in [den] | room den of nobody, -member ~c in den since 1
			6 part dora #4 den -> den; gone; den ended | -room den to 2, -member ~d in den since 1`,
		"the role stays with who registers, and ends with leaving": `
			2 role bob #2 carl moderator in=den -> carl; den; 2 bob: role carl moderator in den | member ~c in den since 1 moderator
			3 register carl #3 hash=h -> carl | account carl h, -member ~c in den since 1 moderator, member carl in den since 1 moderator
			3 rank carl den -> room moderator
			4 leave carl #3 out -> carl; carl logged out@4 in [den] | account carl h
			4 rank carl den -> room moderator
			5 enter carl #5 token=e verified=h -> carl; carl logged in@5 in [den] | account carl h
			6 part carl #5 den -> den | -member carl in den since 1 moderator
			6 join carl #5 den -> den | member carl in den since 2
			6 rank carl den -> none`,
		"who goes has none": `
			2 role anna #1 bob owner -> bob; 2 anna: role bob owner | account bob h
			2 delete anna -> anna; ended anna#1; anna logged out@2 | -account anna h, forgotten anna
			2 add anna hash=h -> anna | account anna h
			2 rank anna -> none
			3 delete bob -> bob; ended bob#2; bob logged out@3 in [den] | -account bob h, forgotten bob, room den of nobody, -member bob in den since 1
			3 role op #0 dora owner in=den -> dora; den; 3 op: role dora owner in den | room den of ~d`,
		"only of who is there": `
			2 role anna #9 bob moderator -> the session is not there any more
			2 kick anna #9 bob -> the session is not there any more; bob
			2 ban anna #9 bob -> the session is not there any more
			2 unban anna #9 bob -> the session is not there any more
			2 lockdown anna #9 on -> the session is not there any more
			2 slow anna #9 5 -> the session is not there any more
			2 announce anna #9 hi -> the session is not there any more
			2 report carl #9 bob -> the session is not there any more
			2 report op #0 bob -> the session is not there any more`,
	} {
		t.Run(name, func(t *testing.T) { play(t, crowd+lines) })
	}
}
