package sim

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/eventloop/cluster/snapshots"
)

// A Bucket is where the snapshots of a cluster are, in memory: an object store as that of JetStream.
// What is put there may be cut, or not be answered; a part of it may be lost, and bytes of it be
// others. Those who read it find that out by their SHA-256, which is in the object.
type Bucket struct {
	Every time.Duration // after a snapshot the next one is made
	Down  bool          // nobody reaches it
	Met   map[string]int

	// Got is called with what a node has fetched, and whether that is what was put there.
	Got func(m *Member, one snapshots.Saved, whole bool)

	stream  *Stream
	objects map[string]*object
	parts   map[string][][]byte
	puts    int
	putting []int // nodes that put one there now
}

// An object is one of a Bucket.
type object struct {
	snapshots.Object
	position uint64
	digest   [sha256.Size]byte
	complete bool // all parts were there once, as far as can be told without reading them
}

const (
	// partSize is how many bytes a part has: so few that what is put there has several.
	partSize = 4 << 10

	// What becomes of a part, in thousandths.
	partCut   = 4 // half of it comes there, and the node that puts it there has lost the connection
	partLost  = 4 // it is acknowledged, and lost
	partOther = 2 // a byte of it is another one

	// What becomes of the last part, which is the object.
	objectLost       = 30
	objectUnanswered = 60 // it is there, and the node does not know
)

var errNoObject = errors.New("there is no object of that name")

func newBucket(of *Stream, every time.Duration) *Bucket {
	return &Bucket{Every: every, Met: map[string]int{}, stream: of, objects: map[string]*object{}, parts: map[string][][]byte{}}
}

// content returns the bytes of an object as they are there, and whether they are those that were put
// there.
func (b *Bucket) content(o *object) (all []byte, whole bool) {
	all = bytes.Join(b.parts[o.Parts], nil)
	return all, sha256.Sum256(all) == o.digest
}

// spoilt reports whether there is a snapshot that turns out to be damaged when it is read.
func (b *Bucket) spoilt() bool {
	for _, o := range b.objects {
		if _, whole := b.content(o); o.complete && !whole {
			return true
		}
	}
	return false
}

// From returns how many snapshots there are from a position on whose parts have all come there,
// and how many of them are what was put there.
func (b *Bucket) From(position uint64) (complete, whole int) {
	for _, o := range b.objects {
		if !o.complete || o.position < position {
			continue
		}
		complete++
		if _, is := b.content(o); is {
			whole++
		}
	}
	return complete, whole
}

// Damage has something become of a snapshot that is there: it loses a part, or the end of one, or a
// byte becomes another one. No more than one is damaged at a time: that is what two are kept for.
func (b *Bucket) Damage(chance *rand.Rand) {
	names := slices.Sorted(maps.Keys(b.objects))
	if len(names) == 0 || b.spoilt() {
		return
	}
	o := b.objects[names[chance.IntN(len(names))]]
	all := b.parts[o.Parts]
	if !o.complete || len(all) == 0 {
		return
	}
	i := chance.IntN(len(all))
	part := all[i]
	switch chance.IntN(3) {
	case 0:
		b.parts[o.Parts] = slices.Delete(all, i, i+1)
	case 1:
		all[i] = part[:chance.IntN(len(part))]
	default:
		part[chance.IntN(len(part))] ^= 1 << chance.IntN(8)
	}
	b.Met["damaged"]++
}

// Putting returns a node that puts a snapshot there now, -1 if none does.
func (b *Bucket) Putting() int {
	if len(b.putting) == 0 {
		return -1
	}
	return b.putting[0]
}

// A reached is the Bucket as the process of a node reaches it: a snapshots.Store.
type reached struct {
	*Bucket
	by *beside
}

func (r reached) bucket() *snapshots.Bucket {
	return snapshots.NewBucket(r, "simulated", streamID, quiet)
}

// Objects implements snapshots.Store.
func (r reached) Objects(context.Context) (all []snapshots.Object, err error) {
	if err := r.by.ask(&r.Down); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(r.objects)) {
		all = append(all, r.objects[name].Object)
	}
	return all, nil
}

// Parts implements snapshots.Store.
func (r reached) Parts(context.Context) (map[string]uint64, error) {
	if err := r.by.ask(&r.Down); err != nil {
		return nil, err
	}
	there := map[string]uint64{}
	for name, parts := range r.parts {
		there[name] = uint64(len(parts))
	}
	return there, nil
}

// Drop implements snapshots.Store.
func (r reached) Drop(_ context.Context, name string) error {
	if err := r.by.ask(&r.Down); err != nil {
		return err
	}
	if o := r.objects[name]; o != nil {
		delete(r.parts, o.Parts)
		delete(r.objects, name)
	}
	return nil
}

// DropParts implements snapshots.Store.
func (r reached) DropParts(_ context.Context, parts string) error {
	if err := r.by.ask(&r.Down); err != nil {
		return err
	}
	delete(r.parts, parts)
	r.Met["halves dropped"]++
	return nil
}

// Put implements snapshots.Store.
func (r reached) Put(_ context.Context, name string, files snapshots.Bundle) (snapshots.Object, error) {
	var all bytes.Buffer
	if err := files.Pack(&all, r.by.member.files.open); err != nil {
		return snapshots.Object{}, err
	}
	r.puts++
	if r.putting = append(r.putting, r.by.member.Index); len(r.putting) > 1 {
		r.Met["put beside another"]++
	}
	defer func() {
		i := slices.Index(r.putting, r.by.member.Index)
		r.putting = slices.Delete(r.putting, i, i+1)
	}()
	o := &object{Object: snapshots.Object{Name: name, Parts: fmt.Sprint("put", r.puts), Bytes: uint64(all.Len())}, digest: sha256.Sum256(all.Bytes()), complete: true}
	_, digits, _ := strings.Cut(name, ".")
	o.position, _ = strconv.ParseUint(digits, 10, 64)
	// It is sent slowly: where all is well it takes as long as it is until the next one, at most.
	pace := r.stream.between(0, r.Every) / time.Duration(1+all.Len()/partSize)
	for part := range slices.Chunk(all.Bytes(), partSize) {
		if err := r.by.wait(pace); err != nil {
			return snapshots.Object{}, err
		}
		if err := r.putPart(o, part); err != nil {
			return snapshots.Object{}, err
		}
	}
	if err := r.by.ask(&r.Down); err != nil {
		return snapshots.Object{}, err
	}
	s := r.stream
	if s.chance(objectLost) {
		r.Met["halves"]++
		return snapshots.Object{}, errUnreachable
	}
	o.Made = s.now.Add(s.Skew)
	if before := r.objects[name]; before != nil {
		delete(r.parts, before.Parts)
	}
	r.objects[name] = o
	r.Met["put"]++
	if !o.complete {
		r.Met["put without a part"]++
	}
	if s.chance(objectUnanswered) {
		r.Met["unanswered"]++
		return snapshots.Object{}, errUnreachable
	}
	return o.Object, nil
}

// putPart puts a part there, or something else.
func (r reached) putPart(o *object, part []byte) error {
	if err := r.by.ask(&r.Down); err != nil {
		r.Met["halves"]++
		return err
	}
	s := r.stream
	part = bytes.Clone(part)
	o.Count++
	switch {
	case s.chance(partCut):
		r.parts[o.Parts] = append(r.parts[o.Parts], part[:s.rand.IntN(len(part))])
		r.Met["halves"]++
		return errUnreachable
	case s.chance(partLost):
		o.complete = false
		return nil
	case s.chance(partOther) && !r.spoilt():
		part[s.rand.IntN(len(part))] ^= 1
		r.Met["put with another byte"]++
	}
	r.parts[o.Parts] = append(r.parts[o.Parts], part)
	return nil
}

// Get implements snapshots.Store.
func (r reached) Get(_ context.Context, one snapshots.Saved, folder string) (snapshots.Bundle, error) {
	if err := r.by.ask(&r.Down); err != nil {
		return snapshots.Bundle{}, err
	}
	o := r.objects[one.Object]
	if o == nil {
		return snapshots.Bundle{}, errNoObject
	}
	all, whole := r.content(o)
	for range len(all) / partSize {
		if err := r.by.ask(&r.Down); err != nil {
			return snapshots.Bundle{}, err
		}
	}
	files := snapshots.BundleIn(folder)
	if err := files.Unpack(&checked{bytes.NewReader(all), whole}, r.by.member.files.create); err != nil {
		r.Met["found damaged"]++
		return snapshots.Bundle{}, fmt.Errorf("%w: %w", snapshots.ErrDamaged, err)
	}
	r.got(one, whole)
	return files, nil
}

func (r reached) got(one snapshots.Saved, whole bool) {
	if r.Got != nil {
		r.Got(r.by.member, one, whole)
	}
}

// A checked is what is read of an object: at its end it turns out whether it is what was put there.
type checked struct {
	from  io.Reader
	whole bool
}

func (c *checked) Read(to []byte) (int, error) {
	n, err := c.from.Read(to)
	if err == io.EOF && !c.whole {
		err = errors.New("the SHA-256 is another one")
	}
	return n, err
}
