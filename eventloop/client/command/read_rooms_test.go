package command

import "testing"

// What is typed of rooms by alice, who knows the room ops.
func TestReadRooms(t *testing.T) {
	checkRead(t, []readTest{
		{"/join ops", bare, "/join ops"},
		{"/j ops", bare, "/join ops"},
		{"/join ops open sesame", bare, "/join ops open sesame"},
		{"/join", bare, "mistake /join needs more: type /join ROOM [KEY]"},
		{"/create ops key red horse", bare, "/create ops key red horse"},
		{"/create", bare, "mistake /create needs more: type /create ROOM [HOW]"},
		{"/part", bare, "/leave"},
		{"/leave #ops", bare, "/leave ops"},
		{"/room #ops", bare, "/room ops"},
		{"/room 2", bare, "/room 2"},
		{"/list", bare, "/rooms"},
		{"/invite @bob ops", bare, "/invite bob ops"},
		{"/hold maybe", bare, "mistake /hold knows on, off: type one of them behind it."},
		{"join ops", bare, "mistake /join ops"},
		{"room ops", bare, "mistake /room ops"},
		{"leave ops", bare, "mistake /leave ops"},
		{"invite bob ops", bare, "mistake /invite bob ops"},
		{"leave", bare, "mistake /leave"},
		{"topic", bare, "mistake /topic"},
		{"join us", bare, "chat join us"},
		{"join the club", bare, "chat join the club"},
		{"leave it", bare, "chat leave it"},
		{"room for two", bare, "chat room for two"},
		{"create something", bare, "chat create something"},
		{"topic of the day", bare, "chat topic of the day"},
		{"join ops", plain | bare, "mistake msg join ops"},
		{"join ops s3same", bare, "mistake That may be the key of a room, so it was not said. Type /join with its slash. To say it nevertheless, type msg before it."},
		{"join dev s3same", bare, "mistake That may be the key of a room, so it was not said. Type /join with its slash. To say it nevertheless, type msg before it."},
		{"jion dev s3same", bare, "mistake That may be the key of a room, so it was not said. Type /join with its slash. To say it nevertheless, type msg before it."},
		{"create dev key rosebud", bare, "mistake That may be the key of a room, so it was not said. Type /create with its slash. To say it nevertheless, type msg before it."},
		{"close", bare, "chat close"},
	})
}
