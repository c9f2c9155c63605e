package protocol

import (
	"encoding/base64"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDecodePrivate(t *testing.T) {
	for frame, want := range map[string]*Private{
		`{"session":7,"fingerprint":"x","paths":["a","b"],"token":"ab","credit":3,"payload":"aGk="}`: {Session: 7, Fingerprint: "x", Paths: []string{"a", "b"}, Token: "ab", Credit: 3, Payload: "aGk="},
		`{"session":18446744073709551615}`:                                                  {Session: math.MaxUint64},
		`{"session":"7","fingerprint":1,"paths":"a","token":1,"credit":"3","payload":null}`: {},
		`{"session":-1,"credit":-2,"paths":["a",1,null,["b"]]}`:                             {Paths: []string{"a"}},
		`{"session":18446744073709551616,"credit":18446744073709551616}`:                    {},
		`{"unknown":{"session":1}}`:                                                         {},
		`[7]`:                                                                               nil, `7`: nil, `null`: nil,
	} {
		r, err := DecodeResponse([]byte(`{"response":"info","data":{"event":"x","private":` + frame + `}}`))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, r.Data.Private); diff != "" {
			t.Errorf("%s (-want +got):\n%s", frame, diff)
		}
	}
}

func TestCheckFingerprint(t *testing.T) {
	good := "SHA256:" + base64.RawStdEncoding.EncodeToString(make([]byte, 32))
	if err := CheckFingerprint(good); err != nil {
		t.Errorf("%s: %v", good, err)
	}
	for _, s := range []string{"", "SHA256:", good[1:], "sha256:" + good[7:], good + "=", good + "A", good[:len(good)-1], good[:len(good)-1] + "B", good[:20] + "\n" + good[20:], good[:20] + "_" + good[21:]} {
		if CheckFingerprint(s) == nil {
			t.Errorf("%q is a fingerprint", s)
		}
	}
}

func TestCheckToken(t *testing.T) {
	good := strings.Repeat("0aF9", 8)
	if err := CheckToken(good); err != nil {
		t.Errorf("%s: %v", good, err)
	}
	for _, s := range []string{"", good[1:], good[2:], good + "00", good[:30] + "xy", strings.Repeat("0", TokenSize)} {
		if CheckToken(s) == nil {
			t.Errorf("%q is a token", s)
		}
	}
}

func TestParsePaths(t *testing.T) {
	for list, want := range map[string]string{
		"":                                  "[]",
		"relay":                             "[relay]",
		"10.0.0.1:4000, observed,relay":     "[10.0.0.1:4000 observed relay]",
		"[2001:db8::1]:65535,[FE80:0::1]:1": "[[2001:db8::1]:65535 [fe80::1]:1]",
		"[::ffff:10.0.0.1]:1,10.0.0.1:1,relay,relay":   "[10.0.0.1:1 relay]",
		strings.Repeat("relay,", MaxPaths-1) + "relay": "[relay]",

		"10.0.0.1": "", "10.0.0.1:0": "", "10.0.0.1:65536": "", "10.0.0.1:-1": "", "localhost:1": "", "2001:db8::1:1": "", "[fe80::1%eth0]:1": "",
		"0.0.0.0:1": "", "[::]:1": "", "224.0.0.1:1": "", "[ff02::1]:1": "", ",": "", "relay,": "", "Relay": "", "10.0.0.1:1 10.0.0.1:2": "",
		strings.Repeat("relay,", MaxPaths) + "relay": "",
	} {
		paths, err := ParsePaths(list)
		switch {
		case want == "" && (err == nil || err.Code != BadRequest || paths != nil):
			t.Errorf("%q is %q, %v", list, paths, err)
		case want != "" && (err != nil || fmt.Sprint(paths) != want):
			t.Errorf("%q is %q, %v, want %s", list, paths, err, want)
		}
	}
}

// What is said to be base64 is what the standard library reads.
func FuzzCheckPayload(f *testing.F) {
	for _, s := range []string{"", "aGk=", "aGVsbG8=", "YQ==", "Y===", "====", "=", "a", "aGk", "aGk=aGk=", "aG\nk=", "aG-_", "aGé="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		_, err := base64.StdEncoding.DecodeString(s)
		good := err == nil && !strings.ContainsAny(s, "\r\n") && base64.StdEncoding.DecodedLen(len(s)) <= MaxRelayed+2
		if got := CheckPayload(s); (got == nil) != good {
			t.Errorf("%q: %v, the library says %v", s, got, err)
		}
	})
}

func TestCheckPayloadSize(t *testing.T) {
	for n, want := range map[int]Code{MaxRelayed: "", MaxRelayed + 3: TooLarge} {
		err := CheckPayload(base64.StdEncoding.EncodeToString(make([]byte, n)))
		if err == nil && want != "" || err != nil && err.Code != want {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

// A relayed frame takes no more than it costs, and what may be under way of all
// sessions of one user, with the credit that may come back for it, leaves room
// in what may wait for a connection.
func TestRelayCost(t *testing.T) {
	r := Response{Time: time.Now(), Sender: ServerName, Kind: KindInfo, Content: "relayed", Data: &Data{Event: EventRelayed, Name: strings.Repeat("m", MaxName),
		Private: &Private{Session: math.MaxUint64, Credit: RelayWindow, Payload: "aGk="}}}
	if size := len(AppendExtended(nil, r)); size > RelayCost(r.Data.Private.Payload) {
		t.Errorf("%d bytes, which cost %d", size, RelayCost(r.Data.Private.Payload))
	}
	if most := MaxPrivate * (RelayWindow + RelayWindow/RelayCredit*relayFrame); most > MaxOutbound-MaxFrame {
		t.Errorf("%d bytes may wait, of %d", most, MaxOutbound)
	}
	// Half of a window and RelayCredit at most wait for credit that is not given yet.
	if largest := RelayCost(strings.Repeat("x", base64.StdEncoding.EncodedLen(MaxRelayed))); RelayWindow/2+RelayCredit+largest > RelayWindow {
		t.Errorf("a frame of %d units may never be sent", largest)
	}
}

// Whatever stands for paths, those that are returned are few, are read again as they are, and none
// stands there twice.
func FuzzParsePaths(f *testing.F) {
	for _, list := range []string{"", "relay", "observed,relay", "10.0.0.1:4000, [::1]:4000,10.0.0.1:4000", "[::ffff:10.0.0.1]:1", "[fe80::1%eth0]:1", "0.0.0.0:1", "10.0.0.1:0", "10.0.0.1:65536", "host:1", ",", strings.Repeat("relay,", MaxPaths), "\x00:1", "[::1]:+1"} {
		f.Add(list)
	}
	f.Fuzz(func(t *testing.T, list string) {
		paths, err := ParsePaths(list)
		if err != nil {
			if paths != nil || err.Text == "" {
				t.Fatalf("%q: %q beside the error %v", list, paths, err)
			}
			return
		}
		again, err := ParsePaths(strings.Join(paths, ","))
		if err != nil || !slices.Equal(paths, again) || len(paths) > MaxPaths || len(slices.Compact(slices.Sorted(slices.Values(paths)))) != len(paths) {
			t.Fatalf("%q is %q, and that is %q, %v", list, paths, again, err)
		}
	})
}
