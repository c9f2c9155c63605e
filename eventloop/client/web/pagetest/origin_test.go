package pagetest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// tries is what a page may try with another one's address: what comes of each.
const tries = `(async target => {
	const body = new Blob(['{"token":"x"}'], {type: 'text/plain'}), got = {};
	const fetched = how => fetch(target + '/session', how).then(r => 'read ' + r.status, () => 'nothing');
	got.fetch = await fetched({credentials: 'include'});
	got.post = await fetched({method: 'POST', credentials: 'include', headers: {'Content-Type': 'application/json'}, body: '{"token":"x"}'});
	got.text = await fetched({method: 'POST', credentials: 'include', body});
	got.socket = await new Promise(done => {
		const s = new WebSocket(target.replace('http', 'ws') + '/events');
		s.onmessage = e => { done('read ' + JSON.parse(e.data).type); s.close() };
		s.onclose = () => done('nothing');
	});
	return got;
})`

// Another page of the same browser, on another port of this machine: to the browser that is the
// same site, so it does send the cookie along. It reads nothing, and nothing is done for it.
func TestAnotherPageOfTheBrowserGetsNothing(t *testing.T) {
	s := newStage(t)
	p := visit(t, s.page("alice"))
	p.within(long, ready)
	target := get[string](p, `location.origin`)
	// The page itself can do all of that: so it is the origin that makes the difference.
	for what, want := range map[string]string{"fetch": "read 204", "post": "read 403", "text": "read 403", "socket": "read snapshot"} {
		if got := get[map[string]string](p, tries+`(location.origin)`)[what]; got != want {
			t.Fatalf("the page's own %s: %s, want %s", what, got, want)
		}
	}

	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<title>other</title><script>stolen = 'nothing'</script>
			<form method=post action="%[1]s/session" target=f><input name=token value=x></form><iframe name=f></iframe>
			<iframe src="%[1]s/" id=framed></iframe><script type=module src="%[1]s/main.js" onload="stolen = 'script'"></script><script src="%[1]s/tree.js" onload="stolen = 'script'"></script>
			<link rel=stylesheet href="%[1]s/tokens.css" onload="stolen = 'style'"><img src="%[1]s/icon.svg" onload="stolen = 'picture'">`, target)
	}))
	defer other.Close()
	if to, _ := url.Parse(target); !strings.HasPrefix(other.URL, "http://"+to.Hostname()+":") {
		t.Fatalf("%s is another site, which the browser sends no cookie for", other.URL)
	}
	q := newTab(t)
	posted, cookie := make(chan int64, 1), make(chan bool, 16)
	chromedp.ListenTarget(q.ctx, func(event any) {
		switch e := event.(type) {
		case *network.EventResponseReceived:
			if e.Type == network.ResourceTypeDocument && strings.HasSuffix(e.Response.URL, "/session") {
				posted <- e.Response.Status
			}
		case *network.EventRequestWillBeSentExtraInfo:
			for _, c := range e.AssociatedCookies {
				select {
				case cookie <- strings.HasPrefix(c.Cookie.Name, "parley-") && len(c.BlockedReasons) == 0:
				default:
				}
			}
		}
	})
	q.do(network.Enable(), chromedp.Navigate(other.URL))
	q.front()
	for what, got := range get[map[string]string](q, tries+`(`+quoted(target)+`)`) {
		if got != "nothing" {
			t.Errorf("another page's %s: %s", what, got)
		}
	}
	q.run(`document.forms[0].submit()`)
	ctx, stop := context.WithTimeout(q.ctx, long)
	defer stop()
	select {
	case status := <-posted:
		if status != http.StatusForbidden {
			t.Errorf("another page's form is answered with %d", status)
		}
	case <-ctx.Done():
		t.Error("the form was not sent")
	}
	select {
	case sent := <-cookie:
		if !sent {
			t.Error("the browser holds the cookie back, so this test shows nothing")
		}
	default:
		t.Error("no cookie was seen, so this test shows nothing")
	}
	if got := get[string](q, `stolen`); got != "nothing" {
		t.Errorf("another page could use a %s of ours", got)
	}
	if n := get[int](q, `frames.length && (() => { try { return framed.contentDocument ? framed.contentDocument.querySelectorAll('nav').length : 0 } catch { return 0 } })()`); n > 0 {
		t.Error("the page stands in a frame of another one")
	}
	p.front()
	p.until(ready)
}
