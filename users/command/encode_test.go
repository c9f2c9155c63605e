package command_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"

	"parley/users"
	"parley/users/command"
)

var update = flag.Bool("update", false, "write testdata/encoded.txt anew")

// filled returns a command of each kind in which no field is empty.
func filled() []command.Command {
	all := command.Kinds()
	for _, c := range all {
		n := int64(0)
		fill(reflect.ValueOf(c).Elem(), &n)
	}
	return all
}

func fill(v reflect.Value, n *int64) {
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprint("text", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(*n))
	case reflect.Int, reflect.Int64:
		v.SetInt(*n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 11, 26, 12, 0, 0, int(*n), time.UTC)))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	default:
		panic("no value for a " + v.Type().String())
	}
}

func encoded(t testing.TB, c command.Command) []byte {
	t.Helper()
	b, err := command.Append(nil, c)
	if err != nil {
		t.Fatalf("%T: %v", c, err)
	}
	return b
}

// Logs are read by later versions: what is in one means what it did.
func TestEncodingsStayTheSame(t *testing.T) {
	var got strings.Builder
	for _, c := range filled() {
		fmt.Fprintf(&got, "%T %s\n", c, hex.EncodeToString(encoded(t, c)))
	}
	const file = "testdata/encoded.txt"
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Error("a command is encoded otherwise than it was:\n", diff)
	}
}

// Nodes say which kind is the newest that they know: none that comes later has a lower number.
func TestNewest(t *testing.T) {
	newest := command.Kind(0)
	for _, c := range command.Kinds() {
		newest = max(newest, command.KindOf(c))
		if _, is := c.(*command.Begin); is != (command.KindOf(c) == command.KindBegin) {
			t.Errorf("%T is of kind %d", c, command.KindOf(c))
		}
	}
	if newest != command.Newest || command.Base > command.Newest {
		t.Errorf("the newest kind is %d, and is said to be %d; those up to %d all nodes know", newest, command.Newest, command.Base)
	}
	for kind, of := range map[command.Kind]bool{command.KindBegin: true, command.KindHeartbeat: true, command.KindGone: true, command.KindStopHook: false, command.KindGone + 1: false} {
		if kind.OfNodes() != of {
			t.Errorf("kind %d is about nodes: %t", kind, !of)
		}
	}
}

func TestWhatIsEncodedIsDecoded(t *testing.T) {
	all := append(filled(), command.Kinds()...)
	all = append(all,
		&command.Message{Text: "\xff\x00 no UTF-8 \xc3"},
		&command.Depart{Until: time.Unix(0, 0)},
		&command.Seen{Number: 1<<64 - 1},
		&command.Limits{GuestGrace: -1, Lockouts: users.DefaultLockoutLimits()},
		&command.Message{Text: strings.Repeat("x", 16<<10)})
	for _, c := range all {
		got, err := command.Decode(encoded(t, c))
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		if again := encoded(t, got); !bytes.Equal(again, encoded(t, c)) || reflect.TypeOf(got) != reflect.TypeOf(c) {
			t.Errorf("%+v became %+v", c, got)
		}
	}
	for _, c := range filled() {
		if got, err := command.Decode(encoded(t, c)); err != nil || !cmp.Equal(c, got) {
			t.Errorf("%+v became %+v, %v", c, got, err)
		}
	}
}

func TestOneInstantHasOneEncoding(t *testing.T) {
	at := time.Date(2026, 11, 26, 12, 0, 0, 5, time.UTC)
	here, there := &command.Depart{Until: at}, &command.Depart{Until: at.In(time.FixedZone("", 3600))}
	if !bytes.Equal(encoded(t, here), encoded(t, there)) {
		t.Error("a time in another zone is encoded otherwise")
	}
}

func TestAppendLeavesWhatIsThere(t *testing.T) {
	b, err := command.Append([]byte("ab"), &command.Sweep{})
	if err != nil || !bytes.Equal(b, append([]byte("ab"), encoded(t, &command.Sweep{})...)) {
		t.Errorf("got %x, %v", b, err)
	}
	b, err = command.Append([]byte("ab"), &command.Message{Text: strings.Repeat("x", command.MaxSize)})
	if string(b) != "ab" || !errors.Is(err, command.ErrSize) {
		t.Errorf("too long: got %x, %v", b, err)
	}
}

func TestWhatIsNoCommandIsRefused(t *testing.T) {
	raw := func(v ...any) []byte {
		b, err := cbor.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	sweep := map[int]int{}
	deep := any(1)
	for range 8 {
		deep = []any{deep}
	}
	for _, c := range []struct {
		name string
		b    []byte
		want error
	}{
		{"nothing", nil, command.ErrEncoding},
		{"an unknown kind", raw(999, 1, sweep), command.ErrKind},
		{"kind 0", raw(0, 1, sweep), command.ErrKind},
		{"a newer version", raw(command.KindSweep, 2, sweep), command.ErrVersion},
		{"version 0", raw(command.KindSweep, 0, sweep), command.ErrVersion},
		{"an unknown field", raw(command.KindUnlock, 1, map[int]string{1: "a", 2: "b"}), command.ErrEncoding},
		{"a field of another type", raw(command.KindUnlock, 1, map[int]int{1: 1}), command.ErrEncoding},
		{"a field that is left out", raw(command.KindUnlock, 1, sweep), command.ErrEncoding},
		{"no fields", raw(command.KindSweep, 1, nil), command.ErrEncoding},
		{"too few elements", raw(command.KindSweep, 1), command.ErrEncoding},
		{"too many elements", raw(command.KindSweep, 1, sweep, 1), command.ErrEncoding},
		{"bytes behind it", append(encoded(t, &command.Sweep{}), 0), command.ErrEncoding},
		{"a long number", append([]byte{0x83, 0x18, byte(command.KindSweep), 0x19, 0, 1}, 0xa0), command.ErrEncoding},
		{"an array in an array in an array", raw(command.KindSweep, 1, deep), command.ErrEncoding},
		{"a field twice", []byte{0x83, 0x18, byte(command.KindUnlock), 1, 0xa2, 1, 0x61, 'a', 1, 0x61, 'b'}, command.ErrEncoding},
		{"too long", make([]byte, command.MaxSize+1), command.ErrSize},
	} {
		if got, err := command.Decode(c.b); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, %v, want %v", c.name, got, err, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, c := range append(filled(), command.Kinds()...) {
		f.Add(encoded(f, c))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := command.Decode(b)
		if err != nil {
			return
		}
		if again := encoded(t, c); !bytes.Equal(again, b) {
			t.Errorf("%x decodes as %+v, whose encoding is %x", b, c, again)
		}
	})
}
