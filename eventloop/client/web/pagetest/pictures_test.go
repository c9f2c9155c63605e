package pagetest

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestPictures takes the pictures of the README, of a real chat, if PARLEY_SHOTS names a
// directory for them.
//
//	PARLEY_SHOTS=$PWD/.pictures go test ./eventloop/client/web/pagetest -run Pictures
func TestPictures(t *testing.T) {
	dir := os.Getenv("PARLEY_SHOTS")
	if dir == "" {
		t.Skip("set PARLEY_SHOTS to a directory to have the pictures of the README taken")
	}
	s := newStage(t)
	p := visit(t, s.page("alice"))
	p.within(long, ready)
	p.run(`location.hash = 'direct:carol'`) // what the client says of a room stands where one was
	p.write("/create schedule")
	p.key(kb.Enter)
	p.within(long, `document.querySelector('#title').innerText === 'schedule'`)
	p.run(`location.hash = 'lobby'`)
	bob, carol := s.terminal("bob"), s.terminal("carol")
	says := func(who io.Writer, text string) {
		t.Helper()
		fmt.Fprintln(who, text)
		p.within(long, `document.querySelector('#lines').innerText.includes(`+quoted(text)+`)`)
	}
	says(carol, "The transmitter is back after the storm. The signal at the harbour is 4 dB better.")
	says(bob, "Morning. The schedule of the week is at https://radio.example/week/48")
	says(bob, "alice, can you read the news on Friday?")
	p.write("Yes. I keep Sunday morning, too.")
	p.key(kb.Enter)
	p.until(`document.querySelector('.msg.own')`)
	says(carol, "Then I take Saturday. My notes are in the studio.")
	fmt.Fprintln(bob, "/dm alice Your key for the studio is with carol.")
	p.within(long, `[...document.querySelectorAll('#nav a')].some(a => a.hash === '#direct:bob' && a.querySelector('.n'))`)
	p.do(p.dark(false), p.size(1280, 640))
	p.run(`document.querySelector('#field').value = ''; await new Promise(f => setTimeout(f, 600))`)
	p.picture(filepath.Join(dir, "page-light.png"))
	p.do(p.dark(true), p.size(390, 700))
	p.run(`await new Promise(f => setTimeout(f, 600))`)
	p.picture(filepath.Join(dir, "page-dark-phone.png"))
}

// mostPicture is how many bytes a picture of the README may have.
const mostPicture = 60_000

// picture takes a picture that is small enough for the README.
func (p tab) picture(path string) {
	p.Helper()
	var shot []byte
	p.do(chromedp.CaptureScreenshot(&shot))
	whole, err := png.Decode(bytes.NewReader(shot))
	var small bytes.Buffer
	if err == nil {
		err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, paletted(whole))
	}
	if err == nil {
		err = os.WriteFile(path, small.Bytes(), 0o644)
	}
	if err != nil {
		p.Fatal(err)
	}
	p.Logf("%s: %d bytes", path, small.Len())
	if small.Len() > mostPicture {
		p.Errorf("%s has %d bytes, more than %d", path, small.Len(), mostPicture)
	}
}

// paletted is a picture with the 256 colours that are most of it: the others, at the edges of
// letters, are the nearest of these.
func paletted(shot image.Image) image.Image {
	pixels := make(map[color.Color]int)
	b := shot.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			pixels[shot.At(x, y)]++
		}
	}
	most := slices.SortedFunc(maps.Keys(pixels), func(x, y color.Color) int { return pixels[y] - pixels[x] })
	small := image.NewPaletted(b, most[:min(len(most), 256)])
	draw.Draw(small, b, shot, b.Min, draw.Src)
	return small
}
