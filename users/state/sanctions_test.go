package state_test

import (
	"strings"
	"testing"

	"parley/users/state"
)

func TestSanctions(t *testing.T) {
	for name, lines := range map[string]string{
		"a kick from the server": `
			2 kick anna #1 BOB why=spam -> bob; 2 anna: kick bob for spam; ended bob#2; bob logged out@2 in [den] | account bob h
			2 message bob #2 -> the session is not there any more
			2 kick anna #1 bob -> the receiver is gone and has no account; bob
			2 kick anna #1 nobody -> there is no user of that name; nobody
			3 kick anna #1 carl -> carl; 3 anna: kick carl; ended carl#3; carl logged out@3 in [den] | -member ~c in den since 1
			4 enter carl #5 token=e back=c -> carl; carl logged in@4
			4 enter bob #6 token=f verified=h -> bob; bob logged in@4 in [den] | account bob h
			5 kick anna #1 anna -> that is yourself; anna
			5 kick bob #6 carl -> the role of who asks does not allow that; carl`,
		"a kick from a room": `
			2 kick bob #2 carl in=DEN why=noise -> carl; den; 2 bob: kick carl in den for noise; out of den: carl | -member ~c in den since 1
			2 kick bob #2 carl in=den -> the other one is not in that room; carl
			2 kick bob #2 bob in=den -> that is yourself; bob
			3 join carl #3 den -> den | member ~c in den since 2
			3 kick carl #3 dora in=den -> the role of who asks does not allow that; dora
			3 kick anna #1 bob in=den -> bob; den; 3 anna: kick bob in den; out of den: bob | -member bob in den since 1
			3 kick anna #1 bob in=attic -> there is no room of that name; bob`,
		"a ban of the server": `
			2 ban anna #1 Carl for=10s why=spam -> carl; 2 anna: ban carl until 12 for spam; ended carl#3; carl logged out@2 in [den] | -member ~c in den since 1, ban carl who is ~c until 12 for spam
			3 enter CARL #5 token=e -> who asks is banned there; ban carl who is ~c until 12 for spam
			3 enter kim #5 token=e back=c -> who asks is banned there; ban carl who is ~c until 12 for spam
			3 enter kim #5 token=e -> kim; kim logged in@3
			3 sanctions -> ban carl who is ~c until 12 for spam
			11.9 enter carl #6 token=f -> who asks is banned there; ban carl who is ~c until 12 for spam
			12 sanctions ->
			12 enter carl #6 token=f -> carl; carl logged in@12
			12 unban anna #1 carl -> there is no such sanction, or it is so already; carl`,
		"who is banned as an account": `
			2 ban anna #1 bob -> bob; 2 anna: ban bob; ended bob#2; bob logged out@2 in [den] | account bob h, ban bob
			2 message bob #2 room=den -> the session is not there any more
			3 enter bob #5 token=e -> that name is registered
			3 enter bob #5 token=e verified=h -> who asks is banned there; ban bob
			4 unban anna #1 BOB -> bob; 3 anna: unban bob | -ban bob
			4 enter bob #5 token=e verified=h -> bob; bob logged in@4 in [den] | account bob h`,
		"a name that nobody has": `
			2 ban anna #1 kim -> kim; 2 anna: ban kim | ban kim
			2 enter Kim #5 token=e -> who asks is banned there; ban kim
			2 ban anna #1 a-b -> nobody may have that name, or come from that address; a-b
			3 unban anna #1 kim -> kim; 3 anna: unban kim | -ban kim`,
		"a ban of an address": `
			2 ban anna #1 addr=1.2.3.4/32 -> 2 anna: ban 1.2.3.4/32; ended dora#4; dora logged out@2 in [den] | -member ~d in den since 1, ban 1.2.3.4/32
			2 banned 1.2.3.4 -> ban 1.2.3.4/32
			2 banned ::ffff:1.2.3.4 -> ban 1.2.3.4/32
			2 banned 1.2.3.5 -> no
			3 enter dora #5 token=e addr=addr:1.2.3.4 -> who asks is banned there; ban 1.2.3.4/32
			3 enter anna #5 token=e verified=h addr=addr:1.2.3.4 -> who asks is banned there; ban 1.2.3.4/32
			3 enter dora #5 token=e addr=addr:1.2.3.5 -> dora; dora logged in@3
			4 ban anna #1 addr=1.2.0.0/16 for=5s -> 3 anna: ban 1.2.0.0/16 until 9; ended dora#5; dora logged out@4 | ban 1.2.0.0/16 until 9
			4 banned 1.2.3.4 -> ban 1.2.3.4/32
			4 banned 1.2.9.9 -> ban 1.2.0.0/16 until 9
			5 unban anna #1 addr=1.2.3.4/32 -> 4 anna: unban 1.2.3.4/32 | -ban 1.2.3.4/32
			5 banned 1.2.3.4 -> ban 1.2.0.0/16 until 9
			9 banned 1.2.3.4 -> no
			9 unban anna #1 addr=1.2.0.0/16 -> there is no such sanction, or it is so already`,
		"addresses that cannot be banned": `
			2 ban anna #1 addr=1.2.3.4 -> nobody may have that name, or come from that address
			2 ban anna #1 addr=1.2.3.4/16 -> nobody may have that name, or come from that address
			2 ban anna #1 addr=::ffff:1.2.3.4/128 -> nobody may have that name, or come from that address
			2 ban bob #2 addr=1.2.3.4/32 in=den -> addresses are banned from the whole server only, and nowhere muted
			2 mute anna #1 addr=1.2.3.4/32 -> addresses are banned from the whole server only, and nowhere muted
			2 ban bob #2 addr=1.2.3.4/32 -> the role of who asks does not allow that
			2 unban anna #1 addr=1.2.3.4 -> nobody may have that name, or come from that address
			3 ban anna #1 addr=2001:db8::1/128 -> 2 anna: ban 2001:db8::/64 | ban 2001:db8::/64
			3 banned 2001:db8::9 -> ban 2001:db8::/64
			3 banned 2001:db8:0:1::9 -> no
			3 unban anna #1 addr=2001:db8:0:1::/128 -> there is no such sanction, or it is so already
			3 unban anna #1 addr=2001:db8::7/128 -> 3 anna: unban 2001:db8::/64 | -ban 2001:db8::/64`,
		"an address of somebody as high": `
			2 role anna #1 bob moderator -> bob; 2 anna: role bob moderator | account bob h
			2 leave anna #1 out -> anna; anna logged out@2 | account anna h
			2 enter anna #5 token=e verified=h addr=addr:5.6.7.8 -> anna; anna logged in@2 | account anna h
			3 ban bob #2 addr=5.6.0.0/16 -> the other one has the same role, or a higher one; anna
			3 ban anna #5 addr=5.6.0.0/16 -> that is yourself; anna
			3 ban bob #2 addr=0.0.0.0/0 -> the other one has the same role, or a higher one; anna
			4 ban op #0 addr=5.6.0.0/16 -> 3 op: ban 5.6.0.0/16; ended anna#5; anna logged out@4 | account anna h, ban 5.6.0.0/16`,
		"one of several sessions": `
			1 limit 3 ->
			2 enter bob #5 token=e verified=h addr=addr:1.2.3.4 -> bob; beside | account bob h
			3 ban anna #1 addr=1.2.3.4/32 -> 2 anna: ban 1.2.3.4/32; ended bob#5; ended dora#4; dora logged out@3 in [den] | -member ~d in den since 1, ban 1.2.3.4/32
			3 sessions bob -> 1:#2@1`,
		"a ban in a room": `
			1 create bob #2 cave private -> cave | room cave of bob private, member bob in cave since 1
			1 inviteto bob #2 cave carl -> carl; cave | invitation ~c to cave
			2 ban bob #2 carl in=cave why=no -> carl; cave; 2 bob: ban carl in cave for no | -invitation ~c to cave, ban carl who is ~c in cave for no
			2 ban bob #2 carl in=den for=5s -> carl; den; 3 bob: ban carl in den until 7; out of den: carl | -member ~c in den since 1, ban carl who is ~c in den until 7
			3 join carl #3 den -> who asks is banned there; ban carl who is ~c in den until 7
			3 message carl #3 room=den -> who asks is not in that room
			3 inviteto dora #4 den carl -> the other one is banned there; carl
			3 message carl #3 -> | message carl
			3 sanctions -> 
			3 sanctions DEN -> ban carl who is ~c in den until 7
			7 join carl #3 den -> den | member ~c in den since 4
			8 ban carl #3 dora in=den -> the role of who asks does not allow that
			8 ban bob #2 anna in=den -> the other one has the same role, or a higher one; anna
			8 ban bob #2 bob in=den -> that is yourself; bob`,
		"who comes back under a name that is banned in a room": `
			2 ban bob #2 kim in=den -> kim; den; 2 bob: ban kim in den | ban kim in den
			3 leave carl #3 lost -> carl
			4 enter kim #5 token=e back=c -> kim; out of den:; kim logged in@4 | -member ~c in den since 1
			4 in den -> 2: bob dora`,
		"a ban ends with the room": `
			2 create carl #3 cave -> cave | room cave of ~c, member ~c in cave since 1
			2 ban carl #3 dora in=cave -> dora; cave; 2 carl: ban dora in cave | ban dora who is ~d in cave
			3 part carl #3 cave -> cave; gone; cave ended | -room cave to 2, -member ~c in cave since 1, -ban dora who is ~d in cave
			4 create dora #4 cave -> cave | room cave of ~d, member ~d in cave since 2
			4 ban anna #1 dora in=cave -> dora; cave; cave ended; 3 anna: ban dora in cave; out of cave: dora | -room cave to 3, -member ~d in cave since 2, ban dora who is ~d in cave, -ban dora who is ~d in cave`,
		"a mute of the server": `
			1 enter eve #5 token=e -> eve; eve logged in@1
			2 mute anna #1 carl for=8s why=calm -> carl; 2 anna: mute carl until 10 for calm | mute carl who is ~c until 10 for calm
			3 message carl #3 -> who asks is muted there; mute carl who is ~c until 10 for calm
			3 message carl #3 room=den -> who asks is muted there; mute carl who is ~c until 10 for calm
			3 direct carl #3 bob -> who asks is muted there; mute carl who is ~c until 10 for calm
			3 topic carl #3 den sofas -> who asks is muted there; mute carl who is ~c until 10 for calm
			3 inviteto carl #3 den eve -> who asks is muted there; mute carl who is ~c until 10 for calm
			3 invite carl #3 bob -> who asks is muted there; mute carl who is ~c until 10 for calm
			3 report carl #3 dora -> dora; 3 carl: report dora | account anna h
			3 part carl #3 den -> den | -member ~c in den since 1
			4 leave carl #3 lost -> carl
			5 enter kim #6 token=f back=c -> kim; kim logged in@5
			5 message kim #6 -> who asks is muted there; mute carl who is ~c until 10 for calm
			6 unmute anna #1 kim -> kim; 4 anna: unmute kim | -mute carl who is ~c until 10 for calm
			6 message kim #6 -> | message kim`,
		"a mute in a room": `
			2 mute bob #2 carl in=den -> carl; den; 2 bob: mute carl in den | mute carl who is ~c in den
			3 message carl #3 room=den -> who asks is muted there; mute carl who is ~c in den
			3 topic carl #3 den sofas -> who asks is muted there; mute carl who is ~c in den
			3 inviteto carl #3 den anna -> who asks is muted there; mute carl who is ~c in den
			3 message carl #3 -> | message carl
			3 direct carl #3 bob -> bob | direct ~c>bob
			4 mute bob #2 carl in=den for=5s why=2nd -> carl; den; 5 bob: mute carl in den until 9 for 2nd | mute carl who is ~c in den until 9 for 2nd
			5 register carl #3 hash=h -> carl | account carl h, renamed ~c=carl, -member ~c in den since 1, member carl in den since 1, mute carl in den until 9 for 2nd
			5 message carl #3 room=den -> who asks is muted there; mute carl in den until 9 for 2nd
			8.9 message carl #3 room=den -> who asks is muted there; mute carl in den until 9 for 2nd
			9 message carl #3 room=den -> | message carl in den`,
		"a retry of what was said before the mute": `
			2 message carl #3 id=1 -> | message carl, request ~c 1
			3 mute anna #1 carl -> carl; 3 anna: mute carl | mute carl who is ~c
			3 message carl #3 id=1 -> again; lobby
			3 message carl #3 id=2 -> who asks is muted there; mute carl who is ~c`,
		"a name is somebody else's": `
			2 ban anna #1 bob in=den -> bob; den; 2 anna: ban bob in den; out of den: bob | -member bob in den since 1, ban bob in den
			3 delete bob -> bob; ended bob#2; bob logged out@3 | -account bob h, forgotten bob, room den of nobody, ban bob in den
			4 enter bob #5 token=e -> bob; bob logged in@4
			4 join bob #5 den -> who asks is banned there; ban bob in den`,
		"sweeping": `
			2 mute anna #1 carl for=5s -> carl; 2 anna: mute carl until 7 | mute carl who is ~c until 7
			2 mute anna #1 dora for=90s -> dora; 3 anna: mute dora until 92 | mute dora who is ~d until 92
			2 next -> 60
			60 due -> | -mute carl who is ~c until 7
			60 next -> 120
			61 unmute anna #1 dora -> dora; 4 anna: unmute dora | -mute dora who is ~d until 92
			120 due ->
			121 next -> never`,
		"how long, and why": `
			2 mute anna #1 carl for=-1s -> that is too long
			2 mute anna #1 carl for=90000h -> that is too long
			2 mute anna #1 carl why=` + strings.Repeat("x", state.MaxWhy+1) + ` -> that is too long
			2 kick anna #1 carl why=` + strings.Repeat("x", state.MaxWhy+1) + ` -> that is too long; carl
			2 lockdown anna #1 on why=` + strings.Repeat("x", state.MaxWhy+1) + ` -> that is too long
			2 report carl #3 dora why=` + strings.Repeat("x", state.MaxWhy+1) + ` -> that is too long`,
	} {
		t.Run(name, func(t *testing.T) { play(t, crowd+lines) })
	}
}
